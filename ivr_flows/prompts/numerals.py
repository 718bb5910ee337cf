"""Japanese numbers as they are said, alone and before a counter, in katakana."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DIGITS: Final = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ")
# Said one by one, the digits of one mora are held, or they are lost on a telephone line.
SPELLED: Final = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー")
HIGHEST: Final = 99_999_999

_NONE: Final[Mapping[int, str]] = {}
_SCALES: Final = (
    (1000, "セン", {3: "サンゼン", 8: "ハッセン"}),
    (100, "ヒャク", {3: "サンビャク", 6: "ロッピャク", 8: "ハッピャク"}),
    (10, "ジュウ", _NONE),
)
_MYRIAD: Final = 10_000
# How a number ends before a doubled consonant: イチ + テン is イッテン.
_DOUBLED: Final = {
    "イチ": "イッ",
    "ロク": "ロッ",
    "ハチ": "ハッ",
    "ジュウ": "ジュッ",
    "ヒャク": "ヒャッ",
}


@dataclass(frozen=True, slots=True)
class Counter:
    """How one counter sounds, and what it does to the number before it."""

    kana: str
    doubles: tuple[str, ...] = ()  # ends of the number that double the consonant
    hardened: str = ""  # the counter after a doubled or nasal end: フン becomes プン
    hardens_after: tuple[str, ...] = ()
    ends: Mapping[str, str] = field(default_factory=dict)  # ヨン is ヨ before 人
    whole: Mapping[int, str] = field(default_factory=dict)  # 一人, 二十日: not built from parts


def cardinal(number: int) -> str:
    """A bare number: 365 is サンビャクロクジュウゴ."""
    if not 0 <= number <= HIGHEST:
        raise ValueError(f"{number} is out of the range that can be read out")
    if number == 0:
        return DIGITS[0]
    high, low = divmod(number, _MYRIAD)
    return (f"{_below_myriad(high)}マン" if high else "") + _below_myriad(low)


def _below_myriad(number: int) -> str:
    said = ""
    for scale, name, irregular in _SCALES:
        digit, number = divmod(number, scale)
        if digit:
            said += irregular.get(digit, name if digit == 1 else DIGITS[digit] + name)
    return said + (DIGITS[number] if number else "")


def counted(number: int, counter: Counter) -> str:
    """A number with its counter: 3 and 分 is サンプン."""
    if number in counter.whole:
        return counter.whole[number]
    said = cardinal(number)
    for end, instead in counter.ends.items():
        if said.endswith(end):
            return said.removesuffix(end) + instead + counter.kana
    return _with_sound_change(said, counter)


def _with_sound_change(said: str, counter: Counter) -> str:
    for end in counter.doubles:
        if said.endswith(end):
            return said.removesuffix(end) + _DOUBLED[end] + (counter.hardened or counter.kana)
    hard = bool(counter.hardens_after) and said.endswith(counter.hardens_after)
    return said + (counter.hardened if hard else counter.kana)
