"""The table of national holidays of one year, from two sources that must agree."""

from datetime import date
from typing import Final

import holidays
import jpholiday

SOURCE: Final = "国民の祝日に関する法律 (holidays と jpholiday が一致)"


class Disagree(ValueError):
    """The two sources name different days: a person has to look into the gazette."""


def seeded(year: int) -> dict[date, str]:
    """Every holiday of the year with its name, substitute holidays and 国民の休日 included."""
    first = {
        on: name
        for on, name in holidays.country_holidays("JP", years=year, language="ja").items()
        if on.year == year
    }
    second = {on for on, _ in jpholiday.year_holidays(year)}
    if differing := sorted(first.keys() ^ second):
        days = ", ".join(map(str, differing))
        raise Disagree(f"{year}: holidays と jpholiday が違います: {days} (the two tables differ)")
    return dict(sorted(first.items()))


def written(year: int, days: dict[date, str]) -> str:
    """The year as it stands in `holidays.yaml`, confirmed by nobody yet."""
    rows = "".join(f"    {on}: {name}\n" for on, name in days.items())
    return f'"{year}":\n  source: {SOURCE}\n  days:\n{rows}'
