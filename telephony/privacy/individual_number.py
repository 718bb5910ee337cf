"""The My Number guard: it takes individual numbers and PINs out of free text before it is kept.

Nobody may collect or keep another person's individual number (番号法 15条, 20条), and a note in
which a caller spelt it out is collecting. Any run of twelve digits is masked, because the check
digit says little: one string in ten passes it, and a driving licence has twelve digits too. It only
decides whether the find is an incident. What every note has beside that ends a run and is kept:
telephone numbers, dates, counts with their unit. The browser masks by the same rules before
anything leaves it (`agents/desktop/src/guard/`); both are held to `tests/privacy/vectors.json`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final

MASK: Final = "●"
INDIVIDUAL, RESIDENT, APPLICATION = 12, 11, 23  # digits: 個人番号, 住民票コード, 申請書ID
_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

_NUMERALS: Final = {
    **{str(n): n for n in range(10)},
    **{chr(0xFF10 + n): n for n in range(10)},  # full-width
    **dict(zip("〇一二三四五六七八九", range(10), strict=True)),
    **dict(zip("⓪①②③④⑤⑥⑦⑧⑨", range(10), strict=True)),
    "零": 0, "○": 0, "◯": 0, "壱": 1, "弐": 2, "参": 3,
}  # fmt: skip
_READINGS: Final = {
    "ゼロ": 0, "ぜろ": 0, "れい": 0, "レイ": 0, "まる": 0, "マル": 0,
    "いち": 1, "イチ": 1, "に": 2, "ニ": 2, "さん": 3, "サン": 3,
    "よん": 4, "ヨン": 4, "し": 4, "シ": 4, "ご": 5, "ゴ": 5, "ろく": 6, "ロク": 6,
    "なな": 7, "ナナ": 7, "しち": 7, "シチ": 7, "はち": 8, "ハチ": 8,
    "きゅう": 9, "キュウ": 9, "きゅー": 9, "く": 9, "ク": 9,
}  # fmt: skip
_SPOKEN_AT_LEAST: Final = 3  # readings in a row: one に after a telephone number is a particle

_reading = "|".join(sorted(_READINGS, key=len, reverse=True))
_numeral = f"[{''.join(_NUMERALS)}]"
# Spaces of every width and of none, every hyphen and long vowel, dots, strokes, brackets, and what
# people say between groups.
_gap = (
    r"(?:[\s\u3000\u00ad\u200b-\u200f\u2060\ufeff,，、.．・_\-‐‑‒–—―−ーｰ－~〜～"
    r"/／|｜*＊+＋()（）]|の|えーと|えっと|はい){0,12}?"
)
_spoken = f"(?:(?:{_reading}){_gap}){{{_SPOKEN_AT_LEAST},}}(?:{_reading})?"
_RUN: Final = re.compile(f"(?:{_numeral}|{_spoken})(?:{_gap}(?:{_numeral}|{_spoken}))*")
_TOKEN: Final = re.compile(f"{_reading}|{_numeral}")
_SIGN: Final = re.compile(r"\S")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+")  # a price

# What is counted, right after one or two digits, and a year's four.
_COUNTED: Final = re.compile(r"\s?[時分秒名人月日件回階歳才年円個通枚代台本冊度目つ]")
_YEAR: Final = re.compile(r"\s?年")
_DATE_JOINTS: Final = frozenset("-/.－／．")
_SLASHES: Final = frozenset("/／")
_YEARS: Final = range(1900, 2101)
_MONTHS: Final = range(1, 13)
_DAYS: Final = range(1, 32)
_LAST_OF_TELEPHONE: Final = 3  # digits, at least
_MOST_GROUPS: Final = 4  # of a telephone number
_CORPORATE: Final = 13  # digits: 法人番号

_PIN_WORD: Final = r"(?:暗証番号|暗証|パスワード|ＰＩＮ|PIN|pin|ピン番号)"
_alnum = "0-9０-９A-Za-zＡ-Ｚａ-ｚ"
_no_pin = rf"(?![{_alnum}]|\s*(?:桁|けた|ケタ|文字|回|年|月|円))"
_pin = rf"(?P<pin>(?=[A-ZＡ-Ｚa-zａ-ｚ]*[0-9０-９])[{_alnum}]{{4,16}}){_no_pin}"
_PIN: Final = re.compile(rf"{_PIN_WORD}[^{_alnum}\n]{{0,12}}{_pin}")
_NEXT_PIN: Final = re.compile(rf"(?:[とや、,・/／\s]|または|および){{1,4}}{_pin}")
_SPELT_PIN: Final = re.compile(
    rf"{_PIN_WORD}[^{_alnum}\n]{{0,12}}?"
    rf"(?P<pin>{_numeral}(?:{_gap}{_numeral}){{3,15}}"
    rf"|(?:{_reading})(?:{_gap}(?:{_reading})){{3,15}}){_no_pin}"
)
_RESIDENT_WORD: Final = re.compile(r"住民票コード[^0-9０-９\n]{0,8}$")


class Kind(StrEnum):
    """What was found."""

    INDIVIDUAL_NUMBER = "individual_number"
    RESIDENT_CODE = "resident_code"
    APPLICATION_ID = "application_id"
    PIN = "pin"


_LENGTHS: Final = (
    (Kind.APPLICATION_ID, APPLICATION),
    (Kind.INDIVIDUAL_NUMBER, INDIVIDUAL),
)


@dataclass(frozen=True, slots=True)
class Find:
    """Where in the text, as indices; `valid` when the check digit is right."""

    kind: Kind
    start: int
    end: int
    valid: bool = False

    @property
    def is_incident(self) -> bool:
        """特定個人情報の疑い: to be reported, not only masked."""
        return self.kind is Kind.INDIVIDUAL_NUMBER and self.valid


@dataclass(frozen=True, slots=True)
class Guarded:
    """The text as it may be kept, and what was taken out; never the digits themselves."""

    text: str
    finds: tuple[Find, ...] = ()

    @property
    def is_incident(self) -> bool:
        """Whether any find is one."""
        return any(find.is_incident for find in self.finds)


def check_digit(leading: Sequence[int]) -> int:
    """Of the eleven leading digits (平成26年総務省令第85号 第5条)."""
    rest = sum(digit * weight for digit, weight in zip(leading, _WEIGHTS, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def is_valid(digits: Sequence[int]) -> bool:
    """Whether twelve digits can be an individual number."""
    return len(digits) == INDIVIDUAL and check_digit(digits[:-1]) == digits[-1]


def guard(text: str, before: str = "") -> Guarded:
    """Mask what must not be kept; everything else stays exactly as typed.

    `before` is the end of what was saved just before: a number split over two notes is found in
    the second, of which only its own part can be masked.
    """
    head = f"{before}\n" if before else ""
    joined = head + text
    finds = sorted({*_numbers(joined), *_pins(joined)}, key=lambda find: find.start)
    own = [
        Find(find.kind, max(0, find.start - len(head)), find.end - len(head), find.valid)
        for find in finds
        if find.end > len(head)
    ]
    return Guarded(_masked(text, own), tuple(own))


def _masked(text: str, finds: Sequence[Find]) -> str:
    parts, at = [], 0
    for find in finds:
        if find.end <= at:
            continue
        start = max(at, find.start)
        token = _SIGN if find.kind is Kind.PIN else _TOKEN
        parts += [text[at:start], token.sub(MASK, text[start : find.end])]
        at = find.end
    return "".join([*parts, text[at:]])


@dataclass(frozen=True, slots=True)
class _Digit:
    value: int
    start: int
    end: int


_Group = list[_Digit]


def _numbers(text: str) -> Iterator[Find]:
    for digits in _runs(text):
        first, last = digits[0].start, digits[-1].end
        if len(digits) == RESIDENT and _RESIDENT_WORD.search(text[max(0, first - 20) : first]):
            yield Find(Kind.RESIDENT_CODE, first, last)
        for piece in _pieces(text, _groups(digits)):
            yield from _in_groups(piece)


def _runs(text: str) -> Iterator[list[_Digit]]:
    for run in _RUN.finditer(text):
        if not _GROUPED.fullmatch(run.group().strip(" 　")):
            yield [
                _Digit(
                    _value(token.group()), run.start() + token.start(), run.start() + token.end()
                )
                for token in _TOKEN.finditer(run.group())
            ]


def _value(token: str) -> int:
    return _NUMERALS[token] if token in _NUMERALS else _READINGS[token]


def _pieces(text: str, groups: list[_Group]) -> Iterator[list[_Group]]:
    """What is left between telephone numbers, dates and counts."""
    piece: list[_Group] = []
    at = 0
    while at < len(groups):
        length = _telephone(groups, at) or _date(text, groups, at)
        if not length and not _ends_in_a_number([*piece, groups[at]]):  # as in "…8 本人確認済"
            length = _count(text, groups[at])
        if not length:
            piece.append(groups[at])
            at += 1
            continue
        if piece:
            yield piece
        piece = []
        at += length
    if piece:
        yield piece


def _everyday(text: str, groups: list[_Group], at: int) -> int:
    """How many groups from here are a telephone number, a date or a count; 0 where none begins."""
    return _telephone(groups, at) or _date(text, groups, at) or _count(text, groups[at])


def _ends_in_a_number(groups: list[_Group]) -> bool:
    taken = _filling(groups[::-1], 0, INDIVIDUAL)
    last = [digit.value for group in groups[len(groups) - taken :] for digit in group]
    return len(groups) > 1 and is_valid(last)


def _telephone(groups: list[_Group], at: int) -> int:
    """How many groups from here are a telephone number; 0 where none begins."""
    if groups[at][0].value != 0:
        return 0
    total = 0
    for length, group in enumerate(groups[at : at + _MOST_GROUPS], start=1):
        total += len(group)
        if total in {10, 11} and len(group) >= _LAST_OF_TELEPHONE:
            return length
    return 0


def _date(text: str, groups: list[_Group], at: int) -> int:
    """A year, a month and a day, or the latter two; in groups, 0 where none begins."""
    for parts, joints in ((_YEARS, _MONTHS, _DAYS), _DATE_JOINTS), ((_MONTHS, _DAYS), _SLASHES):
        these = groups[at : at + len(parts)]
        is_whole = len(these) == len(parts) and _joints(text, these) <= joints
        if is_whole and all(_may_be(each, part) for each, part in zip(these, parts, strict=True)):
            return len(parts)
    return 0


def _joints(text: str, groups: list[_Group]) -> set[str]:
    return {text[one[-1].end : other[0].start] for one, other in pairwise(groups)}


def _may_be(group: _Group, part: range) -> bool:
    """Whether it is one of these, with a leading zero at most: 0001 is no month."""
    number = int("".join(str(digit.value) for digit in group))
    return number in part and len(group) <= len(str(part[-1]))


def _count(text: str, group: _Group) -> int:
    unit = {1: _COUNTED, 2: _COUNTED, 4: _YEAR}.get(len(group))
    return int(unit is not None and unit.match(text, group[-1].end) is not None)


def _in_groups(groups: list[_Group]) -> Iterator[Find]:
    """Neighbouring groups that are twelve digits together, or twenty-three; and long groups."""
    at = 0
    while at < len(groups):
        for kind, length in _LENGTHS:
            if taken := _filling(groups, at, length):
                yield _find(kind, [digit for group in groups[at : at + taken] for digit in group])
                at += taken
                break
        else:
            if len(groups[at]) > _CORPORATE:
                yield from _in_long(groups[at])
            at += 1


def _filling(groups: list[_Group], at: int, length: int) -> int:
    """How many groups from here have so many digits; 0 where none has."""
    sums = accumulate(len(group) for group in groups[at : at + length])
    return next((taken for taken, total in enumerate(sums, start=1) if total == length), 0)


def _in_long(group: _Group) -> Iterator[Find]:
    """Individual numbers with nothing between them, or between one and a date: all of it goes."""
    windows = (group[at : at + INDIVIDUAL] for at in range(len(group) - INDIVIDUAL + 1))
    valid = any(is_valid([digit.value for digit in window]) for window in windows)
    if valid or len(group) % INDIVIDUAL == 0:
        yield Find(Kind.INDIVIDUAL_NUMBER, group[0].start, group[-1].end, valid)


def _find(kind: Kind, digits: Sequence[_Digit]) -> Find:
    valid = is_valid([digit.value for digit in digits])
    return Find(kind, digits[0].start, digits[-1].end, valid)


def _groups(digits: list[_Digit]) -> list[_Group]:
    """Digits that stand together, in one way of writing them."""
    groups: list[_Group] = []
    for digit in digits:
        if groups and groups[-1][-1].end == digit.start:
            groups[-1].append(digit)
        else:
            groups.append([digit])
    return groups


def _pins(text: str) -> Iterator[Find]:
    if not re.search(_PIN_WORD, text):
        return
    passed = set(_everyday_starts(text))  # and what was found already
    for found in _PIN.finditer(text):
        following: re.Match[str] | None = found
        while following is not None:
            if following.start("pin") not in passed:
                yield Find(Kind.PIN, *following.span("pin"))
            passed.add(following.start("pin"))
            following = _NEXT_PIN.match(text, following.end("pin"))
    for found in _SPELT_PIN.finditer(text):
        tokens = _TOKEN.findall(found["pin"])
        particles = sum(token in _READINGS and len(token) == 1 for token in tokens)
        if found.start("pin") not in passed and 2 * particles <= len(tokens):
            yield Find(Kind.PIN, *found.span("pin"))


def _everyday_starts(text: str) -> Iterator[int]:
    for digits in _runs(text):
        groups = _groups(digits)
        yield from (g[0].start for at, g in enumerate(groups) if _everyday(text, groups, at))
