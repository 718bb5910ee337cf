"""A whole centre in virtual time: two controllers, their servers, the people, and the weather."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2s
from pathlib import Path
from typing import Final

from config.clock import Clock
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, AgentState
from telephony.calls import net_calls
from telephony.calls.controller import BEAT, BEAT_GOOD_FOR
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.simulation.lengths import recorded
from telephony.simulation.shell.agenda import Agenda
from telephony.simulation.shell.asterisk_world import START, Line, Sight
from telephony.simulation.shell.audit import Audit, Finding
from telephony.simulation.shell.desks import Desks
from telephony.simulation.shell.faults import Fault, Pause
from telephony.simulation.shell.history import Event, History
from telephony.simulation.shell.host import Host, Surroundings
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import run
from telephony.simulation.shell.people import DIALLED, People
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.script import Script
from telephony.simulation.shell.sounds import NamedSounds
from telephony.simulation.shell.weather import Trouble, Untold, Weather

DRAIN: Final = 1800.0  # seconds after the last hour for the last caller
QUIET: Final = 60.0  # seconds until what they left must be written
SHORTEST_SOUND: Final = 0.2


@dataclass(slots=True)
class Result:
    """What became of a run."""

    findings: list[Finding]
    calls: int
    hosts: list[Host]
    records: FakeRecords
    journal: FakeJournal
    people: People
    struck: list[Fault]
    troubled: list[Trouble]
    untold: list[Untold]
    forgotten: list[float]  # when something was lost with the last who knew it
    waiting: Counter[int]  # how many seconds so many waited at once
    history: list[Event]  # what reached Asterisk
    undone: list[tuple[float, float]]  # what only one knew who was deposed, from when to when

    def digest(self) -> str:
        """A fingerprint of everything that happened: the same script, the same one."""
        told = repr((self.journal.every, self.records.changes, self.findings))
        return blake2s(told.encode()).hexdigest()

    def outcomes(self) -> Counter[str]:
        """How many calls ended in which way."""
        return Counter(str(each.outcome) for each in self.records.calls())


class Theatre:
    """The stage: what is set up, what connects it, and who is asked on it."""

    def __init__(self, script: Script, rules: CentreRules, scratch: Path) -> None:
        self.script = script
        if script.lines:
            rules = replace(rules, lines=tuple(range(1, script.lines + 1)))
        self.rules = rules
        self.weather = weather = Weather(script.seed)
        self.asterisk, self.journal = weather.asterisk, weather.journal
        self.records = weather.records
        self._led: list[tuple[float, float]] = []  # since when, and how far off the time
        self._in_net = False  # whether a line may wait there
        self._net_calls = scratch / "net-calls.jsonl"
        around = Surroundings(
            weather.asterisk,
            weather.journal,
            weather.lease,
            weather.records,
            rules,
            NamedSounds(),
            DIALLED,
            self._net_calls,
            self._net_holds,
            self._clock,
            weather.ended,
        )
        stops = any(isinstance(fault, Pause) for fault in script.faults)
        names = ("one", "two")[: script.hosts]
        self.hosts = [Host(name, around, weather.disk(), may_stop=stops) for name in names]
        weather.hosts = self.hosts
        world = self.asterisk.world
        self._agenda = Agenda(world.context)
        granted = min(queue.wrap_up_for for queue in rules.acd.queues.values())
        desks = Desks(script, self._agenda, self.ask, self.state_of, granted)
        self.people = People(script, world, self._agenda, desks, self._in_the_net)
        self._seen, world.see = world.see, self._see
        world.lets_in = self._lets_in
        if script.sounds == "recorded":
            world.length = _recorded
        self.audit = Audit(self)

    async def play(self) -> Result:
        """From the first to the last second."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self.audit.unhandled)
        for worker in self.script.workers:
            self.asterisk.phone(worker.seat)
        async with asyncio.TaskGroup() as group:
            keepers = [group.create_task(host.keep()) for host in self.hosts]
            self._agenda.begin(group)
            self.people.begin()
            self.audit.begin()
            for fault in self.script.faults:
                loop.call_later(fault.at, self.weather.begin, fault)
            await asyncio.sleep(self.script.lasts)
            await self._until_quiet()
            self.audit.at_the_end()
            for host, keeper in zip(self.hosts, keepers, strict=True):
                keeper.cancel()
                host.process.kill()
            self._agenda.end()
        return Result(
            self.audit.findings,
            len(self.people.visits),
            self.hosts,
            self.records,
            self.journal,
            self.people,
            self.weather.struck,
            self.weather.troubled,
            self.weather.untold,
            self.weather.forgotten,
            self.audit.waiting,
            self.history.events,
            self.weather.undone,
        )

    async def _until_quiet(self) -> None:
        """Until the weather is fine, the last caller gone, and everything about them written."""
        for _ in range(int(DRAIN)):
            await asyncio.sleep(1.0)
            if not self.asterisk.world.lines and not self.weather.stormy:
                break
        await asyncio.sleep(QUIET)

    # -- whom people can ask -------------------------------------------------------------

    @property
    def leader(self) -> Host | None:
        """Whoever leads."""
        return self.weather.leader

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

    def _see(self, sight: Sight, line: Line) -> None:
        if sight in ("ended", "died"):
            self.history.ended(line.id)
        self._seen(sight, line)

    @property
    def history(self) -> History:
        """What reached Asterisk."""
        return self.asterisk.history

    # -- the dialplan --------------------------------------------------------------------

    def _in_the_net(self, line: Line) -> None:
        """Every call that ended leaves a line in a file, as the dialplan's last step does."""
        told = {
            "call": line.id,
            "arrived": line.variables["MADO_ARRIVED"],
            "dialled": line.variables["MADO_DIALLED"],
            "from": line.variables["MADO_FROM"],
            "how": "left" if line.entered else "abandoned",
            "ended": f"{self.asterisk.world.now().timestamp():.3f}",
        }
        self._in_net = True
        with self._net_calls.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    def _net_holds(self) -> bool:
        """Looked up only after a call has ended: a look at a disk costs what a request does."""
        if self._in_net:
            self._in_net = any(file.exists() for file in net_calls.where_kept(self._net_calls))
        return self._in_net

    def _lets_in(self) -> bool:
        beat = int(self.asterisk.global_variable(BEAT) or "0")
        fresh = abs(int(self._wall()) - beat) <= BEAT_GOOD_FOR
        return fresh and self.asterisk.heard

    # -- time ----------------------------------------------------------------------------

    def _clock(self, last: float) -> Clock:
        clock = Clock(last, self._wall, asyncio.get_running_loop().time)
        if last:
            now = asyncio.get_running_loop().time()
            self._led.append((now, clock() - START.timestamp() - now))
        return clock

    def _wall(self) -> float:
        return self.asterisk.world.now().timestamp()

    def off(self, since: float, until: float) -> list[float]:
        """How far the instants of those who led then were from the simulation's time."""
        before = [off for at, off in self._led if at <= since][-1:]
        return before + [off for at, off in self._led if since < at <= until]


@cache
def _recorded(media: str) -> float:
    return max(SHORTEST_SOUND, round(recorded([media.removeprefix("sound:")]), 3))


def perform(script: Script, rules: CentreRules) -> Result:
    """Play a script to its end."""
    with tempfile.TemporaryDirectory() as scratch:
        return run(_play(script, rules, Path(scratch)))


async def _play(script: Script, rules: CentreRules, scratch: Path) -> Result:
    return await Theatre(script, rules, scratch).play()
