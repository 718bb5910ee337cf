"""`bookings`: what stands in the records of reservations, for whoever has the machine."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final, TypeVar

import click
from sqlalchemy import Connection

from agents.audit.log import append
from agents.bookings import sheets
from agents.bookings.booking import Booking
from agents.bookings.city import outbox
from agents.bookings.places import stored
from agents.bookings.rows import Query, find
from agents.bookings.sheets import Sheet, Span, overlap
from agents.web.witness import Deed
from config.clock import Clock
from config.database import Database, DatabaseFailed, configured_url, open_database
from config.home import Home
from config.secrets import UnreadableSecretsError, read_secrets
from telephony.cli.options import home_option, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.store.call_record import JAPAN
from telephony.store.changes import ModeBegan
from telephony.store.history import History

Answer = TypeVar("Answer")
OF_A_DAY: Final = 5_000
OUTAGE: Final = "outage"
CONSOLE: Final = "console"
OUTDATED: Final = (
    "{0} stay here, because the city's system has taken a newer letter of the same booking "
    "(同じ予約の新しい通知が届いているため、古い {0} 通は送りません)"
)
clock = click.DateTime(["%H:%M"])


@click.group()
def bookings() -> None:
    """The reservations 受取予約, from the records."""


@bookings.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="[default: today]")
@click.option("--site", metavar="CODE", help="One place of pickup alone.")
@click.option("--from", "since", type=clock, metavar="HH:MM", help="The first visit's time.")
@click.option("--until", type=clock, metavar="HH:MM", help="Visits before it.")
@home_option
@json_option
def move(
    day: datetime | None, site: str | None, since: datetime | None, until: datetime | None,
    home: Home, as_json: bool,
) -> None:  # fmt: skip
    """Visits that an outage makes impossible, with the number to call; it is in the audit log.

    Without hours they are those of the outage that is on, and without one the whole day.
    """
    on = datetime.fromtimestamp(Clock().wall(), JAPAN).date() if day is None else day.date()
    said = None
    if since is not None or until is not None:
        said = Span(*(None if each is None else each.time() for each in (since, until)))
        if said.since is not None and said.until is not None and said.until <= said.since:
            raise Problem("--until comes after --from")
    span, found = asyncio.run(_found(home, on, site or "", said))
    told = [_told(each) for each in found]
    if as_json:
        show_json({"day": on.isoformat(), "hours": str(span), "bookings": told})
        return
    rows = [
        tuple(each[name] for name in ("site", "start", "kana", "phone", "number")) for each in told
    ]
    heads = ("site 場所", "start 時刻", "reading フリガナ", "phone 電話", "number 予約番号")
    show_table(heads, rows, "no visit to move (該当なし)")


@bookings.command()
@home_option
@json_option
def deliveries(home: Home, as_json: bool) -> None:
    """How deliveries to the city's system stand: what waits, since when, and what was refused."""

    def look(connection: Connection) -> dict[str, Any]:
        stuck = [asdict(one) for one in outbox.stuck(connection)]
        return {**asdict(outbox.standing(connection)), "stuck": stuck}

    told = asyncio.run(_on(home, lambda database: database.read(look)))
    now = Clock().wall()
    lag = 0.0 if told["oldest_at"] is None else max(0.0, now - told["oldest_at"])
    if as_json:
        show_json({**told, "lag": round(lag, 1)})
        return
    click.echo(f"waiting 送信待ち {told['waiting']}, for {lag:.0f} s at most; ", nl=False)
    click.echo(f"refused 拒否 {told['refused']}")
    if told["superseded"]:
        click.echo(OUTDATED.format(told["superseded"]))
    heads = ("booking 予約", "version 版", "state 状態", "attempts 回数", "reason 理由")
    names = ("booking", "version", "state", "attempts", "reason")
    rows = [tuple(str(one[name]) for name in names) for one in told["stuck"]]
    show_table(heads, rows, "everything got through at once (滞りなし)")


@bookings.command()
@home_option
def resend(home: Home) -> None:
    """Send again what the city's system refused, and now what waits for its next attempt."""
    key = _audit_key(home)

    def again(connection: Connection) -> outbox.Again:
        came = outbox.again(connection, Clock().wall())
        detail: dict[str, str | int | bool | None] = {"letters": came.letters}
        append(
            connection,
            key,
            Deed(Clock().wall(), "letters_sent_again", CONSOLE, CONSOLE, detail=detail),
        )
        return came

    came = asyncio.run(_on(home, lambda database: database.write(again)))
    click.echo(f"{came.letters} leave again (再送)")
    if came.superseded:
        click.echo(OUTDATED.format(came.superseded))


async def _on(home: Home, ask: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """One question to the home's records."""
    database = open_database(configured_url(home))
    try:
        return await ask(database)
    except DatabaseFailed as away:
        raise Problem(f"the records cannot be read ({type(away).__name__})") from None
    finally:
        await database.close()


def _audit_key(home: Home) -> bytes:
    try:
        return bytes.fromhex(read_secrets(home.secrets).audit_key)
    except UnreadableSecretsError as wrong:
        raise Problem(str(wrong)) from wrong


async def _found(home: Home, day: date, site: str, said: Span | None) -> tuple[Span, list[Booking]]:
    key = _audit_key(home)

    def look(connection: Connection, span: Span) -> list[Booking]:
        known = find(connection, Query(site=site, day=day, until=day, most=OF_A_DAY))
        live = [each for each in known if sheets.is_on(each) and span.holds(each)]
        detail: dict[str, str | int | bool | None] = {
            "day": day.isoformat(),
            "rows": len(live),
            "site": site or None,
        }
        deed = Deed(
            Clock().wall(), "sheet_seen", CONSOLE, CONSOLE, object=Sheet.MOVE.value, detail=detail
        )
        append(connection, key, deed)
        return live

    async def ask(database: Database) -> tuple[Span, list[Booking]]:
        span = said or _outage(await History(database).modes_on(), day)
        return span, await database.write(lambda connection: look(connection, span))

    return await _on(home, ask)


def _outage(on: list[ModeBegan], day: date) -> Span:
    """The part of the day that the outage covers which is on; the whole day without one."""
    for mode in on:
        if mode.mode == OUTAGE:
            ends = [datetime.fromtimestamp(at, JAPAN) for at in (mode.since, mode.until)]
            first, last = (each.replace(tzinfo=None) for each in ends)
            return overlap(day, first, last) or Span()
    return Span(None, None)


def _told(booking: Booking) -> dict[str, Any]:
    stand = booking.stand
    day, start = stored(stand.when)
    return {
        "booking": booking.id,
        "site": stand.site,
        "day": day,
        "start": start,
        "status": stand.status.value,
        "number": stand.number or "",
        "kana": "、".join(card.kana for card in stand.party),
        "phone": str(stand.form.get("phone") or ""),
    }
