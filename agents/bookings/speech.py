"""Days, times, numbers and letters as an agent says them, group by group. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby
from re import findall
from typing import Annotated, Final
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, Field

from agents.bookings.eras import japanese, weekday
from agents.bookings.moments import Moment

_NOON: Final = 12
_GROUP: Final = {7: (3, 4), 8: (4, 4), 9: (3, 3, 3), 10: (4, 3, 3), 11: (3, 4, 4)}


class Spelling(BaseModel):
    """`spelling.yaml`: a word for every letter, digit and kana."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    letters: Annotated[Mapping[str, str], Field(min_length=26, max_length=26)]
    digits: Annotated[Mapping[str, str], Field(min_length=10, max_length=10)]
    kana: Annotated[Mapping[str, str], Field(min_length=46)]


@dataclass(frozen=True, slots=True)
class Said:
    """A number or a code in groups, and how each group is said."""

    groups: tuple[str, ...]
    readings: tuple[str, ...]


def say_day(day: date) -> str:
    """令和8年12月3日、木曜日."""
    return f"{japanese(day)}、{weekday(day)}"


def say_short_day(day: date) -> str:
    """12月3日木曜日, where the year goes without saying."""
    return f"{day.month}月{day.day}日{weekday(day)}"


def say_time(at: time) -> str:
    """午前10時30分. Noon is 昼の12時, because 午後0時 and 午後12時 are both misheard."""
    minutes = f"{at.minute}分" if at.minute else ""
    if at.hour == _NOON:
        return f"昼の12時{minutes}"
    half, hour = ("午前", at.hour) if at.hour < _NOON else ("午後", at.hour - _NOON)
    return f"{half}{hour}時{minutes}"


def say_slots(slots: Sequence[Moment], today: date) -> str:
    """The next free times in one breath; a day is said once, the year only when it is another."""
    by_day = groupby(slots, key=lambda slot: slot.day)
    said = [_times(day, list(times), today) for day, times in by_day]
    return "、".join(said)


def _times(day: date, slots: list[Moment], today: date) -> str:
    of_day = say_short_day(day) if day.year == today.year else say_day(day)
    return f"{of_day}の" + "と".join(say_time(slot.at) for slot in slots)


def in_groups(digits: str) -> tuple[str, ...]:
    """A run of digits as people say it: never more than four in a breath."""
    sizes = _GROUP.get(len(digits))
    if sizes is None:
        return tuple(digits[at : at + 4] for at in range(0, len(digits), 4))
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    return tuple(groups)


def say_number(digits: str, spelling: Spelling) -> Said:
    """A reservation or telephone number: its groups, and how each is read.

    Letters, which a city's number may have, are groups of their own and said by their word.
    """
    plain = normalize("NFKC", digits).upper()
    groups = [
        group
        for run in findall(r"[A-Z]+|[0-9]+", plain)
        for group in (in_groups(run) if run.isdecimal() else (run,))
    ]
    return Said(tuple(groups), tuple(_read(group, spelling) for group in groups))


def _read(group: str, spelling: Spelling) -> str:
    if group.isdecimal():
        return " ".join(spelling.digits[each] for each in group)
    return "、".join(f"{spelling.letters[each]}の{each}" for each in group)
