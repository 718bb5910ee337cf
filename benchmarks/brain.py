"""Headline 1: the controller is killed again and again while calls are in every state."""

import asyncio
import tempfile
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.measure import Sample
from benchmarks.plan import Plan
from benchmarks.report import Row
from telephony.calls.lease import TTL
from telephony.supervisor import control
from tests.real.brain import WITHIN, Blow, strike
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.waiting import until_true

MOST: Final = 3.0  # seconds from kill -9 to the next correct offer, every time
MOSTLY: Final = 2.0  # at the 95th percentile
HANGING: Final = TTL + 2.0
FORGET_EVERY: Final = 4  # a supervisor holds back what dies again and again


def run(plan: Plan) -> list[Row]:
    """A hundred deaths, and ten times each other blow; a lost call ends it with its story."""
    return asyncio.run(_rows(plan))


async def _rows(plan: Plan) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="brain-") as folder:
        async with centre(Path(folder), ring_for=2 * WITHIN) as k:
            killed = await _sample(k, Blow.KILL, plan.choose(100, 2))
            both = await _sample(k, Blow.KILL_BOTH, plan.choose(10, 1))
            hung = await _sample(k, Blow.HANG, plan.choose(10, 1))
            handed = await _sample(k, Blow.HAND_OVER, plan.choose(10, 1))
    within = f"all ≤ {MOST:g} s, p95 ≤ {MOSTLY:g} s"
    met = killed.worst <= MOST and killed.at(95) <= MOSTLY
    return [
        _row("kill -9 → next correct offer", killed, within, met),
        _row("kill -9 of both → the same", both),
        _row("leader hangs → the same", hung, f"≤ {HANGING:g} s", hung.worst <= HANGING),
        _row("upgrade of both begun → the same", handed),
    ]


async def _sample(k: Centre, blow: Blow, count: int) -> Sample:
    dice, seconds = Random(blow), list[float]()
    for number in range(count):
        seconds.append(await strike(k, blow, dice))
        await invariants(k)
        if number % FORGET_EVERY == FORGET_EVERY - 1:
            await control.restart(k.instance.home, "controller")
            await until_true(k.status, lambda told: bool(told["ready"]), "ready", WITHIN)
    return Sample(tuple(seconds))


def _row(what: str, sample: Sample, target: str = "", met: bool | None = None) -> Row:
    told = f"{sample.median:.2f} / {sample.at(95):.2f} / {sample.worst:.2f} s (median/p95/max)"
    figures = {"n": len(sample.seconds), "seconds": [round(each, 3) for each in sample.seconds]}
    return Row(f"{what}, n = {figures['n']}", told, target=target, met=met, figures=figures)
