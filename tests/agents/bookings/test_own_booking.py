"""What the phone menu asks of the desk's bookings, on both engines: one visit, or nothing."""

from dataclasses import replace
from datetime import date, time

import pytest

from agents.bookings.booking import Stand
from agents.bookings.kept import BookingBook
from agents.bookings.states import Master, Status
from config.database import Database
from telephony.store.own_bookings import OwnBookings, OwnVisit, keys_of
from tests.agents.bookings.people import (
    FRIDAY,
    HALF_PAST,
    HANAKO,
    NEXT_DAY,
    TEN,
    THURSDAY,
    by,
    wish,
)

KEYS = keys_of(HANAKO.notice_no or "")
BORN = HANAKO.birth_date


@pytest.fixture
def book(database: Database) -> BookingBook:
    return BookingBook(database, Master.CITY)


async def agreed(book: BookingBook, wanted: Stand) -> str:
    return (await book.agree(by(), replace(wanted, status=Status.PROVISIONAL))).id


async def test_a_visit_is_found_by_notice_number_and_birth_date(
    database: Database, book: BookingBook
) -> None:
    one = await agreed(book, wish())
    found = OwnBookings(database)
    there = OwnVisit(THURSDAY, time(10), "main", is_provisional=True)
    assert await found.of(KEYS, BORN, THURSDAY) == there
    await book.enter(by(), one, 1, "Y-1")
    assert await found.of(KEYS, BORN, THURSDAY) == replace(there, is_provisional=False)
    assert await found.of(KEYS, BORN, FRIDAY) is None  # it is over
    assert await found.of("221000002", BORN, THURSDAY) is None
    assert await found.of(KEYS, date(1948, 5, 4), THURSDAY) is None
    await book.cancel(by(), one, 2)
    assert await found.of(KEYS, BORN, THURSDAY) is None


async def test_of_several_visits_the_next_and_of_several_cards_none(
    database: Database, book: BookingBook
) -> None:
    found = OwnBookings(database)
    await agreed(book, wish(NEXT_DAY))
    await agreed(book, wish(HALF_PAST))
    assert await found.of(KEYS, BORN, THURSDAY) == OwnVisit(
        THURSDAY, time(10, 30), "main", is_provisional=True
    )
    # Another person's card, by chance on the same keys and of the same day: nobody is told.
    await agreed(book, wish(TEN, replace(HANAKO, notice_no="CB1000001")))
    assert await found.of(KEYS, BORN, THURSDAY) is None
