"""Our own readings reach the voice untouched, whatever the dictionary thinks of them."""

import pytest

from ivr_flows.prompts.pronunciation import Misaligned, Node, as_written, lengthened
from ivr_flows.prompts.readings import expand


def nodes(*words: tuple[str, str]) -> list[Node]:
    """What a front end would answer."""
    signs = "、。"
    return [
        {"string": word, "pron": said, "pos": "記号" if word in signs else "名詞"}
        for word, said in words
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ジュウゴフン", "ジューゴフン"),
        ("ジョウナンマチ", "ジョーナンマチ"),
        ("ソウゴウシショ", "ソーゴーシショ"),
        ("ミノウ", "ミノー"),
        ("トオカ", "トオカ"),
        ("サンメイ", "サンメー"),
        ("クルメシ", "クルメシ"),
    ],
)
def test_long_vowels(written: str, said: str) -> None:
    assert lengthened(written) == said


def test_katakana_is_not_left_to_the_dictionary() -> None:
    heard = list(
        as_written("ハツカです。", nodes(("ハツカ", "ハッカ"), ("です", "デス’"), ("。", "。")))
    )

    assert heard == [("ハツカ", "ハツカ"), ("です", "デス"), ("。", "。")]


def test_kana_that_the_dictionary_cuts_up_stays_whole() -> None:
    cut = nodes(("ミヅ", "ミズ"), ("マ", "マ"), ("や", "ヤ"))

    assert list(as_written("ミヅマや", cut)) == [("ミヅマ", "ミヅマ"), ("や", "ヤ")]


def test_words_that_touch_are_spoken_as_words() -> None:
    text = expand("9月20日に")
    cut = nodes(("クガツハ", "クガツワ"), ("ツカ", "ツカ"), ("に", "ニ"))

    assert [said for _, said in as_written(text, cut)] == ["クガツ", "ハツカ", "ニ"]


def test_a_second_run_is_found_behind_the_edges_of_the_first() -> None:
    text = "クガツ・ハツカにイチ"
    cut = nodes(("クガツハツカ", "x"), ("に", "ニ"), ("イチ", "x"))

    assert [said for _, said in as_written(text, cut)] == ["クガツ", "ハツカ", "ニ", "イチ"]


@pytest.mark.parametrize(
    "cut",
    [
        nodes(("はイ", "x"), ("チ", "x")),  # begins before our kana and ends inside
        nodes(("は", "ワ"), ("イチを", "x")),  # begins with it and ends behind
        nodes(("はイチ", "x"), ("を", "ヲ")),  # swallows it
    ],
)
def test_a_word_across_our_kana_is_refused(cut: list[Node]) -> None:
    with pytest.raises(Misaligned):
        list(as_written("はイチを", cut))
