"""Names: one key for what sounds the same, another for what does not."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bookings.names import kana_key, name_key, search_key

KANA = "".join(chr(code) for code in range(ord("ァ"), ord("ヴ") + 1)) + "ー"
readings = st.text(KANA, min_size=1, max_size=20)


def hiragana(text: str) -> str:
    return "".join(chr(ord(each) - 0x60) if "ァ" <= each <= "ヴ" else each for each in text)


@pytest.mark.parametrize(
    "same",
    [
        ("オオノ", "おおの", "ｵｵﾉ", "オーノ", "オウノ", "オ オ ノ", "オオ　ノ"),
        ("サトウ ケイコ", "さとう けいこ", "ｻﾄｳ ｹｲｺ", "サトー ケーコ", "サトウケイコ"),
        ("キョウコ", "キヨウコ", "きょうこ", "キョーコ"),
        ("ユウコ", "ユーコ", "ゆうこ"),
        ("ガ", "か\u3099", "ｶﾞ", "が"),
        ("パウロ", "ハ\u309aウロ", "ﾊﾟｳﾛ"),
        ("オサム", "ヲサム"),
        ("シヅコ", "しずこ", "シズコ"),
        ("ニッタ", "ニツタ"),
        ("マリー・アン", "マリーアン", "マリ−アン", "マリイアン"),
        ("ヴィオラ", "ゔぃおら", "ヴイオラ"),
    ],
)
def test_one_reading_however_it_is_written(same: tuple[str, ...]) -> None:
    assert len({kana_key(reading) for reading in same}) == 1


@pytest.mark.parametrize(
    "apart",
    [
        ("ハラ", "バラ"), ("タナカ", "タナベ"), ("カンイチ", "カニチ"), ("アイ", "アエ"),
        ("オオノ", "オノ"), ("コウダ", "コダ"), ("ハナ", "パナ"), ("ユキ", "ユイ"), ("エリ", "リ"),
    ],
)  # fmt: skip
def test_names_that_are_heard_apart_stay_apart(apart: tuple[str, str]) -> None:
    assert kana_key(apart[0]) != kana_key(apart[1])


@given(reading=readings)
def test_the_way_of_typing_does_not_matter(reading: str) -> None:
    key = kana_key(reading)
    assert kana_key(hiragana(reading)) == key
    assert kana_key(normalize("NFD", reading)) == key
    assert kana_key(" ".join(reading)) == key


@given(reading=readings)
def test_a_key_is_its_own_key(reading: str) -> None:
    assert kana_key(kana_key(reading)) == kana_key(reading)


@given(text=st.text(max_size=40))
def test_no_text_breaks_the_keys(text: str) -> None:
    assert not any(each.isspace() for each in name_key(text))
    assert len(kana_key(text)) <= 18 * len(text)  # NFKC writes some signs out


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("葛\U000e0100城 花子", "葛城花子"),
        ("髙橋 太郎", "高橋太郎"),
        ("𠮷田 一", "吉田　一"),
        ("ＳＭＩＴＨ　Ａｎｎ", "smith ann"),
        ("渡邉 栄", "渡辺栄"),
        ("濵﨑 海", "浜崎海"),
    ],
)
def test_a_written_name_is_found_by_what_a_keyboard_has(kept: str, typed: str) -> None:
    assert name_key(kept) == name_key(typed)


def test_a_search_knows_a_reading_from_a_written_name() -> None:
    assert search_key("さとう") == (kana_key("サトウ"), True)
    assert search_key("佐藤") == ("佐藤", False)
    assert search_key("佐とう") == ("佐とう", False)
    assert search_key("") == ("", False)
