"""How many opening hours a minute the whole shell is simulated in, by two controllers."""

from dataclasses import replace
from time import process_time

import structlog

from benchmarks.core import DEMO
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.site import load
from telephony.calls.rules import rules_of
from telephony.simulation.shell.script import HOUR, Script, write
from telephony.simulation.shell.theatre import perform

CRITICAL = 50
TARGET = 100.0


def run(plan: Plan) -> list[Row]:
    """A calm day and a stormy one, in processor time: other work on the machine is not in it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    stormy = write(1, plan.choose(8, 1) / plan.choose(1, 4))
    return [
        _row("shell, two controllers, no fault", replace(stormy, faults=()), plan),
        _row("shell, two controllers, a storm each 105 s", stormy, plan),
    ]


def _row(what: str, script: Script, plan: Plan) -> Row:
    rules = rules_of(load(DEMO))
    speeds = []
    for _ in range(plan.runs):
        began = process_time()
        result = perform(script, rules)
        assert result.findings == []
        speeds.append(script.lasts / HOUR / (process_time() - began) * 60.0)
    best = max(speeds)
    figures = {"hours_per_minute": [round(each, 1) for each in speeds], "calls": result.calls}
    told = f"{best:.0f} simulated h/min"
    return Row(what, told, target=f"≥ {TARGET:g}", met=best >= TARGET, figures=figures)
