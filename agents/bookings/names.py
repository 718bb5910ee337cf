"""Names: kept exactly as typed, with a key beside them that finds them again. Pure.

外字 and variation selectors (IVS) are part of a name, and the person knows. So nothing here
changes a name that is kept. The key is only to search with: two readings that people confuse when
they listen or type may share one, and a list shows the names themselves.
"""

import re
from typing import Final
from unicodedata import category, normalize

_HIRAGANA, _KATAKANA = ord("ぁ"), ord("ァ")
_TO_KATAKANA: Final = {_HIRAGANA + n: _KATAKANA + n for n in range(ord("ゖ") - _HIRAGANA + 1)}
_TO_HIRAGANA: Final = {kata: hira for hira, kata in _TO_KATAKANA.items()}
_HALF: Final = {  # 半角: ヲ to ン and ー; the marks of 濁音 and 半濁音 are signs of their own there
    **{normalize("NFKC", chr(half)): chr(half) for half in range(0xFF65, 0xFF9E)},
    "\u3099": "\uff9e",
    "\u309a": "\uff9f",
}
_SAME: Final = str.maketrans(
    "ァィゥェォッャュョヮヵヶヲヰヱヂヅ",  # small kana, and kana that sound like others
    "アイウエオツヤユヨワカケオイエジズ",
)
# A long vowel is written ー, or with its vowel, or (オ) with ウ, or (エ) with イ.
_VOWELS: Final = {
    "ア": "アカサタナハマヤラワガザダバパ",
    "イ": "イキシチニヒミリギジビピ",
    "ウ": "ウクスツヌフムユルグズブプヴ",
    "エ": "エケセテネヘメレゲゼデベペ",
    "オ": "オコソトノホモヨロゴゾドボポ",
}
_VOWEL_OF: Final = {kana: vowel for vowel, row in _VOWELS.items() for kana in row}
_LENGTHENS: Final = {
    "ア": "ーア", "イ": "ーイ", "ウ": "ーウ", "エ": "ーエイ", "オ": "ーオウ",
}  # fmt: skip
_DASHES: Final = str.maketrans(
    "‐‑‒–—―−-~〜", "ーーーーーーーーーー"
)  # nothing else is typed in a reading
# Printed on a card as one and the same by some, kept apart by others: found by either.
_VARIANTS: Final = str.maketrans(
    "髙﨑濵濱邉邊齋齊斎嶋嶌澤廣德眞冨曻桒𠮷",
    "高崎浜浜辺辺斉斉斉島島沢広徳真富昇桑吉",
)
_SELECTORS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_KANA: Final = re.compile(r"[ァ-ヶヴー]+")


def kana_key(reading: str) -> str:
    """What a reading is searched by.

    オオノ, おおの, ｵｵﾉ, オーノ and オウノ are one; so are ユウコ and ユーコ, ケイコ and ケーコ,
    and composed and decomposed 濁点. Small and large kana are one (キヨウコ, キョウコ), because
    forms write them either way. ハ and バ, オオノ and オノ stay apart: they are different names.
    """
    return _lengthened(_folded(reading))


def written_kana(reading: str, how: str) -> str:
    """A reading as a form wants it: `katakana`, `hiragana` or `half` width; else as it was typed.

    What is no kana stays as it is, but spaces become those of the same width.
    """
    full = normalize("NFC", normalize("NFKC", reading)).translate(_TO_KATAKANA)
    match how:
        case "katakana":
            return full.replace(" ", "\u3000")
        case "hiragana":
            return full.translate(_TO_HIRAGANA).replace(" ", "\u3000")
        case "half":
            return "".join(_HALF.get(part, part) for part in _parted(full))
        case _:
            return reading


def _parted(full: str) -> str:
    """Katakana with 濁点 and 半濁点 as signs of their own, all else in one piece."""
    return "".join(normalize("NFD", each) if "ァ" <= each <= "ヺ" else each for each in full)


def name_key(name: str) -> str:
    """What a written name is searched by: without width, spaces and variants (異体字, IVS)."""
    bare = "".join(each for each in normalize("NFKC", name) if not _is_selector(each))
    return _squeezed(bare).translate(_VARIANTS).casefold()


def search_key(query: str) -> tuple[str, bool]:
    """The key of what somebody typed into a search, and whether it is a reading (all kana)."""
    folded = _folded(query)
    return (_lengthened(folded), True) if _KANA.fullmatch(folded) else (name_key(query), False)


def _folded(reading: str) -> str:
    composed = _squeezed(normalize("NFC", normalize("NFKC", reading)))
    return composed.translate(_TO_KATAKANA).translate(_DASHES).translate(_SAME).casefold()


def _squeezed(text: str) -> str:
    return "".join(each for each in text if not each.isspace() and each not in "・･=＝")


def _lengthened(reading: str) -> str:
    """Every way of making a vowel long written as one ー."""
    kept: list[str] = []
    vowel: str | None = None
    for kana in reading:
        if kana == "ー" or (vowel is not None and kana in _LENGTHENS[vowel]):
            if kept[-1:] != ["ー"]:
                kept.append("ー")
        else:
            kept.append(kana)
            vowel = _VOWEL_OF.get(kana)
    return "".join(kept)


def _is_selector(each: str) -> bool:
    """Variation selectors, of both planes, and marks that no eye sees."""
    return each in _SELECTORS or category(each) == "Cf"
