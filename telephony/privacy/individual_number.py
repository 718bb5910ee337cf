"""The My Number guard: it takes individual numbers and PINs out of free text before it is kept.

Nobody may collect or keep another person's individual number (番号法 15条, 20条), and a note in
which a caller spelt it out is collecting. Any run of twelve digits is masked, because the check
digit says little: one string in ten passes it, and a driving licence has twelve digits too. It only
decides whether the find is an incident. The browser masks by the same rules before anything leaves
it (`agents/desktop/src/guard/`); both are held to `tests/privacy/vectors.json`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Final

MASK: Final = "●"
INDIVIDUAL, RESIDENT, APPLICATION = 12, 11, 23  # digits: 個人番号, 住民票コード, 申請書ID
_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

_NUMERALS: Final = {
    **{str(n): n for n in range(10)},
    **{chr(0xFF10 + n): n for n in range(10)},  # full-width
    **dict(zip("〇一二三四五六七八九", range(10), strict=True)),
    "零": 0, "○": 0, "◯": 0,
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
# Spaces of every width, every hyphen and long vowel, dots, and what people say between groups.
_gap = r"(?:[\s\u3000,，、.．・_\-‐‑‒–—―−ーｰ－~〜～]|の|えーと|えっと|はい){0,4}?"
_spoken = f"(?:(?:{_reading}){_gap}){{{_SPOKEN_AT_LEAST},}}(?:{_reading})?"
_RUN: Final = re.compile(f"(?:{_numeral}|{_spoken})(?:{_gap}(?:{_numeral}|{_spoken}))*")
_TOKEN: Final = re.compile(f"{_reading}|{_numeral}")
_SIGN: Final = re.compile(r"\S")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+")  # a price

_PIN_WORD: Final = r"(?:暗証番号|暗証|パスワード|ＰＩＮ|PIN|pin|ピン番号)"
_PIN: Final = re.compile(
    _PIN_WORD + r"[^0-9０-９A-Za-zＡ-Ｚａ-ｚ\n]{0,12}"
    r"(?P<pin>(?=[A-ZＡ-Ｚa-zａ-ｚ]*[0-9０-９])[0-9０-９A-Za-zＡ-Ｚａ-ｚ]{4,16})"
    r"(?![0-9０-９A-Za-zＡ-Ｚａ-ｚ]|\s*(?:桁|けた|ケタ|文字|回|年|月|円))"
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
    joined = before + text
    finds = sorted({*_numbers(joined), *_pins(joined)}, key=lambda find: find.start)
    own = [
        Find(find.kind, max(0, find.start - len(before)), find.end - len(before), find.valid)
        for find in finds
        if find.end > len(before)
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


def _numbers(text: str) -> Iterator[Find]:
    for run in _RUN.finditer(text):
        digits = [
            _Digit(_value(token.group()), run.start() + token.start(), run.start() + token.end())
            for token in _TOKEN.finditer(run.group())
        ]
        if not _GROUPED.fullmatch(run.group().strip(" 　")):
            yield from _in_run(text, digits)


def _value(token: str) -> int:
    return _NUMERALS[token] if token in _NUMERALS else _READINGS[token]


def _in_run(text: str, digits: list[_Digit]) -> Iterator[Find]:
    first, last = digits[0].start, digits[-1].end
    if len(digits) == RESIDENT and _RESIDENT_WORD.search(text[max(0, first - 20) : first]):
        yield Find(Kind.RESIDENT_CODE, first, last)
    groups = _groups(digits)
    if not _is_telephones(groups):
        yield from _in_groups(groups, digits)


def _in_groups(groups: list[list[_Digit]], digits: list[_Digit]) -> Iterator[Find]:
    """Neighbouring groups that are twelve digits together, or twenty-three."""
    bounds = [0, *accumulate(len(group) for group in groups)]
    ends = set(bounds)
    at = 0
    for start in bounds[:-1]:
        if start < at:
            continue
        for kind, length in _LENGTHS:
            if start + length in ends:
                found = digits[start : start + length]
                valid = is_valid([digit.value for digit in found])
                yield Find(kind, found[0].start, found[-1].end, valid)
                at = start + length
                break


def _groups(digits: list[_Digit]) -> list[list[_Digit]]:
    """Digits that stand together, in one way of writing them."""
    groups: list[list[_Digit]] = []
    for digit in digits:
        if groups and groups[-1][-1].end == digit.start:
            groups[-1].append(digit)
        else:
            groups.append([digit])
    return groups


def _is_telephones(groups: list[list[_Digit]]) -> bool:
    """Whether the run is telephone numbers one after another, each 10 or 11 digits from a 0."""
    sums, first = 0, True
    for group in groups:
        if first and group[0].value != 0:
            return False
        sums, first = sums + len(group), False
        if sums in {10, 11}:
            sums, first = 0, True
        elif sums > RESIDENT:
            return False
    return first


def _pins(text: str) -> Iterator[Find]:
    for found in _PIN.finditer(text):
        yield Find(Kind.PIN, *found.span("pin"))
