"""The guard finds numbers however they are written, and leaves telephone numbers alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.privacy.individual_number import (
    INDIVIDUAL,
    MASK,
    Kind,
    check_digit,
    guard,
    is_valid,
)

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
        case "kana":
            return "".join(KANA[digit] for digit in digits)
        case "spoken":
            return "、".join("".join(KANA[int(digit)] for digit in four) for four in fours)
        case _:
            return how.join(fours)


def bare(text: str) -> str:
    """Without masks and whatever may stand between digits."""
    return "".join(sign for sign in text if sign not in f"{MASK} -　のー.、")


NOTATIONS = ["plain", "full_width", "kanji", "kana", "spoken", " ", "-", "　", "の", "ー", "."]


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
