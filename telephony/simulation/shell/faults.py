"""What can go wrong around a controller, each as a value with a beginning and an end.

Faults only turn the knobs of the stage they are given; the product is never told. While one lasts
the stage is not calm, and what must hold only in calm weather is not asked.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

Where = Literal["leader", "other"]
Server = Literal["asterisk", "journal", "lease", "records"]


class Stage(Protocol):
    """What faults may do to a simulated centre."""

    def kill(self, where: Where, steps: int) -> None:
        """SIGKILL a controller as it takes its so-many-th step from now."""

    def stop(self, where: Where) -> Callable[[], None]:
        """SIGSTOP a controller; what lets it go on."""

    def cut(self, where: Where, server: Server) -> Callable[[], None]:
        """Cut the cable between a controller and a server; what mends it."""

    def silence(self, server: Server, dead: bool) -> Callable[[], None]:
        """A server is stopped, or gone; what brings it back."""

    def slow(self, server: Server, seconds: float) -> Callable[[], None]:
        """A server takes this much longer; what makes it quick again."""

    def refuse(self, share: float) -> Callable[[], None]:
        """Asterisk refuses, delays or answers into the void; what ends that."""

    def lie(self, drop: float, double: float, late: float) -> Callable[[], None]:
        """Events get lost, come twice, or come late; what ends that."""

    def deafen(self) -> Callable[[], None]:
        """The event stream is gone; what brings it back."""

    def lose_journal(self, last: float | None) -> None:
        """The journal's last seconds are gone, or everything with the lease."""

    def step_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    at: float
    lasts: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash(_Fault):
    """X1: kill -9 in the middle of whatever it does."""

    where: Where = "leader"
    steps: int = 0
    kind: Literal["crash"] = "crash"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        stage.kill(self.where, self.steps)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(_Fault):
    """X2: SIGSTOP, and SIGCONT after the lease has run out, or before."""

    where: Where = "leader"
    kind: Literal["pause"] = "pause"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.stop(self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition(_Fault):
    """X3: one controller does not reach one server."""

    server: Server
    where: Where = "leader"
    kind: Literal["partition"] = "partition"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.cut(self.where, self.server)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Fault):
    """X7, X8: a server is stopped, or gone."""

    server: Server
    dead: bool = False
    kind: Literal["silence"] = "silence"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.silence(self.server, self.dead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(_Fault):
    """X4, X8: a server takes its time."""

    server: Server
    seconds: float
    kind: Literal["slow"] = "slow"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.slow(self.server, self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep(_Fault):
    """X6: the wall clock jumps."""

    seconds: float
    kind: Literal["clock"] = "clock"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        stage.step_clock(self.seconds)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLost(_Fault):
    """X7: FLUSHALL, or a restart whose file lacks the last second."""

    last: float | None = None  # everything
    kind: Literal["journal_lost"] = "journal_lost"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        stage.lose_journal(self.last)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lies(_Fault):
    """X9: events are dropped, doubled, reordered."""

    drop: float = 0.05
    double: float = 0.05
    late: float = 0.05
    kind: Literal["lies"] = "lies"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.lie(self.drop, self.double, self.late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout(_Fault):
    """X9: the event stream is closed for a while."""

    kind: Literal["blackout"] = "blackout"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.deafen()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals(_Fault):
    """X10: requests are refused, late, or carried out without an answer."""

    share: float = 0.1
    kind: Literal["refusals"] = "refusals"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.refuse(self.share)


Fault = (
    Crash
    | Pause
    | Partition
    | Silence
    | Slow
    | ClockStep
    | JournalLost
    | Lies
    | Blackout
    | Refusals
)

APART: Final = 60.0  # seconds between two storms, on average
CALM: Final = 45.0  # at least so long
HALF: Final = 0.5


def plan(chance: random.Random, lasts: float) -> tuple[Fault, ...]:
    """Storms of one or two faults, with calm between them in which all must come right."""
    faults, at = list[Fault](), 60.0
    while (at := round(at + CALM + chance.expovariate(1 / APART), 3)) < lasts - CALM:
        storm = [_one(at, chance)]
        if chance.random() < 0.3:  # noqa: PLR2004
            storm.append(_one(round(at + 5.0 * chance.random(), 3), chance))
        faults += storm
        at += max(fault.lasts for fault in storm)
    return tuple(faults)


def _one(at: float, chance: random.Random) -> Fault:
    where: Where = "leader" if chance.random() < 0.8 else "other"  # noqa: PLR2004
    long = round(chance.uniform(0.2, 20.0), 3)
    server: Server = chance.choice(("asterisk", "journal", "lease", "records"))
    stopped: Server = chance.choice(("journal", "lease", "records"))
    kinds: list[Callable[[], Fault]] = [
        lambda: Crash(at=at, where=where, steps=chance.randrange(40)),
        lambda: Crash(at=at, where=where, steps=chance.randrange(400)),
        lambda: Pause(at=at, lasts=long, where=where),
        lambda: Partition(at=at, lasts=long, where=where, server=server),
        lambda: Silence(at=at, lasts=long, server=stopped, dead=chance.random() < HALF),
        lambda: Slow(at=at, lasts=long, server=server, seconds=chance.choice((0.03, 0.2, 1.5))),
        lambda: ClockStep(at=at, seconds=chance.choice((-3600.0, -2.0, 2.0, 3600.0))),
        lambda: JournalLost(at=at, last=chance.choice((None, 1.0))),
        lambda: Lies(at=at, lasts=long),
        lambda: Blackout(at=at, lasts=long),
        lambda: Refusals(at=at, lasts=long),
    ]
    return chance.choice(kinds)()
