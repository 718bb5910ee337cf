"""Whatever takes a page away in a call: what the citizen hears of it, again and again."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import asdict
from itertools import product
from pathlib import Path
from time import monotonic
from typing import Final

from playwright.async_api import Error

from benchmarks.measure import Sample
from benchmarks.page_phones import AS_SHIPPED, a_room
from benchmarks.plan import Plan
from benchmarks.report import Row
from benchmarks.sittings import Figures, Sitting, Unfinished
from tests.desktop import lan_room
from tests.desktop.audio import sound
from tests.desktop.cutting import Line, way_to
from tests.desktop.faults import FAULTS, STAGES, Fault, about_to, renderer_of, unplugged
from tests.desktop.lan import lan
from tests.desktop.outcomes import Outcome, strike
from tests.desktop.room import Room
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter

MOST_SILENCE: Final = 3.0  # seconds, for the citizen
SLEEPS_FOR: Final = 1800.0  # seconds
A_NAP: Final = 45.0
EVERY: Final = {**FAULTS, "unplugged": unplugged}

Place = tuple[Room, Callable[[], AbstractAsyncContextManager[Line]]]
Places = Callable[[], AbstractAsyncContextManager[Place]]


def run(plan: Plan) -> list[Row]:
    """Every fault in every stage, round after round; `--minutes` leaves the rest to a next run."""
    return _measured("page_faults", plan, FAULTS, _on_this_machine)


def cable(plan: Plan) -> list[Row]:
    """The same of a PC's cable that is pulled, on a network of its own; for root alone."""
    return _measured("page_cable", plan, ["unplugged"], _on_a_network)


def _measured(name: str, plan: Plan, faults: Collection[str], where: Places) -> list[Row]:
    count = plan.repeats or plan.choose(20, 1)
    sitting = Sitting.of(name, plan, "agents")
    rounds = [(turn, *each) for turn in range(count) for each in product(faults, STAGES)]
    while missing := [each for each in rounds if _named(*each) not in sitting.results]:
        if sitting.over:
            raise Unfinished(f"{len(rounds) - len(missing)} of {len(rounds)} strikes")
        asyncio.run(_strikes(missing, sitting, where))
    rows = [
        _row(*each, [sitting.results[_named(turn, *each)] for turn in range(count)])
        for each in product(faults, STAGES)
    ]
    sitting.close()
    return rows


@asynccontextmanager
async def _on_this_machine() -> AsyncIterator[Place]:
    async with a_room(**AS_SHIPPED) as r:
        yield r, lambda: way_to(r.desk_port)


@asynccontextmanager
async def _on_a_network() -> AsyncIterator[Place]:
    with lan() as made, tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        async with lan_room.house(Path(folder), made, lan_room.AS_SHIPPED) as house:
            yield house.room, lambda: nullcontext(made)


def sleep(plan: Plan) -> list[Row]:
    """A PC that sleeps for half an hour in the middle of a talk; `--minutes` for less."""
    return asyncio.run(_sleep(plan.sitting or (A_NAP if plan.quick else SLEEPS_FOR)))


def _named(turn: int, fault: str, stage: str) -> str:
    return f"{fault} {stage} {turn + 1}"


async def _strikes(
    missing: Sequence[tuple[int, str, str]], sitting: Sitting, where: Places
) -> None:
    """Until time is up or one goes wrong: whatever it left is not the next one's room."""
    async with where() as (r, ways):
        for turn, fault, stage in missing:
            if sitting.over:
                return
            try:
                figures: Figures = asdict(await _struck(r, ways(), stage, EVERY[fault]))
            except (AssertionError, Error) as trouble:
                sitting.keep(_named(turn, fault, stage), {"failed": str(trouble)[:400]})
                return
            sitting.keep(_named(turn, fault, stage), figures)


async def _struck(
    r: Room, ways: AbstractAsyncContextManager[Line], stage: str, fault: Fault
) -> Outcome:
    r.centre.begin()
    async with ways as way:
        async with about_to(r, way, stage) as at:
            outcome = await strike(at, stage, fault)
        await r.leave()  # everybody signs out through it
        await r.centre.clear()
    return outcome


def _row(fault: str, stage: str, found: Sequence[Figures]) -> Row:
    """One that failed has no silence to tell of, and spoils its row."""
    whole = [each for each in found if "failed" not in each]
    what = f"{stage}, page {fault}: longest silence of the citizen"
    target = f"each ≤ {MOST_SILENCE:g} s"
    failed = [each["failed"] for each in found if "failed" in each]
    if not whole:
        return Row(what, "failed", target=target, met=False, figures={"failed": failed})
    silence = Sample(tuple(each["silence"] for each in whole))
    back = Sample(tuple(each["back"] for each in whole))
    return Row(
        what,
        f"{silence.median:.2f} s, at most {silence.worst:.2f} s",
        target=target,
        met=not failed and silence.worst <= MOST_SILENCE,
        figures={
            "n": len(found),
            "failed": failed,
            "silence": silence.figures(),
            "until_well": back.figures(),
            "taken_for_lost": sum(each["lost"] for each in whole),
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
