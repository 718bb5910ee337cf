"""Five kinds of split brain: how two controllers may come to believe that each of them leads.

Between two strikes everything must have come right. They come at random moments of what controllers
and callers do, and last for shorter and longer than the lease.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final, Literal

from telephony.simulation.shell.casting import write
from telephony.simulation.shell.faults import Fault, Partition, Pause, Skew, Usurped
from telephony.simulation.shell.script import HOUR, Script

Kind = Literal["paused", "cut from Redis", "cut from Asterisk", "usurped", "skewed"]
KINDS: Final[tuple[Kind, ...]] = (
    "paused", "cut from Redis", "cut from Asterisk", "usurped", "skewed",
)  # fmt: skip
LEASE: Final = 5.0
SHORTEST, LONGEST = 3.0, 15.0  # seconds, on both sides of the lease
CALM: Final = 25.0  # seconds until the next strike, and up to twice that
FIRST: Final = 30.0
DAY: Final = "peak-monday"  # with several waiting and several at work
HALF: Final = 0.5
RATES: Final = (0.5, 0.8, 1.25, 2.0)


def split(seed: int, hours: float, kind: Kind | None = None) -> Script:
    """The people of this seed, and one kind of split brain all the time."""
    of = kind or KINDS[seed % len(KINDS)]
    chance = random.Random(f"brains/{seed}")
    calm = replace(write(seed, hours, day=DAY), faults=())
    faults, at = list[Fault](), FIRST
    while at < hours * HOUR - CALM:
        lasts = round(chance.uniform(SHORTEST, LONGEST), 3)
        faults += _strike(of, round(at, 3), lasts, chance)
        at += lasts + CALM + chance.uniform(0.0, CALM)
    return replace(calm, faults=tuple(faults))


def _strike(kind: Kind, at: float, lasts: float, chance: random.Random) -> list[Fault]:
    match kind:
        case "paused":
            return [Pause(at=at, lasts=lasts)]
        case "cut from Redis":
            cut: list[Fault] = [
                Partition(at=at, lasts=lasts, server="lease"),
                Partition(at=at, lasts=lasts, server="journal"),
            ]
            if chance.random() < HALF:  # asleep while another takes over, and awake soon after
                asleep = round(at + LEASE - 2.0 + chance.random(), 3)
                cut.append(Pause(at=asleep, lasts=round(chance.uniform(0.5, 4.0), 3)))
            return cut
        case "cut from Asterisk":
            return [Partition(at=at, lasts=lasts, server="asterisk")]
        case "usurped":
            return [Usurped(at=at, lasts=lasts, every=round(chance.uniform(0.05, 4.0), 3))]
        case "skewed":
            skew = Skew(at=at, lasts=lasts, rate=chance.choice(RATES))
            inside = round(chance.uniform(1.0, LEASE), 3)
            late = round(at + chance.uniform(0.0, 1.0), 3)
            return [skew, _met_by(skew, late, inside, chance)]


def _met_by(skew: Skew, at: float, lasts: float, chance: random.Random) -> Fault:
    """By itself nobody would notice: the leader must also be unable to renew."""
    lasts = lasts / min(1.0, skew.rate)
    if chance.random() < HALF:
        return Pause(at=at, lasts=lasts)
    return Partition(at=at, lasts=lasts, server="lease")
