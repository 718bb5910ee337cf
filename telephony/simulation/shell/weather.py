"""What goes wrong around the controllers: the servers of a simulated centre, and their knobs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from config.database import DatabaseFailed
from telephony.ari.errors import AriError, AriUnreachable, refusal
from telephony.ari.events import AriEvent, ChannelDtmfReceived, ChannelUserevent
from telephony.calls.journal import JournalAway
from telephony.calls.lease import LeaseAway
from telephony.calls.spool import SpoolFailed
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.faults import Disk, Fault, Server, Where
from telephony.simulation.shell.host import Host
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.link import Link, Passage
from telephony.simulation.shell.process import Process
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.spool import FakeSpool

HOUSEKEEPING: Final = frozenset({"info", "user_event", "set_global_variable"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A request that was refused, late or lost."""

    at: float
    request: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Untold:
    """An event that nobody was told of, or not at once."""

    at: float
    event: AriEvent
    late: bool = False


PATIENCE: Final = {"asterisk": 2.0, "journal": 600.0, "lease": 600.0, "records": 30.0}
QUICK: Final = (0.0002, 0.0015)  # seconds one way, as on one machine
SYNC: Final = 0.0005  # seconds to a disk, and back
SETTLE: Final = 10.0  # seconds after a storm until all must be right
STATUSES: Final = (409, 412, 422, 500)


