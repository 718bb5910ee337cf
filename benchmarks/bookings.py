"""Reservations: the next free times over two years × ten sites, and a name among 100,000.

Processor time of the thread that asks, on a file of SQLite as the desk has it, statements and
reading of the rows included.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from time import thread_time
from typing import Any, Final

from sqlalchemy import Connection, insert, update

from agents.bookings import places, rows
from agents.bookings.booking import Booking, Card, Stand
from agents.bookings.moments import Moment
from agents.bookings.names import kana_key, name_key
from agents.bookings.places import Search
from agents.bookings.rows import Query
from agents.bookings.rules import load
from agents.bookings.slots import slots
from agents.bookings.states import Master, Status
from agents.bookings.tables import BOOKINGS, PARTY, SLOTS
from benchmarks.measure import Sample, milliseconds
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.database import Database, open_database
from telephony.store.migrate import migrate

FIRST: Final = date(2026, 4, 1)
LAST: Final = FIRST + timedelta(days=730)
SEARCHED: Final = 0.05
FOUND: Final = 0.1
SYLLABLES: Final = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
)


def run(plan: Plan) -> list[Row]:
    """Its targets."""
    return asyncio.run(_measured(plan))


async def _measured(plan: Plan) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mado-bench-") as home:
        url = f"sqlite:///{Path(home) / 'bookings.db'}"
        await migrate(url)
        database = open_database(url)
        try:
            return [*await _slots(database, plan), *await _names(database, plan)]
        finally:
            await database.close()


async def _slots(database: Database, plan: Plan) -> list[Row]:
    book = load().slots
    found = list(slots(book, frozenset(), FIRST, LAST))
    await database.write(lambda connection: places.open_up(connection, found, 0.0))
    everywhere = tuple(book.sites)
    one = Search(everywhere, Moment(FIRST, time(0)), LAST, 1, 3)
    family = Search(everywhere, Moment(FIRST, time(0)), LAST, 5, 3)
    told = [("free as opened", one), ("no room for five anywhere", family)]
    lines = [
        await _searched(
            database, f"bookings: next free times of {len(found):,} slots, {what}", s, plan
        )
        for what, s in told
    ]
    full = (
        update(SLOTS).where(SLOTS.c.day < LAST.isoformat()).values(taken=SLOTS.c.capacity, left=0)
    )
    await database.write(lambda connection: connection.execute(full))
    what = f"bookings: next free times of {len(found):,} slots, all full but the last day"
    return [*lines, await _searched(database, what, one, plan)]


async def _searched(database: Database, what: str, search: Search, plan: Plan) -> Row:
    asked = [lambda connection: places.free(connection, search)] * plan.choose(200, 3)
    return await _row(database, what, asked, SEARCHED, plan)


async def _names(database: Database, plan: Plan) -> list[Row]:
    count = plan.choose(100_000, 1_000)
    await database.write(lambda connection: _fill(connection, count))
    readings = [_reading(number * 7919 % count) for number in range(plan.choose(200, 5))]
    whole = [_find(Query(name=reading)) for reading in readings]
    begun = [_find(Query(name=reading[:2])) for reading in readings]
    return [
        await _row(database, f"bookings: a whole reading among {count:,}", whole, FOUND, plan),
        await _row(database, f"bookings: the first two kana among {count:,}", begun, FOUND, plan),
    ]


def _find(query: Query) -> Callable[[Connection], object]:
    return lambda connection: rows.find(connection, query)


def _reading(number: int) -> str:
    base = len(SYLLABLES)
    return "".join(SYLLABLES[(number * 31 + at * number // 3 + at) % base] for at in range(6))


def _fill(connection: Connection, count: int) -> None:
    bookings: list[dict[str, Any]] = []
    party: list[dict[str, Any]] = []
    for number in range(count):
        reading = _reading(number)
        card = Card(f"窓口{number}", reading, date(1948, 5, 3), "self", f"AB1{number:06}")
        when = Moment(FIRST + timedelta(days=number % 730), time(9 + number % 8))
        stand = Stand(Status.BOOKED, "main", when, 1, number=f"C{number}", party=(card,))
        booking = Booking(f"b{number}", 1, Master.CITY, stand, None, "u1", "青木", 0.0, 0.0)
        bookings.append({"key": f"k{number}", **rows.columns(booking)})
        party.append(
            {
                "booking": booking.id, "at": 0, "notice_no": card.notice_no, "name": card.name,
                "name_key": name_key(card.name), "kana": reading, "kana_key": kana_key(reading),
                "birth_date": "1948-05-03", "visitor": "self", "reason": None,
            }
        )  # fmt: skip
    connection.execute(insert(BOOKINGS), bookings)
    connection.execute(insert(PARTY), party)


async def _row(
    database: Database,
    what: str,
    questions: Sequence[Callable[[Connection], object]],
    limit: float,
    plan: Plan,
) -> Row:
    runs = []
    for _ in range(plan.runs):
        taken = [await database.read(_timed(question)) for question in questions]
        runs.append(Sample(tuple(taken)))
    best = min(runs, key=lambda each: each.at(95))
    return Row(
        what,
        f"{milliseconds(best.median)} ms (p95 {milliseconds(best.at(95))})",
        target=f"p95 ≤ {milliseconds(limit)} ms",
        met=best.at(95) <= limit,
        figures={"runs": [each.figures() for each in runs]},
    )


def _timed(question: Callable[[Connection], object]) -> Callable[[Connection], float]:
    def asked(connection: Connection) -> float:
        began = thread_time()
        question(connection)
        return thread_time() - began

    return asked
