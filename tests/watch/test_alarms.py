"""Limits and hysteresis: what is measured in, alarms out, time handed in."""

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from telephony.acd.model import Instant
from telephony.calls.inside import Inside
from telephony.watch.alarms import DISK_STOP, GIB, RULES, Alarms, warn_mark
from telephony.watch.measures import Disk, Measures
from telephony.watch.sentences import MIB, TEXTS, sentence

HOME = Path("/srv/city")
GOOD = Measures(
    version="22.10.1", ari=0.001, sip={8002: 0.001, 8003: 0.001}, task_processor=0, strangers=0,
    disks=(Disk(HOME, 50 * GIB, 100 * GIB),), clock_synchronised=True,
    letter_waits=0.0, letters_refused=0, inside=Inside(carrier_answers=True),
)  # fmt: skip
WITHHOLD = {"events_away", "ari_slow", "sip_silent", "task_processors"}


def raised(*looks: tuple[float, Measures]) -> list[str]:
    """The alarms after these looks, in the order they are shown."""
    alarms = Alarms()
    for at, seen in looks:
        alarms.judge(seen, Instant(at))
    return [alarm.id for alarm in alarms.raised]


def inside(**given: Any) -> Measures:
    return replace(GOOD, inside=replace(GOOD.inside, **given))


def disk(free: float, size: float = 1000 * GIB) -> Measures:
    return replace(GOOD, disks=(Disk(HOME, int(free), int(size)),))


def test_nothing_is_wrong_when_all_is_well_or_nothing_is_known() -> None:
    assert raised((0, GOOD), (100, GOOD)) == []
    assert raised((0, Measures()), (100, Measures())) == []


BAD = {
    "asterisk_unfit": replace(GOOD, version="23.1.0"),
    "events_away": inside(beat_age=3.0),
    "ari_slow": replace(GOOD, ari=2.0),
    "sip_silent": replace(GOOD, sip={8002: 0.001, 8003: 3.0}),
    "task_processors": replace(GOOD, task_processor=501),
    "strangers": replace(GOOD, strangers=50),
    "disk_full": disk(0.99 * GIB),
    "disk_low": disk(1.9 * GIB, 4 * GIB),
    "clock_not_synchronised": replace(GOOD, clock_synchronised=False),
    "clock_stepped": inside(clock_stepped_at=Instant(-1.0)),
    "callbacks_unsound": inside(callbacks_unsound=2),
    "holidays_unconfirmed": inside(holidays_unconfirmed=2028),
    "letters_late": replace(GOOD, letter_waits=900.0),
    "letters_refused": replace(GOOD, letters_refused=2),
    "certificate_ends": replace(GOOD, certificate_days=60.0),
    "certificate_waits": replace(GOOD, certificate_waits=True),
    "journal_away": inside(journal_away=True),
    "lease_away": inside(lease_away=True),
    "records_behind": inside(records_behind=1000),
    "inbox_full": inside(inbox=1000),
    "outbox_full": inside(outbox=1000),
    "carrier_gone": inside(carrier_answers=False),
    "lines_full": replace(GOOD, lines_full=0.5),
    "line_stuck": inside(line_stuck_at=Instant(-1.0)),
    "unknown_number": inside(unknown_dialled_at=Instant(-1.0)),
    "sounds_missing": inside(sounds_missing=1),
    "agent_missed_out": inside(missing_offers=1),
    "phone_lost": inside(phones_lost=1),
    "poisoned": inside(poisoned=1),
}


def test_every_alarm_has_a_case_and_a_text() -> None:
    assert BAD.keys() == RULES.keys() == TEXTS.keys()


@pytest.mark.parametrize("name", BAD)
def test_each_is_raised_after_its_patience_and_cleared_by_a_good_look(name: str) -> None:
    patience = RULES[name].lasting
    assert (name in raised((0, BAD[name]))) is (patience == 0)
    assert name in raised((0, BAD[name]), (patience, BAD[name]))
    assert name not in raised((0, BAD[name]), (patience, GOOD), (patience + 1, BAD[name])) or (
        patience == 0
    )
    assert raised((0, BAD[name]), (patience, BAD[name]), (patience + 1, GOOD)) == []


@pytest.mark.parametrize("name", BAD)
def test_each_says_in_one_sentence_a_language_what_to_do(name: str) -> None:
    english, japanese = sentence(name, BAD[name], HOME)
    assert len(english) > 60
    assert "。" in japanese
    for text in (english, japanese):
        assert [mark for mark in ("{", "}", "\n", "None", "nan", "inf") if mark in text] == []


def test_d7_only_what_asterisk_fails_to_do_withholds_offers() -> None:
    assert {name for name, rule in RULES.items() if rule.withholds} == WITHHOLD
    for name, seen in BAD.items():
        alarms = Alarms()
        alarms.judge(seen, Instant(0))
        alarms.judge(seen, Instant(60))
        assert alarms.well is (name not in WITHHOLD), name


