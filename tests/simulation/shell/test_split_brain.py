"""Headline 5: whoever believes to lead, no agent and no caller is reserved twice.

`python -m telephony.simulation.shell --split-brain --seeds 1..100` plays a hundred seeds.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.acd import effects as acd_fx
from telephony.calls.controller import Controller
from telephony.calls.ground import Ground
from telephony.calls.lease import Demoted, Tenure
from telephony.calls.performer import Performer, Task
from telephony.simulation.shell.brains import KINDS, Kind, split
from telephony.simulation.shell.history import Event, late, wrong
from telephony.simulation.shell.script import Script, Worker
from tests.simulation.shell.staging import assert_kept, played, steady

HOURS = 0.08
EXCLUSIVE = "a reservation is exclusive"


@pytest.mark.parametrize("kind", KINDS)
def test_d5_nobody_is_reserved_twice_and_nobody_acts_after_another(
    kind: Kind, tmp_path: Path
) -> None:
    result = assert_kept(split(1, HOURS, kind), tmp_path)
    assert len(result.struck) > 3
    if kind != "cut from Asterisk":  # nobody else could reach more of it
        assert sum(event.what == "opened" for event in result.history) > 1
    assert sum(event.name == "originate" for event in result.history) > 1


# -- the checker -------------------------------------------------------------------------------

TOOK = Event("opened", 0.0, "one")


def ring(leg: str, phone: str, at: float, by: str = "one", sent: float | None = None) -> Event:
    return Event(
        "asked", at, by, "originate", (leg, f"PJSIP/{phone}"), at if sent is None else sent
    )


def over(leg: str, at: float) -> Event:
    return Event("ended", at, about=(leg,))


def gives_up(leg: str, at: float) -> Event:
    return Event("gave up", at, "one", "hang_up", (leg,), at)


def joins(call: str, leg: str, at: float) -> Event:
    return Event("asked", at, "one", "add_channel", (f"b.{call}", (call, leg)), at)


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ((ring("o.c1.1", "ana", 1.0), ring("o.c2.1", "ana", 2.0)), "PJSIP/ana is rung"),
        ((ring("o.c1.1", "ana", 1.0), ring("o.c1.2", "bo", 2.0)), "c1 is offered"),
        ((Event("opened", 2.0, "two"), ring("o.c1.1", "ana", 3.0)), "one asked for originate"),
        ((ring("o.c1.1", "ana", 1.0), ring("o.c1.1", "ana", 2.0)), ""),  # once more, in doubt
        ((ring("o.c1.1", "ana", 1.0), over("o.c1.1", 2.0), ring("o.c2.1", "ana", 3.0)), ""),
        ((ring("o.c1.1", "ana", 1.0), gives_up("o.c1.1", 2.0), ring("o.c1.2", "bo", 2.0)), ""),
        (
            (ring("o.c1.1", "ana", 1.0), gives_up("o.c1.1", 2.0), ring("o.c2.1", "ana", 2.0)),
            "PJSIP/ana is rung",  # it still rings: a telephone has no second bell
        ),
        (
            (ring("o.c1.1", "ana", 1.0), joins("c1", "o.c1.1", 2.0), ring("o.c1.2", "bo", 3.0)),
            "",  # a transfer
        ),
        ((Event("opened", 2.0, "two"), ring("o.c1.1", "ana", 2.1, sent=1.9)), ""),
    ],
)
def test_a_history_is_right_when_each_step_is_allowed(
    history: tuple[Event, ...], found: str
) -> None:
    told = list(wrong((TOOK, *history)))
    assert [each.startswith(found) for each in told] == ([True] if found else [])


def test_what_was_under_way_as_another_took_over_is_counted() -> None:
    history = (TOOK, Event("opened", 2.0, "two"), ring("o.c1.1", "ana", 2.1, sent=1.9))
    assert late(history) == 1


# -- planted bugs ------------------------------------------------------------------------------

Plant = Callable[[pytest.MonkeyPatch], None]


def _a_deposed_leader_goes_on(patch: pytest.MonkeyPatch) -> None:
    listen = Controller._listen

    async def deaf(self: Controller) -> None:
        with suppress(Demoted):
            await listen(self)
        await asyncio.Event().wait()

    patch.setattr(Controller, "_listen", deaf)
    patch.setattr(Tenure, "check", lambda self: None)


def _the_last_offer_rings_on(patch: pytest.MonkeyPatch) -> None:
    perform = Performer.perform

    async def forgetful(self: Performer, effect: Task) -> None:
        if not isinstance(effect, acd_fx.DropLeg):
            await perform(self, effect)

    async def careless(self: Ground, *_: object) -> None:
        return

    patch.setattr(Performer, "perform", forgetful)
    patch.setattr(Ground, "reap_channel", careless)


SLOW = tuple(Worker(f"a0{n}", n / 10, picks_up=600.0, asks=False) for n in range(1, 5))


@pytest.mark.parametrize(
    ("plant", "script"),
    [
        (_a_deposed_leader_goes_on, split(1, HOURS, "cut from Redis")),
        (_the_last_offer_rings_on, replace(steady(calls=4), workers=SLOW)),
    ],
    ids=["a deposed leader goes on", "the last offer rings on"],
)
def test_a_planted_bug_is_found_by_the_history(
    plant: Plant, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert played(script).findings == []
    plant(monkeypatch)
    assert EXCLUSIVE in {finding.invariant for finding in played(script).findings}
