"""The script of a seed: the citizens and agents of `madoguchi simulate`, on one of its days.

Whoever phones, why, how long they would talk and wait and whether they would try again is drawn by
`telephony.simulation.population` from the assumptions of `town.yaml`; so are lunches and breaks.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Final

from telephony.simulation import scenario
from telephony.simulation.dice import Dice
from telephony.simulation.model import Conduct, Retries, Scenario, Town
from telephony.simulation.population import Attempt, Caller, callers
from telephony.simulation.shell.script import HOUR, Again, Citizen, Script, Worker
from telephony.simulation.shell.storms import plan

DAYS: Final = ("peak-day", "ordinary-day", "peak-monday", "outage-day", "renewal-monday")
FEWEST, MISSING = 2, 4  # agents at work, and how many of the day's may be missing
LINES: Final = (6, 12)  # as many as the site has, or twice: then people wait instead of being told
FIRST: Final = 10.0  # seconds until anybody can call
LONGEST_TALK: Final = 900.0  # or one call would decide when a day is over
MENU: Final = "main_menu"
PERSON: Final = "0"
LEAVES: Final = ""


def write(seed: int, hours: float, *, day: str = "") -> Script:
    """The script of this seed: a whole day from its opening on, or some hours of one."""
    name = day or DAYS[seed % len(DAYS)]
    town, of = _assumed(name)
    lasts = hours * HOUR
    latest = max(0.0, of.closes - of.opens - lasts)
    staff = random.Random(f"staff/{seed}")
    at_work = max(FEWEST, of.agents - staff.randrange(MISSING + 1))
    begins = of.opens + round(random.Random(f"hours/{seed}").uniform(0.0, latest), 3)
    conduct, dice = town.conducts["life"], Dice(seed, "talks")
    citizens = tuple(
        _citizen(each, begins, town.retries, conduct, dice)
        for each in callers(of, town, 1.0, Dice(seed, "citizens", 0))
        if begins <= each.arrives < begins + lasts - FIRST
    )
    workers = tuple(
        _worker(number, begins, of, town, Dice(seed, "staff", number))
        for number in range(1, at_work + 1)
    )
    faults = plan(random.Random(f"faults/{seed}"), lasts)
    lines = staff.choice(LINES)
    return Script(seed, lasts, citizens, workers, faults, day=name, sounds="recorded", lines=lines)


@cache
def _assumed(name: str) -> tuple[Town, Scenario]:
    town = scenario.load_town()
    return town, scenario.load(name, town)


def _citizen(
    caller: Caller, begins: float, retries: Retries, conduct: Conduct, dice: Dice
) -> Citizen:
    (first, *others), habit = caller.attempts, caller.habit
    number = caller.number
    return Citizen(
        f"09420001{number % 100:02}" if number % 7 else "anonymous",
        round(FIRST + caller.arrives - begins, 3),
        patience=round(first.patience, 3) + 1.0,
        talk=round(min(caller.talk, LONGEST_TALK), 3),
        agent_ends=dice.chance(conduct.agent_hangs_up),
        answers=_answers(caller, conduct),
        hears_out=round(habit.hears_out, 3),
        reaction=round(habit.reaction, 3),
        wrap_up=round(caller.wrap_up, 3),
        again=tuple(
            _again(before, after, retries)
            for before, after in zip(caller.attempts, others, strict=False)
        ),
    )


def _again(before: Attempt, after: Attempt, retries: Retries) -> Again:
    return Again(
        before.if_refused < retries.refused,
        before.if_abandoned < retries.abandoned,
        round(before.again_after, 3),
        round(after.patience, 3) + 1.0,
    )


def _answers(caller: Caller, conduct: Conduct) -> dict[str, str]:
    """As `telephony.simulation.citizens` has it."""
    habit, keys = caller.habit, dict(caller.reason.keys)
    if habit.manner < conduct.silent:
        keys = {}
    elif habit.manner < conduct.silent + conduct.leaves_menu:
        keys = {MENU: LEAVES}
    elif habit.manner < conduct.silent + conduct.leaves_menu + conduct.person_at_once:
        keys = {MENU: PERSON}
    return {**keys, "info_menu": LEAVES if habit.contented < conduct.satisfied else PERSON}


def _worker(number: int, begins: float, of: Scenario, town: Town, dice: Dice) -> Worker:
    conduct, lunch = town.conducts["life"], town.lunch
    away = []
    if lunch.sittings:
        away.append((lunch.sittings[(number - 1) % len(lunch.sittings)], lunch.lasts))
    at = of.opens
    while conduct.break_every and (at := at + dice.exponential(conduct.break_every)) < of.closes:
        away.append((at, conduct.break_lasts))
    worker = Worker(f"a{number:02}", 2.0 + number, picks_up=conduct.pick_up)
    return replace(worker, away=tuple(_within(away, begins)))


def _within(away: list[tuple[float, float]], begins: float) -> list[tuple[float, float]]:
    """From the beginning of the script on, one after the other."""
    times, free = list[tuple[float, float]](), FIRST
    for at, lasts in sorted(away):
        until = at + lasts - begins
        since = max(at - begins, free)
        if since < until:
            times.append((round(since, 3), round(until - since, 3)))
            free = until
    return times
