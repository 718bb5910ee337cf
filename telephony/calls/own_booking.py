"""A caller's own booking: known by what they typed, said to them, and never written down.

A notice number and a birth date open a booking together, so they are never kept: they stay in this
memory until the call is over, and what the core hears is whether they were right. Three times at
most in a call, whatever its flow would allow.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Final, Protocol

import structlog

from config.database import DatabaseFailed
from ivr_flows.opening.announce import spoken_date, spoken_time
from telephony.acd.model import CallId
from telephony.store.own_bookings import OwnVisit

log = structlog.get_logger(__name__)

MOST_TRIES: Final = 3
NOTICE_KEYS: Final = 9
BIRTH_DIGITS: Final = 8


class BookingReader(Protocol):
    """Knows when somebody's booking is."""

    async def of(self, keys: str, born: date, today: date) -> OwnVisit | None:
        """The next visit of whoever typed this; raises DatabaseFailed."""
        ...


class OwnBooking:
    """Of every call that is not over; without a reader nobody is told anything."""

    def __init__(self, bookings: BookingReader | None, today: Callable[[], date]) -> None:
        self._bookings = bookings
        self._today = today
        self._notices: dict[CallId, str] = {}
        self._visits: dict[CallId, OwnVisit] = {}
        self._tries: Counter[CallId] = Counter()

    def note(self, call: CallId, notice: str) -> None:
        """The notice number, which they have heard and confirmed."""
        self._notices[call] = notice

    async def is_theirs(self, call: CallId, typed: str) -> bool:
        """Two of three: the notice number they typed before, and the birth date."""
        notice, born = self._notices.get(call), _birth_date(typed)
        if self._bookings is None or notice is None:
            return False
        self._tries[call] += 1
        if born is None:
            return False
        if self._tries[call] > MOST_TRIES:
            return False
        try:
            visit = await self._bookings.of(notice, born, self._today())
        except DatabaseFailed as away:
            log.error("own booking not to be had", error=away)
            return False
        if visit is None or call not in self._notices:  # the call may have ended meanwhile
            return False
        self._visits[call] = visit
        return True

    def is_known(self, call: CallId) -> bool:
        """There is something to be said to this caller."""
        return call in self._visits

    def spoken(self, call: CallId) -> tuple[str, ...]:
        """When and where; a place that no sound names is left out."""
        visit = self._visits.get(call)
        if visit is None:
            return ("own_not_found",)
        end = "own_booking_provisional" if visit.is_provisional else "own_booking_end"
        minute = visit.at.hour * 60 + visit.at.minute
        when = (*spoken_date(visit.day), *spoken_time(minute))
        return ("own_booking_intro", *when, f"word:site_{visit.site}", end)

    def forget(self, call: CallId) -> None:
        """The call is over."""
        self._notices.pop(call, None)
        self._visits.pop(call, None)
        self._tries.pop(call, None)


def is_notice(typed: str) -> bool:
    """Whether it can be a notice number, each letter on the key it stands on."""
    return len(typed) == NOTICE_KEYS


def notice_read_out(keys: str) -> str:
    """The prompt that says it to whoever typed it."""
    return f"number:{keys[:3]}-{keys[3:]}"


def _birth_date(typed: str) -> date | None:
    """Year, month and day, as one number."""
    if len(typed) != BIRTH_DIGITS:
        return None
    try:
        return date(int(typed[:4]), int(typed[4:6]), int(typed[6:]))
    except ValueError:
        return None
