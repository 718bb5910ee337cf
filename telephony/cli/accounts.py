"""`users`, `audit`: accounts of the desk and its audit log, whether anything runs or not."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError

from agents.accounts.administration import Administration, By, Wanted
from agents.accounts.factors import Factor, Sealer
from agents.accounts.passwords import Passwords
from agents.accounts.second_factor import Generator
from agents.accounts.users import User
from agents.audit.chain import Head
from agents.audit.verify import Verdict, verify
from agents.people import Role
from agents.web.problems import Problem as Refusal
from config.clock import Clock
from config.database import Database, DatabaseFailed, configured_url, open_database
from config.home import Home
from config.secrets import Secrets, UnreadableSecretsError, read_secrets
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.privacy.individual_number import guard
from telephony.store.migrate import migrate

T = TypeVar("T")
ROLES: Final = click.Choice([role.value for role in Role])
JAPAN: Final = ZoneInfo("Asia/Tokyo")
DAMAGED: Final = 1


class FreeText(click.ParamType[str]):
    """A text that is kept as it is typed, so it may hold no individual number."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text; what the guard would take out of it is refused and not repeated."""
        if guard(value).finds:
            self.fail("may be an individual number or a PIN: leave it out", param, ctx)
        return value


FREE_TEXT: Final = FreeText()
name_argument = click.argument("name")
designation_option = click.option(
    "--designation", type=FREE_TEXT, metavar="NUMBER", help="Of the city's form."
)
day = click.DateTime(["%Y-%m-%d"])
since_option = click.option("--from", "begins", type=day, metavar="DAY", help="The first day.")
until_option = click.option("--until", "ends", type=day, metavar="DAY", help="The last day.")


@click.group()
def users() -> None:
    """The people who may sign in at the desk 利用者."""


@users.command("list")
@home_option
@json_option
def list_(home: Home, as_json: bool) -> None:
    """Everybody, with role, validity and second factors."""
    found = _with(home, lambda administration, _: administration.everybody())
    if as_json:
        show_json([_told(user, factors) for user, factors in found])
        return
    rows = [
        (
            user.name, user.announced_name, user.role.value, "yes" if user.enabled else "no",
            _day(user.valid_until), user.designation, " ".join(each.kind for each in factors),
        )
        for user, factors in found
    ]  # fmt: skip
    heads = (
        "name",
        "announced 名乗り",
        "role 役割",
        "enabled",
        "until 期限",
        "form 様式",
        "factors",
    )
    show_table(heads, rows, "nobody yet: `madoguchi users add`")


@users.command()
@name_argument
@click.option("--role", type=ROLES, required=True)
@click.option(
    "--announced", type=FREE_TEXT, required=True, metavar="NAME", help="What citizens hear."
)
@designation_option
@since_option
@until_option
@home_option
@json_option
def add(  # noqa: PLR0913 -- one parameter an option
    name: str, role: str, announced: str, designation: str | None, begins: datetime | None,
    ends: datetime | None, home: Home, as_json: bool,
) -> None:  # fmt: skip
    """Let somebody sign in as NAME; prints the password to give out, once."""
    wanted = Wanted(name, announced, Role(role), _begin_of(begins), _end_of(ends), designation)
    user, password = _with(home, lambda administration, by: administration.add(wanted, by))
    _made(as_json, {"name": name, "id": user.id, "password": password or None})


@users.command()
@name_argument
@click.option("--role", type=ROLES)
@click.option("--announced", type=FREE_TEXT, metavar="NAME")
@designation_option
@since_option
@until_option
@home_option
@json_option
def change(  # noqa: PLR0913 -- one parameter an option
    name: str, role: str | None, announced: str | None, designation: str | None,
    begins: datetime | None, ends: datetime | None, home: Home, as_json: bool,
) -> None:  # fmt: skip
    """Change an account; what is not named stays."""
    given = {
        "role": None if role is None else Role(role), "announced_name": announced,
        "designation": designation, "valid_from": _begin_of(begins), "valid_until": _end_of(ends),
    }  # fmt: skip
    values = {key: value for key, value in given.items() if value is not None}
    if not values:
        raise Problem("nothing is to be changed: name an option")
    _change(home, name, values, as_json)


@users.command()
@name_argument
@home_option
@json_option
def disable(name: str, home: Home, as_json: bool) -> None:
    """End an account: sessions end within seconds, a call in progress ends normally."""
    _change(home, name, {"enabled": False}, as_json)


@users.command()
@name_argument
@home_option
@json_option
def enable(name: str, home: Home, as_json: bool) -> None:
    """Let them sign in again."""
    _change(home, name, {"enabled": True}, as_json)


