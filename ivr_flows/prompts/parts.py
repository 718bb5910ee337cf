"""The closed set of short sounds that dynamic announcements are joined from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ivr_flows.prompts.numerals import SPELLED

MON_TO_SUN: Final = "月火水木金土日"
PAUSE: Final = "pause"
PAUSE_SECONDS: Final = 0.25  # between the groups of a telephone number


@dataclass(frozen=True, slots=True)
class Family:
    """Sounds that differ by a number only; `{n}` in the text stands for it."""

    text: str
    numbers: range


# A comma keeps the voice up, because something follows; a full stop lets it fall.
FAMILIES: Final = {
    "position": Family("{n}番目です。", range(1, 100)),
    "people": Family("{n}人、", range(100)),
    "nth_person": Family("{n}人目、", range(1, 100)),
    "minutes": Family("{n}分、", range(1, 61)),
    "minutes_about": Family("{n}分ほどです。", range(1, 31)),
    "hour": Family("{n}時、", range(24)),
    "day": Family("{n}日、", range(1, 32)),
    "month": Family("{n}月、", range(1, 13)),
    "weekday": Family("{weekday}曜日、", range(1, 8)),
}
# Of the voice, where the usual one is not understood: a recogniser took 火曜日 for 海曜日, 5分から
# for 5分後から (docs/prompts.md).
PACES: Final = {"day": 1.1, "weekday": 1.1, "minutes": 1.1}
WORD: Final = "word"
WORDS: Final = {
    "forenoon": "午前、",
    "afternoon": "午後、",
    "today": "本日、",
    "today_is": "本日は、",
    "next": "次の受付は、",
    "weekdays": "平日の、",
    "except_holidays": "祝日を除き、",
    "hours_from": "から、",
    "hours_until": "まで、",
    "from_then": "からです。",
    "until_then": "までです。",
    "until_open": "まで受け付けています。",
    # Where cards are handed out, by the codes of the shipped sites.
    "site_main": "本庁舎、",
    "site_tanushimaru": "田主丸総合支所、",
    "site_kitano": "北野総合支所、",
    "site_jojima": "城島総合支所、",
    "site_mizuma": "三潴総合支所、",
    "site_mino": "耳納市民センター、",
    "site_chikuho": "筑邦市民センター、",
    "site_kamitsu": "上津市民センター、",
    "site_takamure": "高牟礼市民センター、",
    "site_chitose": "千歳市民センター、",
}
DIGIT: Final = Family("{digit}、", range(10))
LAST_DIGIT: Final = Family("{digit}。", range(10))


def stem(family: str, number: int) -> str:
    """The file name of one part, without its ending."""
    return f"{family}-{number}"


def digit(number: int, *, last: bool) -> str:
    """The file name of a spoken digit, whose voice falls when it is the last."""
    return stem("digit-last" if last else "digit", number)


def pace(part: str) -> float | None:
    """How fast the voice says it; None: as everything else."""
    return PACES.get(part, PACES.get(part.rpartition("-")[0]))


def texts() -> Iterator[tuple[str, str]]:
    """Every part with what it says."""
    families = FAMILIES | {"digit": DIGIT, "digit-last": LAST_DIGIT}
    for name, family in families.items():
        for number in family.numbers:
            yield stem(name, number), _fill(family.text, number)
    for word, text in WORDS.items():
        yield f"{WORD}-{word}", text


def _fill(text: str, number: int) -> str:
    weekday = MON_TO_SUN[(number - 1) % len(MON_TO_SUN)]
    return text.format(n=number, weekday=weekday, digit=SPELLED[number % len(SPELLED)])
