"""The guard finds numbers however they are written, and leaves telephone numbers alone."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.privacy.individual_number import (
    INDIVIDUAL,
    MASK,
    Kind,
    check_digit,
    guard,
    is_valid,
)
from tests.examples import examples

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"))
KANA = ["れい", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう"]
ELEVEN = st.lists(st.integers(0, 9), min_size=6, max_size=6).map(lambda end: [0] * 5 + end)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["text"][:24])
def test_what_is_kept_of_a_text(vector: dict[str, Any]) -> None:
    guarded = guard(vector["text"], vector.get("before", ""))
    told = [find.kind + "!" * find.is_incident for find in guarded.finds]
    assert (guarded.text, told) == (vector["kept"], vector["finds"])


@pytest.mark.parametrize(
    "number",
    ["621498320257", "983205673214", "123456789018", "000000000000", "200000000000",
     "000000000060", "000000000019", "000000000051", "111111111118", "999999999996"],
)  # fmt: skip
def test_published_and_edge_numbers_are_valid(number: str) -> None:
    assert is_valid([int(digit) for digit in number])


@pytest.mark.parametrize("number", ["621498320258", "983205673210", "123456789010", "12345678901"])
def test_others_are_not(number: str) -> None:
    assert not is_valid([int(digit) for digit in number])


def written(digits: list[int], how: str) -> str:
    plain = "".join(map(str, digits))
    fours = [plain[at : at + 4] for at in (0, 4, 8)]
    match how:
        case "plain":
            return plain
        case "full_width":
            return plain.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
        case "kanji":
            return "".join("〇一二三四五六七八九"[digit] for digit in digits)
        case "circled":
            return "".join("⓪①②③④⑤⑥⑦⑧⑨"[digit] for digit in digits)
        case "kana":
            return "".join(KANA[digit] for digit in digits)
        case "spoken":
            return "、".join("".join(KANA[int(digit)] for digit in four) for four in fours)
        case _:
            return how.join(fours)


def bare(text: str) -> str:
    """Without masks and whatever may stand between digits."""
    return "".join(sign for sign in text if sign not in f"{MASK} -　のー.、\u200b/|*\n(")


NOTATIONS = [
    *("plain", "full_width", "kanji", "circled", "kana", "spoken", " ", "-", "　", "の", "ー", "."),
    *("      ", "\u200b", "/", "|", "*", "\n", "(", "、 "),
]


@given(ELEVEN, st.sampled_from(NOTATIONS), st.sampled_from(["", "番号は", "お客様の番号"]))
def test_a_planted_number_is_always_found(leading: list[int], how: str, lead: str) -> None:
    digits = [*leading, check_digit(leading)]
    guarded = guard(f"{lead}{written(digits, how)}、とのこと")
    assert guarded.is_incident
    assert guarded.text.count(MASK) == INDIVIDUAL
    assert bare(guarded.text) == bare(f"{lead}とのこと")


@given(
    st.lists(
        st.tuples(st.sampled_from(["0942-00-", "0942 00 ", "094200", "090-0000-", "0900000"]),
                  st.integers(0, 9999)),
        min_size=1, max_size=3,
    ),
    st.sampled_from(["、", " ", " と ", "、携帯は", "\n"]),
)  # fmt: skip
def test_telephone_numbers_are_left_alone(numbers: list[tuple[str, int]], between: str) -> None:
    text = between.join(f"{area}{rest:04d}" for area, rest in numbers) + "に電話する"
    assert guard(text).text == text


TELEPHONE = st.builds(
    lambda area, rest: f"{area}{rest:04d}",
    st.sampled_from(["0942-00-", "0942 00 ", "094200", "090-0000-", "0900000", "0942(00)"]),
    st.integers(0, 9999),
)
DATE = st.dates(min_value=date(1930, 1, 1), max_value=date(2030, 12, 31))
EVERYDAY = st.one_of(
    TELEPHONE,
    st.builds("{}{}".format, st.integers(0, 99), st.sampled_from("時分名人件回日月枚歳階年つ")),
    DATE.map(lambda day: day.isoformat()),
    DATE.map(lambda day: day.strftime("%Y/%m/%d")),
    DATE.map(lambda day: f"{day.month}/{day.day}"),
    DATE.map(lambda day: f"{day.year}年{day.month}月{day.day}日"),
)
CLEAN = st.one_of(
    EVERYDAY,
    st.times().map(lambda time: time.strftime("%H:%M")),
    st.sampled_from(["折り返し", "自宅", "携帯", "窓口 花子様", "1,234,567円", "1234567890123"]),
)
BETWEEN = st.sampled_from(["、", " ", "・", "\n", "〜", " から ", "/", "に"])


@settings(max_examples=examples(1000))
@given(st.lists(st.tuples(CLEAN, BETWEEN), min_size=1, max_size=5))
def test_what_every_note_has_is_kept_to_the_letter(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"{part}{between}" for part, between in parts)
    assert guard(text).text == text


@given(st.sampled_from(["ロック", "の再設定", "を忘れた"]), BETWEEN, EVERYDAY)
def test_what_stands_behind_the_word_for_a_pin_may_be_none(
    of: str, between: str, what: str
) -> None:
    text = f"暗証番号{of}{between}{what}、窓口へ"
    assert guard(text).text == text


@given(
    st.lists(st.tuples(CLEAN, st.sampled_from(["、", "。", "\n"])), max_size=3),
    ELEVEN,
    st.sampled_from(["plain", " ", "-"]),
)
def test_among_all_that_a_number_is_found(
    parts: list[tuple[str, str]], leading: list[int], how: str
) -> None:
    number = written([*leading, check_digit(leading)], how)
    before = "".join(f"{part}{between}" for part, between in parts)
    assert number not in guard(f"{before}番号は{number}とのこと").text


@given(st.text(alphabet=st.characters(categories=("L", "P", "Z")), max_size=60))
def test_text_without_digits_is_kept_to_the_letter(text: str) -> None:
    guarded = guard(text)
    assert all(find.kind is not Kind.PIN for find in guarded.finds)
    if not guarded.finds:
        assert guarded.text == text
    assert len(guarded.text) <= len(text)


def test_what_was_masked_is_not_found_again() -> None:
    once = guard("番号は1234 5678 9018です").text
    assert guard(once) == type(guard(once))(once)
