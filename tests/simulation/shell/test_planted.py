"""The judge sees: a bug planted in the product is found, whatever kind it is of."""

from collections.abc import Callable
from typing import Any

import pytest

from telephony.acd import effects as acd_fx
from telephony.acd.board import Board
from telephony.acd.model import AgentId, CallId, Entry, Instant
from telephony.calls import publisher
from telephony.calls.engine import Engine
from telephony.calls.ground import Ground
from telephony.calls.journal import Place
from telephony.calls.performer import Performer, Task
from telephony.calls.rebuild import Rebuilt
from telephony.calls.standby import Follower
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.simulation.shell.faults import Crash
from telephony.simulation.shell.script import Script
from telephony.store import changes as row
from tests.simulation.shell.staging import played, steady

Plant = Callable[[pytest.MonkeyPatch], None]


def _never_hangs_up_a_leg(patch: pytest.MonkeyPatch) -> None:
    perform = Performer.perform

    async def forgetful(self: Performer, effect: Task) -> None:
        if not isinstance(effect, acd_fx.DropLeg):
            await perform(self, effect)

    async def careless(self: Ground, *_: object) -> None:
        return

    patch.setattr(Performer, "perform", forgetful)
    patch.setattr(Ground, "reap_channel", careless)  # or it would be made good within two seconds


def _begins_with_nothing(patch: pytest.MonkeyPatch) -> None:
    rebuilt = Follower.rebuilt

    async def empty(self: Follower) -> Rebuilt:
        known = await rebuilt(self)
        return Rebuilt(Centre(known.centre.rules), known.last_at, [], complete=False)

    patch.setattr(Follower, "rebuilt", empty)


def _hears_no_caller_hang_up(patch: pytest.MonkeyPatch) -> None:
    submit = Engine.submit

    def deaf(self: Engine, command: cmd.Command) -> Place:
        return Place(0, 0) if isinstance(command, cmd.CallerHungUp) else submit(self, command)

    patch.setattr(Engine, "submit", deaf)


def _puts_to_the_music_twice(patch: pytest.MonkeyPatch) -> None:
    put = Performer._to_music

    async def twice(self: Performer, call: CallId, channel: str) -> None:
        await put(self, call, channel)
        await put(self, call, channel)

    patch.setattr(Performer, "_to_music", twice)


def _serves_the_last_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Board, "match", _last_come_first_served)


def _last_come_first_served(board: Board, now: Instant) -> tuple[Entry, AgentId] | None:
    pairs = [
        (board._entries[rank[1]], board._free[bucket][0][-1])
        for bucket in board._touched
        for rank in board._waiting[bucket]
        if board._free[bucket]
    ]
    return max(pairs, key=lambda pair: pair[0].rank, default=None)


def _writes_of_no_line_that_it_is_idle(patch: pytest.MonkeyPatch) -> None:
    told = publisher.to_changes

    def forgetful(effect: fx.Effect, *known: Any) -> tuple[row.Change, ...]:
        idle = isinstance(effect, fx.LineMoved) and effect.state is fx.LineState.IDLE
        return () if idle else told(effect, *known)

    patch.setattr(publisher, "to_changes", forgetful)


@pytest.mark.parametrize(
    ("plant", "script", "broken"),
    [
        (_never_hangs_up_a_leg, steady(), "I7 nothing outlives its call"),
        (
            _begins_with_nothing,
            steady(*(Crash(at=at, steps=3) for at in (52.0, 82.0, 112.0))),
            "agents keep their state",
        ),
        (_hears_no_caller_hang_up, steady(), "I7 nothing outlives its call"),
        (
            _puts_to_the_music_twice,
            steady(calls=2, lasts=120.0),
            "who is put to the music hears it",
        ),
        (
            _serves_the_last_first,
            steady(calls=20, apart=4.0),
            "I2 I3 I4 one offer at a time, nobody overtaken",
        ),
        (_writes_of_no_line_that_it_is_idle, steady(calls=2), "I11 intervals are what was"),
    ],
    ids=[
        "legs stay",
        "a new leader knows nothing",
        "hang-ups unheard",
        "music twice",
        "last come, first served",
        "idle lines unwritten",
    ],
)
def test_a_planted_bug_is_found_for_what_it_is(
    plant: Plant, script: Script, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the invariant it breaks: a plant that no longer fits the code breaks others."""
    assert played(script).findings == []
    plant(monkeypatch)
    assert broken in {finding.invariant for finding in played(script).findings}
