"""One running instance, with a carrier's trunk and desk phones to call it with."""

import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from config.clock import Clock
from config.database import Database, open_database
from config.ports import Ports
from config.secrets import Secrets, read_secrets
from telephony.ari.rest import AriRest
from telephony.calls.performer import bridge_id
from telephony.link.client import Link
from telephony.store.call_record import CallRecord
from telephony.store.records import Records
from tests.real import site_copy
from tests.real.waiting import until_true
from tests.sip import AnswerAfter, DeskPhone, IncomingCall, OutgoingCall, Policy, Shared, Trunk
from tests.sip.message import uri_of, user_of
from tests.sip.phone import LOOPBACK
from tests.supervisor.instance import Instance, Supervisor, instance

NUMBER: Final = "0942000100"
CARRIER: Final = 50  # offset of the carrier's SIP port from the base
JOURNAL: Final = "madoguchi:journal"
# Seconds, what the test site says: a slow machine is late by a part of each.
RING_FOR: Final = 6.0
REACH_FOR: Final = 3.0
WRAP_UP: Final = 4.0
READINGS: Final = 5  # of two clocks, of which the one counts that nothing came between

Status = dict[str, Any]
Json = dict[str, Any]


@dataclass
class Centre:
    """The instance, its telephones, and what has been done to it since `begin`."""

    instance: Instance
    supervisor: Supervisor
    trunk: Trunk
    ari: AriRest
    redis: Redis
    records_of: Records
    database: Database
    secrets: Secrets
    shared: Shared
    stack: AsyncExitStack
    phones: dict[str, DeskPhone] = field(default_factory=dict)
    placed: list[OutgoingCall] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)  # when a call came by other means
    numbers: set[str] = field(default_factory=set)  # every caller's number, ever
    began: float = 0.0  # wall clock of the present test's beginning
    phones_at: str = LOOPBACK  # where Asterisk takes desk phones, and where these are
    told_to_end: set[str] = field(default_factory=set)  # callers whose talk was ended by request

    @property
    def ports(self) -> Ports:
        """Of the instance."""
        return Ports(self.instance.base)

    @property
    def site(self) -> Path:
        """The site directory."""
        return self.instance.home.instance().site

    @property
    def link(self) -> Link:
        """Requests to the controller; whoever wants to ask a next one says so."""
        return Link(self.instance.home.controller_socket, _no_other)

    # -- calls -----------------------------------------------------------------------------

    async def call(self, keys: str = "", *, dialled: str = NUMBER, **given: Any) -> OutgoingCall:
        """A citizen's call, answered, and these keys pressed at once."""
        given.setdefault("from_number", f"09420009{len(self.placed) % 90 + 10}")
        self.numbers.add(given["from_number"])
        call = await self.trunk.call(dialled, **given)
        self.placed.append(call)
        if keys:
            await call.answered
            await call.send_keys(keys, held_for=0.06)
        return call

    async def record(self, call: OutgoingCall) -> Json:
        """The closed record of a call placed in this test: of all that arrived, it came so-th."""
        came = self.placed.index(call)

        async def in_order() -> list[str]:
            open_now = await self.records_of.open_calls()
            found = [*await self.closed(), *(one for one in open_now if self._is_ours(one))]
            arrived = {one.id: one.arrived_at for one in found}  # one may be closed in between
            return sorted(arrived, key=arrived.__getitem__)

        ids = await until_true(in_order, lambda found: len(found) > came, "the record is begun")
        record = await until_true(
            lambda: self.records_of.call(ids[came]),
            lambda found: found is not None and found.outcome is not None,
            "the record is closed",
        )
        assert record is not None
        return record.to_json()

    def _is_ours(self, record: CallRecord) -> bool:
        return record.arrived_at >= self.began

    async def some_records(self, count: int) -> list[Json]:
        """The closed records of this test's calls, once there are so many."""
        return await until_true(self.records, lambda found: len(found) >= count, f"{count} records")

    async def wrapped_up(self, call: OutgoingCall) -> float:
        """How long the agent had to do with the call after it, once they have not any more."""
        record = await until_true(
            lambda: self.record(call), lambda found: found["wrapped_up"] is not None, "wrapped up"
        )
        return float(record["wrapped_up"])

    async def records(self) -> list[Json]:
        """The closed records of this test's calls."""
        return [record.to_json() for record in await self.closed()]

    async def some_closed(self, count: int) -> list[CallRecord]:
        """The same as values."""
        return await until_true(self.closed, lambda found: len(found) >= count, f"{count} records")

    async def closed(self) -> list[CallRecord]:
        """The same as values, first arrival first."""
        found = await self.records_of.calls(1000, since=self.began)
        return sorted(found, key=lambda record: record.arrived_at)

    # -- agents ----------------------------------------------------------------------------

    async def phone(self, seat: str, policy: Policy | AnswerAfter = Policy.RING) -> DeskPhone:
        """The seat's desk phone, registered and seen to be."""
        phone = self.phones.get(seat)
        if phone is None:
            phone = DeskPhone(
                seat,
                seat,
                self.secrets.seat_passwords[seat],
                0,
                self.ports.phones,
                host=self.phones_at,
                shared=self.shared,
            )
            self.phones[seat] = await self.stack.enter_async_context(phone)
        phone.policy = policy
        while not phone.incoming.empty():
            phone.incoming.get_nowait()
        if not phone.registration.active:
            await phone.register()
        await self.agent_is(seat, "phone", "free")
        return phone

    async def ready(self, seat: str, policy: Policy | AnswerAfter = Policy.RING) -> DeskPhone:
        """The agent with a registered phone takes calls."""
        phone = await self.phone(seat, policy)
        await self.link.request(seat, "ready")
        return phone

    async def ask(self, seat: str, do: str, **given: Any) -> None:
        """Something on behalf of an agent."""
        if do == "end" and seat in self.phones:
            self.told_to_end |= {leg.caller for leg in self.phones[seat].rung}
        await self.link.request(seat, do, **given)

    async def talking(self, seat: str, keys: str = "0") -> tuple[OutgoingCall, IncomingCall]:
        """A citizen and this agent, just connected."""
        phone = await self.ready(seat)
        call = await self.call(keys)
        leg = await phone.rings()
        await leg.answer()
        await self.together(seat)
        return call, leg

    async def together(self, seat: str) -> None:
        """The agent and a citizen hear each other: whoever leaves before was never talked to."""
        room = bridge_id((await self.agent_is(seat, "state", "talking"))["call"])
        await until_true(
            self.ari.bridges,
            lambda found: any(each.id == room and len(each.channels) > 1 for each in found),
            "they are put together",
        )

    async def agent(self, seat: str) -> Json:
        """What the agent does."""
        status = await self.status()
        found: Json = next(each for each in status["agents"] if each["seat"] == seat)
        return found

    async def agent_is(self, seat: str, key: str, value: object, within: float = 30.0) -> Json:
        """Wait until the agent is so."""
        told = f"{seat}'s {key} {value}"
        return await until_true(
            lambda: self.agent(seat), lambda agent: agent[key] == value, told, within
        )

    async def was(self, seat: str, state: str) -> None:
        """Wait until the records say that the agent was so in this test, or is: it may be over."""

        async def states() -> list[str]:
            found = await self.records_of.agent_intervals(self.began, self.wall())
            mine = [each for each in found if each.agent == seat and each.started_at >= self.began]
            return [each.state for each in mine]

        await until_true(states, lambda found: state in found, f"{seat} was {state}")

    # -- what it tells and keeps -----------------------------------------------------------

    async def status(self) -> Status:
        """The whole centre."""
        return await self.instance.status()

    async def line_is(self, number: int, state: str, within: float = 30.0) -> Json:
        """Wait until the line is so."""

        async def line() -> Json:
            found: Json = (await self.status())["lines"][number - 1]
            return found

        return await until_true(line, lambda one: one["state"] == state, f"line {state}", within)

    async def waiting(self, count: int, queue: str = "general") -> None:
        """Wait until so many wait."""

        async def length() -> int:
            queues = (await self.status())["queues"]
            return int(next(each["waiting"] for each in queues if each["name"] == queue))

        await until_true(length, lambda found: found == count, f"{count} waiting")

    async def journal(self) -> list[Json]:
        """Every command in the journal."""
        entries: Any = await self.redis.xrange(JOURNAL)
        commands = (stored.get(b"command") for _, stored in entries)
        return [json.loads(command) for command in commands if command]

    # -- between tests ---------------------------------------------------------------------

    def wall(self, monotonic: float | None = None) -> float:
        """The wall clock now, or when the monotonic clock said this."""
        wall, now, _ = min((_both_clocks() for _ in range(READINGS)), key=itemgetter(2))
        return wall if monotonic is None else wall - (now - monotonic)

    def begin(self) -> None:
        """A test begins: earlier calls are not its own."""
        self.placed.clear()
        self.raw.clear()
        self.told_to_end.clear()
        for peer in (self.trunk, *self.phones.values()):
            peer.rung.clear()
            while not peer.incoming.empty():  # a call that a policy took care of, and nobody read
                peer.incoming.get_nowait()
        self.began = self.wall()

    async def clear(self) -> None:
        """Everybody hangs up, every agent leaves."""
        await self.hang_up()
        for agent in (await self.status())["agents"]:
            if agent["state"] != "signed_out":
                await self.ask(agent["seat"], "sign_out")

    async def hang_up(self) -> None:
        """Everybody does."""
        for peer in (self.trunk, *self.phones.values()):
            for call in peer.calls:
                call.hang_up()
        await self.quiet()

    async def quiet(self, within: float = 30.0) -> None:
        """Wait until the centre knows of no call."""
        await until_true(
            self.status,
            lambda status: all(line["state"] == "idle" for line in status["lines"]),
            "every line idle",
            within,
        )