@users.command("reset-password")
@name_argument
@home_option
@json_option
def reset_password(name: str, home: Home, as_json: bool) -> None:
    """A password to give out, shown once; their sessions end."""

    async def work(administration: Administration, by: By) -> str:
        user = await administration.by_name(name)
        return await administration.reset_password(user.id, by)

    _made(as_json, {"name": name, "password": _with(home, work)})


@users.group()
def factor() -> None:
    """Second factors: code generators and security keys."""


@factor.command("add")
@name_argument
@click.option("--label", required=True, help="What is printed on it.")
@click.option("--kind", type=click.Choice(["totp", "hotp"]), required=True)
@click.option("--digits", type=click.Choice(["6", "8"]), default="6", show_default=True)
@click.option(
    "--algorithm", type=click.Choice(["sha1", "sha256", "sha512"]), default="sha1",
    show_default=True,
)  # fmt: skip
@click.option(
    "--seed-file", type=click.File(), required=True, metavar="FILE",
    help="What its maker sent, hexadecimal or base32; - for standard input.",
)  # fmt: skip
@home_option
@json_option
def add_factor(  # noqa: PLR0913 -- one parameter an option
    name: str, label: str, kind: str, digits: str, algorithm: str, seed_file: Any, home: Home,
    as_json: bool,
) -> None:  # fmt: skip
    """Give somebody a code generator."""
    how = Generator("totp" if kind == "totp" else "hotp", b"", 0, int(digits), algorithm)
    seed = seed_file.read().strip()

    async def work(administration: Administration, by: By) -> str:
        user = await administration.by_name(name)
        return await administration.add_generator(user.id, label, seed, how, by)

    _made(as_json, {"name": name, "factor": _with(home, work)})


@factor.command("allow-key")
@name_argument
@home_option
def allow_key(name: str, home: Home) -> None:
    """At the next sign-in, within a day, they may register a security key."""

    async def work(administration: Administration, by: By) -> None:
        user = await administration.by_name(name)
        await administration.allow_key(user.id, by)

    _with(home, work)


@factor.command("remove")
@name_argument
@click.argument("factor_id", metavar="FACTOR")
@home_option
def remove_factor(name: str, factor_id: str, home: Home) -> None:
    """It was lost, or given back; their sessions end."""

    async def work(administration: Administration, by: By) -> None:
        user = await administration.by_name(name)
        await administration.remove_factor(user.id, factor_id, by)

    _with(home, work)


@users.group()
def display() -> None:
    """Wall boards: what opens them, and taking it back."""


@display.command("list")
@home_option
@json_option
def list_displays(home: Home, as_json: bool) -> None:
    """All of them, revoked or not."""
    found = _with(home, lambda administration, _: administration.displays())
    told = [
        {"id": each.id, "label": each.label, "created_at": each.created_at,
         "revoked_at": each.revoked_at}
        for each in found
    ]  # fmt: skip
    if as_json:
        show_json(told)
    else:
        rows = [(each.id, each.label, "no" if each.revoked_at else "yes") for each in found]
        show_table(("id", "label", "good"), rows, "no wall boards")


@display.command("add")
@name_argument
@click.option("--label", type=FREE_TEXT, required=True, help="Where it hangs.")
@home_option
@json_option
def add_display(name: str, label: str, home: Home, as_json: bool) -> None:
    """A token for a wall board of the user NAME; prints it once."""

    async def work(administration: Administration, by: By) -> tuple[str, str]:
        user = await administration.by_name(name)
        return await administration.add_display(user.id, label, by)

    made, token = _with(home, work)
    _made(as_json, {"display": made, "token": token})


@display.command("revoke")
@click.argument("display_id", metavar="DISPLAY")
@home_option
def revoke_display(display_id: str, home: Home) -> None:
    """It shows nothing any more."""
    _with(home, lambda administration, by: administration.revoke_display(display_id, by))


@click.group()
def audit() -> None:
    """The audit log 監査記録 of the desk: who saw and did what."""


@audit.command("verify")
@click.option(
    "--head", "checkpoint", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE", help="What `audit head` printed once, kept elsewhere.",
)  # fmt: skip
@home_option
@json_option
def verify_(checkpoint: Path | None, home: Home, as_json: bool) -> int:
    """Prove that no line was edited, deleted, swapped, cut off or forked; status 1 otherwise."""
    found = _verdict(home, None if checkpoint is None else _read_head(checkpoint))
    told = {
        "sound": found.sound, "lines": found.lines, "fault": found.fault, "at": found.at,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
    }  # fmt: skip
    if as_json:
        show_json(told)
    elif found.sound:
        click.echo(f"sound 改ざんなし: {found.lines} lines, head {found.head.hash[:16]}")
    else:
        click.echo(f"NOT SOUND 改ざんの疑い: line {found.at}: {found.fault}", err=True)
    return 0 if found.sound else DAMAGED


