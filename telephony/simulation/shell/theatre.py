"""A whole centre in virtual time: two controllers, their servers, the people, and the weather."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2s
from pathlib import Path
from typing import Final

from config.clock import Clock
from config.database import DatabaseFailed
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, AgentState
from telephony.ari.errors import AriError, AriUnreachable, refusal
from telephony.ari.events import AriEvent, ChannelDtmfReceived, ChannelUserevent
from telephony.calls.controller import BEAT, BEAT_GOOD_FOR
from telephony.calls.journal import JournalAway
from telephony.calls.lease import LeaseAway
from telephony.calls.spool import SpoolFailed
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.asterisk_world import START, Line
from telephony.simulation.shell.audit import Audit, Finding
from telephony.simulation.shell.faults import Fault, Pause, Server, Where
from telephony.simulation.shell.host import Host, Surroundings
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.link import Link, Passage
from telephony.simulation.shell.loop import run
from telephony.simulation.shell.people import DIALLED, People
from telephony.simulation.shell.process import Process
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.script import Script
from telephony.simulation.shell.sounds import NamedSounds
from telephony.simulation.shell.spool import FakeSpool

HOUSEKEEPING: Final = frozenset({"info", "user_event", "set_global_variable"})
PATIENCE: Final = {"asterisk": 2.0, "journal": 600.0, "lease": 600.0, "records": 30.0}
QUICK: Final = (0.0002, 0.0015)  # seconds one way, as on one machine
SYNC: Final = 0.0005  # seconds to a disk, and back
SETTLE: Final = 10.0  # seconds after a storm until all must be right
DRAIN: Final = 900.0  # seconds after the last hour for the last caller
STATUSES: Final = (409, 412, 422, 500)


@dataclass(slots=True)
class Result:
    """What became of a run."""

    findings: list[Finding]
    calls: int
    hosts: list[Host]
    records: FakeRecords
    journal: FakeJournal
    people: People
    troubled: list[tuple[object, ...]]

    def digest(self) -> str:
        """A fingerprint of everything that happened: the same script, the same one."""
        told = repr((self.journal.every, self.records.changes, self.findings))
        return blake2s(told.encode()).hexdigest()


class Theatre:
    """The stage that faults act upon."""

    def __init__(self, script: Script, rules: CentreRules, scratch: Path) -> None:
        self.script = script
        self._chance = random.Random(f"weather/{script.seed}")
        self._storms = 0
        self.calm_since = 0.0
        self._slow: dict[Server, float] = {}
        self._refusing = 0.0
        self.troubled: list[tuple[object, ...]] = []  # requests that were refused, late or lost
        self._steps: list[tuple[float, float]] = []
        self._led: list[tuple[float, float]] = []  # since when, and how far off the time
        self.journal_lost = False
        self._doomed: dict[str, int] = {}  # host, and the steps it still takes
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
        self.journal = FakeJournal(self.links["journal"])
        self.lease = FakeLease(link=self.links["lease"])
        self.records = FakeRecords(self.links["records"])
        self._net_kept = False
        self._net_calls = scratch / "net-calls.jsonl"
        around = Surroundings(
            self.asterisk,
            self.journal,
            self.lease,
            self.records,
            rules,
            NamedSounds(),
            DIALLED,
            self._net_calls,
            lambda: self._net_kept,
            self._clock,
        )
        stops = any(isinstance(fault, Pause) for fault in script.faults)
        names = ("one", "two")[: script.hosts]
        self.hosts = [Host(name, around, self._disk(), may_stop=stops) for name in names]
        self.people = People(script, self.asterisk.world, self.ask, self.state_of, self._in_the_net)
        self.asterisk.world.lets_in = self._lets_in
        self.audit = Audit(self)

    async def play(self) -> Result:
        """From the first to the last second."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self.audit.unhandled)
        for worker in self.script.workers:
            self.asterisk.phone(worker.seat)
        async with asyncio.TaskGroup() as group:
            keepers = [group.create_task(host.keep()) for host in self.hosts]
            self.people.begin(group)
            self.audit.begin()
            for fault in self.script.faults:
                loop.call_later(fault.at, self._begin, fault)
            await asyncio.sleep(self.script.lasts)
            await self._until_quiet()
            self.audit.at_the_end()
            for host, keeper in zip(self.hosts, keepers, strict=True):
                keeper.cancel()
                host.process.kill()
            self.people.go_home()
        people, found = self.people, self.audit.findings
        return Result(
            found,
            len(people.visits),
            self.hosts,
            self.records,
            self.journal,
            people,
            self.troubled,
        )

    async def _until_quiet(self) -> None:
        """Until the weather is fine, the last caller gone, and everything about them written."""
        for _ in range(int(DRAIN)):
            await asyncio.sleep(1.0)
            if not self.asterisk.world.lines and not self._storms:
                break
        await asyncio.sleep(60.0)

    # -- whom people can ask -------------------------------------------------------------

    @property
    def leader(self) -> Host | None:
        """Whoever leads."""
        return next((host for host in self.hosts if host.leads), None)

    async def ask(self, request: cmd.Request) -> None:
        """A button on a screen."""
        leader = self.leader
        if leader is None:
            raise TimeoutError
        await leader.request(request)

    def state_of(self, seat: str) -> AgentState | None:
        """What a screen shows; nothing while nobody leads."""
        leader = self.leader
        if leader is None or leader.controller is None:
            return None
        with suppress(Rejected):
            return leader.controller.engine.centre.acd.roster[AgentId(seat)].state
        return None

    def _in_the_net(self, line: Line) -> None:
        """A call that ended with the dialplan leaves a line in a file."""
        told = {
            "call": line.id,
            "arrived": line.variables["MADO_ARRIVED"],
            "dialled": line.variables["MADO_DIALLED"],
            "from": line.variables["MADO_FROM"],
            "how": "abandoned",
            "ended": f"{self.asterisk.world.now().timestamp():.3f}",
        }
        self._net_kept = True
        with self._net_calls.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    def _lets_in(self) -> bool:
        beat = int(self.asterisk.global_variable(BEAT) or "0")
        fresh = abs(int(self._wall()) - beat) <= BEAT_GOOD_FOR
        return fresh and self.asterisk.heard

    def _clock(self, last: float) -> Clock:
        clock = Clock(last, self._wall, asyncio.get_running_loop().time)
        if last:
            self._led.append((self._now(), clock() - START.timestamp() - self._now()))
        return clock

    def _wall(self) -> float:
        return self.asterisk.world.now().timestamp()

    # -- the weather ---------------------------------------------------------------------

    @property
    def calm(self) -> bool:
        """Nothing is wrong, and nothing has been for a while."""
        return not self._storms and self._now() >= self.calm_since + SETTLE

    def _begin(self, fault: Fault) -> None:
        self._storms += 1
        end = fault.begin(self)
        asyncio.get_running_loop().call_later(fault.lasts, self._end, end)

    def _end(self, end: Callable[[], None] | None) -> None:
        if end is not None:
            end()
        self._storms -= 1
        self.calm_since = self._now()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _passage(self, server: Server, name: str) -> Passage | None:
        quiet = not self._storms and not self._doomed
        if quiet and (server != "asterisk" or name in HOUSEKEEPING):
            return None
        slow = self._slow.get(server, 0.0)
        there, back = (slow + self._chance.uniform(*QUICK) for _ in range(2))
        if server == "asterisk" and self._chance.random() < self._refusing:
            self.troubled.append(self.asterisk.asking)
            return self._troubled(there, back)
        return Passage(there, back)

    def _disk(self) -> FakeSpool:
        link = Link(SpoolFailed, self._sync, PATIENCE["records"], step=self._step)
        return FakeSpool(link)

    def _sync(self, _: str) -> Passage | None:
        """No weather touches a disk, but whoever asks it may be killed meanwhile."""
        return Passage(SYNC, SYNC) if self._storms or self._doomed else None

    def _troubled(self, there: float, back: float) -> Passage:
        kind = self._chance.randrange(6)
        if kind < len(STATUSES):
            return Passage(there, back, refused=_refused(STATUSES[kind]))
        if kind == len(STATUSES):
            return Passage(there + 2.0 * self._chance.random(), back)
        return Passage(there, back, lost=True)

    # -- what faults do ------------------------------------------------------------------

    def _host(self, where: Where) -> Host:
        leader = self.leader or self.hosts[0]
        others = [host for host in self.hosts if host is not leader] or [leader]
        return leader if where == "leader" else others[0]

    def kill(self, where: Where, steps: int) -> None:
        """SIGKILL a controller as it takes its so-many-th step from now."""
        self._doomed[self._host(where).name] = steps

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
        process = self._host(where).process
        process.stop()
        return process.go_on

    def cut(self, where: Where, server: Server) -> Callable[[], None]:
        """Cut the cable between a controller and a server; what mends it."""
        host = self._host(where)
        link = self.links[server]
        link.cut_off.add(host.name)
        deaf = self.deafen() if server == "asterisk" and host is self.leader else None

        def mend() -> None:
            link.cut_off.discard(host.name)
            if deaf is not None:
                deaf()

        return mend

    def silence(self, server: Server, dead: bool) -> Callable[[], None]:
        """A server is stopped, or gone; what brings it back."""
        what = "dead" if dead else "stalled"
        setattr(self.links[server], what, True)
        return partial(setattr, self.links[server], what, False)

    def slow(self, server: Server, seconds: float) -> Callable[[], None]:
        """A server takes this much longer; what makes it quick again."""
        self._slow[server] = seconds
        return partial(self._quick, server)

    def _quick(self, server: Server) -> None:
        self._slow.pop(server, None)

    def refuse(self, share: float) -> Callable[[], None]:
        """Asterisk refuses, delays or answers into the void; what ends that."""
        self._refusing = share
        return partial(setattr, self, "_refusing", 0.0)

    def lie(self, drop: float, double: float, late: float) -> Callable[[], None]:
        """Events get lost, come twice, or come late; what ends that."""

        def told(event: AriEvent) -> Iterable[tuple[float, AriEvent]]:
            if isinstance(event, ChannelUserevent):
                return ((0.0, event),)
            chance = self._chance.random()
            if chance < drop:  # of a key that is lost Asterisk remembers nothing: it stays
                return ((0.0, event),) if isinstance(event, ChannelDtmfReceived) else ()
            if chance < drop + double:
                return ((0.0, event), (round(self._chance.random(), 3), event))
            if chance < drop + double + late:
                return ((0.3 * self._chance.random(), event),)
            return ((0.0, event),)

        self.asterisk.lie = told
        return self._tell_the_truth

    def _tell_the_truth(self) -> None:
        self.asterisk.lie = lambda event: ((0.0, event),)

    def deafen(self) -> Callable[[], None]:
        """The event stream is gone; what brings it back."""
        self.asterisk.unheard = True
        self.asterisk.disconnect("closed")
        return self._hear

    def _hear(self) -> None:
        self.asterisk.unheard = False
        self.asterisk.connect()

    def lose_journal(self, last: float | None) -> None:
        """The journal's last seconds are gone, or everything with the lease."""
        if last is None:
            self.journal.flush()
            self.lease.flush()
        else:
            self.journal.roll_back(self._now() - last)

        self.journal_lost = True

    def step_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.asterisk.world.clock_ahead += seconds
        self._steps.append((self._now(), self.asterisk.world.clock_ahead))

    def wall_ahead(self, at: float) -> float:
        """How far the wall clock was from the simulation's time."""
        return next((ahead for since, ahead in reversed(self._steps) if since <= at), 0.0)

    def off(self, since: float, until: float) -> list[float]:
        """How far the instants of those who led then were from the simulation's time."""
        before = [off for at, off in self._led if at <= since][-1:]
        return before + [off for at, off in self._led if since < at <= until]


def _refused(status: int) -> AriError:
    return refusal(status, "not now")


def perform(script: Script, rules: CentreRules) -> Result:
    """Play a script to its end."""
    with tempfile.TemporaryDirectory() as scratch:
        return run(_play(script, rules, Path(scratch)))


async def _play(script: Script, rules: CentreRules, scratch: Path) -> Result:
    return await Theatre(script, rules, scratch).play()
