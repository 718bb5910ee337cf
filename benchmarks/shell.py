"""How many opening hours a minute the whole shell is simulated in, by two controllers."""

from dataclasses import replace
from time import perf_counter, process_time

import structlog

from benchmarks.core import DEMO
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.site import load
from telephony.calls.rules import rules_of
from telephony.simulation.shell.casting import write
from telephony.simulation.shell.script import HOUR, Script
from telephony.simulation.shell.theatre import perform

CRITICAL = 50
TARGET = 100.0


def run(plan: Plan) -> list[Row]:
    """A calm day and a stormy one, by both clocks; of both, the run that was disturbed least.

    The processor's is judged: by the wall other work on the machine would be in it.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    stormy = write(1, plan.choose(4, 1) / plan.choose(1, 4))
    return [
        _row("shell, two controllers, no fault", replace(stormy, faults=()), plan),
        _row("shell, two controllers, a storm each 105 s", stormy, plan),
    ]


def _row(what: str, script: Script, plan: Plan) -> Row:
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
        target=f"≥ {TARGET:g} h/min",
        met=best >= TARGET,
        figures={
            "hours": hours,
            "calls": result.calls,
            "promises_broken": broken,
            "hours_a_minute_of_processor_by_run": [round(each, 1) for each in of_processor],
            "hours_a_minute_by_the_clock_by_run": [round(each, 1) for each in by_the_clock],
        },
    )
