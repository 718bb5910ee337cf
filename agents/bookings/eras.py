"""和暦: a day in the words of the Japanese calendar. Pure.

The edicts that began 大正 and 昭和 speak of their own day "and after" (以後ヲ改メテ), so the day on
which the emperor died belongs to the new era; 平成 and 令和 began at midnight.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WEEKDAYS: Final = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Era:
    """元号, and its days; `last` is None while it goes on."""

    name: str
    letter: str
    first: date
    last: date | None

    def year(self, of: int) -> int:
        """The year of this era that a western year is."""
        return of - self.first.year + 1

    def western(self, year: int) -> int:
        """The western year that a year of this era is."""
        return self.first.year + year - 1

    def holds(self, day: date) -> bool:
        """Whether the day is in it."""
        return self.first <= day and (self.last is None or day <= self.last)


def _eras() -> tuple[Era, ...]:
    begins = (
        ("明治", "M", date(1868, 10, 23)),
        ("大正", "T", date(1912, 7, 30)),
        ("昭和", "S", date(1926, 12, 25)),
        ("平成", "H", date(1989, 1, 8)),
        ("令和", "R", date(2019, 5, 1)),
    )
    lasts = [first - timedelta(days=1) for _, _, first in begins[1:]]
    return tuple(
        Era(name, letter, first, last)
        for (name, letter, first), last in zip(begins, [*lasts, None], strict=True)
    )


ERAS: Final = _eras()
# 明治5年12月2日 was followed by 明治6年1月1日, the first day of the calendar that we count in.
FIRST_DAY: Final = date(1873, 1, 1)


def era_of(day: date) -> Era:
    """The era of a day; ValueError before FIRST_DAY, when months were of the moon."""
    if day < FIRST_DAY:
        raise ValueError(f"{day} is before the calendar we count in")
    return next(era for era in ERAS if era.holds(day))


def japanese_year(era: Era, year: int) -> str:
    """昭和23年; the first is 元年."""
    return f"{era.name}{'元' if year == 1 else year}年"


def japanese(day: date) -> str:
    """昭和23年5月3日."""
    era = era_of(day)
    return f"{japanese_year(era, era.year(day.year))}{day.month}月{day.day}日"


def western(day: date) -> str:
    """1948年5月3日."""
    return f"{day.year}年{day.month}月{day.day}日"


def weekday(day: date) -> str:
    """月曜日."""
    return f"{WEEKDAYS[day.weekday()]}曜日"
