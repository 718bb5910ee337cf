"""The city's system over HTTP: letters from it, and how deliveries to it stand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import Connection

from agents.audit.log import AuditLog, append
from agents.bookings.asked import only_under, today
from agents.bookings.city import imports, outbox
from agents.bookings.city.courier import ANNOUNCED
from agents.bookings.city.imports import Import
from agents.bookings.city.json_adapter import JsonAdapter
from agents.bookings.city.outbox import CITY, nobody, put
from agents.bookings.city.port import CityAdapter, Sites
from agents.bookings.importing import take_over
from agents.bookings.kept import BookingBook, By, mark_rows, put_slots
from agents.bookings.rules import BookingRules
from agents.bookings.states import Master
from agents.floor.hub import Hub
from agents.people import LEADERS
from agents.texts.refused import refused
from agents.web.csv_reading import Faulty
from agents.web.fields import Answer, Form
from agents.web.letters import Letter, Seal
from agents.web.problems import conflict, not_found
from agents.web.routes import Asked, Table
from agents.web.witness import Deed
from config.database import Database

TABLE: Final = Table("city system")
FILE_AT_MOST: Final = 16 * 1024 * 1024
Work = Callable[[Connection], object]


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What a home and the city's system agreed on; without a seal there are no letters."""

    seal: Seal | None = field(default=None, repr=False)
    adapter: CityAdapter = field(default_factory=JsonAdapter)

    @property
    def tell(self) -> outbox.Tell:
        """What a deed does about letters, in its transaction."""
        return nobody if self.seal is None else put


# -- letters from it ---------------------------------------------------------------------------


class OfWhat(Form):
    """What a letter holds."""

    what: Literal["slots", "bookings", "results"]


class LetterTaken(Answer):
    """All of its rows; `again` when this very letter was taken before."""

    rows: int
    again: bool = False


@TABLE.post("/api/city-letters/{what}", roles=None, audit=None, body_at_most=FILE_AT_MOST)
async def take_letter(asked: Asked, path: OfWhat, letter: Letter) -> LetterTaken:
    """A signed letter of the city's system: its times, its bookings, or what came of visits."""
    agreed = asked.tool(Correspondence)
    if agreed.seal is None:
        raise not_found()
    body = agreed.seal.opened(letter, asked.now)
    if path.what != "results":
        only_under(asked, Master.CITY)
    # A hash, because the id is theirs: as long as a letter's may be, and a key here may not be.
    key = f"city-{sha256(letter.id.encode()).hexdigest()[:40]}"
    by = By(key, CITY, ANNOUNCED, float(letter.at))
    try:
        # Thousands of rows pass the guard: nobody else's request waits for it.
        rows, work = await asyncio.to_thread(_read, asked, path.what, body, by)
        taken = Import(by.key, path.what, imports.LETTER, by.now, rows, ANNOUNCED)
        return await _taken(asked, taken, work)
    except Faulty as faulty:
        raise await refused(asked, faulty, body, CITY, agreed.adapter.texts) from None


def _read(asked: Asked, what: str, body: bytes, by: By) -> tuple[int, Work]:
    """How many rows it has, and what is to be done with them in one transaction."""
    adapter, sites = asked.tool(Correspondence).adapter, sites_of(asked)
    match what:
        case "slots":
            slots = adapter.slots(body, sites)
            return len(slots), lambda c: put_slots(c, slots, by.now)
        case "bookings":
            bookings = adapter.bookings(body, sites, today(asked))
            return len(bookings), lambda c: take_over(c, by, bookings)
        case _:
            results = adapter.results(body)
            return len(results), lambda c: mark_rows(c, by, results)


async def _taken(asked: Asked, letter: Import, work: Work) -> LetterTaken:
    key = asked.tool(AuditLog).key

    def take(connection: Connection) -> bool:
        if imports.is_known(connection, letter.id):
            return False
        newest = imports.last(connection).get(letter.what)
        if newest is not None and newest.at > letter.at:
            raise conflict(
                "これより新しい内容を取り込み済みです。新しい内容を送ってください。",
                "Something newer has been taken already: send what is so now.",
            )
        work(connection)
        imports.note(connection, letter)
        deed = Deed(asked.now, f"{letter.what}_imported", CITY, CITY, detail={"rows": letter.rows})
        append(connection, key, deed)
        return True

    database = asked.tool(Database)  # type: ignore[type-abstract]
    fresh = await database.write(take)
    if fresh:
        await asked.tool(Hub).tell("booking", letter.id)
    return LetterTaken(rows=letter.rows, again=not fresh)


def sites_of(asked: Asked) -> Sites:
    """The name of each site, by its code."""
    return {code: site.ja for code, site in asked.tool(BookingRules).slots.sites.items()}


# -- how it stands -----------------------------------------------------------------------------


class ImportSeen(Answer):
    """The last file or letter of its kind."""

    what: str
    way: str  # csv, letter
    at: float
    rows: int
    announced_name: str


class SlotsKnown(Answer):
    """A site, and since when the oldest of its times is known."""

    site: str
    known_at: float


class StuckSeen(Answer):
    """A letter that did not get through at once; no name is in it."""

    booking: str
    version: int
    state: str  # waiting, refused
    at: float
    attempts: int
    due_at: float
    reason: str


class CitySystemSeen(Answer):
    """What passes between the city's system and us."""

    master: str
    has_webhook: bool
    waiting: int
    oldest_at: float | None
    refused: int
    superseded: int  # refused, and outdated by a newer letter that was taken
    last_delivered_at: float | None
    stuck: list[StuckSeen]
    imports: list[ImportSeen]
    slots: list[SlotsKnown]


@TABLE.get("/api/booking-deliveries", roles=LEADERS, audit=None)
async def deliveries(asked: Asked) -> CitySystemSeen:
    """How old what came is, and what has not been delivered yet; nobody's name."""
    database = asked.tool(Database)  # type: ignore[type-abstract]
    return await database.read(lambda connection: _seen(connection, asked))


def _seen(connection: Connection, asked: Asked) -> CitySystemSeen:
    stands = outbox.standing(connection)
    return CitySystemSeen(
        master=asked.tool(BookingBook).master.value,
        has_webhook=asked.tool(Correspondence).seal is not None,
        waiting=stands.waiting, oldest_at=stands.oldest_at, refused=stands.refused,
        superseded=stands.superseded, last_delivered_at=stands.last_delivered_at,
        stuck=[
            StuckSeen(
                booking=one.booking, version=one.version, state=one.state, at=one.at,
                attempts=one.attempts, due_at=one.due_at, reason=one.reason,
            )
            for one in outbox.stuck(connection)
        ],
        imports=[
            ImportSeen(
                what=one.what, way=one.way, at=one.at, rows=one.rows,
                announced_name=one.announced_name,
            )
            for one in imports.last(connection).values()
        ],
        slots=[
            SlotsKnown(site=site, known_at=at)
            for site, at in imports.slots_known(connection, today(asked)).items()
        ],
    )  # fmt: skip


class SentAgain(Answer):
    """How many letters leave again, and how many never will: the city has a newer one of each."""

    letters: int
    superseded: int


@TABLE.post("/api/booking-deliveries", roles=LEADERS, audit="letters_sent_again")
async def send_again(asked: Asked) -> SentAgain:
    """Whatever was refused or waits for its next attempt leaves now."""
    database = asked.tool(Database)  # type: ignore[type-abstract]
    came = await database.write(lambda connection: outbox.again(connection, asked.now))
    asked.detail(letters=came.letters)
    return SentAgain(letters=came.letters, superseded=came.superseded)
