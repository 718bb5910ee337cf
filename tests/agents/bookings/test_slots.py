"""Which places there are: the week, the days that are different, and what rules hold."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.bookings.moments import Moment
from agents.bookings.rules import load
from agents.bookings.slots import NoRules, SlotBook, faults, rules_on, slots, window
from agents.catalogue.files import CatalogueFault

SHIPPED = load().slots
THURSDAY, FRIDAY = date(2026, 12, 3), date(2026, 12, 4)


RULES = {
    "since": "2026-04-01", "open_days_before": 31, "close_days_before": 1, "party_max": 5,
    "hold_minutes": 10, "undo_minutes": 10,
}  # fmt: skip


def book(**more: Any) -> SlotBook:
    week = {
        "sites": ["main"], "since": "2026-04-01", "until": "2026-12-03", "first": "09:00",
        "weekdays": ["thu", "fri"], "last": "10:00", "every": 30, "capacity": 2,
    }  # fmt: skip
    sites = {"main": {"ja": "本庁舎", "en": "Hall"},
             "branch": {"ja": "支所", "en": "Branch", "transfer_days": 5}}  # fmt: skip
    return SlotBook.model_validate({"sites": sites, "rules": [RULES], "weeks": [week]} | more)


def told(of: SlotBook, day: date, holidays: frozenset[date] = frozenset()) -> list[str]:
    return [
        f"{one.site} {one.when.at:%H:%M} {one.capacity}" for one in slots(of, holidays, day, day)
    ]


def test_a_week_gives_its_slots_until_its_last_day() -> None:
    assert told(book(), THURSDAY) == ["main 09:00 2", "main 09:30 2", "main 10:00 2"]
    assert told(book(), FRIDAY) == []


def test_holidays_and_the_end_of_the_year_have_none() -> None:
    assert told(book(), THURSDAY, frozenset({THURSDAY})) == []
    assert told(book(closed_yearly=["12-03"]), THURSDAY) == []


def test_a_day_that_is_different_takes_the_weeks_place_also_on_a_holiday() -> None:
    extra = {"first": "13:00", "last": "13:00", "every": 30, "capacity": 9}
    one = {"sites": ["main"], "day": str(THURSDAY), "times": [extra]}
    assert told(book(days=[one]), THURSDAY, frozenset({THURSDAY})) == ["main 13:00 9"]
    shut = {"sites": ["main"], "day": str(THURSDAY), "closed": True}
    assert told(book(days=[shut]), THURSDAY) == []


def test_the_shipped_book_has_evenings_on_thursdays_only() -> None:
    def late(day: date) -> list[time]:
        return [one.when.at for one in slots(SHIPPED, frozenset(), day, day)
                if one.site == "main" and one.when.at > time(17)]  # fmt: skip

    assert late(THURSDAY) == [time(17, 30), time(18), time(18, 30)]
    assert late(FRIDAY) == []
    assert len(SHIPPED.sites) == 10
    assert not list(slots(SHIPPED, frozenset(), date(2026, 12, 29), date(2027, 1, 3)))


def test_slots_come_in_the_order_of_days_and_each_once() -> None:
    found = list(slots(SHIPPED, frozenset(), THURSDAY, THURSDAY + timedelta(days=60)))
    assert [one.when.day for one in found] == sorted(one.when.day for one in found)
    keys = [(one.site, one.when) for one in found]
    assert len(keys) == len(set(keys))
    assert ("main", Moment(FRIDAY, time(8, 30))) in keys


def test_the_window_is_later_at_a_branch() -> None:
    assert window(book(), "main", THURSDAY) == (FRIDAY, date(2027, 1, 3))
    assert window(book(), "branch", THURSDAY)[0] == date(2026, 12, 8)


def test_a_day_without_rules_is_told() -> None:
    with pytest.raises(NoRules):
        rules_on(book(), date(2026, 3, 31))


def test_mistakes_are_told() -> None:
    nowhere = {"sites": ["moon"], "day": str(THURSDAY), "closed": True}
    assert list(faults(book(days=[nowhere]))) == ["day 2026-12-03: moon is no site"]
    twice = {"sites": ["main"], "day": str(THURSDAY), "closed": True}
    assert list(faults(book(days=[twice, twice]))) == ["main, 2026-12-03: said twice"]
    rules = book().rules[0].model_dump()
    assert list(faults(book(rules=[rules, rules]))) == ["two rules are in force on 2026-04-01"]
    assert list(faults(SHIPPED)) == []


def test_a_sites_own_file_with_a_mistake_is_refused(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "sites.yaml").write_text("sites: {}\nrules: []\nweeks: []\n")
    with pytest.raises(CatalogueFault, match=r"sites\.yaml"):
        load(tmp_path)


def test_a_reminder_is_not_promised_before_there_is_one() -> None:
    with pytest.raises(ValueError, match="reminder_days_before"):
        book(rules=[RULES | {"reminder_days_before": 1}])
