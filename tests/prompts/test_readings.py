"""How numbers, counters, dates, telephone numbers and places of the city are read."""

import pytest

from ivr_flows.prompts.catalogue import prompts
from ivr_flows.prompts.counters import COUNTERS
from ivr_flows.prompts.numerals import cardinal
from ivr_flows.prompts.readings import PLACES, expand, telephone

ONE_TO_TWENTY = {
    "人": """ヒトリ フタリ サンニン ヨニン ゴニン ロクニン ナナニン ハチニン キュウニン ジュウニン
        ジュウイチニン ジュウニニン ジュウサンニン ジュウヨニン ジュウゴニン ジュウロクニン
        ジュウナナニン ジュウハチニン ジュウキュウニン ニジュウニン""",
    "人目": """ヒトリメ フタリメ サンニンメ ヨニンメ ゴニンメ ロクニンメ ナナニンメ ハチニンメ
        キュウニンメ ジュウニンメ ジュウイチニンメ ジュウニニンメ ジュウサンニンメ ジュウヨニンメ
        ジュウゴニンメ ジュウロクニンメ ジュウナナニンメ ジュウハチニンメ ジュウキュウニンメ
        ニジュウニンメ""",
    "番目": """イチバンメ ニバンメ サンバンメ ヨンバンメ ゴバンメ ロクバンメ ナナバンメ ハチバンメ
        キュウバンメ ジュウバンメ ジュウイチバンメ ジュウニバンメ ジュウサンバンメ ジュウヨンバンメ
        ジュウゴバンメ ジュウロクバンメ ジュウナナバンメ ジュウハチバンメ ジュウキュウバンメ
        ニジュウバンメ""",
    "分": """イップン ニフン サンプン ヨンプン ゴフン ロップン ナナフン ハップン キュウフン
        ジュップン ジュウイップン ジュウニフン ジュウサンプン ジュウヨンプン ジュウゴフン
        ジュウロップン ジュウナナフン ジュウハップン ジュウキュウフン ニジュップン""",
    "時": """イチジ ニジ サンジ ヨジ ゴジ ロクジ シチジ ハチジ クジ ジュウジ ジュウイチジ ジュウニジ
        ジュウサンジ ジュウヨジ ジュウゴジ ジュウロクジ ジュウシチジ ジュウハチジ ジュウクジ
        ニジュウジ""",
    "日": """ツイタチ フツカ ミッカ ヨッカ イツカ ムイカ ナノカ ヨウカ ココノカ トオカ
        ジュウイチニチ ジュウ・ニ・ニチ ジュウサンニチ ジュウヨッカ ジュウゴニチ ジュウロクニチ
        ジュウシチニチ ジュウハチニチ ジュウクニチ ハツカ""",
    "歳": """イッサイ ニサイ サンサイ ヨンサイ ゴサイ ロクサイ ナナサイ ハッサイ キュウサイ
        ジュッサイ ジュウイッサイ ジュウニサイ ジュウサンサイ ジュウヨンサイ ジュウゴサイ
        ジュウロクサイ ジュウナナサイ ジュウハッサイ ジュウキュウサイ ハタチ""",
    "点": """イッテン ニテン サンテン ヨンテン ゴテン ロクテン ナナテン ハッテン キュウテン
        ジュッテン ジュウイッテン ジュウニテン ジュウサンテン ジュウヨンテン ジュウゴテン
        ジュウロクテン ジュウナナテン ジュウハッテン ジュウキュウテン ニジュッテン""",
    "か月": """イッカゲツ ニカゲツ サンカゲツ ヨンカゲツ ゴカゲツ ロッカゲツ ナナカゲツ ハッカゲツ
        キュウカゲツ ジュッカゲツ ジュウイッカゲツ ジュウニカゲツ ジュウサンカゲツ ジュウヨンカゲツ
        ジュウゴカゲツ ジュウロッカゲツ ジュウナナカゲツ ジュウハッカゲツ ジュウキュウカゲツ
        ニジュッカゲツ""",
}
MONTHS = """イチガツ ニガツ サンガツ シガツ ゴガツ ロクガツ シチガツ ハチガツ クガツ ジュウガツ
    ジュウイチガツ ジュウニガツ"""


