"""Headline 1: the controller is killed again and again while calls are in every state."""

import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.measure import Sample
from benchmarks.plan import Plan
from benchmarks.report import Row
from telephony.calls.lease import TTL
from telephony.supervisor import control
from tests.real.brain import REACH, WITHIN, Blow, place, strike
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.waiting import until_true
from tests.store import postgres

FORGET_EVERY: Final = 4  # a supervisor holds back what dies again and again
OTHERS: Final = 10  # deaths to one of each other blow
TELLS: Final = {
    Blow.KILL: "kill -9 → next correct offer",
    Blow.KILL_BOTH: "kill -9 of both → the same",
    Blow.HANG: "leader hangs → the same",
    Blow.HAND_OVER: "upgrade of both begun → the same",
}
MOST: Final = {Blow.KILL: 3.0, Blow.KILL_BOTH: 5.0, Blow.HANG: TTL + 2.0, Blow.HAND_OVER: 3.0}
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


async def _rows(plan: Plan, server: postgres.Server | None) -> list[Row]:
    url = await postgres.create(server.socket, "madoguchi") if server is not None else None
    deaths = plan.repeats or plan.choose(100, 2)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="brain-") as folder:
        async with centre(Path(folder), 2 * WITHIN, url, REACH) as k:
            for blow in Blow:
                count = deaths if blow is Blow.KILL else max(1, deaths // OTHERS)
                rows.append(_row(blow, await _sample(k, blow, count), url is not None))
    return rows


async def _sample(k: Centre, blow: Blow, count: int) -> Sample:
    dice, seconds = Random(blow), list[float]()
    for number in range(count):
        seconds.append(await strike(k, blow, dice, place(number)))
        await invariants(k)
        sys.stderr.write(f"  {blow} {number + 1}/{count}: {seconds[-1]:.2f} s\n")
        if number % FORGET_EVERY == FORGET_EVERY - 1:
            await control.restart(k.instance.home, "controller")
            await until_true(k.status, lambda told: bool(told["ready"]), "ready", WITHIN)
    return Sample(tuple(seconds))


def _row(blow: Blow, sample: Sample, on_server: bool) -> Row:
    count, most, mostly = len(sample.seconds), MOST[blow], AT_P95.get(blow)
    what = f"{TELLS[blow]}{', PostgreSQL' if on_server else ''}, n = {count}"
    told = f"{sample.median:.2f} / {sample.at(95):.2f} / {sample.worst:.2f} s (median/p95/max)"
    target = f"all ≤ {most:g} s" + (f", p95 ≤ {mostly:g} s" if mostly else "")
    met = sample.worst <= most and (mostly is None or sample.at(95) <= mostly)
    figures = {"n": count, "seconds": [round(each, 3) for each in sample.seconds]}
    return Row(what, told, target=target, met=met, figures=figures)
