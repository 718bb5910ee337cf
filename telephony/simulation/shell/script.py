"""Who calls when, who works, and what goes wrong: all that decides a simulated run.

A script is plain data. The same script gives the same run, to the last event, so a failure is kept
as a file and made small by leaving things out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from telephony.simulation.shell.faults import Fault, plan

HOUR: Final = 3600.0
CALLS_AN_HOUR: Final = 24.0
PATIENCE: Final = 120.0
TALK: Final = 180.0
AGENT_ENDS: Final = 0.25
LONGEST_TALK: Final = 600.0
FIRST_KEY: Final = 2.0
KEYS: Final = ("", "0", "0", "0", "1", "2", "10", "90", "3", "5", "*", "123")


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who calls."""

    name: str
    at: float
    keys: str = ""  # pressed two seconds apart, once they hear the greeting
    patience: float = PATIENCE
    talk: float = TALK
    agent_ends: bool = False
    first_key: float = FIRST_KEY
    until: float | None = None  # whatever they are doing then, it ends; `patience` is endless
    declined: int = 0  # so many telephones that are rung for them turn the call down
    held: bool = False  # the agent who answers puts them on hold for a while


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody at a desk. `moods` are the habits of their phone, one dialled leg after another."""

    seat: str
    ready_at: float = 2.0
    reliable: bool = False  # always answers, after the same time
    asks: bool = True  # holds, transfers, pauses now and then
    returns: tuple[float, ...] = ()  # when they sign in again, having left five seconds earlier


@dataclass(frozen=True, slots=True)
class Script:
    """One run."""

    seed: int
    lasts: float
    citizens: tuple[Citizen, ...]
    workers: tuple[Worker, ...]
    faults: tuple[Fault, ...] = ()
    hosts: int = 2


_SCRIPT: Final = TypeAdapter(Script)


def write(seed: int, hours: float, *, calls_an_hour: float = CALLS_AN_HOUR) -> Script:
    """The script of this seed."""
    chance = random.Random(f"people/{seed}")
    lasts = hours * HOUR
    citizens, at = list[Citizen](), 10.0
    while (at := at + chance.expovariate(calls_an_hour / HOUR)) < lasts:
        citizens.append(_citizen(len(citizens) + 1, at, chance))
    workers = tuple(Worker(f"a0{number}", 2.0 + number) for number in range(1, 5))
    faults = plan(random.Random(f"faults/{seed}"), lasts)
    return Script(seed, lasts, tuple(citizens), workers, faults)


def _citizen(number: int, at: float, chance: random.Random) -> Citizen:
    return Citizen(
        f"09420001{number % 100:02}" if number % 7 else "anonymous",
        round(at, 3),
        chance.choice(KEYS),
        round(chance.expovariate(1 / PATIENCE), 3) + 1.0,
        round(min(chance.lognormvariate(4.9, 0.7), LONGEST_TALK), 3),
        chance.random() < AGENT_ENDS,
    )


def save(script: Script, file: Path) -> None:
    """Keep it, to be replayed."""
    file.write_bytes(_SCRIPT.dump_json(script, indent=1) + b"\n")


def load(file: Path) -> Script:
    """One that was kept."""
    return _SCRIPT.validate_json(file.read_bytes())
