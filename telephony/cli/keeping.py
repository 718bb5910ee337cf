"""`backup`, `restore`: everything a site needs to go on elsewhere, in one encrypted file."""

import asyncio
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import ArgumentError

from config.clock import Clock
from config.database import Database, DatabaseFailed, open_database
from config.home import Home
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json
from telephony.keeping import passphrase as phrase
from telephony.keeping.backup import BackupFailed, Order, back_up, require_new
from telephony.keeping.manifest import Manifest, described
from telephony.keeping.proof import prove
from telephony.keeping.restoring import Place, RestoreFailed
from telephony.keeping.restoring import restore as restored_from
from telephony.keeping.sealed import Unreadable
from telephony.keeping.vacant import kept_vacant, require_no_leader

URL: Final = "MADOGUCHI_DATABASE_URL"
JAPAN: Final = ZoneInfo("Asia/Tokyo")
MIB: Final = 2**20
AWAY: Final = (DatabaseFailed, ArgumentError, ValueError)

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The passphrase on its first line; asked for without.",
)


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Prove the backup TARGET instead of writing one.")
@passphrase_option
@home_option
@json_option
def backup(
    target: Path, verify: bool, passphrase_file: Path | None, home: Home, as_json: bool
) -> None:
    """Write everything of the home to one encrypted file 控えを取る, while it runs or not.

    TARGET is the new file, or a directory in which it is named by its time. It holds the records,
    the site, the keys and the archive of the journal: all that `madoguchi restore` needs.
    """
    began = time.monotonic()
    if verify:
        _opens(target)
        told = _proved(target, _passphrase(passphrase_file, home, twice=False))
    else:
        target, told = _taken(target, passphrase_file, home)
    _tell("proved 確認済み" if verify else "written", target, told, began, as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put a home that is there aside; nothing may run.")
@passphrase_option
@home_option
@json_option
def restore(
    file: Path, replace: bool, passphrase_file: Path | None, home: Home, as_json: bool
) -> None:
    """Make a home from the backup FILE 控えから戻す, whole or not at all.

    The home must be new or empty. Then `madoguchi up --home DIR` goes on with it.
    """
    began = time.monotonic()
    url = os.environ.get(URL) or None
    place = Place(home, Clock().wall(), replace, url)
    try:
        with kept_vacant(home, replace=replace):
            asyncio.run(require_no_leader(home))
            _opens(file)
            given = _passphrase(passphrase_file, home, twice=False)
            told = asyncio.run(restored_from(file, given, place))
    except RestoreFailed as wrong:
        raise Problem(str(wrong)) from None
    except Unreadable as wrong:
        raise Problem(f"{file} cannot be restored: {wrong}") from None
    except AWAY as away:
        raise Problem(f"the database cannot be written ({type(away).__name__})") from None
    _tell(f"restored to {home.path} 復元済み", file, told, began, as_json)


def _taken(target: Path, file: Path | None, home: Home) -> tuple[Path, Manifest]:
    home.instance()
    now = Clock().wall()
    named = target / _name(now) if target.is_dir() else target
    if named.parent.resolve().is_relative_to(home.path):
        raise Problem(f"{named} is in the home itself: name a place on another disk")
    try:
        require_new(named)
        given = _passphrase(file, home, twice=True)
        order = Order(home, Path(os.path.abspath(named)), given, now)
        return named, asyncio.run(_back_up(order))
    except BackupFailed as wrong:
        raise Problem(str(wrong)) from None
    except AWAY as away:
        # Its own text may quote the URL with its password.
        raise Problem(f"the records cannot be read ({type(away).__name__})") from None


async def _back_up(order: Order) -> Manifest:
    database = _database(order.home)
    try:
        return await back_up(order, database)
    finally:
        await database.close()


def _database(home: Home) -> Database:
    url = os.environ.get(URL)
    if not url and not home.database.exists():
        raise BackupFailed(f"{home.database} is missing: there are no records to back up")
    return open_database(url or f"sqlite:///{home.database}")


def _proved(file: Path, given: str) -> Manifest:
    try:
        return prove(file, given)
    except Unreadable as wrong:
        raise Problem(f"{file} is no good backup: {wrong}") from None


def _opens(file: Path) -> None:
    """Whoever has mistaken the name need not type a passphrase for it."""
    try:
        file.open("rb").close()
    except OSError as wrong:
        raise Problem(f"{file} cannot be opened: {wrong.strerror}") from None


def _passphrase(file: Path | None, home: Home, *, twice: bool) -> str:
    try:
        if file is not None:
            return phrase.from_file(file, home.path)
        if not sys.stdin.isatty():
            raise Problem("the passphrase cannot be asked for here: give --passphrase-file")
        asked: str = click.prompt("passphrase", hide_input=True, confirmation_prompt=twice)
        return phrase.checked(asked)
    except phrase.BadPassphrase as wrong:
        raise Problem(str(wrong)) from None


def _name(now: float) -> str:
    return f"madoguchi-{datetime.fromtimestamp(now, JAPAN):%Y%m%d-%H%M%S}.backup"


def _tell(what: str, path: Path, told: Manifest, began: float, as_json: bool) -> None:
    """What it is, and how long and how large: an auditor asks."""
    seconds = round(time.monotonic() - began, 2)
    content = sum(member.size for member in told.members.values())
    if as_json:
        more = {"file": str(path), "bytes": path.stat().st_size, "seconds": seconds}
        show_json(described(told) | more)
        return
    figures = told.figures
    taken = datetime.fromtimestamp(told.taken_at, JAPAN).isoformat(timespec="seconds")
    click.echo(f"{path}: {what} in {seconds:.1f} s; {content / MIB:.1f} MiB as of {taken}")
    last = figures.last_call
    ending = "" if last is None else f", the last {last.id} at {_iso(last.arrived_at)}"
    click.echo(f"calls {sum(figures.outcomes.values())}{ending}; epoch {figures.epoch}")
    for name in told.left_out:
        click.echo(f"left out, no file: {name}", err=True)


def _iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, JAPAN).isoformat(timespec="seconds")
