"""One box for a birth date: every way of writing one, and a sentence when it cannot be. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final
from unicodedata import normalize

from agents.bookings.eras import ERAS, FIRST_DAY, Era, japanese, japanese_year, western

LONGEST: Final = 40  # characters
_MONTHS: Final = 12
_EXAMPLE: Final = "S23.5.3、昭和23年5月3日、19480503 のように入力してください"
_EXAMPLE_EN: Final = "e.g. S23.5.3 or 19480503"

# What an input method makes of the dots and strokes that people mean.
_BETWEEN: Final = re.compile(r"[\s.,/\-、。・‐‑‒–—―−ーｰ]+")
_ERA: Final = "|".join(f"{era.name}|{era.name[0]}|{era.letter}" for era in ERAS)
_BY_WORD: Final = {word: era for era in ERAS for word in (era.name, era.name[0], era.letter)}
_IN_ERA: Final = re.compile(
    rf"(?P<era>{_ERA})\.?(?:(?P<year>元|\d{{1,2}})(?:年|\.)(?P<month>\d{{1,2}})(?:月|\.)"
    r"(?P<day>\d{1,2})日?|(?P<run>\d{6}))"
)
_WESTERN: Final = re.compile(
    r"(?P<year>\d{4})(?:年|\.)(?P<month>\d{1,2})(?:月|\.)(?P<day>\d{1,2})日?|(?P<run>\d{8})"
)
_NO_ERA: Final = re.compile(r"\d{1,2}(?:年|\.)\d{1,2}(?:月|\.)\d{1,2}日?|\d{6}")


class Unclear(ValueError):
    """No date that somebody can have been born on; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What is shown beside the box, so that the person on the telephone can confirm it."""

    birth_date: date
    western: str
    japanese: str
    age: int


def read(text: str, today: date) -> date:
    """The day that was typed; Unclear when it is none, or nobody's birth date today."""
    plain = _plain(text)
    if (found := _IN_ERA.fullmatch(plain)) is not None:
        day = _in_era(_BY_WORD[found["era"]], *_parts(found, 2))
    elif (found := _WESTERN.fullmatch(plain)) is not None:
        year, month, number = _parts(found, 4)
        day = _day(year, month, number, f"{year}年")
    elif _NO_ERA.fullmatch(plain):
        raise Unclear(
            "元号(M・T・S・H・R)か西暦4けたの年を付けて入力してください "
            "(add the era's letter, or write the year with four digits)"
        )
    else:
        raise Unclear(f"生年月日は {_EXAMPLE} ({_EXAMPLE_EN})")
    return _of_somebody(day, today)


def echo(birth: date, on: date) -> Echo:
    """A birth date in both calendars, with the age on a day."""
    return Echo(birth, western(birth), japanese(birth), age_on(birth, on))


def age_on(birth: date, day: date) -> int:
    """The age at the counter on a day: full years during its opening hours.

    年齢計算ニ関する法律 (明治35年法律第50号) counts from the day of birth and applies 民法143条:
    a year of life is complete at the end, 24:00, of the day before the birthday. Nobody comes to a
    counter at that instant: throughout the day before they are still one younger, and on the
    birthday, from its first moment, they are older. Where a law speaks of a whole day (school
    years, the right to vote), the day before counts already; nothing here does. Who was born on
    29 February completes the year at the end of 28 February, and is older on 1 March.
    """
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _plain(text: str) -> str:
    folded = normalize("NFKC", text[: LONGEST + 1]).strip().upper()
    dotted = _BETWEEN.sub(".", folded)
    return re.sub(r"\.?([年月日])\.?", r"\1", dotted).removesuffix("生").removesuffix(".")


def _parts(found: re.Match[str], year_digits: int) -> tuple[int, int, int]:
    """Year, month and day, written apart or in one run of digits."""
    if (run := found["run"]) is not None:
        return int(run[:year_digits]), int(run[-4:-2]), int(run[-2:])
    year = 1 if found["year"] == "元" else int(found["year"])
    return year, int(found["month"]), int(found["day"])


def _in_era(era: Era, year: int, month: int, number: int) -> date:
    if year == 0:
        raise Unclear(f"{era.name}は元年(1年)からです ({era.letter} begins with year 1)")
    day = _day(era.western(year), month, number, japanese_year(era, year))
    if era.holds(day):
        return day
    if day < era.first:
        edge = f"{era.name}は元年{era.first.month}月{era.first.day}日からです"
    else:
        last = era.last or day
        edge = f"{era.name}は{era.year(last.year)}年{last.month}月{last.day}日までです"
    if day < FIRST_DAY:
        raise Unclear(f"{edge} (not a day of this era)")
    raise Unclear(f"{edge}。{japanese(day)}ではありませんか (not a day of this era)")


def _day(year: int, month: int, number: int, said: str) -> date:
    if not 1 <= month <= _MONTHS:
        raise Unclear("月は1から12までです (there are twelve months)")
    if year < FIRST_DAY.year:
        raise Unclear("明治6年(1873年)より前の日付は使えません (before the calendar we count in)")
    longest = monthrange(year, month)[1]
    if not 1 <= number <= longest:
        raise Unclear(f"{said}{month}月は1日から{longest}日までです (no such day in that month)")
    return date(year, month, number)


def _of_somebody(day: date, today: date) -> date:
    if day > today:
        raise Unclear(
            f"{western(day)}はまだ来ていません。生年月日を確かめてください (this day is to come)"
        )
    return day
