"""`calls`: what the records say, whether anything runs or not."""

import asyncio
import os
from typing import Final

import click
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError

from agents.calls.named import names
from config.database import DatabaseFailed, open_database
from config.home import Home
from config.site import revive
from config.site_model import BUSY_TONE_UNSEEN
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import duration, show_json, show_table
from telephony.store.call_record import CallRecord
from telephony.store.history import History
from telephony.store.unseen import unseen

SHOWN_FIRST, SHOWN_LAST = 4, 3  # digits of a number on a screen
HEADS: Final = (
    "arrived 着信", "line 回線", "caller 発信者", "queue", "agent 担当", "outcome 結果",
    "waited 待ち", "talked 通話",
)  # fmt: skip


@click.command()
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@click.option("--numbers", is_flag=True, help="Show telephone numbers in full.")
@home_option
@json_option
def calls(limit: int, numbers: bool, home: Home, as_json: bool) -> None:
    """Records of calls that are over 通話記録, the latest first; also when nothing runs."""
    home.instance()
    found, names = asyncio.run(_read(home, limit))
    if as_json:
        named = [(record.to_json(), names.get(record.id)) for record in found]
        show_json([{**told, "announced_name": name} for told, name in named])
    else:
        rows = [_row(record, names.get(record.id), numbers=numbers) for record in found]
        show_table(HEADS, rows, "no calls yet")
        if found and not _busy_tone_visible(home):
            click.echo(f"\n{BUSY_TONE_UNSEEN}{_estimated(home, found)}")


async def _read(home: Home, limit: int) -> tuple[list[CallRecord], dict[str, str]]:
    """The records, and under which announced names people took those calls."""
    url = os.environ.get("MADOGUCHI_DATABASE_URL")
    if not url and not home.database.exists():
        return [], {}  # opening it would make it
    try:
        database = open_database(url or f"sqlite:///{home.database}")
        try:
            found = await History(database).calls(limit)
            return found, await database.read(lambda connection: names(connection, found))
        finally:
            await database.close()
    except (DatabaseFailed, ArgumentError, OSError, ValueError) as away:
        # Its own text may quote the URL with its password.
        raise Problem(f"the records cannot be read ({type(away).__name__})") from None


def _busy_tone_visible(home: Home) -> bool:
    """By the site that a controller last went by."""
    try:
        return revive(home.site.read_text(encoding="utf-8")).busy_tone_visible
    except (OSError, ValidationError):
        return False


def _estimated(home: Home, records: list[CallRecord]) -> str:
    """How many of them there will have been beside these calls, where the site is known."""
    try:
        lines = len(revive(home.site.read_text(encoding="utf-8")).lines)
    except (OSError, ValidationError):
        return ""
    count = unseen(records, lines)
    return f"\n推定 {count:.1f} 件 (by Erlang's loss formula {count:.1f} calls beside these)"


def _row(record: CallRecord, name: str | None, *, numbers: bool) -> tuple[object, ...]:
    told = record.to_json()
    number = record.caller.number
    caller = record.caller.kind.value if number is None else number
    return (
        told["arrived_at"][:19].replace("T", " "),
        record.line,
        caller if number is None or numbers else masked(number),
        record.queue,
        " ".join(filter(None, (record.agent, name))),
        " ".join(filter(None, (told["outcome"], told["overflow_reason"]))),
        duration(record.waited),
        duration(record.talked),
    )


def masked(number: str) -> str:
    """Enough to recognise a number that one knows."""
    hidden = max(0, len(number) - SHOWN_FIRST - SHOWN_LAST)
    return f"{number[:SHOWN_FIRST]}{'•' * hidden}{number[SHOWN_FIRST + hidden :]}"
