"""Files of the city's system over HTTP: times and results in, bookings of a day out."""

import asyncio
from base64 import b64decode, b64encode
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import Connection

from agents.bookings.asked import SiteCode, by, only_under, today
from agents.bookings.city import imports
from agents.bookings.city.csv_adapter import CsvAdapter
from agents.bookings.city.imports import Import
from agents.bookings.csv_files import Encoding
from agents.bookings.figures import fold
from agents.bookings.importing import Imported, take_over
from agents.bookings.kept import BookingBook, mark_rows, put_slots
from agents.bookings.rows import Query as Of
from agents.bookings.rows import done_between
from agents.bookings.rules import BookingRules
from agents.bookings.states import Master
from agents.floor.hub import Hub
from agents.people import LEADERS, Role
from agents.texts.refused import refused
from agents.web.csv_reading import Faulty
from agents.web.fields import Answer, Day, Form, Key, Query
from agents.web.problems import unfit
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.store.call_record import JAPAN

TABLE: Final = Table("booking files")
FILE_AT_MOST: Final = 16 * 1024 * 1024
OF_A_DAY: Final = 5_000  # bookings
LONGEST_PERIOD: Final = 400  # days
CSV: Final = CsvAdapter()
CITY: Final = frozenset({Role.CITY_VIEWER, Role.CITY_APPROVER})
Base64 = Annotated[str, Field(max_length=FILE_AT_MOST)]


class FileForm(Form):
    """A CSV file as bytes, in base64: its encoding is part of it."""

    key: Key
    content: Base64


class Taken(Answer):
    """How many rows were taken; all of the file's."""

    rows: int


class ExportQuery(Query):
    """A day's bookings at a site, or at all."""

    day: Day
    site: SiteCode | None = None
    encoding: Encoding = "utf-8"


class FileSeen(Answer):
    """A file, in base64."""

    name: str
    content: str


@TABLE.post(
    "/api/booking-files/slots", roles=LEADERS, audit="slots_imported", body_at_most=FILE_AT_MOST
)
async def import_slots(asked: Asked, body: FileForm) -> Taken:
    """Times of the city's system: all rows, or none and a sentence for each that is wrong."""
    only_under(asked, Master.CITY)
    data = _bytes(body.content)
    try:
        found = CSV.slots(data, _sites(asked))
    except Faulty as faulty:
        raise await refused(asked, faulty, data, asked.caller) from None

    def take(connection: Connection) -> None:
        put_slots(connection, found, asked.now)
        imports.note(connection, _import(asked, body, "slots", len(found)))

    await _database(asked).write(take)
    asked.detail(rows=len(found))
    return Taken(rows=len(found))


class TakenOver(Answer):
    """What became of the bookings of the file."""

    made: int
    changed: int
    cancelled: int
    same: int
    left: int  # an agent has changed them since, and the city is still to be told


@TABLE.post(
    "/api/booking-files/bookings",
    roles=LEADERS,
    audit="bookings_imported",
    body_at_most=FILE_AT_MOST,
)
async def import_bookings(asked: Asked, body: FileForm) -> TakenOver:
    """Bookings of the city's system, those made on the web too: all rows, or none."""
    only_under(asked, Master.CITY)
    who = by(asked, "bookings_imported", body.key)
    data, sites = _bytes(body.content), _sites(asked)
    try:
        # Thousands of rows pass the guard: nobody else's request waits for it.
        told = await asyncio.to_thread(CSV.bookings, data, sites, today(asked))
    except Faulty as faulty:
        raise await refused(asked, faulty, data, asked.caller) from None
    asked.detail(bookings=len(told))

    def take(connection: Connection) -> Imported:
        imports.note(connection, _import(asked, body, "bookings", len(told)))
        return take_over(connection, who, told)

    found = await _database(asked).write(take)
    await asked.tool(Hub).tell("booking", body.key)
    return TakenOver(**asdict(found))


@TABLE.post(
    "/api/booking-files/results", roles=LEADERS, audit="results_imported", body_at_most=FILE_AT_MOST
)
async def import_results(asked: Asked, body: FileForm) -> Taken:
    """来庁 and 無断, by reservation number: all rows, or none."""
    data = _bytes(body.content)
    try:
        found = CSV.results(data)
        asked.detail(rows=len(found))
        who = by(asked, "results_imported", body.key)

        def take(connection: Connection) -> None:
            mark_rows(connection, who, found)
            imports.note(connection, _import(asked, body, "results", len(found)))

        await _database(asked).write(take)
    except Faulty as faulty:
        raise await refused(asked, faulty, data, asked.caller) from None
    return Taken(rows=len(found))


@TABLE.get("/api/booking-files/day", roles=LEADERS, audit="bookings_exported")
async def export_day(asked: Asked, query: ExportQuery) -> FileSeen:
    """A day's bookings; birth dates and notice numbers stay masked."""
    of = Of(site=query.site or "", day=query.day, most=OF_A_DAY)
    found = await asked.tool(BookingBook).find(of)
    data = CsvAdapter(query.encoding).written(found, _sites(asked))
    asked.detail(rows=len(found))
    return FileSeen(name=f"bookings-{query.day}.csv", content=b64encode(data).decode("ascii"))


class FiguresQuery(Query):
    """From a first to a last day of what was done, in Japan."""

    first: Day
    last: Day


class CountSeen(Answer):
    """How many bookings, and for how many people."""

    what: str  # new, change, cancel, visited, no_show
    kind: str
    site: str
    channel: str
    bookings: int
    people: int


class FiguresSeen(Answer):
    """By what was done, kind, site and channel; no names."""

    counts: list[CountSeen]


@TABLE.get("/api/booking-figures", roles=LEADERS | CITY, audit="booking_figures_seen")
async def figures(asked: Asked, query: FiguresQuery) -> FiguresSeen:
    """Counts of a period, folded from the history."""
    days = (query.last - query.first).days
    if not 0 <= days <= LONGEST_PERIOD:
        raise unfit("last", f"最初の日から{LONGEST_PERIOD}日以内の日にしてください (the last day)")
    since = datetime.combine(query.first, time(), JAPAN).timestamp()
    until = datetime.combine(query.last + timedelta(days=1), time(), JAPAN).timestamp()
    lines = await _database(asked).read(lambda connection: done_between(connection, since, until))
    return FiguresSeen(
        counts=[
            CountSeen(**one.of._asdict(), bookings=one.bookings, people=one.people)
            for one in fold(lines)
        ]
    )


def _import(asked: Asked, body: FileForm, what: str, rows: int) -> Import:
    return Import(body.key, what, imports.CSV, asked.now, rows, asked.caller.announced_name)


def _database(asked: Asked) -> Database:
    return asked.tool(Database)  # type: ignore[type-abstract]


def _sites(asked: Asked) -> dict[str, str]:
    return {code: site.ja for code, site in asked.tool(BookingRules).slots.sites.items()}


def _bytes(content: str) -> bytes:
    try:
        return b64decode(content, validate=True)
    except ValueError:
        raise unfit("content", "ファイルを選び直してください (not base64)") from None
