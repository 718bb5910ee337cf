"""Headline 1: the controller is killed again and again while calls are in every state."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.measure import Sample
from benchmarks.plan import Plan
from benchmarks.report import Row
from benchmarks.sittings import Sitting, Unfinished
from telephony.calls.lease import TTL
from telephony.supervisor import control
from tests.real.brain import REACH, WITHIN, Blow, place, strike
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.split_brain import split
from tests.real.waiting import until_true
from tests.store import postgres

FORGET_EVERY: Final = 4  # blows: a supervisor holds back what dies again and again
FORGET_BOTH_EVERY: Final = 1  # of these each part has its share, and both of them are waited for
OTHERS: Final = 10  # deaths to one of each other blow
TELLS: Final = {
    Blow.KILL: "kill -9 → next correct offer",
    Blow.KILL_BOTH: "kill -9 of both → the same",
    Blow.HANG: "leader hangs → the same",
    Blow.HAND_OVER: "upgrade of both begun → the same",
}
MOST: Final = {Blow.KILL: 3.0, Blow.KILL_BOTH: 5.0, Blow.HANG: TTL + 2.0, Blow.HAND_OVER: 3.0}
Splits = Callable[[Centre, Random, str], Awaitable[float]]
AT_P95: Final = {Blow.KILL: 2.0}


def run(plan: Plan) -> list[Row]:
    """A hundred deaths, and ten times each other blow; a lost call ends it with its story."""
    return asyncio.run(_rows(plan, None))


def on_postgresql(plan: Plan) -> list[Row]:
    """The same, with the records in a PostgreSQL of its own."""
    programs = postgres.binaries()
    if programs is None:
        raise SystemExit("no PostgreSQL server on this machine")
    with ExitStack() as stack:
        server = stack.enter_context(postgres.running(programs))
        return asyncio.run(_rows(plan, server))


def split_brain(plan: Plan) -> list[Row]:
    """Headline 5: the leader sleeps past its lease, another leads, and it wakes; twenty times.

    That it then asks Asterisk for nothing, that nobody is dropped and no telephone rung twice is
    asserted: the first that is not so ends it with its story.
    """
    sample, sittings = asyncio.run(_splits(plan))
    most = MOST[Blow.HANG]
    what = f"leader stopped, replaced, woken, n = {len(sample.seconds)}: requests after it woke"
    told = f"none; next correct offer {sample.median:.2f} / {sample.worst:.2f} s (median/max)"
    figures = {"requests": 0, "seconds": sample.seconds, "sittings": sittings}
    met = sample.worst <= most
    return [Row(what, told, target=f"none; all ≤ {most:g} s", met=met, figures=figures)]


async def _splits(plan: Plan) -> tuple[Sample, int]:
    """Raises Unfinished."""
    count = plan.repeats or plan.choose(20, 1)
    sitting = Sitting.of("split_brain", plan)
    with tempfile.TemporaryDirectory(prefix="split-") as folder:
        async with centre(Path(folder), 2 * WITHIN, None, REACH) as k:
            await _strike_all(k, {Blow.HANG: count}, sitting, split)
    sitting.close()
    return _sample(Blow.HANG, count, sitting), sitting.number


async def _rows(plan: Plan, server: postgres.Server | None) -> list[Row]:
    """Raises Unfinished."""
    url = await postgres.create(server.socket, "madoguchi") if server is not None else None
    sitting = Sitting.of("brain_postgresql" if url else "brain", plan)
    counts = _counts(plan)
    with tempfile.TemporaryDirectory(prefix="brain-") as folder:
        async with centre(Path(folder), 2 * WITHIN, url, REACH) as k:
            await _strike_all(k, counts, sitting)
    rows = [_row(blow, _sample(blow, count, sitting), url is not None, sitting.number)
            for blow, count in counts.items()]  # fmt: skip
    sitting.close()
    return rows


def _counts(plan: Plan) -> dict[Blow, int]:
    deaths = plan.repeats or plan.choose(100, 2)
    return {blow: deaths if blow is Blow.KILL else max(1, deaths // OTHERS) for blow in Blow}


async def _strike_all(
    k: Centre, counts: dict[Blow, int], sitting: Sitting, split: Splits | None = None
) -> None:
    due = [(blow, number) for blow, count in counts.items() for number in range(count)
           if _named(blow, number) not in sitting.results]  # fmt: skip
    for struck, (blow, number) in enumerate(due, 1):
        if sitting.over:
            raise Unfinished(f"{len(due) - struck + 1} blows are left")
        dice, where = Random(_named(blow, number)), place(number)
        seconds = await (split(k, dice, where) if split else strike(k, blow, dice, where))
        await invariants(k)
        sitting.keep(_named(blow, number), {"seconds": round(seconds, 3)})
        sys.stderr.write(f"  {blow} {number + 1}/{counts[blow]}: {seconds:.2f} s\n")
        if not struck % (FORGET_BOTH_EVERY if blow is Blow.KILL_BOTH else FORGET_EVERY):
            await control.restart(k.instance.home, "controller")
            await until_true(k.status, lambda told: bool(told["ready"]), "ready", WITHIN)


def _named(blow: Blow, number: int) -> str:
    return f"{blow} {number + 1}"


def _sample(blow: Blow, count: int, sitting: Sitting) -> Sample:
    results = [sitting.results[_named(blow, number)] for number in range(count)]
    return Sample(tuple(float(each["seconds"]) for each in results))


def _row(blow: Blow, sample: Sample, on_server: bool, sittings: int) -> Row:
    count, most, mostly = len(sample.seconds), MOST[blow], AT_P95.get(blow)
    what = f"{TELLS[blow]}{', PostgreSQL' if on_server else ''}, n = {count}"
    told = f"{sample.median:.2f} / {sample.at(95):.2f} / {sample.worst:.2f} s (median/p95/max)"
    target = f"all ≤ {most:g} s" + (f", p95 ≤ {mostly:g} s" if mostly else "")
    met = sample.worst <= most and (mostly is None or sample.at(95) <= mostly)
    figures = {"n": count, "seconds": sample.seconds, "sittings": sittings}
    return Row(what, told, target=target, met=met, figures=figures)
