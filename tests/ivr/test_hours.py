"""Weekly tables at their edges: E6."""

from datetime import datetime, timedelta

import pytest

from ivr_flows.hours import DAY, WEEK, Span, WeeklyHours, is_open, next_opening
from tests.ivr.journey import ALWAYS, TOKYO

OFFICE = WeeklyHours(
    "contract",
    tuple(
        Span(day * DAY + 8 * 60 + 30, day * DAY + (19 * 60 if day == 3 else 17 * 60 + 15))
        for day in range(5)
    ),
)
NIGHT = WeeklyHours("night", (Span(6 * DAY + 22 * 60, 7 * DAY + 6 * 60),))  # Sunday to Monday
MONDAY = datetime(2026, 11, 23, tzinfo=TOKYO)


def at(day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


@pytest.mark.parametrize(
    ("civil", "opened"),
    [
        (at(0, 8, 29, 59), False),
        (at(0, 8, 30), True),
        (at(0, 17, 14, 59), True),
        (at(0, 17, 15), False),
        (at(3, 17, 15), True),
        (at(3, 18, 59, 59), True),
        (at(3, 19, 0), False),
        (at(5, 10, 0), False),
        (datetime(2028, 2, 29, 10, 0, tzinfo=TOKYO), True),
    ],
)
def test_e6_the_office_keeps_its_hours_to_the_second(civil: datetime, opened: bool) -> None:
    assert is_open(OFFICE, civil) is opened


@pytest.mark.parametrize(
    ("civil", "opened"),
    [
        (at(6, 21, 59), False),
        (at(6, 22, 0), True),
        (at(6, 23, 59, 59), True),
        (at(7, 0, 0), True),
        (at(7, 5, 59), True),
        (at(7, 6, 0), False),
    ],
)
def test_e6_a_span_may_run_past_midnight_and_past_the_week(civil: datetime, opened: bool) -> None:
    assert is_open(NIGHT, civil) is opened


@pytest.mark.parametrize(
    ("civil", "opens"),
    [
        (at(0, 10, 0), at(0, 10, 0)),
        (at(0, 7, 0, 30), at(0, 8, 30)),
        (at(0, 17, 15), at(1, 8, 30)),
        (at(4, 17, 15), at(7, 8, 30)),
        (at(6, 23, 59), at(7, 8, 30)),
    ],
)
def test_the_next_opening(civil: datetime, opens: datetime) -> None:
    assert next_opening(OFFICE, civil) == opens


def test_a_table_that_never_opens_says_so() -> None:
    assert next_opening(WeeklyHours("never", ()), MONDAY) is None


def test_always_is_always() -> None:
    assert all(is_open(ALWAYS, MONDAY + timedelta(minutes=minute)) for minute in range(0, WEEK, 7))
