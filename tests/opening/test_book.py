"""Who decides a day, and until when it is open: K20 to K31 and everything between them."""

import random  # noqa: TID251 -- seeded
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.site import load
from config.site_calendar import opening_of
from ivr_flows.opening.book import Book, always_open, dates
from ivr_flows.opening.model import (
    Calendar,
    Dated,
    HolidayYear,
    Hours,
    Layer,
    LinesFrom,
    Rule,
    SetByHand,
    Weekly,
    Yearly,
)
from ivr_flows.opening.year import Notice, changes, notices, unconfirmed, year_of
from tests.opening.slow import Slow

DEMO = Path(__file__).parents[2] / "config" / "site"
SECOND = timedelta(seconds=1)
FULL = (Hours(510, 1035),)
LONG = (Hours(510, 1140),)
THURSDAY = 3


@cache
def demo() -> Book:
    return Book(opening_of(load(DEMO)))


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Book]:
    """The demo's calendar with entries more, or other ones."""

    def changed(*pairs: tuple[str, str]) -> Book:
        copy = Path(shutil.copytree(DEMO, tmp_path / "site"))
        (copy / "register.yaml").unlink()  # a site that keeps none needs no agreement
        path = copy / "calendar.yaml"
        text = path.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        return Book(opening_of(load(copy)))

    return changed


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# -- the contract, sentence by sentence -------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "opened"),
    [
        ("2026-11-27T08:29:59", False),
        ("2026-11-27T08:30:00", True),
        ("2026-11-27T17:14:59", True),
        ("2026-11-27T17:15:00", False),
    ],
)
def test_k20_a_weekday_keeps_its_hours_to_the_second(when: str, opened: bool) -> None:
    assert demo().at(at(when)).open is opened


@pytest.mark.parametrize(
    ("when", "opened", "layer"),
    [
        ("2026-11-26T18:59:59", True, Layer.WEEKLY),
        ("2026-11-26T19:00:00", False, Layer.WEEKLY),
        ("2027-02-11T18:00:00", False, Layer.HOLIDAY),
        ("2027-04-29T18:00:00", False, Layer.HOLIDAY),
        ("2027-09-23T18:00:00", False, Layer.HOLIDAY),
        ("2023-05-04T18:00:00", False, Layer.HOLIDAY),
        ("2023-11-23T18:00:00", False, Layer.HOLIDAY),
        ("2026-01-01T18:00:00", False, Layer.HOLIDAY),
    ],
)
def test_k21_thursdays_are_long_unless_a_holiday(when: str, opened: bool, layer: Layer) -> None:
    found = demo().at(at(when))
    assert (found.open, found.layer) == (opened, layer)


@pytest.mark.parametrize(
    ("when", "opened", "layer", "lines"),
    [
        ("2027-03-31T18:59:59", True, Layer.PERIOD, 3),
        ("2027-04-01T18:59:59", True, Layer.PERIOD, 3),
        ("2027-04-01T17:14:59", True, Layer.PERIOD, 6),
        ("2027-04-03T12:00:00", False, Layer.BASE, 6),  # a Saturday
        ("2027-04-05T17:14:59", True, Layer.BASE, 6),
        ("2027-04-05T17:15:00", False, Layer.BASE, 6),
    ],
)
def test_k22_the_busy_week_is_long(when: str, opened: bool, layer: Layer, lines: int) -> None:
    found = demo().at(at(when))
    assert (found.open, found.layer, found.lines) == (opened, layer, lines)


def test_k23_fewer_lines_in_the_evening() -> None:
    assert demo().at(at("2026-11-26T17:14:59")).lines == 6
    assert demo().at(at("2026-11-26T17:15:00")).lines == 3


def test_k24_a_special_opening_beats_weekend_and_holiday(site: Callable[..., Book]) -> None:
    sunday = demo().at(at("2027-02-14T17:14:59"))
    assert (sunday.open, sunday.layer, sunday.name) == (True, Layer.SPECIAL, "休日交付")
    assert not demo().at(at("2027-02-14T08:29:59")).open
    extra = "special_openings:\n- {kind: holiday_issue, name: 休日交付, date: 2027-02-11, "
    opened = site(("special_openings:\n", f"{extra}hours: 8:30-17:15}}\n"))
    assert opened.at(at("2027-02-11T17:14:59")).open
    assert not opened.at(at("2027-02-11T17:15:00")).open
    assert opened.at(at("2027-02-11T17:30:00")).layer is Layer.SPECIAL


def told(calendar: Calendar, month: str) -> list[str]:
    first = date.fromisoformat(f"{month}-01")
    return [notice.text for notice in notices(calendar, first, first)]


