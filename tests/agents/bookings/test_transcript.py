"""転記: every field as the city's form wants it."""

import pytest
from pydantic import ValidationError

from agents.bookings.names import written_kana
from agents.bookings.transcript import Asked

READINGS = [
    "マドグチ ハナコ", "まどぐち はなこ", "ﾏﾄﾞｸﾞﾁ ﾊﾅｺ", "マト\u3099ク\u3099チ\u3000ハナコ",
]  # fmt: skip


@pytest.mark.parametrize("reading", READINGS)
def test_a_reading_is_written_as_it_is_wanted_however_it_was_typed(reading: str) -> None:
    assert written_kana(reading, "katakana") == "マドグチ\u3000ハナコ"
    assert written_kana(reading, "hiragana") == "まどぐち\u3000はなこ"
    assert written_kana(reading, "half") == "ﾏﾄﾞｸﾞﾁ ﾊﾅｺ"
    assert written_kana(reading, "iso") == reading


@pytest.mark.parametrize(
    ("typed", "half", "hiragana"),
    [
        ("パーカー・ジョン", "ﾊﾟｰｶｰ･ｼﾞｮﾝ", "ぱーかー・じょん"),
        ("ヴァン", "ｳﾞｧﾝ", "ゔぁん"),
        ("ヲ ヱ", "ｦ ヱ", "を\u3000ゑ"),  # half width has no ヱ
        ("Smith", "Smith", "Smith"),
        ("", "", ""),
    ],
)
def test_what_is_rare_is_not_lost(typed: str, half: str, hiragana: str) -> None:
    assert written_kana(typed, "half") == half
    assert written_kana(typed, "hiragana") == hiragana


@pytest.mark.parametrize(("field", "how"), [("kana", "digits"), ("day", "half"), ("name", "half")])
def test_only_what_can_be_is_written_so(field: str, how: str) -> None:
    with pytest.raises(ValidationError, match="is not written as"):
        Asked.model_validate({"field": field, "ja": "x", "en": "x", "as": how})
