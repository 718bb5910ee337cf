"""A crash at any step of a booking: nothing acknowledged is lost, nothing is there twice.

Whether the browser, the desk or the database dies, what the next one meets is one of two things:
the transaction of the step is there and nobody was told, or it is not there. The page asks again
under the same key, of a desk that began anew.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import pytest
from sqlalchemy import Connection, func, select

from agents.bookings.booking import Booking
from agents.bookings.kept import BookingBook, By
from agents.bookings.states import Deed, Master, Status
from agents.bookings.tables import BOOKINGS, HISTORY
from config.database import Database, DatabaseFailed
from tests.agents.bookings.people import HALF_PAST, NEXT_DAY, NOW, TEN, by, slot, wish

T = TypeVar("T")
Step = Callable[[BookingBook, By, Booking | None], Awaitable[Booking]]
UNTIL: Final = NOW + 600


class Crash(Exception):
    """The connection is gone, and so is whoever used it."""


@dataclass
class Dying:
    """A database whose user dies in one write: before it is committed, or before it is told."""

    of: Database
    dies: str = ""  # before, after

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.of.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        dies, self.dies = self.dies, ""

        def cut_short(connection: Connection) -> T:
            work(connection)
            raise Crash

        if dies == "before":
            return await self.of.write(cut_short)
        done = await self.of.write(work)
        if dies == "after":
            raise Crash
        return done

    async def close(self) -> None:
        await self.of.close()


def known(booking: Booking | None) -> Booking:
    assert booking is not None
    return booking


async def hold(book: BookingBook, who: By, _: Booking | None) -> Booking:
    return await book.hold(who, wish(), UNTIL)


async def agree_held(book: BookingBook, who: By, one: Booking | None) -> Booking:
    return await book.agree_held(who, known(one).id, known(one).version, wish())


async def agree(book: BookingBook, who: By, _: Booking | None) -> Booking:
    return await book.agree(who, replace(wish(), status=Status.PROVISIONAL))


async def enter(book: BookingBook, who: By, one: Booking | None) -> Booking:
    return await book.enter(who, known(one).id, known(one).version, "Y-0001")


async def change(book: BookingBook, who: By, one: Booking | None) -> Booking:
    return await book.change(who, known(one).id, known(one).version, wish(HALF_PAST))


async def cancel(book: BookingBook, who: By, one: Booking | None) -> Booking:
    return await book.cancel(who, known(one).id, known(one).version)


async def undo(book: BookingBook, who: By, one: Booking | None) -> Booking:
    return await book.undo(who, known(one).id, known(one).version, NOW - 60)


async def visit(book: BookingBook, who: By, one: Booking | None) -> Booking:
    return await book.mark(who, known(one).id, known(one).version, Deed.VISIT)


OWN: Final = (hold, agree_held, change, cancel, undo, visit)
CITY: Final = (agree, enter, change, enter, cancel, undo)
EVERY: Final = [
    (master, at, dies)
    for master, steps in ((Master.OWN, OWN), (Master.CITY, CITY))
    for at in range(len(steps))
    for dies in ("before", "after")
]


@pytest.mark.parametrize(("master", "at", "dies"), EVERY)
async def test_a_crash_at_any_step_leaves_what_no_crash_leaves(
    database: Database, master: Master, at: int, dies: str
) -> None:
    steps: tuple[Step, ...] = OWN if master is Master.OWN else CITY
    book = BookingBook(Dying(database), master)
    await book.open_slots([slot(TEN), slot(HALF_PAST), slot(NEXT_DAY)], NOW)
    one: Booking | None = None
    for number, step in enumerate(steps):
        who = by(key=f"step-{number:04}")
        if number == at:
            with pytest.raises((Crash, DatabaseFailed)):
                await step(BookingBook(Dying(database, dies), master), who, one)
            book = BookingBook(Dying(database), master)  # of a desk that was started again
        before, one = one, await step(book, who, one)
        assert before is None or one.version == before.version + 1
        assert await book.booking(one.id) == one  # what was told is there
    left = await database.read(_left)
    assert left == (1, len(steps), len(steps))
    assert [line.deed.value for line in await book.history(known(one).id)] == [
        DEED.get(step.__name__, step.__name__) for step in steps
    ]


DEED: Final = {"agree_held": "agree"}


def _left(connection: Connection) -> tuple[Any, ...]:
    """Bookings, the version of the one there is, lines of history."""
    bookings = connection.scalar(select(func.count()).select_from(BOOKINGS))
    version = connection.scalar(select(func.max(BOOKINGS.c.version)))
    return bookings, version, connection.scalar(select(func.count()).select_from(HISTORY))
