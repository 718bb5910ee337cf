"""The planted bugs: each has its place, and what is said of the tests is so."""

from pathlib import Path

import pytest

from benchmarks.mutants import PROJECT, Trial, planted, row
from benchmarks.planted import BUGS, Bug


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.story)
def test_each_can_be_planted(bug: Bug) -> None:
    text = (PROJECT / bug.file).read_text("utf-8")
    spoilt = planted(bug, text)
    assert spoilt != text
    compile(spoilt, bug.file, "exec")


def test_one_without_its_place_is_named() -> None:
    with pytest.raises(ValueError, match=r"b\.py for: forgot to add"):
        planted(Bug("forgot to add", "b.py", "a + b", "a"), "a - b")


def test_there_are_enough_in_every_part() -> None:
    assert len(BUGS) >= 25
    assert {Path(bug.file).parts[:2] for bug in BUGS} == {
        ("telephony", "acd"),
        ("telephony", "centre"),
        ("telephony", "calls"),
        ("ivr_flows", "engine.py"),
    }


def test_one_that_only_a_doubtful_test_finds_is_missed() -> None:
    told = row([Trial(BUGS[0], "tests/x.py::test"), Trial(BUGS[1], "", doubtful=True)])
    assert (told.ours, told.met) == ("1 of 2", False)
