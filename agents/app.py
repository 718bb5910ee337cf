"""The composition root of the desk: the only module that knows every real thing of it."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from agents import api, settings
from agents.accounts import demo
from agents.accounts.administration import Administration
from agents.accounts.factors import Sealer
from agents.accounts.floor import Floor
from agents.accounts.locking import Locking
from agents.accounts.open_sessions import OpenSessions
from agents.accounts.own_keys import OwnKeys
from agents.accounts.passwords import Passwords
from agents.accounts.seats import Seats
from agents.accounts.sessions import Sessions, Times
from agents.accounts.sign_in import Means, SignIn
from agents.accounts.telephones import LinkTelephones, Telephones
from agents.accounts.watch import SessionWatch
from agents.audit.log import AuditLog
from agents.audit.retention import AuditRetention
from agents.bookings.city.courier import Courier
from agents.bookings.city.web import Correspondence
from agents.bookings.kept import BookingBook
from agents.bookings.opened import Opened
from agents.bookings.retention import BookingRetention
from agents.bookings.rows import deed_on
from agents.bookings.rules import BookingRules
from agents.bookings.rules import load as load_bookings
from agents.bookings.states import Master
from agents.calendar.shelf import Shelf
from agents.calls.card import Cards
from agents.calls.kept import CallBook
from agents.catalogue.catalogue import Catalogue, CatalogueFault, load
from agents.floor.book import RoomBook
from agents.floor.fit import Fit
from agents.floor.hub import Hub
from agents.hourly import hourly
from agents.phone.citizen import CitizenLine
from agents.phone.phones import Phones
from agents.phone.relay import Relay
from agents.phone.watch import PhoneWatch
from agents.settings import CannotServe
from agents.texts import unsent
from agents.texts.guarding import Texts
from agents.web.documents import Contract
from agents.web.letters import NoKey, Seal
from agents.web.openapi import document
from agents.web.routes import Tools
from agents.web.security import Door
from agents.web.server import Server
from agents.web.witness import Doorkeeper, Witness
from config import logs
from config.clock import Clock
from config.database import Database, DatabaseFailed, configured_url, open_database
from config.home import Home
from config.redis_client import redis_client
from config.secrets import Secrets, read_secrets
from config.site_model import Booking, Desk, Site
from config.telephones import sip_socket
from telephony.link.client import Link
from telephony.link.news_stream import RedisNews
from telephony.store.history import History
from telephony.store.migrate import migrate
from telephony.store.worklist import Worklist

log = structlog.get_logger(__name__)

LEAVES_WITHIN: Final = 2.0  # seconds for answers that are on their way
TRIED_EVERY: Final = 2.0  # seconds, while the database is away
PREPARED_WITHIN: Final = 20.0  # seconds; then pages come up without a database that only hangs

__all__ = ["CannotServe", "Ground", "door_of", "run_desk", "tls_of", "tools_of"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else is made from."""

    site: Site
    settings: Desk
    secrets: Secrets
    database: Database
    passwords: Passwords
    telephones: Telephones
    clock: Callable[[], float]
    hub: Hub
    catalogue: Catalogue
    bookings: BookingRules
    asterisk: str = ""  # where pages' SIP is relayed to
    seal: Seal | None = None  # what letters to the city's system are signed with; None: no letters


