"""Sheets of paper: what is on one today, and what has changed since it was last printed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from agents.bookings.booking import Booking
from agents.bookings.states import Status


class Sheet(StrEnum):
    """Which one."""

    PICK = "pick"  # 翌日準備リスト: the cards to lay out for the visits of a day
    MOVE = "move"  # 変更のご連絡リスト: visits that an outage makes impossible
    DISPATCH = "dispatch"  # 支所送付リスト: the cards that must be on their way to a branch


class Mark(StrEnum):
    """How a booking differs from what was last printed."""

    SAME = "same"
    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"  # cancelled, or moved to another day or site


LIVE: Final = frozenset({Status.PROVISIONAL, Status.BOOKED})


@dataclass(frozen=True, slots=True)
class Line:
    """A booking on a sheet."""

    booking: Booking
    mark: Mark


def lines(
    live: Iterable[Booking], printed: Mapping[str, int] | None, others: Iterable[Booking]
) -> list[Line]:
    """Today's sheet, with what has gone since in its old place among the others.

    `printed` is the version of each booking on the last sheet, None where there was none;
    `others` are those bookings of it that are not live here any more.
    """
    found = [Line(booking, _mark(booking, printed)) for booking in live]
    found += [Line(booking, Mark.GONE) for booking in others]
    return sorted(found, key=lambda line: _order(line.booking))


def _mark(booking: Booking, printed: Mapping[str, int] | None) -> Mark:
    if printed is None:
        return Mark.SAME
    before = printed.get(booking.id)
    if before is None:
        return Mark.NEW
    return Mark.SAME if before == booking.version else Mark.CHANGED


def _order(booking: Booking) -> tuple[str, date, time, str, str]:
    stand = booking.stand
    kana = stand.party[0].kana if stand.party else ""
    return stand.site, stand.when.day, stand.when.at, kana, booking.id


@dataclass(frozen=True, slots=True)
class Span:
    """From a time of day until just before another; None: from its beginning, to its end."""

    since: time | None = None
    until: time | None = None

    def holds(self, booking: Booking) -> bool:
        """Whether the visit begins within it."""
        at = booking.stand.when.at
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def __str__(self) -> str:
        """As a sheet of part of a day is known by; empty for a whole one."""
        if self.since is None and self.until is None:
            return ""
        first, last = (f"{each:%H%M}" if each else "" for each in (self.since, self.until))
        return f"{first}-{last}"


def overlap(day: date, since: datetime, until: datetime) -> Span | None:
    """The part of a day that lies between two local times; None where none does."""
    if not since.date() <= day <= until.date() or until <= since:
        return None
    first = since.time() if since.date() == day else None
    last = until.time() if until.date() == day else None
    return None if last == time() else Span(first, last)


def is_on(booking: Booking) -> bool:
    """Whether it is a visit that somebody will come to."""
    return booking.stand.status in LIVE


def visits_to_send(day: date, transfer_days: int) -> tuple[date, date]:
    """The first and the last visit whose card must be on its way by this day."""
    return day, day + timedelta(days=transfer_days)


def versions(bookings: Sequence[Booking]) -> dict[str, int]:
    """What a sheet remembers of itself: ids and versions, no names."""
    return {booking.id: booking.version for booking in bookings}
