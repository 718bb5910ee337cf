"""The one worker that takes letters to the city's reservation system.

To one address that the operator named, and to no other: a redirection is not followed. What is
answered is read to a bound, and of it only the number that the booking has there. A letter is
claimed, sent, settled; a worker that dies between two of these leaves it to the next, and the
receiver knows by the letter's id that it had it already. No log line says whom it is about.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from re import fullmatch
from typing import Final

import aiohttp
import structlog
from sqlalchemy import Connection, select

from agents.audit.log import append
from agents.bookings import rows
from agents.bookings.booking import Booking, read
from agents.bookings.city import outbox
from agents.bookings.city.json_adapter import encoded, told
from agents.bookings.city.outbox import CITY, Due
from agents.bookings.city.port import Sites
from agents.bookings.csv_bookings import NUMBER
from agents.bookings.kept import BookingBook, By, NoBooking, Stale
from agents.bookings.states import Refused
from agents.bookings.tables import HISTORY
from agents.floor.hub import Hub
from agents.web.letters import Seal
from agents.web.witness import Deed
from config.clockwork import every
from config.database import Database, DatabaseFailed
from telephony.privacy.individual_number import guard

log = structlog.get_logger(__name__)

LOOKS_EVERY: Final = 1.0  # seconds
ANSWERS_WITHIN: Final = 10.0  # seconds
ANSWER_AT_MOST: Final = 64 * 1024  # bytes
ANNOUNCED: Final = "市の予約システム"
AGAIN: Final = frozenset({408, 425, 429})  # of the refusals, those that pass


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an attempt."""

    status: int  # 0: nothing came back
    number: str | None = None  # that the booking has in the city's system

    @property
    def is_taken(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_refused(self) -> bool:
        """For good: the letter, or where it was sent to, is wrong."""
        wrong = HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return wrong and self.status not in AGAIN

    @property
    def reason(self) -> str:
        return f"http {self.status}" if self.status else "no answer"


@dataclass(frozen=True, slots=True)
class Courier:
    """Of one home."""

    database: Database
    book: BookingBook
    hub: Hub
    url: str
    seal: Seal
    sites: Sites
    audit_key: bytes

    async def run(self, clock: Callable[[], float]) -> None:
        """For ever."""
        limits = aiohttp.ClientTimeout(total=ANSWERS_WITHIN)
        async with aiohttp.ClientSession(timeout=limits) as http:
            async for _ in every(LOOKS_EVERY):
                try:
                    while await self.deliver_one(http, clock):
                        pass
                except DatabaseFailed as away:
                    log.error("database away", error=away)

    async def deliver_one(self, http: aiohttp.ClientSession, clock: Callable[[], float]) -> bool:
        """The next letter, if one is due; whether there was one."""
        now = clock()
        if not await self.database.read(lambda connection: outbox.is_any_due(connection, now)):
            return False
        due = await self.database.write(lambda connection: outbox.claim(connection, now))
        if due is None:
            return False
        body = await self.database.read(lambda connection: self.letter(connection, due))
        if body is None:  # the booking's time was over
            await self.database.write(lambda c: outbox.refused(c, due, "gone"))
            return True
        answered = await self.send(http, due, body, int(now))
        if answered.is_taken and answered.number is not None:
            await self._enter(due, answered.number, clock())
        await self._settled(due, answered, clock())
        return True

    def letter(self, connection: Connection, due: Due) -> bytes | None:
        """The booking as it stood after that deed; the same however often it is asked for."""
        of = (HISTORY.c.booking == due.booking, HISTORY.c.version == due.version)
        line = connection.execute(select(HISTORY).where(*of)).one_or_none()
        booking = rows.one(connection, due.booking)
        if line is None or booking is None:
            return None
        then = replace(booking, version=due.version, stand=read(line.after), changed_at=line.at)
        return encoded(_written(then, line.deed, self.sites))

    async def send(self, http: aiohttp.ClientSession, due: Due, body: bytes, at: int) -> Answered:
        """One attempt."""
        headers = {"Content-Type": "application/json", **self.seal.headers(due.id, at, body)}
        try:
            async with http.post(
                self.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return Answered(answer.status, number_in(await _beginning(answer.content)))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("city system away", error=error, attempt=due.attempts)
            return Answered(0)

    async def _enter(self, due: Due, number: str, now: float) -> None:
        """予約システム入力 by the city's system itself; whatever has changed since owes another."""

        def witness(connection: Connection, booking: str) -> None:
            line = Deed(now, "booking_entered", CITY, CITY, object=booking)
            append(connection, self.audit_key, line)

        by = By(f"letter-{due.id}", CITY, ANNOUNCED, now, also=witness)
        try:
            await self.book.enter(by, due.booking, due.version, number)
        except (Refused, Stale, NoBooking) as why:
            log.warning("number of the city not taken", why=why)
            return
        await self.hub.tell("booking", due.booking)

    async def _settled(self, due: Due, answered: Answered, now: float) -> None:
        def settle(connection: Connection) -> None:
            if answered.is_taken:
                outbox.delivered(connection, due, now)
            elif answered.is_refused:
                outbox.refused(connection, due, answered.reason)
            else:
                outbox.failed(connection, due, now, answered.reason)

        await self.database.write(settle)
        if answered.is_refused:
            log.error("letter refused by the city system", status=answered.status)


def _written(booking: Booking, deed: str, sites: Sites) -> dict[str, object]:
    at = booking.changed_at
    return {"type": f"booking.{deed}", "at": at, "booking": told(booking, sites)}


async def _beginning(content: aiohttp.StreamReader) -> bytes:
    """All of it, however it comes, or as much as is read."""
    body = b""
    async for piece in content.iter_any():
        body += piece
        if len(body) >= ANSWER_AT_MOST:
            break
    return body[:ANSWER_AT_MOST]


def number_in(body: bytes) -> str | None:
    """What the receiver calls it; nothing else of its answer is looked at."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = answer.get("number") if isinstance(answer, dict) else None
    if not isinstance(number, str) or fullmatch(NUMBER, number) is None or guard(number).finds:
        return None
    return number
