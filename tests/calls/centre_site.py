"""A whole site in virtual time: controllers come and go before one Asterisk and one journal."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.clock import Clock
from telephony.acd.model import Agent, AgentId, CallId
from telephony.calls.carrier import CarrierFacts
from telephony.calls.controller import Controller
from telephony.calls.lease import Held
from telephony.calls.own_booking import BookingReader
from telephony.calls.rebuild import Rebuilt
from telephony.calls.sounds import Sounds
from telephony.calls.standby import Follower
from telephony.calls.takeover import Heritage, take_over
from telephony.calls.world import Setting, Watcher, World
from telephony.calls.written_calendar import CalendarSource
from telephony.centre import commands as cmd
from telephony.centre.model import Call, CentreRules
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.asterisk_world import START, Phone
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.news import FakeNews
from telephony.simulation.shell.owing import FakeOwing
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.spool import FakeSpool
from tests.builders import ANA, BO, rules
from tests.calls.leading import later

RINGS: Final = Phone("answers", after=3600.0)  # until a test answers it


class NamedSounds(Sounds):
    """Every prompt has a sound of its own name."""

    def __init__(self) -> None:
        super().__init__(Path())
        self.said: list[str] = []  # everything that was to be played to anybody

    def media(self, prompts: Sequence[str]) -> list[str]:
        """One URI for each prompt."""
        self.said += prompts
        return [f"sound:{prompt}" for prompt in prompts]


@dataclass(slots=True)
class Leader:
    """A controller that leads until its block ends, and not a moment longer."""

    controller: Controller
    work: asyncio.Task[None]

    def call(self, channel: str) -> Call:
        """The call as the centre knows it."""
        return self.controller.engine.centre.visits.calls[CallId(channel)]

    def agent(self, name: AgentId) -> Agent:
        """The agent as the centre knows them."""
        return self.controller.engine.centre.acd.roster[name]

    def calls(self) -> dict[str, str]:
        """Every call's stage."""
        calls = self.controller.engine.centre.visits.calls.values()
        return {call.id: call.stage.value for call in calls}

    async def ended(self) -> BaseException | None:
        """What it died of, if it did not just stop."""
        with suppress(BaseExceptionGroup, asyncio.CancelledError):
            await self.work
        return None if self.work.cancelled() else self.work.exception()


@dataclass(slots=True)
class Site:
    """What stays when a controller dies."""

    rules: CentreRules = field(default_factory=rules)
    asterisk: FakeAsterisk = field(default_factory=FakeAsterisk)
    journal: FakeJournal = field(default_factory=FakeJournal)
    lease: FakeLease = field(default_factory=FakeLease)
    records: FakeRecords = field(default_factory=FakeRecords)
    watch: Watcher | None = None
    carrier: CarrierFacts = field(default_factory=CarrierFacts)
    spool: FakeSpool = field(default_factory=FakeSpool)
    news: FakeNews = field(default_factory=FakeNews)
    owing: FakeOwing = field(default_factory=FakeOwing)
    written: CalendarSource | None = None
    bookings: BookingReader | None = None
    sounds: NamedSounds = field(default_factory=NamedSounds)
    wall_ahead: float = 0.0  # seconds by which somebody has set the wall clock

    @asynccontextmanager
    async def led(self, *, ready: Sequence[AgentId] = ()) -> AsyncIterator[Leader]:
        """A controller takes over, leads, and is dropped in the middle of whatever it does."""
        newest = max(self.records.leader, self.spool.mark)
        held = await self.lease.take("controller", newest)
        assert held is not None
        async with self.asterisk.open() as inbox:
            rebuilt = await self._take_over(held.epoch)
            world = World(
                self.asterisk,
                inbox,
                self.journal,
                self.lease,
                self.records,
                virtual_clock(rebuilt.last_at, lambda: self.wall_ahead),
                self.sounds,
                history=self.records,
                watch=self.watch,
                spool=self.spool,
                handsets=self.asterisk,
                news=self.news,
                owing=self.owing,
                bookings=self.bookings,
            )
            names = {str(agent): str(agent) for agent in self.rules.acd.agents}
            setting = Setting(
                b"s" * 32, "0942000100", names, carrier=self.carrier, calendar=self.written
            )
            controller = Controller(world, setting, held, rebuilt, nothing_more)
            work = asyncio.get_running_loop().create_task(controller.lead())
            try:
                await later(1.5)  # reconciled by then, however slow Asterisk is
                for agent in ready:
                    await controller.request(cmd.Ready(agent))
                yield Leader(controller, work)
            finally:
                work.cancel()
                await asyncio.wait([work])
                await self.lease.release("controller")

    async def _take_over(self, epoch: int) -> Rebuilt:
        """As the application does it."""
        heritage = Heritage(
            self.lease, self.journal, self.records, self.rules, virtual_clock(), self.spool
        )
        follower = Follower(self.journal, self.rules)
        return await take_over(heritage, Held("controller", epoch), follower)

    def phones(self, phone: Phone = RINGS, *names: AgentId) -> None:
        """A telephone on these desks."""
        for name in names or (ANA, BO):
            self.asterisk.phone(name, phone)

    def arrives(self, number: str = "0942000101") -> str:
        """A citizen calls in over the trunk."""
        args = ("trunk", "0942000100", "", f"sip:{number}@127.0.0.1", "", "")
        return self.asterisk.world.arrive(number, args=args)

    def answer(self, offer_leg: str) -> None:
        """The agent picks up."""
        self.asterisk.world.answer(self.asterisk.world.lines[offer_leg])

    def hang_up(self, channel: str) -> None:
        """Whoever has this channel hangs up."""
        self.asterisk.world.hang_up(channel)

    def together(self) -> list[set[str]]:
        """Who hears whom."""
        return [set(room.members) for room in self.asterisk.world.rooms.values() if room.members]

    def left_over(self) -> set[str]:
        """Channels and bridges that are there, but for the place where callers wait."""
        world = self.asterisk.world
        return (world.lines.keys() | world.rooms.keys()) - {"waiting"}


async def nothing_more() -> None:
    """There is no safety net here to be emptied."""


def virtual_clock(last: float = 0.0, ahead: Callable[[], float] = lambda: 0.0) -> Clock:
    """Instants that follow the loop's time, beside a wall clock that is so far ahead of it."""
    loop = asyncio.get_running_loop()
    return Clock(last, lambda: START.timestamp() + loop.time() + ahead(), loop.time)
