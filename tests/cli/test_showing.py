"""Tables as a terminal shows them."""

import pytest

from telephony.cli.records import masked
from telephony.cli.showing import duration, table, width


def test_japanese_takes_two_places() -> None:
    lines = table(("席", "name", "for"), [("a01", "窓口1", "0:05"), ("s01", None, "12:00")])
    assert lines == [
        "席   name   for",
        "a01  窓口1  0:05",
        "s01  -      12:00",
    ]
    assert {width(line[: line.index("0:05")]) for line in lines[1:2]} == {12}


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "-"), (0.2, "0:00"), (59.6, "1:00"), (754, "12:34"), (-3, "0:00")]
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


def test_a_number_is_known_again_only_by_who_knows_it() -> None:
    assert masked("+81942000901") == "+819•••••901"
    assert masked("110") == "110"
