"""When what goes wrong: every sort of fault is as likely as every other."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from telephony.simulation.shell.faults import (
    AsteriskDies,
    Blackout,
    ClockStep,
    Crash,
    DiskFull,
    Fault,
    JournalLost,
    Lies,
    Partition,
    Pause,
    Refusals,
    Server,
    Silence,
    Slow,
    Unwritable,
    Where,
)

APART: Final = 60.0  # seconds between two storms, on average
CALM: Final = 45.0  # at least so long
SECOND: Final = 0.3  # share of the storms that are two faults
HALF: Final = 0.5
MOST: Final = 0.8  # of what strikes one controller strikes the leader
SHORTEST, LEASE, LONGEST = 0.2, 5.0, 20.0
DARK: Final = 8.0  # seconds at most without any controller, or without Asterisk
STORES: Final[tuple[Server, ...]] = ("journal", "lease")
SLOW: Final = (0.03, 0.2, 1.5)
HOUR: Final = 3600.0


def plan(chance: random.Random, lasts: float) -> tuple[Fault, ...]:
    """Storms of one or two faults, with calm between them in which all must come right."""
    faults, at = list[Fault](), 60.0
    while (at := round(at + CALM + chance.expovariate(1 / APART), 3)) < lasts - CALM:
        storm = [_one(at, chance)]
        if chance.random() < SECOND:
            storm.append(_one(round(at + 5.0 * chance.random(), 3), chance))
        faults += storm
        at += max(fault.lasts for fault in storm)
    return tuple(faults)


def _one(at: float, chance: random.Random) -> Fault:
    where: Where = "leader" if chance.random() < MOST else "other"
    long = round(chance.uniform(SHORTEST, LONGEST), 3)
    short = round(chance.uniform(SHORTEST, LEASE), 3)
    dark = round(chance.uniform(0.0, DARK), 3)
    store, coin = chance.choice(STORES), chance.random() < HALF
    seconds = chance.choice(SLOW)
    sign = 1.0 if coin else -1.0
    kinds: list[Callable[[], Fault]] = [
        lambda: Crash(at=at, where=where, steps=chance.randrange(40)),
        lambda: Crash(at=at, where=where, steps=chance.randrange(400)),
        lambda: Crash(at=at, lasts=dark, where="both", steps=chance.randrange(40)),
        lambda: AsteriskDies(at=at, lasts=dark),
        lambda: Pause(at=at, lasts=short, where=where),
        lambda: Pause(at=at, lasts=LEASE + long, where=where),
        lambda: Partition(at=at, lasts=long, where=where, server="asterisk"),
        lambda: Partition(at=at, lasts=long, where=where, server=store),
        lambda: Partition(at=at, lasts=long, where=where, server="records"),
        lambda: Slow(at=at, lasts=long, server="asterisk", seconds=seconds),
        lambda: Slow(at=at, lasts=long, server=store if coin else "records", seconds=seconds),
        lambda: DiskFull(at=at, lasts=long, disk="spool", where="both" if coin else where),
        lambda: DiskFull(at=at, lasts=long, disk="records"),
        lambda: ClockStep(at=at, seconds=sign * HOUR),
        lambda: ClockStep(at=at, seconds=sign * 2.0),
        lambda: JournalLost(at=at),
        lambda: JournalLost(at=at, last=1.0),
        lambda: Silence(at=at, lasts=long, server=store),
        lambda: Silence(at=at, lasts=long, server=store, dead=True),
        lambda: Silence(at=at, lasts=long, server="records", dead=coin),
        lambda: Unwritable(at=at, lasts=long, locked=True),
        lambda: Unwritable(at=at, lasts=long),
        lambda: Lies(at=at, lasts=long, keys=True),
        lambda: Blackout(at=at, lasts=long),
        lambda: Refusals(at=at, lasts=long),
    ]
    return chance.choice(kinds)()