@asynccontextmanager
async def centre(
    folder: Path,
    ring_for: float = RING_FOR,
    database: str | None = None,
    reach_for: float = REACH_FOR,
) -> AsyncIterator[Centre]:
    """One instance, ready to take calls, on SQLite or this PostgreSQL; nothing is left of it."""
    async with instance(folder / "home") as made:
        carrier = made.base + CARRIER
        site = site_copy.copy(folder, carrier, ring_for, reach_for)
        async with begun(made, up_command(made, site, database), carrier, database) as started:
            yield started


@asynccontextmanager
async def begun(
    made: Instance, command: list[str], carrier: int, database: str | None = None
) -> AsyncIterator[Centre]:
    """An instance started by this command, whose site expects its carrier at this port."""
    async with AsyncExitStack() as stack:
        url = database or f"sqlite:///{made.home.database}"
        supervisor = await made.up(*command)
        await supervisor.ready()
        ports, shared = Ports(made.base), Shared()
        trunk = Trunk("127.0.0.1", carrier, ports.trunk, shared=shared)
        secrets = read_secrets(made.home.secrets)
        asterisk = f"http://127.0.0.1:{ports.asterisk_http}"
        redis = Redis(unix_socket_path=str(made.home.redis_socket))
        stack.push_async_callback(redis.aclose)
        opened = open_database(url)
        stack.push_async_callback(opened.close)
        yield Centre(
            made,
            supervisor,
            await stack.enter_async_context(trunk),
            await stack.enter_async_context(AriRest(asterisk, "madoguchi", secrets.ari_password)),
            redis,
            Records(opened),
            opened,
            secrets,
            shared,
            stack,
        )


async def _no_other() -> bool:
    return False


def _both_clocks() -> tuple[float, float, float]:
    """The wall's time, the monotonic clock's, and how long it took to read them."""
    before = time.monotonic()
    wall = Clock().wall()
    after = time.monotonic()
    return wall, (before + after) / 2, after - before


def caller(call: OutgoingCall) -> str:
    """The number of a citizen as an agent's phone shows it."""
    return user_of(uri_of(call.dialog.local))


def up_command(made: Instance, site: Path, database: str | None = None) -> list[str]:
    told = ["env", f"MADOGUCHI_DATABASE_URL={database}"] if database else []
    up = [*told, sys.executable, "-m", "telephony", "up", "--home", str(made.home.path)]
    return [*up, "--port-base", str(made.base), "--site", str(site)]
