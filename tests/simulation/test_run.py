"""Whole days with the demo site's own flow: nothing is left over, and a seed is always one day."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import config
from config.site import load as load_site
from telephony.acd.board import Board
from telephony.acd.deadlines import Deadlines, Key
from telephony.acd.model import AgentId, AgentState, Entry, Instant
from telephony.calls.rules import rules_of
from telephony.simulation.figures import of_day
from telephony.simulation.ledger import DayBook
from telephony.simulation.lengths import recorded
from telephony.simulation.model import Conduct
from telephony.simulation.run import Plan, Run, staffed
from telephony.simulation.scenario import load, load_town, names
from telephony.simulation.watch import InvariantBroken
from telephony.store.figures import totals
from telephony.store.words import Outcome
from tests.simulation.plans import plan, scenario, silent

DEMO = rules_of(load_site(Path(config.__file__).parent / "site"))
TOWN = load_town()
LIFE = TOWN.conducts["life"]


def play(name: str, conduct: Conduct, days: int = 1, seed: int = 3) -> tuple[Run, list[DayBook]]:
    of = load(name, TOWN)
    run = Run(Plan(staffed(DEMO, of.agents, of.lines), of, TOWN, conduct, seed), recorded)
    return run, list(run.days(days))


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("conduct", TOWN.conducts)
def test_every_call_of_every_scenario_has_one_end(name: str, conduct: str) -> None:
    run, books = play(name, TOWN.conducts[conduct])
    records = [record for book in books for record in book.records]
    sums = totals(records)
    assert sums.balanced
    assert len(sums.offered) == len(set(sums.offered)) == run.watch.opened > 20
    assert sums.still_open == sums.refused == sums.lost == ()


def test_callers_walk_through_the_real_flow() -> None:
    _, books = play("peak-day", LIFE, 2)
    outcomes = Counter(record.outcome for book in books for record in book.records)
    assert {Outcome.ANSWERED, Outcome.INFORMED, Outcome.ABANDONED, Outcome.OVERFLOWED} <= set(
        outcomes
    )
    arrived_to_answer = [
        (record.ended_at or 0) - record.arrived_at - (record.talked or 0) - (record.held or 0)
        for book in books
        for record in book.records
        if record.outcome is Outcome.ANSWERED
    ]
    assert sum(arrived_to_answer) / len(arrived_to_answer) > 15  # greeting and menu take their time


def test_agents_eat_rest_miss_offers_and_hold_callers() -> None:
    busier = replace(LIFE, misses=0.1, hold_share=0.5)
    _, books = play("busy-day", busier, 2)
    spans = [span.facts for book in books for span in book.agents]
    why = {facts["reason"] for facts in spans if facts["state"] == AgentState.PAUSED}
    assert {"lunch", "break", "wrap_up"} <= why
    assert AgentState.HOLD in {facts["state"] for facts in spans}
    assert max(record.held or 0.0 for book in books for record in book.records) > 0


def test_lunch_is_taken_in_turn() -> None:
    _, (book,) = play("busy-day", TOWN.conducts["table"])
    lunches = [s for s in book.agents if s.facts["reason"] == "lunch"]
    assert len(lunches) == 6
    for moment in (lunch.started_at for lunch in lunches):
        away = [s for s in lunches if s.started_at <= moment < (s.ended_at or 0)]
        assert len(away) <= 3


def test_whoever_got_nobody_phones_again() -> None:
    _, (book,) = play("peak-monday", TOWN.conducts["table"])
    again = [record for record in book.records if not record.id.endswith(".0")]
    assert again
    first = {record.id.rpartition(".")[0]: record for record in book.records}
    for record in again:
        person, _, tries = record.id.rpartition(".")
        before = next(r for r in book.records if r.id == f"{person}.{int(tries) - 1}")
        assert before.outcome in {Outcome.OVERFLOWED, Outcome.ABANDONED}
        assert 300 <= record.arrived_at - (before.ended_at or 0) <= 900
        assert person in first


def test_a_seventh_caller_is_turned_away_and_counted() -> None:
    _, (book,) = play("peak-monday", TOWN.conducts["table"])
    sums = totals(book.records)
    busy = [r for r in book.records if r.outcome is Outcome.OVERFLOWED]
    assert len(busy) == len(sums.overflowed) > 0
    for record in busy:
        up = [
            r
            for r in book.records
            if r.line is not None and r.arrived_at <= record.arrived_at < (r.ended_at or 0)
        ]
        assert len(up) == 6


def test_days_differ_and_seeds_differ_and_a_seed_repeats() -> None:
    def told(seed: int) -> list[tuple[float, float]]:
        _, books = play("ordinary-day", LIFE, 2, seed)
        return [of_day(book, 6)["asa"] for book in books]

    assert told(1) == told(1)
    assert told(1) != told(2)
    assert told(1)[0] != told(1)[1]


def test_the_order_of_hashes_decides_nothing() -> None:
    words = ["simulate", "--scenario", "quiet-day", "--days", "1", "--assume", "life", "--json"]
    script = f"from telephony.cli import main; main({words!r})"
    outs = []
    for seed in ("1", "77"):
        ran = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        outs.append([line for line in ran.stdout.splitlines() if "hours_per_minute" not in line])
    assert outs[0] == outs[1]
    assert len(outs[0]) > 20


def test_a_core_that_serves_the_youngest_first_does_not_get_through_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def youngest(board: Board, now: Instant) -> tuple[Entry, AgentId] | None:
        heads = [
            board._waiting[bucket][-1]
            for bucket in board._touched
            if board._waiting[bucket] and board._free[bucket]
        ]
        if not heads:
            return None
        entry = board._entries[max(heads)[1]]
        return entry, board._free[entry.queue, entry.wants][0][-1]

    monkeypatch.setattr(Board, "match", youngest)
    with pytest.raises(InvariantBroken, match=r"I4: .* overtakes"):
        play("peak-day", LIFE)


def test_a_core_that_forgets_to_end_wrap_up_does_not_get_through_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forever(deadlines: Deadlines, key: Key, at: Instant, real: Any = Deadlines.set) -> None:
        if key[0] != "wrap_up":
            real(deadlines, key, at)

    monkeypatch.setattr(Deadlines, "set", forever)
    with pytest.raises(InvariantBroken, match="I9"):
        list(Run(plan(3, 6, scenario(30, 120, hours=2)), silent).days(1))