@pytest.mark.parametrize(
    ("between", "good"),
    [
        (replace(GOOD, ari=1.5), replace(GOOD, ari=0.9)),
        (replace(GOOD, sip={8002: 2.0}), replace(GOOD, sip={8002: 1.0})),
        (replace(GOOD, task_processor=400), replace(GOOD, task_processor=249)),
        (replace(GOOD, strangers=40), replace(GOOD, strangers=4)),
        (disk(1.05 * DISK_STOP), disk(1.2 * DISK_STOP)),
        (inside(records_behind=500), inside(records_behind=99)),
        (replace(GOOD, lines_full=0.4), replace(GOOD, lines_full=0.2)),
    ],
)
def test_between_the_limits_an_alarm_stays_and_none_begins(
    between: Measures, good: Measures
) -> None:
    name = next(name for name, seen in BAD.items() if _differs_alike(seen, between))
    assert name not in raised((0, between), (100, between))
    bad = disk(0) if name.startswith("disk") else BAD[name]
    assert name in raised((0, bad), (1, between), (100, between))
    assert name not in raised((0, bad), (1, between), (2, good))


def _differs_alike(one: Measures, other: Measures) -> bool:
    """Both differ from what is good in the same things."""
    return _changed(one) == _changed(other)


def _changed(seen: Measures) -> set[str]:
    parts = {name for name in Measures.__slots__ if getattr(seen, name) != getattr(GOOD, name)}
    inner = {n for n in Inside.__slots__ if getattr(seen.inside, n) != getattr(GOOD.inside, n)}
    return parts | inner


def test_an_alarm_tells_since_when_and_those_that_callers_feel_come_first() -> None:
    alarms = Alarms()
    alarms.judge(inside(sounds_missing=1), Instant(5))
    alarms.judge(replace(inside(sounds_missing=1), ari=inf), Instant(7))
    alarms.judge(replace(inside(sounds_missing=2), ari=9.0), Instant(9))
    assert [(a.id, a.since, a.critical) for a in alarms.raised] == [
        ("ari_slow", Instant(7), True),
        ("sounds_missing", Instant(5), False),
    ]


def test_what_cannot_be_measured_any_more_leaves_an_alarm_as_it_is() -> None:
    unknown = replace(GOOD, task_processor=None, clock_synchronised=None, disks=())
    full = replace(GOOD, task_processor=900)
    assert raised((0, full), (1, unknown)) == ["task_processors"]
    assert raised((0, replace(GOOD, clock_synchronised=None)), (100, unknown)) == []


def test_each_look_tells_what_it_changed() -> None:
    alarms = Alarms()
    assert alarms.judge(GOOD, Instant(0)) == ([], [])
    assert alarms.judge(replace(GOOD, ari=inf), Instant(1)) == (["ari_slow"], [])
    assert alarms.judge(replace(GOOD, ari=inf), Instant(2)) == ([], [])
    assert alarms.judge(GOOD, Instant(3)) == ([], ["ari_slow"])


@pytest.mark.parametrize(
    ("size", "mark"),
    [(1 * GIB, 2 * GIB), (10 * GIB, 2 * GIB), (100 * GIB, 10 * GIB), (8000 * GIB, 20 * GIB)],
)
def test_a_disk_is_low_below_a_tenth_within_reason(size: int, mark: float) -> None:
    assert warn_mark(Disk(HOME, 0, size)) == mark


def test_a_full_disk_is_told_with_what_to_free_and_what_never() -> None:
    seen = disk(24 * MIB)
    assert raised((0, seen)) == ["disk_full", "disk_low"]
    english, japanese = sentence("disk_full", seen, HOME)
    for text in (english, japanese):
        assert "24 MiB" in text
        assert "1000 MiB" in text
        assert f"{HOME}/archive" in text
        assert "madoguchi.db" in text


def test_records_count_as_behind_also_when_none_is_written_for_long() -> None:
    few = inside(records_behind=3)
    assert raised((0, few)) == []
    assert raised((0, replace(few, records_stuck=30.0))) == ["records_behind"]


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("clock_stepped", "clock_stepped_at"),
        ("line_stuck", "line_stuck_at"),
        ("unknown_number", "unknown_dialled_at"),
    ],
)
def test_what_is_over_when_it_is_seen_is_told_for_an_hour(name: str, when: str) -> None:
    seen = inside(**{when: Instant(100)})
    assert raised((200, seen)) == [name]
    assert raised((200, seen), (3700, seen)) == []


def test_a10_a_carrier_that_is_never_asked_raises_nothing() -> None:
    seen = inside(carrier_answers=None)
    assert raised((0, seen), (1000, seen)) == []
