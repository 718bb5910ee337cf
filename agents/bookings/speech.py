"""Days, times, numbers and letters as an agent says them, group by group. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_VOICED, _HALF_VOICED = "\u3099", "\u309a"
_SMALL: Final = dict(zip("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", strict=True))


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


def say_notice_no(notice_no: str, spelling: Spelling) -> Said:
    """The three signs and twice three digits of a notice, letters by their word."""
    bare = "".join(each for each in normalize("NFKC", notice_no).upper() if each.isalnum())
    groups = tuple(bare[at : at + 3] for at in range(0, len(bare), 3))
    return Said(groups, tuple("、".join(_signs(group, spelling)) for group in groups))


def _signs(group: str, spelling: Spelling) -> Iterator[str]:
    has_letters = any(each in spelling.letters for each in group)
    for each in group:
        if each in spelling.letters:
            yield f"{spelling.letters[each]}の{each}"
        elif each in spelling.digits:
            # Beside letters a digit is named as one: ゼロ and オー, イチ and アイ.
            yield f"数字の{spelling.digits[each]}" if has_letters else spelling.digits[each]
        else:
            yield each


def spell_kana(reading: str, spelling: Spelling) -> list[str]:
    """A reading, kana by kana: 朝日のア、はがきのハに濁点、小さいツ、長音."""
    return list(_kana(normalize("NFD", _katakana(reading)), spelling))


def _katakana(reading: str) -> str:
    folded = normalize("NFKC", reading)
    return "".join(chr(ord(e) + 0x60) if "ぁ" <= e <= "ゖ" else e for e in folded)


def _kana(decomposed: Iterable[str], spelling: Spelling) -> Iterator[str]:
    waiting = ""
    for each in decomposed:
        if each in (_VOICED, _HALF_VOICED):
            yield f"{waiting}に{'濁点' if each == _VOICED else '半濁点'}"
            waiting = ""
            continue
        if waiting:
            yield waiting
        waiting = _one_kana(each, spelling)
    if waiting:
        yield waiting


def _one_kana(each: str, spelling: Spelling) -> str:
    if each in _SMALL:
        return f"小さい{_SMALL[each]}"
    if each == "ー":
        return "長音"
    word = spelling.kana.get(each)
    return f"{word}の{each}" if word is not None else each.strip()
