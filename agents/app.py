"""The composition root of the desk: the only module that knows every real thing of it."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from agents import api, settings
from agents.people import Caller
from agents.settings import CannotServe
from agents.web.documents import Contract
from agents.web.openapi import document
from agents.web.routes import Tools
from agents.web.security import Door
from agents.web.server import Server
from agents.web.witness import Deed, Doorkeeper, Witness
from config import logs
from config.clock import Clock
from config.clockwork import every
from config.database import Database, DatabaseFailed, configured_url, open_database
from config.home import Home
from config.secrets import Secrets, read_secrets
from config.site_model import Desk, Site
from telephony.link.client import Link
from telephony.store.migrate import migrate

log = structlog.get_logger(__name__)

LEAVES_WITHIN: Final = 2.0  # seconds for answers that are on their way
TRIED_EVERY: Final = 2.0  # seconds, while the database is away

__all__ = ["CannotServe", "run_desk"]


async def run_desk(home: Home) -> int:
    """Serve until told to stop; the exit code. `CannotServe` says why it did not begin."""
    logs.configure("desk")
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        desk = _Desk(home)
        stack.push_async_callback(desk.database.close)
        await stack.enter_async_context(desk.serving())
        async with asyncio.TaskGroup() as group:
            work = [group.create_task(each()) for each in desk.work()]
            await stop.wait()
            for each in work:
                each.cancel()
    return 0


class _Desk:
    """The real things, opened."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.site, self.settings = settings.read(home)
        self.secrets = _complete(read_secrets(home.secrets))
        self.clock = Clock()
        self.database: Database = open_database(configured_url(home))
        self.port = home.instance().ports.desk
        self.door = _door(self.settings, self.port)
        self.tools = self._tools()
        self.server = Server(api.routes(), self.tools, self.door, self.clock)

    def _tools(self) -> Tools:
        """What routes work with; a new tool is one line here."""
        tools = Tools(
            Contract(partial(document, tuple(api.routes()))),
            Link(self.home.controller_socket),
        )
        tools.put(Site, self.site)
        tools.put(Database, self.database)  # type: ignore[type-abstract]
        tools.put(Doorkeeper, _Nobody())  # type: ignore[type-abstract]
        tools.put(Witness, _Nobody())  # type: ignore[type-abstract]
        return tools

    def work(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs beside the requests."""
        return [self._migrated]

    async def _migrated(self) -> None:
        """The schema may be ours to bring up; while the database is away, pages come up anyway."""
        async for _ in every(TRIED_EVERY):
            try:
                await migrate(configured_url(self.home))
            except DatabaseFailed as away:
                log.error("database away", error=away)
            else:
                return

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Browsers on the port, the supervisor on a socket."""
        runner = web.AppRunner(
            self.server.application(), access_log=None, shutdown_timeout=LEAVES_WITHIN
        )
        alive = web.AppRunner(_alive(), access_log=None, shutdown_timeout=0.1)
        try:
            await runner.setup()
            await self._listen(runner)
            await alive.setup()
            await _on_socket(alive, self.home.desk_socket)
            log.info("serves", port=self.port)
            yield
        finally:
            await alive.cleanup()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        host, tls = self.settings.host, _tls(self.settings)
        try:
            await web.TCPSite(runner, host, self.port, ssl_context=tls).start()
        except OSError as refused:
            raise CannotServe(
                f"port {self.port} of {host} cannot be opened: {refused.strerror}"
            ) from None


class _Nobody:
    """Until there are accounts: nobody is known, so nothing is done."""

    async def caller(self, token: str, now: float) -> Caller | None:
        """Nobody."""
        return None

    async def note(self, deed: Deed) -> None:
        """Nothing to write down."""


def _door(desk: Desk, port: int) -> Door:
    local = {"127.0.0.1", "::1"}
    if desk.host not in local and not desk.is_encrypted:  # kept settings may be older than a check
        raise CannotServe(
            f"the desk on {desk.host} would be open to the network: name a certificate, or the "
            "tls_proxies before it (site.yaml, desk)"
        )
    names = {*desk.names, desk.host} - local
    return Door(port, desk.certificate is not None, desk.tls_proxies, tuple(sorted(names)))


def _tls(desk: Desk) -> ssl.SSLContext | None:
    if desk.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(desk.certificate, desk.key_file)
    except OSError as wrong:  # also what is no certificate
        raise CannotServe(f"certificate {desk.certificate} cannot be used: {wrong}") from None
    return context


def _complete(secrets: Secrets) -> Secrets:
    if not (secrets.audit_key and secrets.factor_key):
        raise CannotServe("secrets.json is older than the desk: run `madoguchi prepare` once")
    return secrets


def _alive() -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(status=HTTPStatus.OK, text="ok\n")

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    return app


async def _on_socket(runner: web.AppRunner, socket: Path) -> None:
    """One that only its owner may use."""
    socket.unlink(missing_ok=True)  # noqa: ASYNC240 -- one system call, at the start
    before = os.umask(0o177)
    try:
        await web.UnixSite(runner, str(socket)).start()
    finally:
        os.umask(before)
