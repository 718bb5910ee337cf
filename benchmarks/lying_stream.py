"""Headline 4: ten thousand calls with an event stream that lies, held against the same in truth.

Virtual time: the whole shell before the fake Asterisk. How far each record is from the good day's,
and why, is told by the sort of lie. Ctrl-C ends it with what was played until then.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Final

import structlog

from benchmarks.core import DEMO
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.site import load
from telephony.calls.rules import rules_of
from telephony.simulation.shell.theatre import perform
from tests.simulation.shell.compared import Comparison, compare
from tests.simulation.shell.scenes import KINDS, Kind, in_truth, lied_to, scenes, site

CALLS: Final = 10_000
MIXTURE: Final[tuple[Kind, ...]] = ("lies", "refusals", "blackout", "lies", "both", "lies")
CALLS_OF_ONE: Final = 200  # of the mixture once: four scenes of forty, two of twenty
CRITICAL: Final = 50
TOLD: Final[dict[Kind, str]] = {
    "lies": "5 % lost, 5 % twice, 5 % late",
    "refusals": "that, and 5 % of requests refused, late, or done without a reply",
    "blackout": "lies, and 30 s of silence",
    "both": "lies, refusals and silence",
}
WHY: Final = {
    "dark": "in or after a blackout",
    "refused": "a request about this call was refused, late, or lost its reply",
    "another's line": "the lowest line that was free when it came",
    "untold": "both events that tell why the agent's leg ended were lost or late",
    "another's turn": "an agent was kept by one of these calls, or not: another agent's turn",
    "another's wait": "and who waited for that agent, or for a line, had it sooner or later",
}


def run(plan: Plan) -> list[Row]:
    """Every record of every call, twice."""
    found, broken = Comparison(), list[str]()
    seeds = range(1, plan.choose(CALLS // CALLS_OF_ONE, 1) + 1)
    with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1), initializer=_deaf) as workers:
        played = [workers.submit(_played, seed) for seed in seeds]
        try:
            for each in as_completed(played):
                one, findings = each.result()
                found.add(one)
                broken += findings
        except KeyboardInterrupt:  # what was played until now counts, and says how much it is
            workers.shutdown(wait=False, cancel_futures=True)
    rows = [_records(found, broken)]
    rows += [_kind(found, kind) for kind in KINDS]
    return rows + list(_reasons(found))


def _deaf() -> None:
    """Ctrl-C is for the one who counts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _played(seed: int) -> tuple[Comparison, list[str]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    of = scenes(seed, len(MIXTURE), MIXTURE)
    script, rules = lied_to(seed, of), site(rules_of(load(DEMO)))
    true, lied = perform(in_truth(script), rules), perform(script, rules)
    findings = [f"seed {seed}: {each.invariant}: {each.about}"
                for each in (*true.findings, *lied.findings)]  # fmt: skip
    return compare(true, lied, of), findings


def _records(found: Comparison, broken: list[str]) -> Row:
    calls = found.calls.total()
    met = found.records == calls and not found.unexplained and not broken
    told = f"{found.records:,} records, {len(found.unexplained)} unexplained"
    figures = {"calls": calls, "unexplained": found.unexplained, "broken_promises": broken}
    what = f"{calls:,} calls: exactly one record each, closed once; promises broken: {len(broken)}"
    return Row(what, told, target="one each, none, none", met=met, figures=figures)


def _kind(found: Comparison, kind: Kind) -> Row:
    calls, same = found.calls[kind], found.same[kind]
    figures = {
        "calls": calls,
        "identical": same,
        "end_furthest_off_s": round(found.furthest.get(kind, 0.0), 3),
        "differing": {f"{name} ({why or 'unexplained'})": count
                      for (of, name, why), count in sorted(found.differing.items())
                      if of == kind},
    }  # fmt: skip
    target = "all identical" if kind == "lies" else ""
    met = same == calls if kind == "lies" else None
    return Row(f"{TOLD[kind]}", f"{same:,} of {calls:,} the same in every field",
               target=target, met=met, figures=figures)  # fmt: skip


def _reasons(found: Comparison) -> Iterator[Row]:
    for kind in KINDS:
        for (of, name, why), count in sorted(found.differing.items()):
            if of == kind:
                reason = WHY.get(why, "UNEXPLAINED")
                yield Row(f"  {kind}: {name} differs, {reason}", f"{count:,}")
