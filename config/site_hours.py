"""Opening hours as people write them, made a weekly table.

A specific day wins over `weekdays` or `weekend`, and these win over `every_day`; a day that is not
mentioned is closed. What is open past midnight is written beyond 24:00, so that a slip of the pen
(`17:15-8:30`) is told and never understood as a night shift.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from ivr_flows.hours import DAY, Span, WeeklyHours

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "every_day": DAYS,
    "weekdays": DAYS[:5],
    "weekend": DAYS[5:],
}
CLOSED: Final = "closed"
LATEST: Final = 36 * 60  # noon of the day after

_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9]) ?[-–] ?([0-9]{1,2}):([0-5][0-9])")


def known_day(value: str) -> str:
    if value not in (*DAYS, *GROUPS):
        raise ValueError(f"is no day: use {', '.join((*DAYS, *GROUPS))}")
    return value


def known_times(values: tuple[str, ...]) -> tuple[str, ...]:
    """The times of one day as written, once they are sure to make sense."""
    if CLOSED in values and len(values) > 1:
        raise ValueError("are both closed and open")
    spans = sorted(minutes(value) for value in values if value != CLOSED)
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("overlap each other")
    return values


def minutes(written: str) -> tuple[int, int]:
    """Minutes of the day at which `8:30-17:15` opens and closes."""
    match = _SPAN.fullmatch(written)
    if not match:
        raise ValueError(f"{written!r} is no time of day: write 8:30-17:15, or closed")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
    if opens >= DAY or closes > LATEST:
        raise ValueError(f"{written!r} opens after 23:59 or closes after 36:00")
    if closes <= opens:
        told = "closes before it opens; to run past midnight write 22:00-30:00"
        raise ValueError(f"{written!r} {told}")
    return opens, closes


def weekly(name: str, written: Mapping[str, tuple[str, ...]]) -> WeeklyHours:
    """The table for a week, days in order."""
    spans = [
        Span(number * DAY + opens, number * DAY + closes)
        for number, day in enumerate(DAYS)
        for opens, closes in sorted(minutes(each) for each in _of(day, written) if each != CLOSED)
    ]
    return WeeklyHours(name, tuple(spans))


def _of(day: str, written: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    groups = [group for group in ("weekdays", "weekend", "every_day") if day in GROUPS[group]]
    return next((written[key] for key in (day, *groups) if key in written), ())
