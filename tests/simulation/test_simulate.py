"""`madoguchi simulate`: what scripts rely on, the planning table beside it, and mistakes."""

import json

import pytest

from telephony.simulation.scenario import load, load_town, names
from tests.cli.conftest import madoguchi
from tests.cli.run import Shell

__all__ = ["madoguchi"]
PROMISED = (
    "offered", "answered", "abandoned", "overflowed", "answer_rate", "service_level", "asa",
    "occupancy", "all_lines_busy", "hours_per_minute",
)  # fmt: skip
TOWN = load_town()
TABLE = [(name, p.agents, p.lines) for name in names() for p in load(name, TOWN).planned]


def test_the_keys_that_scripts_rely_on(madoguchi: Shell) -> None:
    ended = madoguchi("simulate", "--scenario", "quiet-day", "--days", "8", "--json")
    assert (ended.status, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert [key for key in PROMISED if not isinstance(told[key], int | float)] == []
    assert told["offered"] == pytest.approx(
        told["answered"] + told["abandoned"] + told["overflowed"]
    )
    assert told["answer_rate"] == pytest.approx(told["answered"] / told["offered"], abs=1e-4)
    assert told["table"]["offered"] == 114
    assert (
        told["spread"]["offered"]["mean"][0]
        < told["offered"]
        < told["spread"]["offered"]["mean"][1]
    )


@pytest.mark.parametrize(("name", "agents", "lines"), TABLE)
def test_the_table_lies_within_the_spread_of_the_days(
    madoguchi: Shell, name: str, agents: int, lines: int
) -> None:
    """Every figure of every row."""
    words = ("--agents", str(agents), "--lines", str(lines), "--days", "12", "--json")
    told = json.loads(madoguchi("simulate", "--scenario", name, *words).out)
    assert [key for key, verdict in told["verdicts"].items() if verdict == "OUTSIDE"] == []
    assert set(told["verdicts"]) == set(told["table"])


def test_more_agents_or_lines_are_one_row_each(madoguchi: Shell) -> None:
    words = (
        "simulate",
        "--scenario",
        "peak-day",
        "--days",
        "1",
        "--agents",
        "5..6",
        "--lines",
        "6,8",
    )
    told = json.loads(madoguchi(*words, "--json").out)
    assert [(row["agents"], row["lines"]) for row in told] == [(5, 6), (5, 8), (6, 6), (6, 8)]
    assert told[0]["answered"] < told[3]["answered"]
    shown = madoguchi(*words).out
    assert "answered a day" in shown
    assert sum(line.startswith(("5 ", "6 ")) for line in shown.splitlines()) == 4


def test_the_table_is_shown_beside_ours(madoguchi: Shell) -> None:
    shown = madoguchi("simulate", "--scenario", "holiday-issue-day", "--days", "6").out
    (row,) = [line for line in shown.splitlines() if line.startswith("answer rate")]
    assert "88.7 %" in row
    assert "within" in row


def test_a_staffing_that_the_table_does_not_have_is_told_and_which_it_has(madoguchi: Shell) -> None:
    words = ("simulate", "--scenario", "peak-day", "--days", "1")
    shown = madoguchi(*words, "--agents", "5").out
    assert "table 計画値" not in shown
    assert "6 agents with 6 lines, 6 agents with 12 lines" in shown
    assert "6 agents with 6 lines" not in madoguchi(*words, "--agents", "6").out


def test_without_a_scenario_they_are_listed(madoguchi: Shell) -> None:
    ended = madoguchi("simulate")
    assert ended.status == 0
    assert all(name in ended.out for name in names())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scenario", "doomsday"], "no scenario 'doomsday': choose one of after-outage"),
        (["--scenario", "peak-day", "--agents", "few"], "--agents: 'few' is neither a number"),
        (["--scenario", "peak-day", "--agents", "6..3"], "the smaller number first"),
        (["--scenario", "peak-day", "--agents", "0"], "between 1 and 200"),
        (["--scenario", "peak-day", "--lines", "-1"], "--lines: '-1' is neither"),
        (["--scenario", "peak-day", "--agents", "1..100"], "100 staffings at once are too many"),
        (["--scenario", "peak-day", "--days", "0"], "--days"),
        (["--scenario", "peak-day", "--days", "x"], "--days"),
        (["--scenario", "peak-day", "--seed", "-1"], "--seed"),
        (["--scenario", "peak-day", "--assume", "magic"], "--assume"),
        (["--scenario", "peak-day", "--site", "/nowhere"], "--site"),
    ],
    ids=lambda value: " ".join(value[2:] or value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence(madoguchi: Shell, words: list[str], told: str) -> None:
    ended = madoguchi("simulate", *words)
    assert (ended.status, ended.out) == (2, "")
    assert told in ended.sentence
