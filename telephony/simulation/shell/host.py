"""A machine that keeps one controller running, as the supervisor does.

What a controller does between its start and its end is the product's own: wait for the lease, take
over, lead. Only the world around it is handed in here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from config.clock import Clock
from telephony.acd.model import CallId
from telephony.ari.inbox import Inbox
from telephony.caller_id import Caller, CallerKind
from telephony.calls import net_calls
from telephony.calls.controller import Controller
from telephony.calls.inheritance import promptly
from telephony.calls.journal import StaleEpoch
from telephony.calls.lease import Demoted, Held, LeaseAway
from telephony.calls.rebuild import Rebuilt
from telephony.calls.sounds import Sounds
from telephony.calls.standby import Follower
from telephony.calls.takeover import Heritage, renewing, take_lease, take_over
from telephony.calls.world import Setting, World
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.news import FakeNews
from telephony.simulation.shell.owing import FakeOwing
from telephony.simulation.shell.process import Process
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.spool import FakeSpool
from telephony.store import fence

SECRET: Final = b"of the callers' keys, simulated!"
AGAIN_AFTER: Final = 0.5  # seconds until the supervisor starts a controller again
PATIENCE: Final = 3.0  # seconds until a screen gives a request up


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What both controllers share."""

    asterisk: FakeAsterisk
    journal: FakeJournal
    lease: FakeLease
    records: FakeRecords
    rules: CentreRules
    sounds: Sounds
    own_number: str
    net_calls: Path
    net_holds: Callable[[], bool]  # whether anything waits there
    clock: Callable[[float], Clock]
    ended: Callable[[Process], None]  # a controller is no more
    news: FakeNews = field(default_factory=FakeNews)
    owing: FakeOwing = field(default_factory=FakeOwing)


class Host:
    """One machine; `controller` is there while it leads."""

    def __init__(
        self, name: str, of: Surroundings, spool: FakeSpool, *, may_stop: bool = True
    ) -> None:
        self.name = name
        self.spool = spool  # on its disk: it outlives the process
        self.process = Process(name)
        self.controller: Controller | None = None
        self.lives = 0
        self.held_back = 0  # reasons for which nobody starts it again
        self.faults: list[BaseException] = []  # what a controller may not die of
        self._follower: Follower | None = None
        self._of = of
        self._may_stop = may_stop

    async def keep(self) -> None:
        """Start it again whenever it ends."""
        while True:
            self.lives += 1
            name = f"{self.name}#{self.lives}"
            self.process = Process(name, self.name, may_stop=self._may_stop)
            work = self.process.start(self._run(self.process.name))
            await asyncio.wait([work])
            self._note(work)
            self.controller = self._follower = None
            self._of.ended(self.process)
            await self._of.lease.release(self.process.name)
            await asyncio.sleep(AGAIN_AFTER)
            while self.held_back:  # noqa: ASYNC110 -- a knob, no event
                await asyncio.sleep(AGAIN_AFTER)

    def _note(self, work: asyncio.Task[None]) -> None:
        fault = None if work.cancelled() else work.exception()
        if self.process.dead or fault is None:
            return
        allowed = (Demoted, StaleEpoch, fence.StaleEpoch)
        rest = fault.split(allowed)[1] if isinstance(fault, BaseExceptionGroup) else fault
        if rest is not None and not isinstance(rest, allowed):
            self.faults.append(rest)

    @property
    def leads(self) -> bool:
        """It can be asked now."""
        there = self.controller is not None and self.controller.connected
        return there and not self.process.dead and not self.process.stopped

    @property
    def knows(self) -> bool:
        """It knows what the journal holds, or held."""
        following = self._follower is not None and self._follower.knows
        return (following or self.controller is not None) and not self.process.dead

    async def request(self, request: cmd.Request) -> None:
        """Ask it for something; raises Rejected, and TimeoutError when it does not answer."""
        if self.controller is None:
            raise TimeoutError
        work = self.process.start(self.controller.request(request))
        done, _ = await asyncio.wait([work], timeout=PATIENCE)
        if not done or work.cancelled():
            raise TimeoutError
        work.result()

    # As telephony.app has it.

    async def _run(self, name: str) -> None:
        of = self._of
        heritage = Heritage(
            of.lease, of.journal, of.records, of.rules, lambda: of.clock(0.0)(), self.spool
        )
        self._follower = follower = Follower(of.journal, of.rules)
        held = await take_lease(of.asterisk, heritage, name, follower)
        try:
            async with of.asterisk.open(Inbox()) as inbox:
                async with renewing(of.lease, held):
                    rebuilt = await take_over(heritage, held, follower)
                    callers = await self._callers(rebuilt)
                await self._lead(held, rebuilt, callers, inbox)
        finally:
            with suppress(LeaseAway):
                await of.lease.release(name)

    async def _callers(self, rebuilt: Rebuilt) -> dict[CallId, Caller]:
        known: dict[CallId, Caller] = {}
        if not rebuilt.owed:
            await promptly(partial(self._recorded_callers, rebuilt, known))
        return known

    async def _recorded_callers(self, rebuilt: Rebuilt, known: dict[CallId, Caller]) -> None:
        for call in rebuilt.centre.visits.calls:
            record = await self._of.records.call(call)
            if record is not None and record.caller.kind is not CallerKind.UNKNOWN:
                known[call] = record.caller

    async def _lead(
        self, held: Held, rebuilt: Rebuilt, callers: dict[CallId, Caller], inbox: Inbox
    ) -> None:
        of = self._of
        clock = of.clock(rebuilt.last_at)
        world = World(
            of.asterisk,
            inbox,
            of.journal,
            of.lease,
            of.records,
            clock,
            of.sounds,
            history=of.records,
            spool=self.spool,
            news=of.news,
            owing=of.owing,
        )
        names = {str(agent): str(agent) for agent in of.rules.acd.agents}
        setting = Setting(SECRET, of.own_number, names)
        controller = Controller(world, setting, held, rebuilt, partial(self._import, held))
        for call, caller in callers.items():
            controller.callers.remember(call, caller)
        self.controller = controller
        try:
            await controller.lead()
        finally:
            await controller.publisher.drain()

    async def _import(self, held: Held) -> None:
        if not self._of.net_holds():
            return  # to look would cost a simulation more than the rest of the second
        await net_calls.bring_in(self._of.net_calls, partial(self._of.records.add, held.epoch))
