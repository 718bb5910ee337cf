"""Files of the city's system over HTTP: times and results in, bookings of a day out."""

from base64 import b64decode, b64encode
from datetime import date
from http import HTTPStatus
from typing import Annotated, Final

from pydantic import Field

from agents.bookings.asked import SiteCode, by, only_under
from agents.bookings.csv_files import Encoding, exported, result_rows, slot_rows
from agents.bookings.kept import BookingBook
from agents.bookings.rows import Query as Of
from agents.bookings.rules import BookingRules
from agents.bookings.states import Master
from agents.people import LEADERS
from agents.web.csv_reading import Faulty
from agents.web.fields import Answer, Form, Key, Query
from agents.web.problems import Problem, unfit
from agents.web.routes import Asked, Table

TABLE: Final = Table("booking files")
FILE_AT_MOST: Final = 16 * 1024 * 1024
OF_A_DAY: Final = 5_000  # bookings
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

    day: date
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
    try:
        found = slot_rows(_bytes(body.content), _sites(asked))
    except Faulty as faulty:
        raise _faults(faulty) from None
    await asked.tool(BookingBook).import_slots(found, asked.now)
    asked.detail(rows=len(found))
    return Taken(rows=len(found))


@TABLE.post(
    "/api/booking-files/results", roles=LEADERS, audit="results_imported", body_at_most=FILE_AT_MOST
)
async def import_results(asked: Asked, body: FileForm) -> Taken:
    """来庁 and 無断, by reservation number: all rows, or none."""
    try:
        found = result_rows(_bytes(body.content))
        await asked.tool(BookingBook).mark_all(by(asked, body.key), found)
    except Faulty as faulty:
        raise _faults(faulty) from None
    asked.detail(rows=len(found))
    return Taken(rows=len(found))


@TABLE.get("/api/booking-files/day", roles=LEADERS, audit="bookings_exported")
async def export_day(asked: Asked, query: ExportQuery) -> FileSeen:
    """A day's bookings; birth dates and notice numbers stay masked."""
    of = Of(site=query.site or "", day=query.day, most=OF_A_DAY)
    found = await asked.tool(BookingBook).find(of)
    data = exported(found, _sites(asked), query.encoding)
    asked.detail(rows=len(found))
    return FileSeen(name=f"bookings-{query.day}.csv", content=b64encode(data).decode("ascii"))


def _sites(asked: Asked) -> dict[str, str]:
    return {code: site.ja for code, site in asked.tool(BookingRules).slots.sites.items()}


def _bytes(content: str) -> bytes:
    try:
        return b64decode(content, validate=True)
    except ValueError:
        raise unfit("content", "ファイルを選び直してください (not base64)") from None


def _faults(faulty: Faulty) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "一行も取り込んでいません。印の付いた行を直して、もう一度送ってください。",
        "No row was taken. Correct the rows that are named and send the file again.",
        fields={f"row {fault.row}": fault.text for fault in faulty.faults},
    )
