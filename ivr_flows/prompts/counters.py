"""The counters that the prompts of a city office use, and how each sounds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ivr_flows.prompts.numerals import Counter

_H_K: Final = ("イチ", "ロク", "ハチ", "ジュウ", "ヒャク")  # double before カ行 and ハ行
_S_T: Final = ("イチ", "ハチ", "ジュウ")  # double before サ行 and タ行


def _from_one(said: str) -> dict[int, str]:
    return dict(enumerate(said.split(), start=1))


# 17人 as ジュウシチニン is heard as 11人 over a telephone; ナナ is right as well, so ナナ it is.
_PEOPLE: Final = _from_one("ヒトリ フタリ")
_DAYS: Final = _from_one(
    "ツイタチ フツカ ミッカ ヨッカ イツカ ムイカ ナノカ ヨウカ ココノカ トオカ"
) | {
    12: "ジュウ・ニ・ニチ",  # as one word it is heard as 10日
    14: "ジュウヨッカ",
    17: "ジュウシチニチ",
    19: "ジュウクニチ",
    20: "ハツカ",
    22: "ニジュウ・ニ・ニチ",
    24: "ニジュウヨッカ",
    27: "ニジュウシチニチ",
    29: "ニジュウクニチ",
}
_DURATIONS: Final = {number: f"{said}カン" for number, said in _DAYS.items()} | {1: "イチニチカン"}
_THINGS: Final = _from_one("ヒトツ フタツ ミッツ ヨッツ イツツ ムッツ ナナツ ヤッツ ココノツ")
_HOURS: Final = {"ヨン": "ヨ", "ナナ": "シチ", "キュウ": "ク"}
_MONTHS: Final = {"ヨン": "シ", "ナナ": "シチ", "キュウ": "ク"}
_FOUR: Final = {"ヨン": "ヨ"}

_SPOKEN: Final = {
    "人": Counter("ニン", ends=_FOUR, whole=_PEOPLE),
    "人目": Counter("ニンメ", ends=_FOUR, whole={n: f"{said}メ" for n, said in _PEOPLE.items()}),
    "名": Counter("メイ"),
    "番": Counter("バン"),
    "番目": Counter("バンメ"),
    "番地": Counter("バンチ"),
    "号": Counter("ゴウ"),
    "丁目": Counter("チョウメ", doubles=_S_T),
    "分": Counter("フン", doubles=_H_K, hardened="プン", hardens_after=("サン", "ヨン")),
    "秒": Counter("ビョウ"),
    "時": Counter("ジ", ends=_HOURS, whole={0: "レイジ"}),
    "時間": Counter("ジカン", ends={"ヨン": "ヨ", "キュウ": "ク"}),
    "日": Counter("ニチ", whole=_DAYS),  # the first is always ツイタチ; write 一日 for a whole day
    "日間": Counter("ニチカン", whole=_DURATIONS),
    "週間": Counter("シュウカン", doubles=_S_T),
    "月": Counter("ガツ", ends=_MONTHS),
    "か月": Counter("カゲツ", doubles=_H_K),
    "年": Counter("ネン", ends=_FOUR),
    "歳": Counter("サイ", doubles=_S_T, whole={20: "ハタチ"}),
    "点": Counter("テン", doubles=_S_T),
    "通": Counter("ツウ", doubles=_S_T),
    "件": Counter("ケン", doubles=_H_K),
    "回": Counter("カイ", doubles=_H_K),
    "階": Counter("カイ", doubles=_H_K, whole={3: "サンガイ"}),
    "枚": Counter("マイ"),
    "円": Counter("エン", ends=_FOUR),
    "桁": Counter("ケタ", doubles=_H_K),
    "文字": Counter("モジ"),
    "つ": Counter("ツ", whole=_THINGS),
}
_ALSO_WRITTEN: Final = {"カ月": "か月", "ヶ月": "か月", "ケ月": "か月", "けた": "桁", "才": "歳"}

COUNTERS: Final[Mapping[str, Counter]] = MappingProxyType(
    _SPOKEN | {written: _SPOKEN[usual] for written, usual in _ALSO_WRITTEN.items()}
)
