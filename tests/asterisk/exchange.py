"""The generated Asterisk, really running in a home of its own, with short tones as prompts."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import aiohttp

from config.home import Home
from config.ports import Ports
from config.secrets import Secrets, ensure_secrets
from config.site_model import DialledFrom, Limits, Seat, Site, TollGate, Trunk
from telephony.asterisk import process
from telephony.asterisk.core_files import APPLICATION
from telephony.asterisk.render import render
from telephony.asterisk.write import write
from telephony.runtime.programs import Programs, find
from tests.real.waiting import pause
from tests.sip.tone import tone_frames

DID: Final = "0942000100"
PLEASE_WAIT: Final = 1000  # hertz
MUSIC: Final = 700
STARTS_WITHIN: Final = 180.0  # seconds; beside much other work 20 were too few
TELLS_WITHIN: Final = 30.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One running instance and what a test asks of it."""

    home: Home
    ports: Ports
    secrets: Secrets
    programs: Programs
    pid: int

    @property
    def log(self) -> str:
        """Asterisk's own complaints; its first line is a banner."""
        text = (self.home.asterisk / "log" / "messages.log").read_text(encoding="utf-8")
        return "\n".join(text.splitlines()[1:])

    @property
    def ari(self) -> str:
        """Where its ARI is."""
        return f"http://127.0.0.1:{self.ports.asterisk_http}/ari"

    @property
    def authorization(self) -> Mapping[str, str]:
        """What ARI asks for."""
        password = self.secrets.ari_password
        return {"Authorization": aiohttp.encode_basic_auth(APPLICATION, password)}

    async def says(self, command: str) -> str:
        """An answer of Asterisk's console."""
        return await process.command(self.programs, self.home, command)

    def net_calls(self) -> list[dict[str, str]]:
        """The lines that the safety net has left so far."""
        if not self.home.net_calls.exists():
            return []
        lines = self.home.net_calls.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    async def net_call(self) -> dict[str, str]:
        """The net's only line, as soon as it is there."""
        async with asyncio.timeout(TELLS_WITHIN):
            while not (lines := self.net_calls()):
                await asyncio.sleep(0.02)  # noqa: TID251
        (line,) = lines
        return line


@dataclass(slots=True)
class Controller:
    """Stands in for ours: keeps the beat, hears events, hangs up."""

    exchange: Exchange
    http: aiohttp.ClientSession
    events: aiohttp.ClientWebSocketResponse
    leads: bool = False

    async def beat(self, ago: float = 0.0) -> None:
        """Say that somebody is there, and go on saying so; or was there, some seconds ago."""
        self.leads = not ago
        now = time.time()  # noqa: TID251
        value = {"variable": "MADO_BEAT", "value": f"{now - ago:.0f}"}
        async with self.http.post(f"{self.exchange.ari}/asterisk/variable", params=value) as reply:
            reply.raise_for_status()

    async def keep(self) -> None:
        """The beat goes on, however long a test takes: three seconds are what one is good for."""
        while True:
            await pause(1.0)
            if self.leads:
                await self.beat()

    async def next(self, kind: str) -> dict[str, Any]:
        """The next event of this kind."""
        async with asyncio.timeout(TELLS_WITHIN):
            while (event := await self.events.receive_json())["type"] != kind:
                pass
        return dict(event)

    async def dial(self, number: str) -> None:
        """Call somebody outside, through the trunk."""
        wanted = {"endpoint": f"PJSIP/{number}@trunk", "app": APPLICATION, "callerId": DID}
        async with self.http.post(f"{self.exchange.ari}/channels", params=wanted) as reply:
            reply.raise_for_status()

    async def answer(self, channel: str) -> None:
        """Answer a channel."""
        url = f"{self.exchange.ari}/channels/{channel}/answer"
        async with self.http.post(url) as reply:
            reply.raise_for_status()

    async def hang_up(self, channel: str) -> None:
        """End a channel."""
        async with self.http.delete(f"{self.exchange.ari}/channels/{channel}") as reply:
            reply.raise_for_status()


