"""Benchmarks of the whole product with real calls, and their rows."""

import asyncio
from random import Random
from typing import Final

from benchmarks import calls
from benchmarks.measure import Sample, figures, least, milliseconds, told
from benchmarks.plan import Plan
from benchmarks.product import product
from benchmarks.report import Row

SPARE: Final = 0.003  # seconds that we may be slower than app_queue, in the least case
TAIL: Final = 0.025
FREED: Final = 0.008
RINGS: Final = 0.100


def offer_latency(plan: Plan) -> list[Row]:
    """A call arrives while the agent is idle."""
    pairs = asyncio.run(_pairs(calls.offer, plan.choose(200, 10), plan.runs))
    ours, theirs = _samples(pairs)
    limit = max(2 * least(theirs), least(theirs) + SPARE)
    met = least(ours) <= limit and least(ours, 99) <= TAIL
    target = f"median ≤ {milliseconds(limit)}, p99 ≤ {milliseconds(TAIL)}"
    return [_against("offer: INVITE → agent's INVITE", ours, theirs, target, met)]


def next_offer(plan: Plan) -> list[Row]:
    """Somebody waits when the agent becomes free."""
    pairs = asyncio.run(_pairs(calls.next_offer, plan.choose(60, 4), min(plan.runs, 2)))
    ours, theirs = _samples(pairs)
    met = least(ours) <= FREED and least(ours, 99) <= TAIL
    target = f"median ≤ {milliseconds(FREED)}, p99 ≤ {milliseconds(TAIL)}"
    return [_against("next: agent's BYE → next INVITE", ours, theirs, target, met)]


def key_to_ring(plan: Plan) -> list[Row]:
    """0 during the greeting."""
    runs = asyncio.run(_keys(plan.choose(60, 4), min(plan.runs, 2)))
    released = [Sample(tuple(each.from_release for each in run)) for run in runs]
    pressed = [Sample(tuple(each.from_press for each in run)) for run in runs]
    met = least(released, 95) <= RINGS
    target = f"p95 ≤ {milliseconds(RINGS)}"
    return [
        _alone("key 0 released → agent's INVITE", released, target, met),
        _alone("key 0 pressed, 80 ms earlier → agent's INVITE", pressed),
    ]


async def _pairs(shot: calls.Shot, each: int, runs: int) -> list[calls.Pair]:
    async with product(straight=True) as at:
        return [await calls.alternate(at, shot, each, seed) for seed in range(runs)]


async def _keys(each: int, runs: int) -> list[list[calls.Key]]:
    async with product(straight=False) as at:
        return [
            [await calls.key(at, dice) for _ in range(each)] for dice in map(Random, range(runs))
        ]


def _samples(pairs: list[calls.Pair]) -> tuple[list[Sample], list[Sample]]:
    return [Sample(tuple(p.ours)) for p in pairs], [Sample(tuple(p.theirs)) for p in pairs]


def _against(what: str, ours: list[Sample], theirs: list[Sample], target: str, met: bool) -> Row:
    """The ratio is of the medians; above 1 we are the slower."""
    mine, other = least(ours), least(theirs)
    ratio = f"{mine / other:.2f}" if mine > other else f"1/{other / mine:.0f}"
    kept = {
        "ours": figures(ours),
        "app_queue": figures(theirs),
        "difference_ms": round(1000 * (mine - other), 3),
        "ratio": round(mine / other, 4),
    }
    ratio += f" ({1000 * (mine - other):+.1f} ms)"
    return Row(what, told(ours), told(theirs), ratio, target, met, kept)


def _alone(what: str, runs: list[Sample], target: str = "", met: bool | None = None) -> Row:
    return Row(what, told(runs), target=target, met=met, figures=figures(runs))
