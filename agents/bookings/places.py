"""Places in slots, as statements of a transaction: searched, taken, given back.

The last place is sold by one conditional statement: whoever comes second changes no row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, Integer, and_, literal_column, or_, select, update

from agents.bookings.moments import Moment
from agents.bookings.slots import Slot
from agents.bookings.tables import SLOTS
from telephony.store import statements

_KEY: Final = ["site", "day", "start"]
_SOME: Final = literal_column("0", Integer)  # no parameter: only so does the partial index serve


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when."""

    site: str
    when: Moment


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for: a time from here on, at one of these sites, for so many people."""

    sites: tuple[str, ...]
    first: Moment
    last: date
    people: int
    most: int


@dataclass(frozen=True, slots=True)
class Free:
    """A time that has room, and since when that is known."""

    place: Place
    left: int
    known_at: float


def stored(when: Moment) -> tuple[str, str]:
    """Day and start as columns hold them; both sort as they read."""
    return when.day.isoformat(), when.at.strftime("%H:%M")


def free(connection: Connection, of: Search) -> list[Free]:
    """The next times with room, soonest first; sites in the order of their names."""
    day, start = stored(of.first)
    query = (
        select(SLOTS)
        .where(SLOTS.c.left > _SOME, SLOTS.c.left >= of.people)
        .where(SLOTS.c.day >= day, SLOTS.c.day <= of.last.isoformat())
        .where(or_(SLOTS.c.day > day, SLOTS.c.start >= start))
        .where(SLOTS.c.site.concat("").in_(of.sites))  # not by the key: it leads past full times
        .order_by(SLOTS.c.day, SLOTS.c.start, SLOTS.c.site)
        .limit(of.most)
    )
    return [
        Free(Place(row.site, Moment.parsed(row.day, row.start)), row.left, row.known_at)
        for row in connection.execute(query)
    ]


def lock(connection: Connection, places: Iterable[Place]) -> None:
    """In one order for everybody, so that two who exchange times do not wait for each other."""
    for place in sorted(set(places), key=lambda one: (one.site, one.when)):
        connection.execute(select(SLOTS.c.left).where(_is(place)).with_for_update())


def take(connection: Connection, place: Place, people: int) -> bool:
    """Whether there was room; if not, nothing has changed."""
    done = connection.execute(
        update(SLOTS)
        .where(_is(place), SLOTS.c.left >= people)
        .values(taken=SLOTS.c.taken + people, left=SLOTS.c.left - people)
    )
    return done.rowcount == 1


def give_back(connection: Connection, place: Place, people: int) -> None:
    """Room for somebody else."""
    connection.execute(
        update(SLOTS)
        .where(_is(place))
        .values(taken=SLOTS.c.taken - people, left=SLOTS.c.left + people)
    )


def open_up(connection: Connection, slots: Sequence[Slot], now: float) -> None:
    """Slots as the rules have them now; what was sold stays sold, also where there is less room.

    A time that the rules do not have any more, from the first day to the last of these, takes
    nobody from now on.
    """
    if not slots:
        return
    known = _known(connection, slots[0].when.day, slots[-1].when.day)
    rows = []
    for slot in slots:
        day, start = stored(slot.when)
        taken = known.pop((slot.site, day, start), 0)
        rows.append(_row((slot.site, day, start), slot.capacity, taken, now))
    rows += [_row(key, 0, taken, now) for key, taken in known.items()]
    connection.execute(statements.save(connection.dialect.name, SLOTS), rows)


def put(connection: Connection, told: Sequence[tuple[Place, int, int]], now: float) -> None:
    """Times as another system has them: capacity and taken, known since now."""
    rows = []
    for place, capacity, taken in told:
        day, start = stored(place.when)
        rows.append(_row((place.site, day, start), capacity, taken, now))
    if rows:
        connection.execute(statements.save(connection.dialect.name, SLOTS), rows)


def _known(connection: Connection, first: date, last: date) -> dict[tuple[str, str, str], int]:
    within = SLOTS.c.day.between(first.isoformat(), last.isoformat())
    found = connection.execute(select(SLOTS).where(within).with_for_update())
    return {(row.site, row.day, row.start): row.taken for row in found}


def _row(key: tuple[str, str, str], capacity: int, taken: int, now: float) -> dict[str, object]:
    return dict(zip(_KEY, key, strict=True)) | {
        "capacity": capacity, "taken": taken, "left": capacity - taken, "known_at": now,
    }  # fmt: skip


def _is(place: Place) -> ColumnElement[bool]:
    day, start = stored(place.when)
    return and_(SLOTS.c.site == place.site, SLOTS.c.day == day, SLOTS.c.start == start)
