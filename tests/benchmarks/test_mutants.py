"""The planted bugs: each has its place, and what is said of the tests is so."""

from pathlib import Path

import pytest

from benchmarks.mutants import PROJECT, planted, row
from benchmarks.planted import BUGS, Bug
from benchmarks.sittings import digest
from benchmarks.trials import Ledger, Trial


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
        ("telephony", "owing"),
        ("ivr_flows", "engine.py"),
    }


def test_one_that_only_a_doubtful_test_finds_is_missed() -> None:
    told = row(
        [Trial(BUGS[0], "tests/x.py::test"), Trial(BUGS[1], "", doubtful=("tests/y.py::test",))]
    )
    assert (told.ours, told.met) == ("1 of 2", False)


def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "trials.jsonl"
    found = Trial(BUGS[0], "tests/x.py::test", hung=True, doubtful=("tests/y.py::test",))
    Ledger(file, "this tree").keep(found)
    with file.open("a", encoding="utf-8") as half_written:
        half_written.write('\n{"story": "cut of')
    again = Ledger(file, "this tree")
    assert (again.trials, again.sitting) == ({BUGS[0].story: found}, 2)
    again.keep(Trial(BUGS[1], ""))
    assert len(Ledger(file, "this tree").trials) == 2
    again.close()
    assert Ledger(file, "this tree").trials == {}


def test_what_was_found_out_about_another_tree_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "trials.jsonl"
    Ledger(file, "this tree").keep(Trial(BUGS[0], "tests/x.py::test"))
    other = Ledger(file, "another tree")
    assert (other.trials, other.sitting) == ({}, 1)


def test_a_changed_test_makes_another_tree(tmp_path: Path) -> None:
    for name in ("tests/test_a.py", "telephony/a.py", "benchmarks/planted.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("a", "utf-8")
    before = digest(tmp_path)
    assert digest(tmp_path) == before
    (tmp_path / "tests" / "test_a.py").write_text("b", "utf-8")
    assert digest(tmp_path) != before
