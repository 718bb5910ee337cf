"""When a weekly table is open: pure, and asked with a local civil time that is handed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DAY: Final = 24 * 60
WEEK: Final = 7 * DAY


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `opens` until just before `closes`."""

    opens: int  # minutes since Monday 0:00
    closes: int  # as above; past the end of the week when it runs into Monday


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """A table of opening hours that repeats every week."""

    name: str
    spans: tuple[Span, ...]


def is_open(table: WeeklyHours, civil: datetime) -> bool:
    """Whether the table is open at this local time; the closing minute itself is closed."""
    minute = _minute_of_week(civil)
    return any(
        span.opens <= moment < span.closes
        for span in table.spans
        for moment in (minute, minute + WEEK)
    )


def next_opening(table: WeeklyHours, civil: datetime) -> datetime | None:
    """The first moment from now on at which the table is open; None when it never is."""
    if is_open(table, civil):
        return civil
    minute = _minute_of_week(civil)
    ahead = min(((span.opens - minute) % WEEK for span in table.spans), default=None)
    if ahead is None:
        return None
    return civil.replace(second=0, microsecond=0) + timedelta(minutes=ahead)


def _minute_of_week(civil: datetime) -> int:
    return civil.weekday() * DAY + civil.hour * 60 + civil.minute
