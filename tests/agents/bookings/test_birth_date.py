"""One box for a birth date: what is typed on the telephone, and what is said back."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bookings.birth_date import Unclear, age_on, echo, read
from agents.bookings.eras import ERAS, FIRST_DAY, Era, era_of, japanese, weekday

TODAY = date(2026, 11, 27)
BORN = date(1948, 5, 3)
days = st.dates(FIRST_DAY, TODAY)
births = st.dates(date(1900, 1, 1), TODAY)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    "text",
    [
        "S23.5.3", "s23.5.3", "S23/5/3", "S23-5-3", "S230503", "S.23.5.3", "S 23 5 3", "S23.05.03",
        "昭和23年5月3日", "昭和 23 年 5 月 3 日", "昭23.5.3", "昭和23年5月3日生", "㍼23年5月3日",
        "Ｓ２３．５．３", "昭和２３年５月３日", "S23ー5ー3", "S23。5。3", "S23・5・3", "S23−5−3",
        "19480503", "1948-05-03", "1948/5/3", "1948年5月3日", "1948.5.3", "１９４８０５０３",
        " 1948-05-03 ",
    ],
)  # fmt: skip
def test_one_birth_date_is_read_however_it_is_written(text: str) -> None:
    assert read(text, TODAY) == BORN


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("明治6年1月1日", date(1873, 1, 1)),
        ("M45.7.29", date(1912, 7, 29)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("T15.12.24", date(1926, 12, 24)),
        ("S1.12.25", date(1926, 12, 25)),
        ("S64.1.7", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("H31.4.30", date(2019, 4, 30)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("R01.05.01", date(2019, 5, 1)),
        ("R8.11.27", TODAY),
        ("S23.2.29", date(1948, 2, 29)),
    ],
)
def test_the_first_and_the_last_day_of_an_era(text: str, day: date) -> None:
    assert read(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("S65.5.3", "昭和は64年1月7日までです。平成2年5月3日ではありませんか"),
        ("S64.1.8", "昭和は64年1月7日までです。平成元年1月8日ではありませんか"),
        ("大正15年12月25日", "大正は15年12月24日までです。昭和元年12月25日ではありませんか"),
        ("H1.1.7", "平成は元年1月8日からです。昭和64年1月7日ではありませんか"),
        ("R1.4.30", "令和は元年5月1日からです。平成31年4月30日ではありませんか"),
        ("T0.1.1", "大正は元年(1年)からです"),
        ("M1.1.1", "明治6年(1873年)より前の日付は使えません"),
        ("H3.2.29", "平成3年2月は1日から28日までです"),
        ("令和元年6月31日", "令和元年6月は1日から30日までです"),
        ("19480231", "1948年2月は1日から29日までです"),
        ("S23.13.1", "月は1から12までです"),
        ("S23.0.1", "月は1から12までです"),
        ("S23.5.0", "昭和23年5月は1日から31日までです"),
        ("R8.11.28", "2026年11月28日はまだ来ていません"),
        ("23.5.3", "元号(M・T・S・H・R)か西暦4けたの年を付けて入力してください"),
        ("230503", "元号(M・T・S・H・R)か西暦4けたの年を付けて入力してください"),
        ("S2353", "生年月日は S23.5.3"),
        ("昨日", "生年月日は S23.5.3"),
        ("", "生年月日は S23.5.3"),
        ("X23.5.3", "生年月日は S23.5.3"),
        ("1" * 200, "生年月日は S23.5.3"),
    ],
)
def test_what_cannot_be_gets_one_sentence_that_helps(text: str, sentence: str) -> None:
    with pytest.raises(Unclear) as told:
        read(text, TODAY)
    assert str(told.value).startswith(sentence)
    assert "(" in str(told.value)


@given(day=days)
def test_every_day_is_read_back_from_every_writing_of_it(day: date) -> None:
    era = era_of(day)
    year = era.year(day.year)
    written = [
        japanese(day),
        japanese(day).translate(FULL_WIDTH),
        f"{era.letter}{year}.{day.month}.{day.day}",
        f"{era.letter}{year:02}{day.month:02}{day.day:02}",
        day.isoformat(),
        day.strftime("%Y%m%d"),
    ]
    assert {read(text, TODAY) for text in written} == {day}


@given(
    era=st.sampled_from(ERAS),
    year=st.integers(0, 99),
    month=st.integers(0, 13),
    day=st.integers(0, 32),
)
def test_what_is_read_is_written_the_same_again_and_what_is_refused_is_no_day(
    era: Era, year: int, month: int, day: int
) -> None:
    text = f"{era.name}{'元' if year == 1 else year}年{month}月{day}日"
    try:
        assert japanese(read(text, TODAY)) == text
    except Unclear:
        # Every day there is, written the only way there is.
        around = era.first.year + year - 1
        if 1873 <= around <= TODAY.year:
            start = date(around, 1, 1)
            whole_year = (start + timedelta(days=n) for n in range(366))
            assert text not in {japanese(one) for one in whole_year if one <= TODAY}


@given(text=st.text(max_size=60))
def test_no_text_breaks_the_box(text: str) -> None:
    try:
        day = read(text, TODAY)
    except Unclear:
        return
    assert FIRST_DAY <= day <= TODAY


def test_the_eras_follow_each_other_without_a_gap() -> None:
    for before, after in pairwise(ERAS):
        assert before.last is not None
        assert after.first - before.last == timedelta(days=1)
    assert ERAS[-1].last is None


def test_the_echo_says_both_calendars_and_the_age() -> None:
    said = echo(BORN, TODAY)
    assert (said.western, said.japanese, said.age) == ("1948年5月3日", "昭和23年5月3日", 78)
    assert weekday(TODAY) == "金曜日"


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(2011, 11, 27), TODAY, 15),  # today is the birthday
        (date(2011, 11, 28), TODAY, 14),  # it is tomorrow: 15 at midnight, not at the counter
        (date(2012, 2, 29), date(2027, 2, 28), 14),
        (date(2012, 2, 29), date(2027, 3, 1), 15),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
        (TODAY, TODAY, 0),
    ],
)
def test_the_age_at_the_counter(birth: date, on: date, age: int) -> None:
    assert age_on(birth, on) == age


@given(birth=births, age=st.integers(0, 120))
def test_somebody_is_older_on_the_birthday_and_not_the_day_before(birth: date, age: int) -> None:
    birthday = _birthday(birth, birth.year + age)
    assert age_on(birth, birthday) == age
    assert age == 0 or age_on(birth, birthday - timedelta(days=1)) == age - 1


def _birthday(birth: date, year: int) -> date:
    """Of 29 February in a year that has none: 1 March."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