@pytest.mark.parametrize("counter", ONE_TO_TWENTY)
def test_counters_from_one_to_twenty(counter: str) -> None:
    said = [expand(f"{number}{counter}") for number in range(1, 21)]

    assert said == ONE_TO_TWENTY[counter].split()


def test_months() -> None:
    assert [expand(f"{number}月") for number in range(1, 13)] == MONTHS.split()


def test_days_that_are_not_built_from_their_number() -> None:
    assert expand("24日") == "ニジュウヨッカ"
    assert expand("29日") == "ニジュウクニチ"
    assert expand("31日") == "サンジュウイチニチ"
    assert expand("14日間") == "ジュウヨッカカン"
    assert expand("1日間") == "イチニチカン"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "ゼロ"),
        (10, "ジュウ"),
        (300, "サンビャク"),
        (365, "サンビャクロクジュウゴ"),
        (600, "ロッピャク"),
        (888, "ハッピャクハチジュウハチ"),
        (1500, "センゴヒャク"),
        (3000, "サンゼン"),
        (8000, "ハッセン"),
        (302500, "サンジュウマンニセンゴヒャク"),
    ],
)
def test_bare_numbers(number: int, said: str) -> None:
    assert cardinal(number) == said


def test_a_number_too_large_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="out of the range"):
        cardinal(100_000_000)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("久留米市", "クルメシ"),
        ("城南町", "ジョウナンマチ"),
        ("城島", "ジョウジマ"),
        ("城島町", "ジョウジママチ"),
        ("三潴", "ミヅマ"),
        ("三潴町", "ミヅママチ"),
        ("田主丸", "タヌシマル"),
        ("田主丸町", "タヌシマルマチ"),
        ("北野", "キタノ"),
        ("耳納", "ミノウ"),
        ("筑邦", "チクホウ"),
        ("上津", "カミツ"),
        ("高牟礼", "タカムレ"),
        ("千歳", "チトセ"),
    ],
)
def test_places_of_the_city(place: str, said: str) -> None:
    assert expand(place) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9月20日", "クガツ・ハツカ"),
        ("午前8時30分から", "午前ハチジ・サンジュップンから"),
        ("17:15", "ジュウシチジ・ジュウゴフン"),
        ("9:00", "クジ"),
        ("１０分", "ジュップン"),
        ("1,500円", "センゴヒャクエン"),
        ("24時間、365日", "ニジュウヨジカン、サンビャクロクジュウゴニチ"),
        ("城南町15番地3", "ジョウナンマチ・ジュウゴバンチ・サン"),
        ("4人目の方", "ヨニンメのかた"),
        ("久留米市マイナンバーカード", "クルメシ・マイナンバーカード"),
        ("0を押してください", "ゼロを押してください"),
        ("交付通知書", "交付通知書"),
    ],
)
def test_in_a_sentence(text: str, said: str) -> None:
    assert expand(text) == said


def test_a_telephone_number_is_read_digit_by_digit() -> None:
    assert telephone("0942-00-1234") == "ゼロキューヨンニー、ゼロゼロ、イチニーサンヨン"
    assert expand("0942-00-1234へ") == "ゼロキューヨンニー、ゼロゼロ、イチニーサンヨンへ"


def test_no_prompt_goes_to_the_voice_with_a_figure_or_a_place_unread() -> None:
    for name, prompt in prompts().prompts.items():
        said = expand(prompt.ja)
        assert not any(sign.isdecimal() for sign in said), name
        assert not any(place in said for place in PLACES), name


def test_every_counter_reads_every_small_number() -> None:
    for written in COUNTERS:
        assert all(expand(f"{number}{written}").isprintable() for number in range(1, 100))
