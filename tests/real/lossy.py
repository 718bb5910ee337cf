"""A controller in this process before a real Asterisk, whose events get lost on the way to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.clock import Clock
from telephony.acd.model import AgentId
from telephony.ari.events import AriEvent
from telephony.ari.inbox import Inbox
from telephony.ari.rest import AriRest
from telephony.ari.stream import EventStream, backoff
from telephony.asterisk.core_files import APPLICATION
from telephony.calls.controller import Controller
from telephony.calls.rebuild import rebuild
from telephony.calls.sounds import Sounds
from telephony.calls.world import Setting, World
from telephony.centre import commands as cmd
from telephony.centre.model import CentreRules
from telephony.runtime.programs import find
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.records import FakeRecords
from tests.asterisk.exchange import DID, Exchange, a_site, running
from tests.builders import GENERAL, agent, flow, queue, rules
from tests.calls.centre_site import Leader, nothing_more
from tests.real.waiting import until, until_true
from tests.sip import DeskPhone, OutgoingCall, Trunk

SEATS = ("a01", "a02")
END = ("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
MENU = {
    "kind": "menu",
    "prompt": "position_intro",
    "choices": {"1": "general"},
    "timeout": 1.0,
    "retries": 1,
    "otherwise": "general",
}


class LossyInbox(Inbox):
    """Forgets the kinds of event that it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.losing: frozenset[str] = frozenset()
        self.lost_at: float | None = None  # the first of them, since `lose`

    def put(self, event: AriEvent) -> bool:
        """Say that it was taken."""
        if event.type in self.losing:
            self.lost_at = self.lost_at or time.monotonic()
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

    async def made_good(self, holds: Callable[[], bool], what: str) -> float:
        """Something was lost, and what it should have told is known all the same; how late."""
        await until(holds, what)
        assert self.inbox.lost_at is not None
        late = time.monotonic() - self.inbox.lost_at
        print(f"{what}: {late:.2f} s")  # noqa: T201 -- seen with `pytest -s`
        self.lose()
        return late

    def lose(self, *kinds: str) -> None:
        """From now on; with no kind, none."""
        self.inbox.losing, self.inbox.lost_at = frozenset(kinds), None


@asynccontextmanager
async def lossy(folder: Path) -> AsyncIterator[Lossy]:
    """An Asterisk for six lines and an agent's phone, whose flow is one menu."""
    people = tuple(agent(AgentId(seat), queues=(GENERAL,)) for seat in SEATS)
    ours = rules(
        agents=people,
        queues=(queue(GENERAL, wrap_up_for=0.1),),
        of=flow("menu", menu=MENU, booking={"kind": "enqueue", "queue": "general"}),
        numbers_dialled=(DID,),
    )
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(running(folder, a_site(lines=6)))
        url = f"http://127.0.0.1:{exchange.ports.asterisk_http}"
        ari = AriRest(url, APPLICATION, exchange.secrets.ari_password)
        made = Lossy(exchange, ours, await stack.enter_async_context(ari), stack)
        trunk = Trunk("127.0.0.1", 0, exchange.ports.trunk)
        made.trunk = await stack.enter_async_context(trunk)
        await made.phone(SEATS[0])
        yield made


async def waits(site: Lossy, lead: Leader) -> OutgoingCall:
    """A citizen who waits for somebody."""
    call = await site.carrier.call(DID)
    await call.answered
    await call.send_keys("1", held_for=0.06)
    await until(lambda: list(lead.calls().values()) == ["waiting"], "waits")
    return call


async def gone(site: Lossy, lead: Leader, call: OutgoingCall) -> None:
    """Everybody has left, and nothing of the call is there."""
    call.hang_up()
    free, first = {"ready", "signed_out"}, AgentId(SEATS[0])
    await until(lambda: lead.calls() == {}, "the call is over")
    await until(lambda: lead.agent(first).state in free, "the agent is free")
    await until_true(site.ari.channels, lambda left: left == [], "nothing is left")


def ready(lead: Leader, *seats: str) -> None:
    """They take calls."""
    for seat in seats:
        lead.controller.engine.submit(cmd.Ready(AgentId(seat)))