def test_k25_one_or_five_openings_in_a_month_raise_a_notice() -> None:
    def with_openings(count: int) -> Calendar:
        openings = tuple(
            Dated(on, on, Rule("休日交付", FULL), kind=demo().calendar.special_openings[0].kind)
            for on in (date(2027, 2, 1 + day) for day in range(count))
        )
        outreach = demo().calendar.outreach
        return Calendar(base=closed_week(), special_openings=openings, outreach=outreach)

    counts = {count: told(with_openings(count), "2027-02") for count in range(6)}
    assert [count for count, notice in counts.items() if notice] == [0, 1, 5]
    assert "休日交付が5回" in counts[5][0]
    assert list(notices(demo().calendar, *year_of(2026, fiscal=True))) == []


def test_k25_outreach_and_the_year_end_are_counted_too() -> None:
    bare = Calendar(base=closed_week())
    found = list(notices(bare, date(2026, 12, 1), date(2026, 12, 31)))
    assert [type(each) for each in found] == [Notice] * 3
    assert "出張申請が0回" in found[1].text
    assert "年末開庁が0日" in found[2].text


def test_k26_one_year_end_day_is_open_and_the_next_is_not() -> None:
    found = demo().at(at("2026-12-29T10:00:00"))
    assert (found.open, found.name) == (True, "年末開庁")
    for day in ("2026-12-30", "2026-12-31", "2027-01-02", "2027-01-03"):
        assert not demo().at(at(f"{day}T10:00:00")).open
    assert demo().at(at("2026-12-30T10:00:00")).layer is Layer.CLOSING


def test_k27_a_preview_names_every_difference_a_caller_meets(site: Callable[..., Book]) -> None:
    after = site(
        ("first: 2027-03-29", "first: 2027-03-30"),
        ("date: 2027-02-14, hours: 8:30-17:15", "date: 2027-02-14, hours: 8:30-12:00"),
        ("date: 2027-02-06, hours: 10:00-16:00", "date: 2027-02-06, hours: 10:00-15:00"),
    )
    found = changes(demo(), after, *year_of(2026, fiscal=True))
    assert [str(each.on) for each in found] == ["2027-02-06", "2027-02-14", "2027-03-29"]
    assert "10:00-16:00" in found[0].before
    assert "10:00-15:00" in found[0].after
    assert (found[2].before, found[2].after) == (
        "8:30-19:00 / 6回線 17:15から3回線",
        "8:30-17:15 / 6回線",
    )


@pytest.mark.parametrize("day", ["2026-11-23", "2026-09-22", "2027-03-22"])
def test_k31_holidays_of_every_kind_are_closed(day: str) -> None:
    found = demo().at(at(f"{day}T10:00:00"))
    assert (found.open, found.layer) == (False, Layer.HOLIDAY)


def test_k31_a_year_nobody_confirmed_is_told_and_never_silent() -> None:
    assert demo().at(at("2027-12-01T10:00:00")).holidays_confirmed
    assert not demo().at(at("2028-01-05T10:00:00")).holidays_confirmed
    assert not demo().at(at("2055-01-05T10:00:00")).holidays_confirmed
    assert unconfirmed(demo(), date(2027, 11, 1)) is None
    assert unconfirmed(demo(), date(2027, 11, 2)) == 2028  # sixty days ahead
    assert unconfirmed(demo(), date(2028, 1, 1)) == 2028


# -- every edge, every moment -----------------------------------------------------------------


def test_every_edge_of_ten_years_to_the_second() -> None:
    book, slow = demo(), Slow(DEMO)
    on, edges = date(2023, 1, 1), 0
    while on < date(2033, 1, 1):
        midnight = at(f"{on}T00:00")
        for minute in (0, 510, 1035, 1140):
            for second in (-1, 0, 1):
                when = midnight + timedelta(minutes=minute, seconds=second)
                expected, found = slow.at(when), book.at(when)
                assert (found.open, found.layer.value) == (expected.open, expected.layer), when
                edges += found.open is not book.at(when - SECOND).open
        on += timedelta(days=1)
    assert edges > 4800  # it did open and close, each day of work


def test_a_hundred_thousand_moments_against_the_slow_reference() -> None:
    book, slow, chance = demo(), Slow(DEMO), random.Random(20270211)
    begin, seconds = at("2023-01-01T00:00"), 10 * 365 * 86_400
    for _ in range(100_000):
        when = begin + timedelta(seconds=chance.randrange(seconds))
        expected, found = slow.at(when), book.at(when)
        assert (found.open, found.layer.value) == (expected.open, expected.layer), when
        if found.open:
            assert found.lines == expected.lines, when


