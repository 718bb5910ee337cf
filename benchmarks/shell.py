"""How many opening hours a minute the whole shell is simulated in, by two controllers.

The target is held against the machine, as `python -m telephony.simulation.shell` uses it: a day to
each processor. What one processor does is told beside it.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from time import perf_counter, process_time

import structlog

from benchmarks.core import DEMO
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.site import load
from telephony.calls.rules import rules_of
from telephony.simulation.shell.casting import DAYS, write
from telephony.simulation.shell.script import HOUR, Script
from telephony.simulation.shell.theatre import perform

CRITICAL = 50
TARGET = 100.0
KINDS_OF_DAY = len(DAYS)
PROCESSORS = os.cpu_count() or 1
BRIEF = 60.0  # seconds of a day, so that everybody has loaded everything before the clock runs


def run(plan: Plan) -> list[Row]:
    """A calm day and a stormy one, alone and on all processors; the least disturbed run."""
    _quiet()
    hours = plan.choose(4, 1) / plan.choose(1, 4)
    stormy = write(1, hours)
    return [
        _alone("shell, one processor, no fault", replace(stormy, faults=()), plan),
        _alone("shell, one processor, a storm each 105 s", stormy, plan),
        _together("no fault", [replace(each, faults=()) for each in _days(hours)], plan),
        _together("a storm each 105 s", _days(hours), plan),
    ]


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))


def _days(hours: float) -> list[Script]:
    """The same kind of day for each processor, with other callers."""
    return [write(1 + KINDS_OF_DAY * turn, hours) for turn in range(PROCESSORS)]


def _played(script: Script) -> tuple[int, list[str]]:
    result = perform(script, rules_of(load(DEMO)))
    return result.calls, [f"{each.invariant}: {each.about}" for each in result.findings]


def _together(what: str, scripts: list[Script], plan: Plan) -> Row:
    hours = sum(script.lasts for script in scripts) / HOUR
    rates, calls, broken = list[float](), 0, list[str]()
    with ProcessPoolExecutor(PROCESSORS, initializer=_quiet) as workers:
        list(workers.map(_played, [replace(each, lasts=BRIEF, faults=()) for each in scripts]))
        for _ in range(plan.runs):
            began = perf_counter()
            played = list(workers.map(_played, scripts))
            rates.append(hours / (perf_counter() - began) * 60.0)
            calls = sum(count for count, _ in played)
            broken = [each for _, found in played for each in found]
    best = max(rates)
    but = f"; {len(broken)} PROMISES BROKEN" if broken else ""
    return Row(
        f"shell, {PROCESSORS} processors, a day to each, {what}",
        f"{best:.1f} simulated h/min by the clock{but}",
        ratio=f"{best / TARGET:.2f}x target",
        target=f"≥ {TARGET:g} h/min",
        met=best >= TARGET,
        figures={
            "hours": hours,
            "calls": calls,
            "promises_broken": broken,
            "hours_a_minute_by_the_clock_by_run": [round(each, 1) for each in rates],
        },
    )


def _alone(what: str, script: Script, plan: Plan) -> Row:
    rules = rules_of(load(DEMO))
    hours = script.lasts / HOUR
    of_processor, by_the_clock = list[float](), list[float]()
    for _ in range(plan.runs):
        began, clock = process_time(), perf_counter()
        result = perform(script, rules)
        of_processor.append(hours / (process_time() - began) * 60.0)
        by_the_clock.append(hours / (perf_counter() - clock) * 60.0)
    best = max(of_processor)
    broken = [f"{each.invariant}: {each.about}" for each in result.findings]  # the same in each run
    but = f"; {len(broken)} PROMISES BROKEN" if broken else ""
    return Row(
        what,
        f"{best:.1f} simulated h/min of processor ({max(by_the_clock):.1f} by the clock){but}",
        ratio=f"{best / TARGET:.2f}x target",
        figures={
            "hours": hours,
            "calls": result.calls,
            "promises_broken": broken,
            "hours_a_minute_of_processor_by_run": [round(each, 1) for each in of_processor],
            "hours_a_minute_by_the_clock_by_run": [round(each, 1) for each in by_the_clock],
        },
    )