class Weather:
    """The servers, and all that faults may do to them and to the controllers' machines."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"weather/{seed}")
        self._storms = 0
        self.calm_since = 0.0
        self.struck: list[Fault] = []
        self._slow: dict[Server, float] = {}
        self._refusing = 0.0
        self.troubled: list[Trouble] = []
        self.untold: list[Untold] = []
        self._steps: list[tuple[float, float]] = []
        self._doomed: dict[str, int] = {}  # host, and the steps it still takes
        self._lost_at: float | None = None  # since when the journal lacks something
        self._knowing: list[Process] = []  # who can put it right
        self.forgotten: list[float] = []  # when the last of them died
        self._alone: dict[str, float] = {}  # hosts that do not reach the journal, since when
        # From when to when one who was deposed had decided what the next could not read.
        self.undone: list[tuple[float, float]] = []
        aways: dict[Server, Callable[[str], Exception]] = {
            "asterisk": AriUnreachable,
            "journal": JournalAway,
            "lease": LeaseAway,
            "records": DatabaseFailed,
        }
        self.links: dict[Server, Link] = {
            name: Link(away, partial(self._passage, name), PATIENCE[name], step=self._step)
            for name, away in aways.items()
        }
        self.asterisk = FakeAsterisk(link=self.links["asterisk"])
        self.asterisk.opened = self._note_undone
        self.journal = FakeJournal(self.links["journal"])
        self.lease = FakeLease(link=self.links["lease"])
        self.records = FakeRecords(self.links["records"])
        self.hosts: Sequence[Host] = ()

    # -- calm and storm ------------------------------------------------------------------

    @property
    def calm(self) -> bool:
        """Nothing is wrong, and nothing has been for a while."""
        return not self._storms and self._now() >= self.calm_since + SETTLE

    @property
    def stormy(self) -> bool:
        """Something is wrong now."""
        return self._storms > 0

    def begin(self, fault: Fault) -> None:
        """Let it happen, and end when its time is over."""
        self._storms += 1
        self.struck.append(fault)
        end = fault.begin(self)
        asyncio.get_running_loop().call_later(fault.lasts, self._end, end)

    def _end(self, end: Callable[[], None] | None) -> None:
        if end is not None:
            end()
        self._storms -= 1
        self.calm_since = self._now()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    # -- the way to the servers ----------------------------------------------------------

    def _passage(self, server: Server, name: str) -> Passage | None:
        quiet = not self._storms and not self._doomed
        if quiet and (server != "asterisk" or name in HOUSEKEEPING):
            return None
        slow = self._slow.get(server, 0.0)
        there = slow + self._chance.uniform(*QUICK)
        back = slow + self._chance.uniform(*QUICK)
        if server == "asterisk" and self._chance.random() < self._refusing:
            self.troubled.append(Trouble(self._now(), self.asterisk.asking))
            return self._troubled(there, back)
        return Passage(there, back, undisturbed=quiet)

    def _troubled(self, there: float, back: float) -> Passage:
        kind = self._chance.randrange(6)
        if kind < len(STATUSES):
            return Passage(there, back, refused=_refused(STATUSES[kind]))
        if kind == len(STATUSES):
            return Passage(there + 2.0 * self._chance.random(), back)
        return Passage(there, back, lost=True)

    def disk(self) -> FakeSpool:
        """A controller's own disk."""
        return FakeSpool(Link(SpoolFailed, self._sync, PATIENCE["records"], step=self._step))

    def _sync(self, _: str) -> Passage | None:
        """Nothing delays a disk, but whoever asks it may be killed meanwhile."""
        return Passage(SYNC, SYNC) if self._storms or self._doomed else None

    # -- what faults do to controllers ---------------------------------------------------

    @property
    def leader(self) -> Host | None:
        """Whoever leads."""
        return next((host for host in self.hosts if host.leads), None)

    def _at(self, where: Where) -> list[Host]:
        if where == "both":
            return list(self.hosts)
        leader = self.leader or self.hosts[0]
        others = [host for host in self.hosts if host is not leader] or [leader]
        return [leader if where == "leader" else others[0]]

    def kill(self, where: Where, steps: int) -> Callable[[], None]:
        """SIGKILL as they take their so-many-th step from now; what lets them start again."""
        struck = self._at(where)
        for host in struck:
            self._doomed[host.name] = steps
            host.held_back += 1

        def let_start() -> None:
            for host in struck:
                host.held_back -= 1

        return let_start

    def _step(self, process: Process) -> None:
        left = self._doomed.get(process.host)
        if left is None:
            return
        self._doomed[process.host] = left - 1
        if left <= 0:
            del self._doomed[process.host]
            process.kill()
            self.calm_since = self._now()

    def stop(self, where: Where) -> Callable[[], None]:
        """SIGSTOP a controller; what lets it go on."""
        (host, *_) = self._at(where)
        process = host.process
        process.stop()
        return process.go_on

    def ended(self, process: Process) -> None:
        """A controller is no more, with what only it may have known."""
        if process in self._knowing:
            self._knowing.remove(process)
            self._note_forgotten()

    def _note_forgotten(self) -> None:
        lost_at, kept_at = self._lost_at, self.journal.kept_at
        if lost_at is not None and not self._knowing and (kept_at is None or kept_at <= lost_at):
            self.forgotten.append(self._now())

    def _note_undone(self, by: Process) -> None:
        """Another leads: what one decided who was cut off from the journal is in no memory now."""
        for host in self.hosts:
            if host.name in self._alone and host.name != by.host and host.controller is not None:
                self.undone.append((self._alone[host.name], self._now()))

    # -- to their servers ----------------------------------------------------------------

    def cut(self, where: Where, server: Server) -> Callable[[], None]:
        """Cut the cable between a controller and a server; what mends it."""
        (host, *_) = self._at(where)
        link = self.links[server]
        link.cut_off.add(host.name)
        if server == "journal":
            self._alone.setdefault(host.name, self._now())
        deaf = self.deafen() if server == "asterisk" and host is self.leader else None

        def mend() -> None:
            link.cut_off.discard(host.name)
            if server == "journal":
                self._alone.pop(host.name, None)
            if deaf is not None:
                deaf()

        return mend

    def silence(self, server: Server, dead: bool) -> Callable[[], None]:
        """A server is stopped, or gone; what brings it back."""
        what = "dead" if dead else "stalled"
        setattr(self.links[server], what, True)
        return partial(setattr, self.links[server], what, False)

    def fill(self, where: Where, disk: Disk) -> Callable[[], None]:
        """No room is left on a disk; what makes room."""
        if disk == "records":
            return self.lock(False)
        spools = [host.spool for host in self._at(where)]

        def set_full(full: bool) -> None:
            for spool in spools:
                spool.full = full

        set_full(True)
        return partial(set_full, False)

    def lock(self, locked: bool) -> Callable[[], None]:
        """SQL takes nothing: somebody holds a lock, or it is read-only; what ends that."""
        what = "locked" if locked else "read_only"
        setattr(self.records, what, True)
        return partial(setattr, self.records, what, False)

    def slow(self, server: Server, seconds: float) -> Callable[[], None]:
        """A server takes this much longer; what makes it quick again."""
        self._slow[server] = seconds
        return partial(self._quick, server)

    def _quick(self, server: Server) -> None:
        self._slow.pop(server, None)

    def skew(self, rate: float) -> Callable[[], None]:
        """The lease's clock is faster than the controllers', or slower; what mends it."""
        self.lease.rate = rate
        return partial(setattr, self.lease, "rate", 1.0)

    def lose_journal(self, last: float | None) -> None:
        """The journal's last seconds are gone, or everything with the lease."""
        self._lost_at = self._now()
        self._knowing = [host.process for host in self.hosts if host.knows]
        if last is None:
            self.journal.flush()
            self.lease.flush()
        else:
            self.journal.roll_back(self._now() - last)
        self._note_forgotten()

    # -- to Asterisk ---------------------------------------------------------------------

    def kill_asterisk(self) -> Callable[[], None]:
        """SIGKILL Asterisk, with every call on it; what starts it again."""
        self.asterisk.unheard = self.links["asterisk"].dead = True
        self.asterisk.world.up = False
        self.asterisk.restart()
        return self._start_asterisk

    def _start_asterisk(self) -> None:
        self.asterisk.started = self.asterisk.world.now()
        self.links["asterisk"].dead = False
        self.asterisk.world.up = True
        self._hear()

    def refuse(self, share: float) -> Callable[[], None]:
        """Asterisk refuses, delays or answers into the void; what ends that."""
        self._refusing = share
        return partial(setattr, self, "_refusing", 0.0)

    def lie(self, drop: float, double: float, late: float, keys: bool) -> Callable[[], None]:
        """Events get lost, come twice, or come late; what ends that."""

        def told(event: AriEvent) -> Iterable[tuple[float, AriEvent]]:
            if isinstance(event, ChannelUserevent) and not keys:
                return ((0.0, event),)
            chance = self._chance.random()
            if chance < drop:
                if isinstance(event, ChannelDtmfReceived) and not keys:
                    return ((0.0, event),)
                self.untold.append(Untold(self._now(), event))
                return ()
            if chance < drop + double:
                return ((0.0, event), (round(self._chance.random(), 3), event))
            if chance < drop + double + late:
                self.untold.append(Untold(self._now(), event, late=True))
                return ((0.3 * self._chance.random(), event),)
            return ((0.0, event),)

        self.asterisk.lie = told
        return self._tell_the_truth

    def _tell_the_truth(self) -> None:
        self.asterisk.lie = lambda event: ((0.0, event),)

    def usurp(self, every: float) -> Callable[[], None]:
        """A stranger takes the application again and again, and leaves it; what ends that."""
        loop, again = asyncio.get_running_loop(), list[asyncio.TimerHandle]()

        def takes() -> None:
            self.asterisk.replace()
            again[:] = [loop.call_later(every, takes)]

        takes()
        return lambda: again[0].cancel()

    def deafen(self) -> Callable[[], None]:
        """The event stream is gone; what brings it back."""
        self.asterisk.unheard = True
        self.asterisk.disconnect("closed")
        return self._hear

    def _hear(self) -> None:
        if not self.links["asterisk"].dead:
            self.asterisk.unheard = False
            self.asterisk.connect()

    # -- the time ------------------------------------------------------------------------

    def step_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.asterisk.world.clock_ahead += seconds
        self._steps.append((self._now(), self.asterisk.world.clock_ahead))

    def wall_ahead(self, at: float) -> float:
        """How far the wall clock was from the simulation's time."""
        return next((ahead for since, ahead in reversed(self._steps) if since <= at), 0.0)


def _refused(status: int) -> AriError:
    return refusal(status, "not now")
