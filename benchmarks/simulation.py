"""The planning simulation: opening hours a minute, and what a hundred thousand calls leave behind.

Both run the core, the demo site's flow and the population in one thread, whose processor time is
what counts, so that other work on the machine is not ours.
"""

import gc
import tracemalloc
from pathlib import Path
from time import perf_counter, thread_time
from typing import Final

import config
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.site import load as load_site
from telephony.calls.rules import rules_of
from telephony.simulation.figures import of_day
from telephony.simulation.lengths import recorded
from telephony.simulation.run import Plan as Simulated
from telephony.simulation.run import Run, staffed
from telephony.simulation.scenario import load, load_town

DEMO: Final = Path(config.__file__).parent / "site"
HOURS_A_MINUTE: Final = 480
MIB: Final = 2**20
SLOPE: Final = 1.0  # MB for each 10,000 calls
STEP: Final = 10_000
CASES: Final = (
    ("ordinary-week", "table"), ("ordinary-week", "life"), ("peak-day", "table"),
    ("peak-day", "life"), ("peak-monday", "life"),
)  # fmt: skip


def run(plan: Plan) -> list[Row]:
    """Speed of each sort of day, then memory."""
    rows = [_speed(plan, name, conduct) for name, conduct in CASES]
    return [*rows, memory(plan)]


def _simulation(name: str, conduct: str) -> tuple[Run, float]:
    town = load_town()
    scenario = load(name, town)
    rules = staffed(rules_of(load_site(DEMO)), scenario.agents, scenario.lines)
    simulated = Simulated(rules, scenario, town, town.conducts[conduct], seed=1)
    return Run(simulated, recorded), (scenario.closes - scenario.opens) / 3600


def _speed(plan: Plan, name: str, conduct: str) -> Row:
    days = plan.choose(20, 1)
    measured = [_once(name, conduct, days) for _ in range(plan.runs)]
    best = max(hours for hours, _, _ in measured)
    clock = max(hours for _, hours, _ in measured)
    return Row(
        f"simulation: {name}, as in {conduct}, core + flows + population",
        f"{best:,.0f} opening hours/min of processor ({clock:,.0f} by the clock)",
        ratio=f"{best / HOURS_A_MINUTE:.1f}x target",
        target=f"≥ {HOURS_A_MINUTE} h/min",
        met=best >= HOURS_A_MINUTE,
        figures={
            "days": days,
            "calls": measured[0][2],
            "hours_a_minute_of_processor_by_run": [round(hours) for hours, _, _ in measured],
            "hours_a_minute_by_the_clock_by_run": [round(hours) for _, hours, _ in measured],
        },
    )


def _once(name: str, conduct: str, days: int) -> tuple[float, float, int]:
    simulation, hours = _simulation(name, conduct)
    lines = len(simulation.world.centre.rules.lines)
    began, clock = thread_time(), perf_counter()
    for book in simulation.days(days):
        of_day(book, lines)
    spent, passed = thread_time() - began, perf_counter() - clock
    return days * hours * 60 / spent, days * hours * 60 / passed, simulation.watch.opened


def memory(plan: Plan) -> Row:
    """What Python's objects take after each ten thousand calls, everything collected."""
    wanted = plan.choose(100_000, 1_000)
    step = plan.choose(STEP, 250)
    simulation, _ = _simulation("peak-monday", "life")
    tracemalloc.start()
    try:
        taken = _taken(simulation, wanted, step)
    finally:
        tracemalloc.stop()
    a_step = slope(taken) * STEP
    return Row(
        f"core: memory over {simulation.watch.opened:,} calls",
        f"{a_step:+.4f} MB per 10,000 calls",
        ratio=f"{a_step / SLOPE:.3f}x target",
        target=f"< {SLOPE:g} MB per 10,000",
        met=a_step < SLOPE,
        figures={"calls_and_mib": [[calls, round(mib, 4)] for calls, mib in taken]},
    )


def _taken(simulation: Run, wanted: int, step: int) -> list[tuple[int, float]]:
    taken: list[tuple[int, float]] = []
    for _ in simulation.days(wanted):  # bounded: a day has more than one call
        calls = simulation.watch.opened
        if calls >= step * (len(taken) + 1):
            gc.collect()
            taken.append((calls, tracemalloc.get_traced_memory()[0] / MIB))
        if calls >= wanted:
            break
    return taken


def slope(points: list[tuple[int, float]]) -> float:
    """By least squares, MiB a call."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)
