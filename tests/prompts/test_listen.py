"""What a recogniser is given is what a caller hears; it itself is no part of the tests."""

from datetime import date

import pytest

from ivr_flows.prompts.audio import RATE, load
from ivr_flows.prompts.level import rms
from ivr_flows.prompts.listen import (
    KINDS,
    Understood,
    as_heard,
    dates,
    distance,
    hours,
    listened,
    places,
    read_back,
    reading_of,
    stems_of,
    summary,
    waits,
)
from ivr_flows.prompts.pronunciation import Node
from ivr_flows.prompts.recordings import path_of, read_book
from telephony.acd.model import CallId
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from tests.builders import GENERAL, queue, rules
from tests.script import Script

TEN = ("position_intro", "position:10", "position_outro")


def test_the_place_is_told_as_the_centre_tells_it() -> None:
    waiting = queue(GENERAL, announce_after=1.0, announce_every=30.0)
    script = Script(rules(lines=tuple(range(1, 11)), queues=(waiting,))).ignore()
    calls = [CallId(f"c{number}") for number in range(1, 11)]
    script.tell(*(cmd.CallArrived(call, "0942000100", None) for call in calls)).at(60)
    told = [each.prompts for each in script._seen if isinstance(each, fx.Play)]
    assert {each for each in told if each[0] == "position_intro"} <= set(places())
    assert TEN in told


def test_each_day_of_a_month_each_month_and_each_day_of_a_week_is_told() -> None:
    said = [reference for announcement in dates() for reference in announcement]
    assert {f"day:{day}" for day in range(1, 32)} <= set(said)
    assert {f"month:{month}" for month in range(1, 13)} <= set(said)
    assert {f"weekday:{day}" for day in range(1, 8)} <= set(said)
    on = date(2026, 7, 12)  # a Sunday, 32 times six days after New Year
    assert next(each for each in dates() if each[1:3] == ("month:7", "day:12")) == (
        *("word:next", f"month:{on.month}", f"day:{on.day}", f"weekday:{on.isoweekday()}"),
        *("word:forenoon", "hour:8", "minutes:30", "word:from_then"),
    )


def test_hours_and_waits_are_whole_announcements() -> None:
    assert next(hours()) == (
        *("hours_intro", "word:weekdays", "word:forenoon", "hour:7", "word:hours_from"),
        *("word:afternoon", "hour:0", "minutes:45", "word:until_then"),
    )
    assert {f"hour:{hour}" for hour in range(12)} <= {each for one in hours() for each in one}
    assert list(waits())[7][2:-1] == (
        *("wait_intro", "minutes:4", "word:hours_from", "minutes_about:8"),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_announcement_has_its_sounds_and_a_reading_of_each(kind: str) -> None:
    book = read_book()
    for announcement in KINDS[kind]():
        stems = stems_of(announcement)
        assert all(path_of(stem).is_file() for stem in stems)
        assert len(reading_of(stems, book)) > len(stems)


def test_it_is_heard_whole_in_the_telephones_quality_and_at_the_same_level() -> None:
    stems = stems_of(TEN)
    whole = sum(load(path_of(stem)).size for stem in stems)
    heard = as_heard(stems)
    assert heard.size == pytest.approx(whole, abs=RATE // 100)
    plain = load(path_of("position_intro"))
    assert rms(heard[: plain.size]) == pytest.approx(rms(plain), abs=1)  # dB


@pytest.mark.parametrize(
    ("wanted", "heard", "wrong"),
    [
        ("ハツカ", "ハツカ", 0),
        ("ハツカ", "ヨーカ", 2),
        ("ジューニニチ", "ジューニチ", 1),
        ("カヨービ", "カイヨービ", 1),
        ("ハツカ", "", 3),
        ("", "ハツカ", 3),
    ],
)
def test_kana_that_are_wrong_missing_or_too_many_are_counted(
    wanted: str, heard: str, wrong: int
) -> None:
    assert distance(wanted, heard) == wrong


def dictionary(text: str) -> list[Node]:
    """As much of Open JTalk's as is needed here."""
    said = {"曜日": "ヨービ", "木": "モク", "は": "ワ"}
    words = [word for word in ("曜日", "木", "は") if word in text]
    return [
        {"string": word, "pron": said[word], "pos": "名詞"} for word in sorted(words, key=text.find)
    ]


def test_two_ways_to_write_one_sound_are_read_alike() -> None:
    assert read_back("7月20日、木曜日", dictionary) == "シチガツハツカモクヨービ"
    assert read_back("７月２０日目曜日", dictionary) == "シチガツハツカモクヨービ"
    assert read_back("15分は", dictionary) == "ジューゴフンワ"


def test_what_is_understood_is_counted_in_kana_and_in_whole_announcements() -> None:
    wanted = reading_of(stems_of(TEN), read_book())
    (right,) = listened([TEN], lambda _: wanted, dictionary)
    (wrong,) = listened([TEN], lambda _: wanted.replace("メ", "", 1), dictionary)
    assert (right.errors, wrong.errors) == (0, 1)
    figures = summary("places", [right, wrong, Understood("アイ", "ア", "あ")])
    assert figures == f"places: 1 of 3 right, 2 of {2 * len(wanted) + 2} kana wrong"
