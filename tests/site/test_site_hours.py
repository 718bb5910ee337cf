"""Opening hours as written: E6."""

import pytest

from config.site_hours import known_times, minutes, weekly
from ivr_flows.hours import DAY, Span


def test_a_named_day_wins_over_a_group_and_a_narrow_group_over_a_wide_one() -> None:
    table = weekly(
        "t",
        {
            "every_day": ("10:00-12:00",),
            "weekend": ("closed",),
            "thursday": ("8:30-12:00", "13:00-19:00"),
        },
    )
    spans = [(span.opens // DAY, span.opens % DAY, span.closes % DAY) for span in table.spans]
    assert spans == [
        (0, 600, 720),
        (1, 600, 720),
        (2, 600, 720),
        (3, 510, 720),
        (3, 780, 1140),
        (4, 600, 720),
    ]


def test_a_day_not_mentioned_is_closed() -> None:
    assert weekly("t", {"monday": ("8:30-9:00",)}).spans == (Span(510, 540),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0:00-24:00", (0, 1440)),
        ("08:30-17:15", (510, 1035)),
        ("8:30 - 17:15", (510, 1035)),
        ("22:00-30:00", (1320, 1800)),
    ],
)
def test_times_of_day(written: str, meant: tuple[int, int]) -> None:
    assert minutes(written) == meant


@pytest.mark.parametrize(
    "written",
    ["17:15-8:30", "8:30-8:30", "24:00-25:00", "8:60-9:00", "8-17", "8:30-37:00", "", "x"],
)
def test_e6_times_that_make_no_sense(written: str) -> None:
    with pytest.raises(ValueError, match=r"time of day|closes before it opens|opens after"):
        minutes(written)


def test_e6_times_that_overlap() -> None:
    with pytest.raises(ValueError, match="overlap"):
        known_times(("8:30-12:00", "11:59-17:15"))
    with pytest.raises(ValueError, match="both closed and open"):
        known_times(("8:30-12:00", "closed"))
    assert known_times(("13:00-17:15", "8:30-13:00"))
