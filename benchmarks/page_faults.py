"""Whatever takes a page away in a call: what the citizen hears of it, again and again."""

import asyncio
import os
import signal
from collections.abc import Sequence
from time import monotonic
from typing import Final

from benchmarks.measure import Sample
from benchmarks.page_phones import AS_SHIPPED, a_room
from benchmarks.plan import Plan
from benchmarks.report import Row
from tests.desktop.audio import sound
from tests.desktop.cutting import way_to
from tests.desktop.faults import FAULTS, STAGES, about_to, renderer_of
from tests.desktop.outcomes import Outcome, strike
from tests.desktop.room import Room
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter

MOST_SILENCE: Final = 3.0  # seconds, for the citizen
SLEEPS_FOR: Final = 1800.0  # seconds
A_NAP: Final = 45.0


def run(plan: Plan) -> list[Row]:
    """Every fault in every stage."""
    return asyncio.run(_faults(plan))


def sleep(plan: Plan) -> list[Row]:
    """A PC that sleeps for half an hour in the middle of a talk; `--minutes` for less."""
    return asyncio.run(_sleep(plan.sitting or (A_NAP if plan.quick else SLEEPS_FOR)))


async def _faults(plan: Plan) -> list[Row]:
    count = plan.repeats or plan.choose(20, 1)
    rows = []
    async with a_room(**AS_SHIPPED) as r:
        for name in FAULTS:
            for stage in STAGES:
                found = [await _struck(r, name, stage) for _ in range(count)]
                rows.append(_row(name, stage, found))
    return rows


async def _struck(r: Room, fault: str, stage: str) -> Outcome:
    r.centre.begin()
    async with way_to(r.desk_port) as way:
        async with about_to(r, way, stage) as at:
            outcome = await strike(at, stage, FAULTS[fault])
        await r.leave()  # everybody signs out through it
        await r.centre.clear()
    return outcome


def _row(fault: str, stage: str, found: Sequence[Outcome]) -> Row:
    silence = Sample(tuple(each.silence for each in found))
    back = Sample(tuple(each.back for each in found))
    return Row(
        f"{stage}, page {fault}: longest silence of the citizen",
        f"{silence.median:.2f} s, at most {silence.worst:.2f} s",
        target=f"each ≤ {MOST_SILENCE:g} s",
        met=silence.worst <= MOST_SILENCE,
        figures={
            "n": len(found),
            "dropped": 0,  # else `strike` fails
            "silence": silence.figures(),
            "until_well": back.figures(),
            "taken_for_lost": sum(each.lost for each in found),
        },
    )


async def _sleep(seconds: float) -> list[Row]:
    """Somebody else has the citizen meanwhile; the page that wakes knows that it has no call."""
    async with a_room(**AS_SHIPPED) as r, way_to(r.desk_port) as way:
        async with about_to(r, way, "talking") as at:
            colleague = await r.centre.ready("a02", AnswerAfter())
            pid = await renderer_of(r.browser, at.person)
            began = monotonic()
            os.kill(pid, signal.SIGSTOP)
            try:
                leg = await colleague.rings(within=60)
                assert await at.call.heard(leg.tone_hz, within=30)
                taken = monotonic() - began
                gaps = at.call.silence_gaps(longer_than_ms=200, since=began - 0.5)
                await pause(max(0.0, seconds - taken))
                assert not at.call.ended.happened
            finally:
                os.kill(pid, signal.SIGCONT)
            woken = monotonic()
            await until_true(lambda: sound(at.person), lambda now: now.live == 0, "no call here")
            right = monotonic() - woken
        await r.leave()
        await r.centre.clear()
    silence = max((gap.ms for gap in gaps), default=0.0) / 1000
    return [
        Row(
            f"a PC sleeps for {seconds / 60:g} min in a talk: longest silence of the citizen",
            f"{silence:.2f} s",
            target=f"≤ {MOST_SILENCE:g} s",
            met=silence <= MOST_SILENCE,
            figures={
                "somebody_else_after_s": round(taken, 2),
                "page_right_after_s": round(right, 2),
            },
        )
    ]
