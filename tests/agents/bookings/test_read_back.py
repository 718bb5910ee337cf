"""What an agent says: days, times, numbers, the script, and never a number that is not there."""

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bookings.moments import Moment
from agents.bookings.read_back import Agreed, Person, lines, read_back, values
from agents.bookings.rules import load
from agents.bookings.speech import (
    in_groups,
    say_day,
    say_number,
    say_slots,
    say_time,
)
from agents.catalogue.files import CatalogueFault

RULES = load()
SPELLING = RULES.spelling
TODAY = date(2026, 11, 27)
AGREED = Agreed(
    Moment(date(2026, 12, 3), time(17, 30)),
    "本庁舎",
    (Person("窓口 花子", date(1948, 5, 3)), Person("窓口 一郎", date(2019, 5, 1))),
    "31415920",
    Moment(date(2026, 12, 3), time(12)),
    "青木",
)


def test_a_day_has_its_era_and_its_weekday() -> None:
    assert say_day(date(2026, 12, 3)) == "令和8年12月3日、木曜日"
    assert say_day(date(2019, 5, 1)) == "令和元年5月1日、水曜日"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (time(8, 30), "午前8時30分"),
        (time(10), "午前10時"),
        (time(0, 5), "午前0時5分"),
        (time(12), "昼の12時"),
        (time(12, 30), "昼の12時30分"),
        (time(13), "午後1時"),
        (time(18, 45), "午後6時45分"),
    ],
)
def test_a_time_cannot_be_taken_for_another(at: time, said: str) -> None:
    assert say_time(at) == said


def test_the_next_free_times_are_said_in_one_breath() -> None:
    third, fourth = date(2026, 12, 3), date(2026, 12, 4)
    free = [Moment(third, time(10)), Moment(third, time(10, 30)), Moment(fourth, time(14))]
    said = say_slots(free, TODAY)
    assert said == "12月3日木曜日の午前10時と午前10時30分、12月4日金曜日の午後2時"
    assert say_slots([Moment(date(2027, 1, 5), time(9))], TODAY) == "令和9年1月5日、火曜日の午前9時"


@given(digits=st.text("0123456789", max_size=30))
def test_groups_lose_nothing_and_are_short(digits: str) -> None:
    groups = in_groups(digits)
    assert "".join(groups) == digits
    assert all(1 <= len(group) <= 4 for group in groups)


def test_a_number_is_said_group_by_group() -> None:
    assert say_number("3141-5920", SPELLING).groups == ("3141", "5920")
    assert say_number("31415920", SPELLING).readings == (
        "サン イチ ヨン イチ",
        "ゴオ キュウ ニイ ゼロ",
    )
    assert say_number("０９４２００００１１", SPELLING).groups == ("0942", "000", "011")


def test_every_letter_and_every_kana_has_a_word_of_its_own() -> None:
    assert set(SPELLING.letters) == {chr(code) for code in range(ord("A"), ord("Z") + 1)}
    for words in (SPELLING.letters, SPELLING.digits, SPELLING.kana):
        assert len(set(words.values())) == len(words)


def test_a_booking_is_read_back_in_order() -> None:
    assert read_back(AGREED, SPELLING) == [
        "令和8年12月3日、木曜日、午後5時30分から、本庁舎、2名様です。",
        "窓口 花子様、昭和23年5月3日生まれ。",
        "窓口 一郎様、令和元年5月1日生まれ。",
        "予約番号は、サン イチ ヨン イチ、ゴオ キュウ ニイ ゼロです。",
        "変更は、12月3日木曜日の昼の12時までにお電話ください。",
        "青木が承りました。",
    ]


def test_a_booking_without_a_number_is_read_back_as_provisional() -> None:
    open_ = Agreed(AGREED.when, AGREED.site, AGREED.party, None, None, AGREED.agent)
    said = "".join(read_back(open_, SPELLING))
    assert "ただいまは仮受付です。" in said
    assert "予約番号は、市の予約システムで取れしだい" in said
    assert not any(reading in said for reading in SPELLING.digits.values())


def test_the_script_has_ten_steps_and_says_what_is_still_missing() -> None:
    blank = lines(RULES.script, {})
    assert [line.step.code for line in blank] == [
        "greeting", "purpose", "notice_no", "identity", "who", "site", "slot", "needs", "bring",
        "read_back",
    ]  # fmt: skip
    assert blank[5].text == "はがきに書かれた受取場所は〔受取場所〕でよろしいですか。"
    assert (blank[5].missing, blank[1].missing) == (("site",), ())
    filled = lines(RULES.script, values(AGREED, SPELLING) | {"slots": "12月3日木曜日の午前10時"})
    assert not any(line.missing for line in filled)
    assert filled[-1].text == (
        "令和8年12月3日、木曜日午後5時30分、本庁舎、2名様で承りました。予約番号は3141、5920です。"
        "変更は12月3日木曜日の昼の12時までにお電話ください。青木が承りました。"
    )


def test_the_script_asks_for_no_individual_number_and_no_pin() -> None:
    said = "".join(step.ja for step in RULES.script.steps)
    assert "個人番号" not in said
    assert "暗証番号" not in said


def test_a_script_with_an_unknown_place_is_refused(tmp_path: Path) -> None:
    shipped = (Path(load.__code__.co_filename).parent / "script.yaml").read_text(encoding="utf-8")
    (tmp_path / "desk").mkdir()
    own = shipped.replace("{site}でよろしい", "{where}でよろしい")
    (tmp_path / "desk" / "script.yaml").write_text(own, encoding="utf-8")
    with pytest.raises(CatalogueFault, match="where"):
        load(tmp_path)
