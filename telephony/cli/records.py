"""`calls`: what the records say, whether anything runs or not."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import click
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError

from agents.calls.named import names
from config.clock import Clock
from config.database import DatabaseFailed, open_database
from config.home import Home
from config.site import revive
from config.site_model import BUSY_TONE_UNSEEN, Site
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import duration, show_json, show_table
from telephony.store.call_record import CallRecord
from telephony.store.history import History
from telephony.store.unseen import hour_of, unseen

SHOWN_FIRST, SHOWN_LAST = 4, 3  # digits of a number on a screen
HEADS: Final = (
    "arrived 着信", "line 回線", "caller 発信者", "queue", "agent 担当", "outcome 結果",
    "waited 待ち", "talked 通話",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many calls got the carrier's busy tone since then, by theory."""

    since: float
    calls: float


@click.command()
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@click.option("--numbers", is_flag=True, help="Show telephone numbers in full.")
@home_option
@json_option
def calls(limit: int, numbers: bool, home: Home, as_json: bool) -> None:
    """Records of calls that are over 通話記録, the latest first; also when nothing runs."""
    home.instance()
    site = _site(home)
    hidden = site is None or not site.busy_tone_visible
    lines = len(site.lines) if site is not None and hidden else None
    found, names, estimate = asyncio.run(_read(home, limit, lines))
    if as_json:
        named = [(record.to_json(), names.get(record.id)) for record in found]
        show_json([{**told, "announced_name": name} for told, name in named])
    else:
        rows = [_row(record, names.get(record.id), numbers=numbers) for record in found]
        show_table(HEADS, rows, "no calls yet")
        if found and hidden:
            click.echo(f"\n{BUSY_TONE_UNSEEN}{_told(estimate)}")


async def _read(
    home: Home, limit: int, lines: int | None
) -> tuple[list[CallRecord], dict[str, str], Estimate | None]:
    """The records, under which announced names people took those calls, and who was not heard.

    The estimate is for so many `lines`.
    """
    url = os.environ.get("MADOGUCHI_DATABASE_URL")
    if not url and not home.database.exists():
        return [], {}, None  # opening it would make it
    try:
        database = open_database(url or f"sqlite:///{home.database}")
        try:
            history = History(database)
            found = await history.calls(limit)
            named = await database.read(lambda connection: names(connection, found))
            estimate = await _estimated(history, found, lines) if found and lines else None
            return found, named, estimate
        finally:
            await database.close()
    except (DatabaseFailed, ArgumentError, OSError, ValueError) as away:
        # Its own text may quote the URL with its password.
        raise Problem(f"the records cannot be read ({type(away).__name__})") from None


def _site(home: Home) -> Site | None:
    """The site that a controller last went by, where there was one."""
    try:
        return revive(home.site.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


async def _estimated(history: History, shown: Sequence[CallRecord], lines: int) -> Estimate:
    """From all calls since the hour of the first one shown, however few are shown."""
    since = hour_of(min(record.arrived_at for record in shown))
    calls = await history.arrived(since)
    return Estimate(since, unseen(calls, lines, Clock().wall()))


def _told(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    since = datetime.fromtimestamp(estimate.since).astimezone().strftime("%Y-%m-%d %H:%M")
    count = f"{estimate.calls:.1f}"
    return (
        f"\n{since} 以降で推定 {count} 件"
        f" (by Erlang's loss formula {count} calls more since {since})"
    )


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