def tools_of(ground: Ground) -> Tools:
    """What routes work with; a new tool is one line here."""
    database, passwords = ground.database, ground.passwords
    key = bytes.fromhex(ground.secrets.audit_key)
    sealer = Sealer(bytes.fromhex(ground.secrets.factor_key))
    times = Times(ground.settings.idle_for, ground.settings.session_for)
    sessions = Sessions(database, times, Floor(ground.telephones, ground.clock))
    networks, roles = ground.settings.networks, frozenset(ground.settings.second_factor)
    tools = Tools(
        Contract(partial(document, tuple(api.routes()))),
        sessions,
        SignIn(Means(database, passwords, sealer, key, networks, roles)),
        Seats(database, key, ground.site, ground.telephones, ground.hub),
        Locking(database, passwords, key, ground.site.timezone),
        Administration(database, passwords, sealer, key),
        ground.site,
        ground.hub,
        ground.catalogue,
    )
    history, book = History(database), CallBook(database)
    letters = Correspondence(ground.seal)
    tools.put(Correspondence, letters)
    bookings = BookingBook(database, Master(ground.site.booking.master), letters.tell)
    for tool in (
        history, book, Worklist(database), RoomBook(database), Texts(database, key),
        Cards(database, ground.catalogue, deed_on), OpenSessions(database, key),
        OwnKeys(database, passwords, key, roles), *_of_bookings(ground, bookings),
    ):  # fmt: skip
        tools.put(type(tool), tool)
    tools.put(Telephones, ground.telephones)  # type: ignore[type-abstract]
    tools.put(Database, database)  # type: ignore[type-abstract]
    tools.put(Doorkeeper, sessions)  # type: ignore[type-abstract]
    phones = Phones(ground.secrets.browser_passwords)
    tools.put(Phones, phones)
    tools.put(Fit, phones)  # type: ignore[type-abstract]
    tools.put(Relay, Relay(phones, ground.asterisk))
    number = next(iter(ground.site.dids), None) if ground.settings.demo else None
    tools.put(CitizenLine, CitizenLine(ground.asterisk, number))
    log_of_all = AuditLog(database, key)
    tools.put(AuditLog, log_of_all)
    tools.put(Witness, log_of_all)  # type: ignore[type-abstract]
    return tools


def _of_bookings(ground: Ground, kept: BookingBook) -> tuple[object, ...]:
    calendar = ground.site.calendar
    years = calendar.holidays.values() if calendar is not None else ()
    holidays = frozenset(day for year in years for day in year.days)
    return ground.bookings, kept, Opened(kept, ground.bookings.slots, holidays)


async def run_desk(home: Home) -> int:
    """Serve until told to stop; the exit code. `CannotServe` says why it did not begin."""
    logs.configure("desk")
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        desk = _Desk(home)
        stack.push_async_callback(desk.database.close)
        stack.push_async_callback(desk.redis.aclose)
        with suppress(TimeoutError):  # whoever sees a page may sign in, unless the database is away
            async with asyncio.timeout(PREPARED_WITHIN):
                await desk.prepare(once=True)
        await stack.enter_async_context(desk.serving())
        async with asyncio.TaskGroup() as group:
            work = group.create_task(_working(desk))
            await stop.wait()
            work.cancel()
    return 0


async def _working(desk: "_Desk") -> None:
    await desk.prepare()
    async with asyncio.TaskGroup() as group:
        for each in desk.work():
            group.create_task(each())


