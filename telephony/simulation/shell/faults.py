"""What can go wrong around a controller, each as a value with a beginning and an end.

Faults only turn the knobs of the stage they are given; the product is never told. While one lasts
the stage is not calm, and what must hold only in calm weather is not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Where = Literal["leader", "other", "both"]
Disk = Literal["spool", "records"]
Server = Literal["asterisk", "journal", "lease", "records"]


class Stage(Protocol):
    """What faults may do to a simulated centre."""

    def kill(self, where: Where, steps: int) -> Callable[[], None]:
        """SIGKILL as they take their so-many-th step from now; what lets them start again."""

    def kill_asterisk(self) -> Callable[[], None]:
        """SIGKILL Asterisk, with every call on it; what starts it again."""

    def stop(self, where: Where) -> Callable[[], None]:
        """SIGSTOP a controller; what lets it go on."""

    def cut(self, where: Where, server: Server) -> Callable[[], None]:
        """Cut the cable between a controller and a server; what mends it."""

    def silence(self, server: Server, dead: bool) -> Callable[[], None]:
        """A server is stopped, or gone; what brings it back."""

    def fill(self, where: Where, disk: Disk) -> Callable[[], None]:
        """No room is left on a disk; what makes room."""

    def lock(self, locked: bool) -> Callable[[], None]:
        """SQL takes nothing: somebody holds a lock, or it is read-only; what ends that."""

    def slow(self, server: Server, seconds: float) -> Callable[[], None]:
        """A server takes this much longer; what makes it quick again."""

    def refuse(self, share: float) -> Callable[[], None]:
        """Asterisk refuses, delays or answers into the void; what ends that."""

    def lie(self, drop: float, double: float, late: float, keys: bool) -> Callable[[], None]:
        """Events get lost, come twice, or come late; what ends that."""

    def deafen(self) -> Callable[[], None]:
        """The event stream is gone; what brings it back."""

    def usurp(self, every: float) -> Callable[[], None]:
        """A stranger takes the application again and again, and leaves it; what ends that."""

    def skew(self, rate: float) -> Callable[[], None]:
        """The lease's clock is faster than the controllers', or slower; what mends it."""

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
    """X1: kill -9 in the middle of whatever they do; they stay away until it ends."""

    where: Where = "leader"
    steps: int = 0
    kind: Literal["crash"] = "crash"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.kill(self.where, self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskDies(_Fault):
    """X1: kill -9 of Asterisk. Every call on it is over, and nobody can call until it is back."""

    kind: Literal["asterisk_dies"] = "asterisk_dies"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.kill_asterisk()


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
class DiskFull(_Fault):
    """X5: no room for the spool of a controller, or for SQL, which still answers questions."""

    disk: Disk
    where: Where = "both"
    kind: Literal["disk_full"] = "disk_full"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.fill(self.where, self.disk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritable(_Fault):
    """X8: somebody holds SQL's write lock, or it has become read-only."""

    locked: bool = False
    kind: Literal["unwritable"] = "unwritable"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.lock(self.locked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Fault):
    """X1, X7, X8: a server is stopped and answers late, or it is gone and refuses at once."""

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
class Usurped(_Fault):
    """Split brain: `ApplicationReplaced`, time and again, by somebody who leads nothing."""

    every: float = 2.0
    kind: Literal["usurped"] = "usurped"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.usurp(self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew(_Fault):
    """Split brain: the lease runs out by another clock than the one it is renewed by."""

    rate: float
    kind: Literal["skew"] = "skew"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.skew(self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLost(_Fault):
    """X7: FLUSHALL, which takes the lease too, or a restart whose file lacks the last second."""

    last: float | None = None  # everything
    kind: Literal["journal_lost"] = "journal_lost"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        stage.lose_journal(self.last)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lies(_Fault):
    """X9: events are dropped, doubled, and late enough to change places; keys and beats too."""

    drop: float = 0.05
    double: float = 0.05
    late: float = 0.05
    keys: bool = False  # and beats are lost too: of neither does Asterisk remember anything
    kind: Literal["lies"] = "lies"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.lie(self.drop, self.double, self.late, self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout(_Fault):
    """X9: the event stream is closed for a while."""

    kind: Literal["blackout"] = "blackout"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.deafen()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals(_Fault):
    """X10: 409, 412, 422, 500, up to two seconds late, or carried out without an answer.

    Not 404: Asterisk says of nothing that it is gone while it is there.
    """

    share: float = 0.1
    kind: Literal["refusals"] = "refusals"

    def begin(self, stage: Stage) -> Callable[[], None] | None:
        """As described."""
        return stage.refuse(self.share)


Fault = (
    Crash
    | AsteriskDies
    | Pause
    | Partition
    | DiskFull
    | Silence
    | Unwritable
    | Slow
    | ClockStep
    | Usurped
    | Skew
    | JournalLost
    | Lies
    | Blackout
    | Refusals
)