def test_the_next_opening_against_the_slow_reference() -> None:
    book, slow, chance = demo(), Slow(DEMO), random.Random(11)
    for _ in range(40):
        when = at("2026-04-01T00:00") + timedelta(seconds=chance.randrange(700 * 86_400))
        assert book.next_opening(when) == slow.next_opening(when)
    assert book.next_opening(at("2026-12-29T17:15:00")) == at("2027-01-04T08:30")
    assert book.next_opening(at("2027-02-12T08:29:59")) == at("2027-02-12T08:30")


# -- any calendar at all ----------------------------------------------------------------------


def closed_week() -> tuple[Rule, ...]:
    return tuple(Rule("base", ()) for _ in range(7))


HOURS = st.sampled_from([None, (), FULL, LONG, (Hours(0, 60), Hours(720, 1440))])
LINES = st.sampled_from([None, (LinesFrom(0, 6),), (LinesFrom(600, 2), LinesFrom(1035, 1))])
RULES = st.builds(Rule, st.sampled_from("abc"), HOURS, LINES)
SET_HOURS = st.builds(Rule, st.just("base"), st.sampled_from([(), FULL, LONG]))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
DATES = st.dates(date(2026, 12, 20), date(2027, 1, 10))


@st.composite
def dated(draw: st.DrawFn) -> Dated:
    first, last = sorted((draw(DATES), draw(DATES)))
    return Dated(first, last, draw(RULES), draw(DAYS))


def some(entries: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(entries, max_size=3).map(tuple)


CALENDARS = st.builds(
    Calendar,
    base=st.tuples(*[SET_HOURS] * 7),
    weekly=some(st.builds(Weekly, DAYS, RULES)),
    periods=some(dated()),
    closing_days=some(st.builds(Yearly, st.just((12, 29)), st.just((1, 3)), RULES)),
    special_openings=some(dated()),
    overrides=some(dated()),
    holidays=st.dictionaries(DATES, st.just("祝日"), max_size=5).map(
        lambda days: {2026: HolidayYear("drawn", days)}
    ),
)
MOMENTS = st.datetimes(at("2026-12-19T00:00"), at("2027-01-11T00:00"))


@given(CALENDARS, MOMENTS)
def test_exactly_one_layer_wins_and_it_is_the_strongest_with_hours(
    calendar: Calendar, when: datetime
) -> None:
    found = Book(calendar).at(when)
    setting = [each for each in found.reasons if each.rule.hours is not None]
    ranks = [list(Layer).index(each.layer) for each in found.reasons]
    assert ranks == sorted(ranks)
    assert setting[0].layer is found.layer
    minute = when.hour * 60 + when.minute
    hours = setting[0].rule.hours or ()
    assert found.open == any(each.opens <= minute < each.closes for each in hours)


@given(CALENDARS, MOMENTS)
def test_an_emergency_is_stronger_than_everything_and_ends_by_itself(
    calendar: Calendar, when: datetime
) -> None:
    book = Book(calendar)
    emergency = SetByHand(Rule("緊急閉庁", ()), when + timedelta(hours=1))
    closed = book.at(when, [emergency])
    assert (closed.open, closed.layer) == (False, Layer.EMERGENCY)
    assert book.at(emergency.until, [emergency]) == book.at(emergency.until)
    ahead = book.next_opening(when, [emergency])
    assert ahead is None or (ahead >= emergency.until and book.is_open(ahead))


def test_an_entry_without_hours_leaves_them_to_a_weaker_layer() -> None:
    few = Rule("工事", lines=(LinesFrom(600, 2),))
    on = date(2027, 2, 15)
    base = tuple(Rule("平日", FULL, (LinesFrom(0, 6),)) for _ in range(7))
    found = Book(Calendar(base=base, overrides=(Dated(on, on, few),)))
    morning, later = found.at(at("2027-02-15T09:59:59")), found.at(at("2027-02-15T10:00:00"))
    assert (morning.open, morning.layer, morning.lines) == (True, Layer.BASE, 6)
    assert (later.open, later.layer, later.lines) == (True, Layer.BASE, 2)


def test_what_goes_on_over_midnight_does_not_open_there() -> None:
    always = Book(always_open())
    assert always.at(at("2027-02-11T00:00:00")).open
    assert always.next_opening(at("2027-02-11T00:00:00")) is None
    assert Book(Calendar(base=closed_week())).next_opening(at("2027-02-11T00:00:00")) is None


def test_when_it_closed_last() -> None:
    assert demo().last_closing(at("2026-11-27T17:15:00")) == at("2026-11-27T17:15:00")
    assert demo().last_closing(at("2026-11-27T17:14:59")) is None
    assert demo().last_closing(at("2026-11-28T00:00:00")) is None


def test_dates_of_an_entry() -> None:
    busy = Dated(date(2027, 3, 29), date(2027, 4, 4), Rule("b"), days=(0, 1, 2, 3, 4))
    assert [each.day for each in dates(busy)] == [29, 30, 31, 1, 2]
