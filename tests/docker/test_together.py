"""The services of compose.yaml, each as a process: the same command lines, other directories."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from redis.asyncio import Redis

from config.home import Home
from config.ports import Ports
from config.secrets import read_secrets
from telephony.calls import lease
from telephony.cli.options import DEMO_SITE
from telephony.link.client import Link
from telephony.runtime.programs import PROJECT
from tests.docker.deployed import compose_argv, services
from tests.ports import a_base
from tests.real.waiting import until_true
from tests.sip import DeskPhone, IncomingCall, OutgoingCall, Shared, Talk, Trunk, talk
from tests.sip.phone import LOOPBACK
from tests.store import postgres

pytestmark = pytest.mark.asterisk

WITHIN: Final = 60.0  # seconds; these run beside others on two cores
SEAT: Final = "a01"
NUMBER: Final = "0942000100"
GAP: Final = 100  # milliseconds of audio that a talking pair would miss
Process = asyncio.subprocess.Process


@dataclass
class Stack:
    """Containers without an engine."""

    folder: Path
    base: int
    database: str | None
    running: dict[str, Process] = field(default_factory=dict)

    def translated(self, word: str) -> str:
        """A word of a container, here."""
        places = {
            "/var/lib/madoguchi-redis": self.folder / "data",
            "/var/lib/madoguchi": self.folder / "home",
            "/run/madoguchi": self.folder / "r",  # and the one of Redis beside it
            "/etc/madoguchi/site": DEMO_SITE,
            "/opt/madoguchi": PROJECT,
        }
        for there, here in places.items():
            word = word.replace(there, str(here))
        for port in (Ports().health, Ports().standby_health):
            word = word.replace(f":{port}/", f":{port - Ports().base + self.base}/")
        ours = word in ("madoguchi", "python")
        return str(Path(sys.executable).with_name(word)) if ours else word

    def environment(self, service: dict[str, Any]) -> dict[str, str]:
        """What the service is given; the database is a test's own, or the home's file."""
        given = {k: self.translated(v) for k, v in service.get("environment", {}).items()}
        given.pop("MADOGUCHI_DATABASE_URL", None)
        if self.database:
            given["MADOGUCHI_DATABASE_URL"] = self.database
        plain = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")}
        return {**plain, **given, "MADOGUCHI_RUN": self.translated("/run/madoguchi")}

    async def spawn(self, argv: list[str], service: dict[str, Any]) -> Process:
        """One process."""
        return await asyncio.create_subprocess_exec(
            *map(self.translated, argv),
            env=self.environment(service),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def start(self, name: str) -> Process:
        """A service that goes on running."""
        service = services()[name]
        self.running[name] = await self.spawn(compose_argv(service), service)
        return self.running[name]

    async def prepare(self) -> int:
        """The one that ends."""
        service = services()["prepare"]
        ports = ["--port-base", str(self.base)]
        return await (await self.spawn([*compose_argv(service), *ports], service)).wait()

    async def healthy(self, name: str) -> None:
        """Ask as the engine would, until it is so."""
        service = services()[name]
        await self.until(service["healthcheck"]["test"][1:], service)
        assert self.running[name].returncode is None, f"{name} ended"

    async def ready(self) -> None:
        """Until calls can be taken, whoever of the pair leads."""
        service = services()["controller"]
        await self.until(["madoguchi", "status", "--home", "/var/lib/madoguchi"], service)

    async def until(self, argv: list[str], service: dict[str, Any]) -> None:
        """Ask again until the answer is yes."""
        async with asyncio.timeout(WITHIN):
            while await (await self.spawn(argv, service)).wait():
                await asyncio.sleep(0.2)  # noqa: TID251  # somebody else's processes

    @property
    def home(self) -> Home:
        """The one of all services."""
        return Home.at(self.folder / "home")

    @property
    def link(self) -> Link:
        """Requests to whoever leads."""
        return Link(self.home.controller_socket)

    async def seat_is(self, key: str, value: str) -> None:
        """Wait until the seat is so."""

        async def seat() -> dict[str, Any]:
            found = (await self.link.status())["agents"]
            return next(each for each in found if each["seat"] == SEAT)

        await until_true(seat, lambda found: found[key] == value, f"{key} {value}", WITHIN)

    async def kill_leader(self) -> None:
        """And have its lease never run out by itself."""
        self.running.pop("controller").send_signal(signal.SIGKILL)
        socket = self.translated("/run/madoguchi-redis/redis.sock")
        async with Redis(unix_socket_path=socket) as redis:
            await redis.persist(lease.KEY)

    async def leave(self, name: str) -> float:
        """Ask it to stop; how long it took, an hour if it had to be made to."""
        process, loop = self.running.pop(name), asyncio.get_running_loop()
        asked = loop.time()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            return 3600.0
        return loop.time() - asked


@asynccontextmanager
async def stack(database: Callable[[], Any]) -> AsyncIterator[Stack]:
    """Nothing of it is left at the end."""
    with a_base() as base, TemporaryDirectory(prefix="mado-") as folder:
        made = Stack(Path(folder), base, await database())
        for name in ("data", "r", "r-redis"):
            (made.folder / name).mkdir(mode=0o700)
        try:
            yield made
        finally:
            for name in reversed(list(made.running)):
                await made.leave(name)


@contextlib.contextmanager
def sql() -> Any:
    """PostgreSQL where it is, as in compose.yaml."""
    programs = postgres.binaries()
    if programs is None:
        yield _no_database
        return
    with postgres.server(programs) as socket:
        yield lambda: postgres.create(socket, "madoguchi")


async def _no_database() -> None:
    return None


async def test_the_services_work_together_and_a_dead_controller_takes_no_call_along() -> None:
    with sql() as database:
        async with stack(database) as s:
            assert await s.prepare() == 0
            for name in ("redis", "asterisk"):
                await s.start(name)
                await s.healthy(name)
            await s.start("controller")
            await s.ready()
            await s.start("standby")
            await s.start("desk")
            for name in ("controller", "standby", "desk"):
                await s.healthy(name)
            asterisk = s.running["asterisk"]
            async with talking(s) as (call, leg):
                watched = Talk(call, leg)
                await s.kill_leader()
                await s.ready()
                await talk(call, leg)
                assert await watched.lost_ms() < GAP
                await s.seat_is("state", "talking")
                assert asterisk.returncode is None
                assert await s.prepare() == 0  # again, with calls up; nothing changed
                assert s.home.runtime().parent == s.folder / "r"
            assert await s.leave("desk") < 3600
            assert await s.leave("standby") < 3600
            assert asterisk.returncode is None


@asynccontextmanager
async def talking(s: Stack) -> AsyncIterator[tuple[OutgoingCall, IncomingCall]]:
    """A citizen and an agent who hear each other."""
    ports, shared = Ports(s.base), Shared()
    password = read_secrets(s.home.secrets).seat_passwords[SEAT]
    async with (
        Trunk(LOOPBACK, 0, ports.trunk, shared=shared) as trunk,
        DeskPhone(SEAT, SEAT, password, 0, ports.phones, shared=shared) as phone,
    ):
        await phone.register()
        await s.seat_is("phone", "free")
        await s.link.request(SEAT, "ready")
        call = await trunk.call(NUMBER, from_number="0942000910")
        await call.answered.within(WITHIN)
        await call.send_keys("0")
        leg = await phone.rings(WITHIN)
        await leg.answer()
        await s.seat_is("state", "talking")
        await talk(call, leg, WITHIN)
        yield call, leg
        await call.hang_up()
        await leg.ended
