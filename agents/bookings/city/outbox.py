"""What the city's system is still to be told: a row a deed, in the deed's own transaction.

A row names a booking and its version, and nothing of what was agreed: the letter is written from
the history when it leaves, the same each time. Statements of a transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, select, update

from agents.bookings.booking import Booking
from agents.bookings.states import Deed, Status
from agents.bookings.tables import LETTERS

CITY: Final = "city"  # who does what the city's system says
WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
REFUSED: Final = "refused"  # by the receiver: it waits for a person to send it again
SUPERSEDED: Final = "superseded"  # a newer one of its booking was taken: it never leaves again
TOLD: Final = frozenset({Deed.AGREE, Deed.ENTER, Deed.CHANGE, Deed.CANCEL, Deed.UNDO})
FIRST_PAUSE: Final = 5.0  # seconds; doubled with each attempt
LONGEST_PAUSE: Final = 900.0
CLAIMED_FOR: Final = 60.0  # seconds: longer than any attempt, for a worker that dies in one
MOST_SHOWN: Final = 50

Tell = Callable[[Connection, Booking, Deed, str], None]


@dataclass(frozen=True, slots=True)
class Due:
    """A letter that may leave."""

    booking: str
    version: int
    attempts: int  # this one counted

    @property
    def id(self) -> str:
        """Computed, so that a letter that is sent again is known by it."""
        return f"{self.booking}.{self.version}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How deliveries stand, without a name."""

    waiting: int
    oldest_at: float | None  # of those that wait, when the first was agreed
    refused: int
    superseded: int
    last_delivered_at: float | None


@dataclass(frozen=True, slots=True)
class Again:
    """What came of sending again."""

    letters: int  # that leave
    superseded: int  # that never will, because the city has a newer one of the same booking


@dataclass(frozen=True, slots=True)
class Stuck:
    """A letter that waits after an attempt, or was refused."""

    booking: str
    version: int
    state: str
    at: float
    attempts: int
    due_at: float
    reason: str


def nobody(_: Connection, __: Booking, ___: Deed, ____: str) -> None:
    """There is no webhook."""


def put(connection: Connection, booking: Booking, deed: Deed, user: str) -> None:
    """A letter about this deed; none about what the city's system itself said, or a mere hold."""
    if deed not in TOLD or user == CITY or booking.stand.status is Status.EXPIRED:
        return
    connection.execute(
        insert(LETTERS).values(
            booking=booking.id, version=booking.version, at=booking.changed_at, state=WAITING,
            attempts=0, due_at=booking.changed_at, reason="",
        )
    )  # fmt: skip


def is_any_due(connection: Connection, now: float) -> bool:
    """Whether a letter may leave; asked each second, so it must not need the writer's lock."""
    due = (LETTERS.c.state == WAITING, LETTERS.c.due_at <= now)
    return connection.scalar(select(LETTERS.c.version).where(*due).limit(1)) is not None


def claim(connection: Connection, now: float) -> Due | None:
    """The next that may leave, for whoever asks alone; a booking's letters leave in order."""
    earlier = LETTERS.alias("earlier")
    before = exists().where(
        earlier.c.booking == LETTERS.c.booking,
        earlier.c.version < LETTERS.c.version,
        earlier.c.state == WAITING,
    )
    due = and_(LETTERS.c.state == WAITING, LETTERS.c.due_at <= now, ~before)
    query = select(LETTERS).where(due).order_by(LETTERS.c.due_at, LETTERS.c.booking).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    values = {"attempts": row.attempts + 1, "due_at": now + CLAIMED_FOR}
    connection.execute(update(LETTERS).where(_is(row.booking, row.version)).values(**values))
    return Due(row.booking, row.version, row.attempts + 1)


def delivered(connection: Connection, due: Due, now: float) -> None:
    """The receiver has it, and with it all that was to be said of the booking before."""
    _settle(connection, due, state=DELIVERED, delivered_at=now, reason="")
    _supersede(connection, and_(LETTERS.c.booking == due.booking, LETTERS.c.version < due.version))


def failed(connection: Connection, due: Due, now: float, reason: str) -> None:
    """Again after a pause, which grows."""
    pause = min(FIRST_PAUSE * 2.0 ** min(due.attempts - 1, 20), LONGEST_PAUSE)
    _settle(connection, due, due_at=now + pause, reason=reason)


def refused(connection: Connection, due: Due, reason: str) -> None:
    """The receiver says that it will never take it."""
    _settle(connection, due, state=REFUSED, reason=reason)


def again(connection: Connection, now: float) -> Again:
    """Everything that was refused, or waits for its next attempt, now; nothing that is outdated."""
    newer = LETTERS.alias("newer")
    outdated = exists().where(
        newer.c.booking == LETTERS.c.booking,
        newer.c.version > LETTERS.c.version,
        newer.c.state == DELIVERED,
    )
    _supersede(connection, outdated)  # what was kept before letters were superseded as they are now
    # One on its first way has no reason yet: it is not sent twice at once.
    late = and_(LETTERS.c.state == WAITING, LETTERS.c.reason != "", LETTERS.c.due_at > now)
    which = (LETTERS.c.state == REFUSED) | late
    leave = update(LETTERS).where(which).values(state=WAITING, due_at=now)
    return Again(connection.execute(leave).rowcount, _in_state(connection, SUPERSEDED))


def standing(connection: Connection) -> Standing:
    """In five figures."""
    waiting, oldest = connection.execute(
        select(func.count(), func.min(LETTERS.c.at)).where(LETTERS.c.state == WAITING)
    ).one()
    refused_, superseded = (_in_state(connection, state) for state in (REFUSED, SUPERSEDED))
    last = connection.scalar(select(func.max(LETTERS.c.delivered_at)))
    return Standing(waiting, oldest, refused_, superseded, last)


def stuck(connection: Connection) -> Sequence[Stuck]:
    """What did not get through at once, the oldest first."""
    tried = and_(LETTERS.c.state == WAITING, LETTERS.c.reason != "")
    query = select(LETTERS).where((LETTERS.c.state == REFUSED) | tried)
    return [
        _stuck(row) for row in connection.execute(query.order_by(LETTERS.c.at).limit(MOST_SHOWN))
    ]


def _in_state(connection: Connection, state: str) -> int:
    query = select(func.count()).select_from(LETTERS).where(LETTERS.c.state == state)
    return connection.scalar(query) or 0


def _supersede(connection: Connection, which: ColumnElement[bool]) -> None:
    """A letter is the whole booking: an older one would only take the city back."""
    owed = LETTERS.c.state.in_((REFUSED, WAITING))
    connection.execute(update(LETTERS).where(which, owed).values(state=SUPERSEDED))


def _stuck(row: Row[Any]) -> Stuck:
    return Stuck(row.booking, row.version, row.state, row.at, row.attempts, row.due_at, row.reason)


def _settle(connection: Connection, due: Due, **values: object) -> None:
    # A claim that ran out is another's: what they say of it counts.
    mine = and_(_is(due.booking, due.version), LETTERS.c.attempts == due.attempts)
    connection.execute(update(LETTERS).where(mine).values(**values))


def _is(booking: str, version: int) -> ColumnElement[bool]:
    return and_(LETTERS.c.booking == booking, LETTERS.c.version == version)
