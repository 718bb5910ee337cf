"""Who calls when, who works, and what goes wrong: all that decides a simulated run.

A script is plain data. The same script gives the same run, to the last event, so a failure is kept
as a file and made small by leaving things out. What has a default may be missing in a kept file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter

from telephony.simulation.shell.faults import Fault

HOUR: Final = 3600.0
PATIENCE: Final = 120.0
TALK: Final = 180.0
FIRST_KEY: Final = 2.0


@dataclass(frozen=True, slots=True)
class Again:
    """How somebody who got nobody calls once more, if they do."""

    if_refused: bool  # no line was free, or they had to leave the queue
    if_abandoned: bool  # they gave up
    after: float
    patience: float


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who calls. Who `answers` waits in the queue for their patience, not on the line."""

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
    answers: Mapping[str, str] | None = None  # what they press when they hear what; "" is to leave
    hears_out: float = 1.0  # how much of a menu they listen to
    reaction: float = 1.0  # seconds of thinking after that
    wrap_up: float = 0.0  # seconds that they keep the agent busy afterwards
    again: tuple[Again, ...] = ()


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody at a desk."""

    seat: str
    ready_at: float = 2.0
    reliable: bool = False  # always answers, after the same time
    asks: bool = True  # holds, transfers, pauses now and then
    returns: tuple[float, ...] = ()  # when they sign in again, having left five seconds earlier
    picks_up: float = 3.0  # seconds of ringing on average
    away: tuple[tuple[float, float], ...] = ()  # from when, how long: lunch and breaks


@dataclass(frozen=True, slots=True)
class Script:
    """One run."""

    seed: int
    lasts: float
    citizens: tuple[Citizen, ...]
    workers: tuple[Worker, ...]
    faults: tuple[Fault, ...] = ()
    hosts: int = 2
    lines: int = 0  # as many as the site has
    day: str = ""  # what sort of day it was written as
    sounds: Literal["a second", "recorded"] = "a second"  # how long each lasts


_SCRIPT: Final = TypeAdapter(Script)


def save(script: Script, file: Path) -> None:
    """Keep it, to be replayed."""
    file.write_bytes(_SCRIPT.dump_json(script, indent=1) + b"\n")


def load(file: Path) -> Script:
    """One that was kept."""
    return _SCRIPT.validate_json(file.read_bytes())