@audit.command()
@home_option
def head(home: Home) -> int:
    """Print where the log ends, as JSON, to be kept outside: paper, another host, a mailbox."""
    found = _verdict(home, None)
    if not found.sound:
        raise Problem(f"the log is not sound at line {found.at}: {found.fault}")
    at = datetime.fromtimestamp(Clock()(), JAPAN).isoformat(timespec="seconds")
    click.echo(json.dumps({"at": at, "seq": found.head.seq, "hash": found.head.hash}))
    return 0


def _change(home: Home, name: str, values: dict[str, Any], as_json: bool) -> None:
    async def work(administration: Administration, by: By) -> User:
        user = await administration.by_name(name)
        return await administration.change(user.id, values, by)

    changed = _with(home, work)
    if as_json:
        show_json(_told(changed, []))


def _with(home: Home, work: Callable[[Administration, By], Awaitable[T]]) -> T:
    """Do it on the home's database, with a refusal told in a sentence."""

    async def run() -> T:
        secrets = _secrets(home)
        await migrate(configured_url(home))
        database = open_database(configured_url(home))
        sealer, key = Sealer(bytes.fromhex(secrets.factor_key)), bytes.fromhex(secrets.audit_key)
        try:
            return await work(Administration(database, Passwords(), sealer, key), By(Clock()()))
        finally:
            await database.close()

    return _told_plainly(run)


def _verdict(home: Home, checkpoint: Head | None) -> Verdict:
    async def run() -> Verdict:
        key = bytes.fromhex(_secrets(home).audit_key)
        database: Database = open_database(configured_url(home))

        def read(connection: Connection) -> Verdict:
            return verify(connection, key, checkpoint)

        try:
            return await database.read(read)
        finally:
            await database.close()

    if not home.database.exists() and configured_url(home).startswith("sqlite"):
        raise Problem(f"there is no database in {home.path} yet")
    return _told_plainly(run)


def _told_plainly(run: Callable[[], Awaitable[T]]) -> T:
    async def awaited() -> T:
        return await run()

    try:
        return asyncio.run(awaited())
    except Refusal as refused:
        faults = "".join(f" {field}: {told}" for field, told in refused.fields.items())
        raise Problem(f"{refused.said.ja} ({refused.said.en}){faults}") from None
    except UnreadableSecretsError as problem:
        raise Problem(str(problem)) from None
    except (DatabaseFailed, ArgumentError, OSError, ValueError) as away:
        # Its own text may quote the URL with its password.
        raise Problem(f"the database cannot be used ({type(away).__name__})") from None


def _secrets(home: Home) -> Secrets:
    home.instance()
    found = read_secrets(home.secrets)
    if not (found.audit_key and found.factor_key):
        raise Problem("secrets.json is older than the desk: run `madoguchi prepare` once")
    return found


def _read_head(file: Path) -> Head:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        kept = Head(int(told["seq"]), str(told["hash"]))
        bytes.fromhex(kept.hash)
    except (ValueError, KeyError, TypeError):
        raise Problem(f"{file} is nothing that `madoguchi audit head` printed") from None
    return kept


def _made(as_json: bool, told: dict[str, Any]) -> None:
    if as_json:
        show_json(told)
        return
    for key, value in told.items():
        if value is not None:
            click.echo(f"{key:10} {value}")


def _told(user: User, factors: list[Factor]) -> dict[str, Any]:
    return {
        "id": user.id, "name": user.name, "announced_name": user.announced_name,
        "role": user.role.value, "enabled": user.enabled, "valid_from": user.valid_from,
        "valid_until": user.valid_until, "designation": user.designation, "demo": user.demo,
        "must_change_password": user.must_change,
        "factors": [{"id": f.id, "kind": f.kind, "label": f.label} for f in factors],
    }  # fmt: skip


def _begin_of(given: datetime | None) -> float | None:
    return None if given is None else _midnight(given.date())


def _end_of(given: datetime | None) -> float | None:
    """The last day counts whole."""
    return None if given is None else _midnight(given.date() + timedelta(days=1))


def _midnight(of: date) -> float:
    return datetime.combine(of, time(), JAPAN).timestamp()


def _day(instant: float | None) -> str | None:
    """The last day that is good."""
    if instant is None:
        return None
    return (datetime.fromtimestamp(instant, JAPAN) - timedelta(seconds=1)).date().isoformat()