def a_site(
    *, dialled_from: DialledFrom = "ruri", lines: int = 2, net_ring_after: float = 1.0
) -> Site:
    """Two agents and a supervisor behind a trunk on this host."""
    return Site(
        name="test",
        timezone="Asia/Tokyo",
        lines=tuple(range(1, lines + 1)),
        dids=(DID,),
        flow="main",
        trunk=Trunk("127.0.0.1", None, ("127.0.0.1",), ("ulaw", "alaw"), dialled_from, None, None),
        queues={},
        seats={
            name: Seat(name, name, "supervisor" if name == "s01" else "agent", (), frozenset())
            for name in ("a01", "a02", "s01")
        },
        hours={},
        numbers={},
        tolls=TollGate((), 0),
        flows={},
        limits=Limits(net_ring_after=net_ring_after),
        digest="",
    )


def chatty(files: Mapping[str, str]) -> Mapping[str, str]:
    """With warnings, as for people who look for a fault; the product writes errors alone."""
    logger = files["logger.conf"].replace("[json]error", "warning,error")
    return {**files, "logger.conf": logger}


def programs_with_tones(folder: Path) -> Programs:
    """The runtime's programs, and prompts that a test can tell apart."""
    sounds = folder / "sounds"
    for name, hertz in (("ja/net_wait", PLEASE_WAIT), ("moh/music", MUSIC)):
        path = sounds / f"{name}.ulaw"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(tone_frames(hertz)))
    return replace(find(), sounds_dir=sounds)


@contextmanager
def reserved_ports() -> Iterator[Ports]:
    """A base of our own: whoever holds its health port has it, also against other processes."""
    for base in range(13_000, 17_000, 200):
        with socket.socket() as claim:
            if _binds(claim, Ports(base).health) and _is_free(Ports(base)):
                yield Ports(base)
                return
    raise AssertionError("twenty instances are running already")


def _is_free(ports: Ports) -> bool:
    with (
        socket.socket() as http,
        socket.socket(type=socket.SOCK_DGRAM) as trunk,
        socket.socket(type=socket.SOCK_DGRAM) as phones,
    ):
        http.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # past what is only winding down
        wanted = ((http, ports.asterisk_http), (trunk, ports.trunk), (phones, ports.phones))
        return all(_binds(each, port) for each, port in wanted)


def _binds(attempt: socket.socket, port: int) -> bool:
    try:
        attempt.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


@asynccontextmanager
async def running(
    folder: Path, site: Site, trunk_password: str | None = None
) -> AsyncIterator[Exchange]:
    """The real program on the generated files, until the test is over."""
    with reserved_ports() as ports:
        async with _started(folder, site, ports, trunk_password) as exchange:
            yield exchange


@asynccontextmanager
async def _started(
    folder: Path, site: Site, ports: Ports, trunk_password: str | None
) -> AsyncIterator[Exchange]:
    home = Home.at(folder / "home")
    home.prepare()
    secrets = ensure_secrets(home.secrets, site.seats)
    programs = programs_with_tones(folder)
    files = render(site, home, ports, secrets, programs, trunk_password)
    write(chatty(files), home, programs)
    child = await asyncio.create_subprocess_exec(
        *process.argv(programs, home), umask=process.UMASK, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        assert await process.ready(ports, secrets.ari_password, STARTS_WITHIN)
        yield Exchange(home, ports, secrets, programs, child.pid)
    finally:
        child.kill()
        await child.wait()
        home.discard_runtime()


@asynccontextmanager
async def a_controller(exchange: Exchange) -> AsyncIterator[Controller]:
    """Somebody who listens to the application."""
    query = {"app": APPLICATION, "subscribeAll": "false"}
    async with (
        aiohttp.ClientSession(headers=dict(exchange.authorization)) as http,
        http.ws_connect(f"{exchange.ari}/events", params=query) as events,
    ):
        controller = Controller(exchange, http, events)
        beats = asyncio.get_running_loop().create_task(controller.keep())
        try:
            yield controller
        finally:
            beats.cancel()
            await asyncio.wait([beats])
