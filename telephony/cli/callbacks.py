"""`callbacks`: what is owed to citizens, and the balance told anew from the records of calls."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import click
from sqlalchemy.exc import ArgumentError

from config.clock import Clock
from config.database import Database, DatabaseFailed, open_database
from config.home import Home
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.records import masked
from telephony.cli.showing import duration, show_json, show_table
from telephony.owing.model import Balance, Obligation
from telephony.store.call_record import JAPAN, civil
from telephony.store.owing_audit import Audit, OwingAudit
from telephony.store.worklist import Worklist

T = TypeVar("T")
UNSOUND: Final = 1
HEADS: Final = (
    "no 番号", "due 期限", "age 経過", "caller 相手", "name 名前", "cause 理由", "tries 回数",
    "claimed 対応中",
)  # fmt: skip
MONTHS: Final = 12


@click.group(invoke_without_command=True)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, metavar="N")
@click.option("--numbers", is_flag=True, help="Show telephone numbers in full.")
@home_option
@json_option
@click.pass_context
def callbacks(ctx: click.Context, limit: int, numbers: bool, home: Home, as_json: bool) -> None:
    """Citizens who are to be called back 折り返し一覧, first due first; also when nothing runs."""
    if ctx.invoked_subcommand is not None:
        return
    now = Clock().wall()
    found = _asked(home, lambda database: Worklist(database).open(limit)) or []
    if as_json:
        show_json([told(each, now) for each in found])
    else:
        rows = [_row(each, now, numbers=numbers) for each in found]
        show_table(HEADS, rows, "nobody is to be called back 折り返しはありません")


@callbacks.command()
@click.option("--month", metavar="YYYY-MM", help="Of what was opened in that month.")
@home_option
@json_option
def balance(month: str | None, home: Home, as_json: bool) -> int:
    """The balance 収支, told anew from the records of calls; status 1 where they disagree."""
    since, until = (0.0, None) if month is None else _stretch(month)
    found = _asked(home, lambda database: OwingAudit(database).whole(since, until))
    if found is None:
        found = Audit(Balance(0, 0, 0, 0, 0), 0, ())
    if as_json:
        show_json(
            {
                "opened": found.balance.opened,
                "contacted": found.balance.contacted,
                "exhausted": found.balance.exhausted,
                "withdrawn": found.balance.withdrawn,
                "open": found.balance.open,
            }
        )
    else:
        _show(found)
    for fault in found.faults:
        click.echo(str(fault), err=True)
    return 0 if found.sound else UNSOUND


def told(known: Obligation, now: float) -> dict[str, Any]:
    """The keys scripts rely on; the number is in full, so whoever shows it masks it."""
    return {
        "id": known.id,
        "no": known.no,
        "number": known.number,
        "name": known.name or None,
        "topic": known.topic or None,
        "cause": known.cause.value,
        "state": known.state.value,
        "opened_at": civil(known.opened_at),
        "due_at": civil(known.due_at),
        "next_at": civil(known.next_at),
        "wanted_at": None if known.wanted_at is None else civil(known.wanted_at),
        "overdue": known.due_at < now,
        "attempts": known.attempts,
        "claimed_by": known.holder(now),
        "events": known.events,
    }


def _row(known: Obligation, now: float, *, numbers: bool) -> tuple[object, ...]:
    due = civil(known.due_at)[5:16].replace("T", " ")
    return (
        known.no,
        f"{due} !" if known.due_at < now else due,
        duration(now - known.opened_at),
        known.number if numbers else masked(known.number),
        known.name or None,
        known.cause.value,
        known.attempts,
        known.holder(now),
    )


def _show(found: Audit) -> None:
    of = found.balance
    click.echo(
        f"opened 発生 {of.opened} = contacted 連絡済み {of.contacted} + exhausted 不通 "
        f"{of.exhausted} + withdrawn 取下げ {of.withdrawn} + open 未了 {of.open}"
    )
    click.echo(f"without a number 番号なし {found.unnumbered} (callers who cannot be called back)")
    if not found.balance.balanced:
        click.echo("the balance does not hold 収支が合いません")


def _stretch(month: str) -> tuple[float, float]:
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise Problem(f"{month!r} is no month such as 2026-11")
    year, number = int(month[:4]), int(month[5:])
    first = datetime(year, number, 1, tzinfo=JAPAN)
    following = datetime(year + number // MONTHS, number % MONTHS + 1, 1, tzinfo=JAPAN)
    return first.timestamp(), following.timestamp()


def _asked(home: Home, ask: Callable[[Database], Awaitable[T]]) -> T | None:
    """The answer; None where there is no database yet."""
    home.instance()
    url = os.environ.get("MADOGUCHI_DATABASE_URL")
    if not url and not home.database.exists():
        return None  # opening it would make it

    async def answer() -> T:
        database = open_database(url or f"sqlite:///{home.database}")
        try:
            return await ask(database)
        finally:
            await database.close()

    try:
        return asyncio.run(answer())
    except (DatabaseFailed, ArgumentError, OSError, ValueError) as away:
        # Its own text may quote the URL with its password.
        raise Problem(f"the records cannot be read ({type(away).__name__})") from None
