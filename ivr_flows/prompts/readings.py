"""Writes out as kana what a synthesiser would misread: numbers, counters, names of places.

Everything else stays in kanji, because kana alone hides where words begin.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ivr_flows.prompts.counters import COUNTERS
from ivr_flows.prompts.numerals import SPELLED, cardinal, counted

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "久留米": "クルメ",
        "久留米市": "クルメシ",
        "城南町": "ジョウナンマチ",
        "田主丸町": "タヌシマルマチ",
        "北野町": "キタノマチ",
        "城島町": "ジョウジママチ",
        "三潴町": "ミヅママチ",
        "田主丸": "タヌシマル",
        "北野": "キタノ",
        "城島": "ジョウジマ",
        "三潴": "ミヅマ",
        "耳納": "ミノウ",
        "筑邦": "チクホウ",
        "上津": "カミツ",
        "高牟礼": "タカムレ",
        "千歳": "チトセ",
        "筑後": "チクゴ",
        "総合支所": "ソウゴウシショ",
        "本庁舎": "ホンチョウシャ",
    }
)
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "米印": "コメジルシ",
        "の方": "のかた",  # a person, not a direction
        "お二人": "おフタリ",
    }
)

_TELEPHONE: Final = re.compile(r"(?<!\d)0\d{1,4}-\d{1,4}-\d{3,4}(?!\d)")
_CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3})")
_LONGEST_FIRST: Final = sorted(COUNTERS, key=len, reverse=True)
_COUNTED: Final = re.compile(rf"(\d+)({'|'.join(_LONGEST_FIRST)})?")
_NAMES: Final = re.compile("|".join(sorted(PLACES.keys() | WORDS.keys(), key=len, reverse=True)))

WORD_EDGE: Final = "・"
_EDGE: Final = "\0"  # around every word written out, until all are known
_TOUCHING: Final = re.compile(rf"(?<=[ァ-ヺー]){_EDGE}+(?=[ァ-ヺー])")
_LOOSE: Final = re.compile(f"{_EDGE}+")


def expand(text: str) -> str:
    """The text as it goes to the synthesiser; `・` stands where two written-out words touch."""
    text = _plain_digits(text)
    text = _TELEPHONE.sub(lambda found: telephone(found[0]), text)
    text = _THOUSANDS.sub("", text)
    text = _CLOCK.sub(_clock, text)
    text = _COUNTED.sub(_count, text)
    text = _NAMES.sub(lambda found: _apart(PLACES.get(found[0]) or WORDS[found[0]]), text)
    return _LOOSE.sub("", _TOUCHING.sub(WORD_EDGE, text))


def telephone(number: str) -> str:
    """A telephone number digit by digit, a pause where it is hyphenated."""
    return "、".join("".join(SPELLED[int(d)] for d in group) for group in number.split("-"))


def _plain_digits(text: str) -> str:
    return "".join(
        unicodedata.normalize("NFKC", c) if c.isdecimal() or c in ":,-" else c for c in text
    )


def _clock(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    return f"{hour}時{minute}分" if minute else f"{hour}時"


def _count(found: re.Match[str]) -> str:
    number, counter = int(found[1]), found[2]
    return _apart(counted(number, COUNTERS[counter]) if counter else cardinal(number))


def _apart(kana: str) -> str:
    return f"{_EDGE}{kana}{_EDGE}"
