"""The pure core alone: commands a second, its worst moment when it is big, and whether it is right.

Times count the processor time of this thread, so that other work on the machine is not ours.
Input and output, the journal's and Asterisk's, are the business of the other benchmarks.
"""

import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import thread_time
from typing import Final

import config
from benchmarks.crowd import FIFTY, LANGUAGES, QUEUES, Crowd
from benchmarks.measure import Sample, milliseconds
from benchmarks.plan import Plan
from benchmarks.report import Row
from benchmarks.town import Script, Town
from config.site import load
from telephony.calls.rules import rules_of
from telephony.centre.core import Centre
from telephony.centre.model import CentreRules
from tests.acd.drawn import compared

DEMO: Final = Path(config.__file__).parent / "site"
RATE: Final = 30_000
BIG_RATE: Final = 10_000
WORST: Final = 0.002
Steps = list[tuple[str, float]]


def run(plan: Plan) -> list[Row]:
    """All that concerns the core."""
    crowds = ((True, LANGUAGES), (False, LANGUAGES), (True, FIFTY))
    big = [
        row
        for busy, skills in crowds
        for row in (rate_when_big(plan, busy, skills), worst(plan, busy, skills))
    ]
    return [rate(plan), *big, equal(plan)]


def rate(plan: Plan) -> Row:
    """Six lines, six agents, the demo site's flow; garbage collection as in life."""
    rules = rules_of(load(DEMO))
    script = Town(rules, seed=1).play(plan.choose(50_000, 5_000))
    rates = [_commands_a_second(rules, script) for _ in range(plan.runs)]
    figures = {
        "commands": len(script),
        "seconds_lived": round(script[-1][1] - script[0][1]),
        "share_with_effects": round(_share_with_effects(rules, script), 3),
        "commands_a_second_by_run": [round(each) for each in rates],
    }
    return Row(
        "core: mixed commands, 6 lines, 6 agents",
        f"{max(rates):,.0f}/s",
        ratio=f"{max(rates) / RATE:.1f}x target",
        target=f"≥ {RATE:,}/s",
        met=max(rates) >= RATE,
        figures=figures,
    )


def _commands_a_second(rules: CentreRules, script: Script) -> float:
    centre = Centre(rules)
    began = thread_time()
    for command, now in script:
        centre.handle(command, now)
    return len(script) / (thread_time() - began)


def _share_with_effects(rules: CentreRules, script: Script) -> float:
    centre = Centre(rules)
    return sum(bool(centre.handle(*each)) for each in script) / len(script)


def rate_when_big(plan: Plan, busy: bool, skills: tuple[str, ...]) -> Row:
    """A prefecture's centre; garbage collection as in life: frozen at the start, then on."""
    size, rounds = plan.choose(10_000, 300), plan.choose(1000, 50)
    runs = [_lived(Crowd(size, busy=busy, skills=skills), rounds) for _ in range(plan.runs)]
    rates = [len(steps) / sum(seconds for _, seconds in steps) for steps in runs]
    return Row(
        f"core: commands, {_crowd(size, busy, skills)}",
        f"{max(rates):,.0f}/s",
        ratio=f"{max(rates) / BIG_RATE:.1f}x target",
        target=f"≥ {BIG_RATE:,}/s",
        met=max(rates) >= BIG_RATE,
        figures={
            "commands": len(runs[0]),
            "waiting": size,
            "commands_a_second_by_run": [round(each) for each in rates],
        },
    )


def _lived(crowd: Crowd, rounds: int) -> Steps:
    with _frozen():
        crowd.live(rounds)
    return crowd.steps


def _crowd(size: int, busy: bool, skills: tuple[str, ...]) -> str:
    doing = "all talking" if busy else "free, wrong skill"
    many = f", {len(skills)} skills" if skills is FIFTY else ""
    return f"{size:,} agents ({doing}) x {size:,} waiting, {len(QUEUES)} queues{many}"


def equal(plan: Plan) -> Row:
    """Random scenes; after each thing that happens in one, every offer is as by scanning."""
    scenes = plan.choose(100_000, 500)
    began = thread_time()
    settled = made = 0
    for seed in range(scenes):
        each_settled, each_made = compared(seed)
        settled, made = settled + each_settled, made + each_made
    return Row(
        f"core: offers equal to brute force, {scenes:,} random instances",
        f"all of {made:,} offers",
        target="equal",
        met=True,  # the first that is not ends the run, and names its seed
        figures={
            "instances": scenes,
            "comparisons": settled,
            "offers": made,
            "seconds": round(thread_time() - began, 1),
        },
    )


def worst(plan: Plan, busy: bool, skills: tuple[str, ...]) -> Row:
    """The slowest single `handle`; garbage collection is off, and said so.

    The crowd is deterministic: each run does the same steps, and of each step the best run counts.
    """
    size = plan.choose(10_000, 300)
    rounds = plan.choose(1000, 50)
    runs = [_steps(Crowd(size, busy=busy, skills=skills), rounds) for _ in range(plan.runs)]
    best = [
        (kinds[0][0], min(seconds for _, seconds in kinds)) for kinds in zip(*runs, strict=True)
    ]
    sample = Sample(tuple(seconds for _, seconds in best))
    return Row(
        f"core: worst handle, {_crowd(size, busy, skills)}",
        f"{milliseconds(sample.worst)} ms (median {milliseconds(sample.median)}; "
        f"of all runs {milliseconds(max(seconds for run in runs for _, seconds in run))})",
        ratio=f"{sample.worst / WORST:.2f}x target",
        target=f"≤ {1000 * WORST:g} ms",
        met=sample.worst <= WORST,
        figures={
            "garbage_collection": "frozen and off",
            **sample.figures(),
            "worst_of_each_run_ms": [round(1000 * max(s for _, s in run), 3) for run in runs],
            "by_command": _by_command(best),
        },
    )


def _steps(crowd: Crowd, rounds: int) -> Steps:
    with _no_collection():
        crowd.live(rounds)
    return crowd.steps


@contextmanager
def _frozen() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _no_collection() -> Iterator[None]:
    with _frozen():
        gc.disable()
        try:
            yield
        finally:
            gc.enable()


def _by_command(steps: Steps) -> dict[str, dict[str, float]]:
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for kind, seconds in steps:
        kinds[kind].append(seconds)
    return {kind: Sample(tuple(each)).figures() for kind, each in sorted(kinds.items())}
