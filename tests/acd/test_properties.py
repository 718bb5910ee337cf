"""What holds of the core whatever happens, in whatever order."""

import json
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings

from telephony.acd.model import AgentState, Instant
from telephony.calls import codec
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import LineState
from telephony.centre.snapshot import restore, take
from tests.acd import drawn, invariants, queueing
from tests.acd.reference import offers
from tests.acd.runs import Move, Step, close, hard_rules, moves, open_up, play, tell
from tests.examples import examples

RULES = hard_rules()


def image(centre: Centre) -> bytes:
    """Everything a centre knows."""
    return codec.encode_snapshot(take(centre))


@given(queueing.scenes())
@settings(max_examples=examples(300))
def test_the_index_finds_what_a_scan_of_everybody_finds(scene: queueing.Scene) -> None:
    for acd, moment, rings in queueing.act(scene):
        expected = offers(acd.entries.values(), acd.roster.all(), acd.rules.agents, moment)
        acd.settle(moment.now)
        assert rings() == expected


@pytest.mark.parametrize("first", range(0, 2000, 500))
def test_it_finds_the_same_in_scenes_of_every_size(first: int) -> None:
    made = sum(drawn.compared(seed)[1] for seed in range(first, first + 500))
    assert made > 500  # 100,000 of them: `python -m benchmarks core`


@given(moves())
@settings(max_examples=examples(250))
def test_after_every_step_the_invariants_hold(run: list[Move]) -> None:
    centre = Centre(RULES)
    known = {agent.id: agent.state for agent in centre.acd.roster.all()}
    for step in chain(open_up(centre), play(centre, run)):
        invariants.assert_sound(centre, step.at)
        invariants.offered_to_the_free(centre, known, step.effects or [])
        invariants.lines_are_left_for_callers(centre, step.effects or [])


@given(moves())
@settings(max_examples=examples(150))
def test_a_refused_request_changes_nothing(run: list[Move]) -> None:
    centre = Centre(RULES)
    open_up(centre)
    before = image(centre), centre.next_deadline()
    for step in play(centre, run):
        after = image(centre), centre.next_deadline()
        if step.effects is None:
            assert after == before
        before = after


@given(moves())
@settings(max_examples=examples(150))
def test_when_everybody_has_left_every_call_has_one_ending_and_nobody_is_stuck(
    run: list[Move],
) -> None:
    centre = Centre(RULES)
    steps = [*open_up(centre), *play(centre, run)]
    steps += close(centre, steps[-1].at)
    invariants.each_call_ended_once(effect for step in steps for effect in step.effects or [])
    states = {
        agent.state
        for agent in centre.acd.roster.all()
        if agent.person is None or agent.state is not AgentState.WRAP_UP
    }  # who signed in at the desk ends their own wrap-up
    assert states <= {AgentState.READY, AgentState.PAUSED, AgentState.SIGNED_OUT}
    assert {line.state for line in centre.lines.all()} == {LineState.IDLE}
    assert centre.next_deadline() is None


@given(moves(), moves(most=30))
@settings(max_examples=examples(150))
def test_a_snapshot_taken_anywhere_goes_on_as_if_nothing_had_happened(
    run: list[Move], rest: list[Move]
) -> None:
    centre = Centre(RULES)
    steps = [*open_up(centre), *play(centre, run)]
    again = restore(RULES, codec.decode_snapshot(image(centre)))
    assert image(again) == image(centre)
    for step in play(centre, rest, steps[-1].at):
        assert handled(again, step) == step.effects
        assert again.next_deadline() == centre.next_deadline()


@given(moves(least=150, most=250))
@settings(max_examples=2, deadline=None, database=None)
def test_effects_do_not_depend_on_how_a_process_hashes(run: list[Move]) -> None:
    centre = Centre(RULES)
    steps = [*open_up(centre), *play(centre, run)]
    told = [codec.dumps({"at": step.at} | codec.encode(step.command)) for step in steps]
    first, second = (retold("\n".join(told), seed) for seed in ("1", "2"))
    assert first == second == digest(steps)


def digest(steps: list[Step]) -> str:
    """All effects of all steps in one word."""
    return codec.digest([effect for step in steps for effect in step.effects or []])


def handled(centre: Centre, step: Step) -> list[fx.Effect] | None:
    """The same command at the same instant to another centre."""
    return tell(centre, step.command, step.at).effects


def retold(commands: str, hash_seed: str) -> str:
    """The digest of these commands' effects in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.acd.test_properties"],
        input=commands,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def main() -> None:
    """Handle the commands on standard input; print the digest of what they led to."""
    centre = Centre(RULES)
    steps: list[Step] = []
    for line in sys.stdin:
        data = json.loads(line)
        at = Instant(data.pop("at"))
        steps.append(tell(centre, codec.decode(data), at))
    sys.stdout.write(digest(steps))


if __name__ == "__main__":
    main()
