"""What the calendar says aloud, and that every part of it can be spoken."""

from datetime import datetime, timedelta

import pytest

from ivr_flows.occasion import Occasion
from ivr_flows.opening.announce import announced
from ivr_flows.opening.model import Rule, SetByHand
from ivr_flows.prompts.speak import known, speak
from ivr_flows.schema import Hours
from tests.opening.test_book import at, demo

HALF_PAST_EIGHT = ("word:forenoon", "hour:8", "minutes:30")
QUARTER_PAST_FIVE = ("word:afternoon", "hour:5", "minutes:15")
SEVEN = ("word:afternoon", "hour:7")
GATE = Hours(kind="hours", open="a", closed="b")


@pytest.mark.parametrize(
    ("when", "kind", "said"),
    [
        ("2026-11-26T18:00", "today", ("word:today_is", *SEVEN, "word:until_open")),
        ("2026-11-27T17:15", "today", ("today_over",)),
        ("2026-11-28T10:00", "today", ("today_closed",)),
        ("2026-11-27T07:00", "today",
         ("word:today_is", *HALF_PAST_EIGHT, "word:hours_from", *QUARTER_PAST_FIVE,
          "word:until_open")),
        ("2026-11-27T07:00", "next",
         ("word:next", "word:today", *HALF_PAST_EIGHT, "word:from_then")),
        ("2026-11-27T17:15", "next",
         ("word:next", "month:11", "day:30", "weekday:1", *HALF_PAST_EIGHT, "word:from_then")),
        ("2026-12-29T20:00", "next",
         ("word:next", "month:1", "day:4", "weekday:1", *HALF_PAST_EIGHT, "word:from_then")),
        ("2026-11-27T10:00", "notice", ()),
        ("2026-12-05T15:59", "outreach",
         ("outreach_intro", "month:12", "day:5", "weekday:6", "word:forenoon", "hour:10",
          "word:hours_from", "word:afternoon", "hour:4", "word:hours_until", "outreach_place")),
    ],
)  # fmt: skip
def test_what_is_said(when: str, kind: str, said: tuple[str, ...]) -> None:
    assert announced(kind, demo(), at(when)) == said


def test_k12_an_event_that_has_ended_is_told_no_more() -> None:
    told = announced("outreach", demo(), at("2026-12-05T16:00"))
    assert told[1:3] == ("month:12", "day:19")
    assert announced("outreach", demo(), at("2030-12-05T16:00")) == ()


def test_the_hours_of_the_week() -> None:
    assert announced("hours", demo(), at("2026-11-27T10:00")) == (
        *("hours_intro", "word:weekdays", *HALF_PAST_EIGHT, "word:hours_from"),
        *(*QUARTER_PAST_FIVE, "word:until_then", "weekday:4", "word:except_holidays"),
        *(*HALF_PAST_EIGHT, "word:hours_from", *SEVEN, "word:until_then", "special_days"),
    )


def test_the_first_and_the_twentieth_are_read_as_they_are_said() -> None:
    assert announced("next", demo(), at("2027-03-31T20:00"))[1:3] == ("month:4", "day:1")
    assert speak("day:1") == ("day-1",)
    assert speak("word:from_then") == ("word-from_then",)


@pytest.mark.parametrize("kind", ["hours", "today", "next", "outreach"])
def test_every_announcement_of_two_years_can_be_spoken(kind: str) -> None:
    moment = at("2026-04-01T00:00")
    while moment < at("2028-04-01T00:00"):
        assert [each for each in announced(kind, demo(), moment) if not known(each)] == []
        moment += timedelta(hours=7)


def occasion(civil: str, came: str | None = None, *by_hand: SetByHand) -> Occasion:
    in_time = came is not None and demo().is_open(at(came))
    return Occasion(at(civil), in_time, demo(), set_by_hand=by_hand)


@pytest.mark.parametrize(
    ("civil", "came", "opened"),
    [
        ("2026-11-27T17:16:00", "2026-11-27T17:14:59", True),
        ("2026-11-27T17:16:00", "2026-11-27T17:15:00", False),
        ("2026-11-27T08:30:00", "2026-11-27T08:29:50", True),
    ],
)
def test_k28_k29_who_came_in_time_is_served(civil: str, came: str, opened: bool) -> None:
    assert occasion(civil, came).is_open(GATE) is opened


def test_what_is_closed_by_hand_is_closed_for_whoever_came_in_time_too() -> None:
    shut = SetByHand(Rule("台風", (), prompts={"closed": "closed_weather"}), at("2026-11-27T15:00"))
    stormy = occasion("2026-11-27T11:00", "2026-11-27T10:59", shut)
    assert not stormy.is_open(GATE)
    assert stormy.spoken(("closed", "calendar:next")) == (
        "closed_weather", "word:next", "word:today", "word:afternoon", "hour:3", "word:from_then",
    )  # fmt: skip
    assert occasion("2026-11-27T15:00", "2026-11-27T10:59", shut).is_open(GATE)


def test_a_notice_is_told_while_the_lines_stay_open() -> None:
    notice = SetByHand(Rule("障害", prompts={"notice": "notice_outage"}), at("2026-11-27T15:00"))
    told = occasion("2026-11-27T11:00", None, notice)
    assert told.is_open(GATE)
    assert told.spoken(("calendar:notice",)) == ("notice_outage",)


def test_a_demo_is_open_at_night_but_not_against_what_is_set_by_hand() -> None:
    night: datetime = at("2026-11-28T02:00")
    assert Occasion(night, book=demo(), always_open=True).is_open(GATE)
    shut = SetByHand(Rule("x", ()), at("2026-11-28T03:00"))
    closed = Occasion(night, book=demo(), always_open=True, set_by_hand=(shut,))
    assert not closed.is_open(GATE)


def test_a_holiday_replaces_the_words_of_closing() -> None:
    assert occasion("2027-02-11T10:00").spoken(("closed",)) == ("closed_holiday",)
    assert occasion("2026-12-30T10:00").spoken(("closed",)) == ("closed_year_end",)
    assert occasion("2026-11-28T10:00").spoken(("closed",)) == ("closed",)