class _Desk:
    """The real things, opened."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._prepared = False
        self.site, self.settings = settings.read(home)
        self.secrets = _complete(read_secrets(home.secrets))
        self.clock = Clock()
        self.passwords = Passwords()
        self.database: Database = open_database(configured_url(home))
        self.port = home.instance().ports.desk
        self.door = door_of(self.settings, self.port)
        link = Link(home.controller_socket)
        self.redis = redis_client(home)
        self.hub = Hub(RedisNews(self.redis), link, self.clock)
        ground = Ground(
            self.site, self.settings, self.secrets, self.database, self.passwords,
            LinkTelephones(link), self.clock, self.hub, *_words(home),
            sip_socket(home.instance().ports), seal_of(self.site.booking),
        )  # fmt: skip
        self.seal = ground.seal
        self.tools = tools_of(ground)
        self.tools.put(Link, link)
        self.tools.put(Shelf, Shelf(self.site, home.instance().site, home.path, self.clock.wall))
        self.server = Server(api.routes(), self.tools, self.door, self.clock)

    def work(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs beside the requests, once the schema is there."""
        watch = SessionWatch(
            self.database,
            self.tools.get(Sessions),
            self.server.sockets,
            self.tools.get(Telephones),  # type: ignore[type-abstract]
            self.hub,
            bytes.fromhex(self.secrets.audit_key),
        )
        key, days = bytes.fromhex(self.secrets.audit_key), self.settings.audit_days
        phones = PhoneWatch(
            self.tools.get(Phones),
            self.hub,
            self.tools.get(Telephones),  # type: ignore[type-abstract]
            self.clock,
        )
        retention = AuditRetention(self.database, key, days)
        bookings = BookingRetention(self.database, key, self.site.booking.keep_days)
        return [
            partial(watch.run, self.clock), partial(retention.run, self.clock),
            partial(bookings.run, self.clock), self.hub.run,
            partial(hourly, partial(unsent.forget_old, self.database), self.clock),
            partial(self.tools.get(Phones).watch, self.database), phones.run, *self._courier(),
        ]  # fmt: skip

    def _courier(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        url = self.site.booking.webhook_url
        if url is None or self.seal is None:
            return []
        sites = self.tools.get(BookingRules).slots.sites
        courier = Courier(
            self.database, self.tools.get(BookingBook), self.hub, url, self.seal,
            {code: site.ja for code, site in sites.items()}, bytes.fromhex(self.secrets.audit_key),
        )  # fmt: skip
        return [partial(courier.run, self.clock)]

    async def prepare(self, *, once: bool = False) -> None:
        """The schema may be ours to bring up; while the database is away, pages come up anyway."""
        url = configured_url(self.home)
        while not self._prepared:
            try:
                await migrate(url)
                await demo.settle(
                    self.database, self.passwords, bytes.fromhex(self.secrets.audit_key),
                    self.site, self._demo_password(), self.clock(),
                )  # fmt: skip
            except DatabaseFailed as away:
                log.error("database away", error=away)
                if once:
                    return
                await asyncio.sleep(TRIED_EVERY)  # noqa: TID251 -- the back-off of this edge
            else:
                self._prepared = True

    def _demo_password(self) -> str:
        return self.secrets.demo_password if self.settings.demo else ""

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
        host, tls = self.settings.host, tls_of(self.settings)
        try:
            await web.TCPSite(runner, host, self.port, ssl_context=tls).start()
        except OSError as refused:
            raise CannotServe(
                f"port {self.port} of {host} cannot be opened: {refused.strerror}"
            ) from None


def _words(home: Home) -> tuple[Catalogue, BookingRules]:
    site = home.instance().site
    try:
        return load(site), load_bookings(site)
    except CatalogueFault as fault:
        raise CannotServe(f"the words of the desk cannot be used: {fault}") from None


def seal_of(booking: Booking) -> Seal | None:
    """The keys that the city's system has too."""
    variable, file = booking.webhook_secret_env, booking.webhook_secret_file
    if variable is None and file is None:
        return None
    try:
        text = os.environ.get(variable, "") if variable else Path(file or "").read_text("utf-8")
        return Seal.of(text)
    except (OSError, UnicodeDecodeError) as wrong:
        raise CannotServe(f"the webhook's key cannot be read ({type(wrong).__name__})") from None
    except NoKey as wrong:
        raise CannotServe(f"the webhook's key cannot be used: {wrong}") from None


def door_of(desk: Desk, port: int) -> Door:
    local = {"127.0.0.1", "::1"}
    if desk.host not in local and not desk.is_encrypted:  # kept settings may be older than a check
        raise CannotServe(
            f"the desk on {desk.host} would be open to the network: name a certificate, or the "
            "tls_proxies before it (site.yaml, desk)"
        )
    names = {*desk.names, desk.host} - local
    return Door(port, desk.certificate is not None, desk.tls_proxies, tuple(sorted(names)))


def tls_of(desk: Desk) -> ssl.SSLContext | None:
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
    if not (secrets.audit_key and secrets.factor_key and secrets.browser_passwords):
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
