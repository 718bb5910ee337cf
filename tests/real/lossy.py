"""A controller in this process before a real Asterisk, whose events get lost on the way to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from config.clock import Clock
from telephony.acd.model import AgentId
from telephony.ari.events import AriEvent
from telephony.ari.inbox import Inbox
from telephony.ari.rest import AriRest
from telephony.ari.stream import EventStream, backoff
from telephony.asterisk.core_files import APPLICATION
from telephony.calls.controller import Controller, Setting, World
from telephony.calls.rebuild import rebuild
from telephony.calls.sounds import Sounds
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.runtime.programs import find
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.records import FakeRecords
from tests.asterisk.exchange import DID, Exchange
from tests.calls.centre_site import Leader, nothing_more
from tests.real.waiting import until
from tests.sip import DeskPhone, Trunk

SEATS = ("a01", "a02")


class LossyInbox(Inbox):
    """Forgets the kinds of event that it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.losing: frozenset[str] = frozenset()
        self.lost = 0

    def put(self, event: AriEvent) -> bool:
        """Say that it was taken."""
        if event.type in self.losing:
            self.lost += 1
            return True
        return super().put(event)


@dataclass
class Lossy:
    """One Asterisk, its telephones, and whoever leads before it."""

    exchange: Exchange
    rules: CentreRules
    ari: AriRest
    stack: AsyncExitStack
    journal: FakeJournal = field(default_factory=FakeJournal)
    records: FakeRecords = field(default_factory=FakeRecords)
    inbox: LossyInbox = field(default_factory=LossyInbox)
    trunk: Trunk | None = None
    phones: list[DeskPhone] = field(default_factory=list)

    @property
    def carrier(self) -> Trunk:
        """The trunk, once it is there."""
        assert self.trunk is not None
        return self.trunk

    async def phone(self, seat: str) -> None:
        """The seat's desk phone, registered."""
        password = self.exchange.secrets.seat_passwords[seat]
        phone = DeskPhone(seat, seat, password, 0, self.exchange.ports.phones)
        await self.stack.enter_async_context(phone)
        await phone.register()
        self.phones.append(phone)

    @asynccontextmanager
    async def led(self) -> AsyncIterator[Leader]:
        """A controller leads for as long as the block lasts, and is dropped then."""
        lease = FakeLease()
        held = await lease.take("controller", self.records.leader)
        assert held is not None
        await self.records.claim(held.epoch)
        self.inbox = LossyInbox()
        url = f"http://127.0.0.1:{self.exchange.ports.asterisk_http}"
        password = self.exchange.secrets.ari_password
        stream = EventStream(
            url, APPLICATION, password, app=APPLICATION, inbox=self.inbox, delay=backoff("test")
        )
        rebuilt = await rebuild(self.journal, self.rules)
        world = World(
            self.ari,
            self.inbox,
            self.journal,
            lease,
            self.records,
            Clock(rebuilt.last_at),
            Sounds(find().sounds_dir / "ja"),
            history=self.records,
        )
        setting = Setting(b"s" * 32, DID, {seat: seat for seat in SEATS})
        controller = Controller(world, setting, held, rebuilt, nothing_more)
        async with stream.open():
            work = asyncio.get_running_loop().create_task(controller.lead())
            try:
                await until(controller.ready, "a controller that is heard")
                yield Leader(controller, work)
            finally:
                work.cancel()
                await asyncio.wait([work])

    async def made_good(self, holds: Callable[[], bool], what: str) -> None:
        """Something was lost, and what it should have told is known all the same."""
        began = time.monotonic()
        await until(holds, what)
        assert self.inbox.lost > 0
        print(f"{what}: {time.monotonic() - began:.2f} s")  # noqa: T201 -- seen with `pytest -s`
        self.inbox.losing, self.inbox.lost = frozenset(), 0

    def lose(self, *kinds: str) -> None:
        """From now on."""
        self.inbox.losing = frozenset(kinds)


def ready(lead: Leader, *seats: str) -> None:
    """They take calls."""
    for seat in seats:
        lead.controller.engine.submit(cmd.Ready(AgentId(seat)))
