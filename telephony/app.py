"""The composition root of a controller: the only module that knows every real thing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config import logs
from config.clock import Clock
from config.database import Database, DatabaseFailed, open_database
from config.home import Home
from config.secrets import Secrets, read_secrets
from config.site_kept import load_or_kept
from config.site_model import Site
from telephony import health
from telephony.acd.model import CallId
from telephony.ari.errors import AriError
from telephony.ari.inbox import Inbox
from telephony.ari.rest import AriRest
from telephony.ari.stream import EventStream, backoff
from telephony.caller_id import CallerKind
from telephony.calls import net_calls
from telephony.calls.clockwork import every
from telephony.calls.controller import Controller, Demoted, Setting, World
from telephony.calls.engine import CORE_VERSION
from telephony.calls.journal import Place, Record, RedisJournal, StaleEpoch
from telephony.calls.lease import Held, LeaseAway, RedisLease
from telephony.calls.performer import APP
from telephony.calls.publisher import to_entry
from telephony.calls.rebuild import Rebuilt, rebuild
from telephony.calls.retention import KEEP_DAYS
from telephony.calls.rules import rules_of
from telephony.calls.sounds import Sounds
from telephony.link.server import application, serve
from telephony.runtime.programs import find
from telephony.store import fence
from telephony.store.migrate import migrate
from telephony.store.records import Records

log = structlog.get_logger(__name__)

ARI_USER: Final = "madoguchi"
OURS, DEMOTED = 0, 3  # exit codes: told to stop; somebody else leads, so starting again is right
ASK_EVERY: Final = 0.2  # seconds between attempts to take the lease


def database_url(home: Home) -> str:
    """The SQL database: the operator's, or a file of the home."""
    return os.environ.get("MADOGUCHI_DATABASE_URL") or f"sqlite:///{home.database}"


def redis_client(home: Home) -> Redis:
    """The operator's Redis, or the private one of the home."""
    url = os.environ.get("MADOGUCHI_REDIS_URL")
    # An append whose answer was lost must not be sent again by itself: Redis would refuse it as
    # that of a former leader.
    once = Retry(NoBackoff(), 0)
    if url:
        return Redis.from_url(url, retry=once)
    return Redis(unix_socket_path=str(home.redis_socket), retry=once)


def journal_days() -> float:
    """How long the journal keeps what happened: the operator's word, or the default."""
    try:
        return max(1.0, float(os.environ.get("MADOGUCHI_JOURNAL_DAYS") or KEEP_DAYS))
    except ValueError:
        log.error("days of the journal are no number, the default holds")
        return KEEP_DAYS


async def run_controller(home: Home) -> int:
    """Be a controller until told to stop; the exit code."""
    logs.configure("controller")
    name = f"{os.getpid()}@{home.path}"  # by which the supervisor knows a dead holder
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    code = OURS
    try:
        await _until(stop, home, name)
    except* (Demoted, StaleEpoch, fence.StaleEpoch) as why:
        log.error("demoted", why=why.exceptions[0])
        code = DEMOTED
    return code


async def _until(stop: asyncio.Event, home: Home, name: str) -> None:
    """Work until the event is set, then let go of everything in order."""
    async with AsyncExitStack() as stack:
        parts = await _Parts.open(home, stack)
        async with asyncio.TaskGroup() as group:
            work = group.create_task(parts.run(name))
            work.add_done_callback(lambda _: stop.set())
            await stop.wait()
            work.cancel()


class _Parts:
    """The real things, opened."""

    def __init__(self, home: Home, site: Site, secrets: Secrets) -> None:
        self.home = home
        self.site = site
        self.secrets = secrets
        self.ports = home.instance().ports
        self.rules = rules_of(site)
        self.sounds = Sounds(_sounds_of(home))
        self.redis = redis_client(home)
        self.journal = RedisJournal(self.redis)
        self.lease = RedisLease(self.redis)
        self.database: Database = open_database(database_url(home))
        self.records = Records(self.database)
        url = f"http://127.0.0.1:{self.ports.asterisk_http}"
        self.ari = AriRest(url, ARI_USER, secrets.ari_password)
        self.inbox = Inbox()
        self.stream = EventStream(
            url, ARI_USER, secrets.ari_password, app=APP, inbox=self.inbox, delay=backoff(str(home))
        )

    @classmethod
    async def open(cls, home: Home, stack: AsyncExitStack) -> "_Parts":
        site, faults = load_or_kept(home.instance().site, home.site)
        for fault in faults:  # an operator's files: the console may quote them, the log only where
            log.error("site fault, the last good site goes on", file=fault.file, line=fault.line)
        parts = cls(home, site, read_secrets(home.secrets))
        stack.push_async_callback(parts.redis.aclose)
        stack.push_async_callback(parts.database.close)
        await migrate(database_url(home))
        await stack.enter_async_context(parts.ari)
        return parts

    async def run(self, name: str) -> None:
        """Wait for the lease, take over, lead."""
        held = await self._take_lease(name)
        try:
            async with self.stream.open():
                rebuilt = await self._take_over(held)
                await self._lead(held, rebuilt)
        finally:
            await self._give_up(held)

    async def _take_lease(self, name: str) -> Held:
        """The free lease, once our own Asterisk answers."""
        async for _ in every(ASK_EVERY):
            try:
                await self.ari.info()
                held = await self.lease.take(name, await self.records.epoch())
            except (AriError, LeaseAway) as away:
                log.info("not_yet", why=away)
                continue
            if held is not None:
                log.info("leads", epoch=held.epoch, holder=name)
                return held
        raise AssertionError("every() does not end")

    async def _take_over(self, held: Held) -> Rebuilt:
        """Epoch first into SQL and journal, so that nobody of old can write; then read."""
        digest = self.rules.digest
        await self.records.claim(held.epoch, CORE_VERSION)
        mark = Record(Place(held.epoch, 0), Clock()(), "took_over", CORE_VERSION, digest, None, "")
        await self.journal.append([mark])
        rebuilt = await rebuild(self.journal, self.rules)
        await self._write_again(held, rebuilt)
        log.info(
            "rebuilt",
            calls=len(rebuilt.centre.visits.calls),
            entries=len(rebuilt.replayed),
            complete=rebuilt.complete,
        )
        return rebuilt

    async def _write_again(self, held: Held, rebuilt: Rebuilt) -> None:
        """Records that the former leader may not have written; those it has are skipped."""
        for epoch, group in groupby(rebuilt.replayed, key=lambda applied: applied.place.epoch):
            entries = [to_entry(applied, lambda _: None) for applied in group]
            await self.records.apply(epoch, entries, leader=held.epoch)

    async def _import_net_calls(self, held: Held) -> None:
        """Calls that ended with the dialplan: nobody led, or they were over too soon."""
        aside = net_calls.set_aside(self.home.net_calls)
        if aside is None:
            return
        kept = net_calls.changes(aside)
        try:
            await self.records.add(held.epoch, kept)
        except DatabaseFailed as away:  # the file stays, and is read again
            log.error("safety net not imported", error=away)
            return
        aside.unlink()
        log.info("safety net imported", entries=len(kept))

    async def _lead(self, held: Held, rebuilt: Rebuilt) -> None:
        world = World(
            self.ari,
            self.inbox,
            self.journal,
            self.lease,
            self.records,
            Clock(rebuilt.last_at),
            self.sounds,
        )
        setting = Setting(
            bytes.fromhex(self.secrets.caller_key_secret),
            self.site.dids[0],
            {name: seat.name for name, seat in self.site.seats.items()},
            journal_days(),
        )
        import_kept = partial(self._import_net_calls, held)
        controller = Controller(world, setting, held, rebuilt, import_kept)
        for call in rebuilt.centre.visits.calls:
            known = await self.records.call(call)
            if known is not None and known.caller.kind is not CallerKind.UNKNOWN:
                controller.callers.remember(CallId(call), known.caller)
        async with _doors(self, controller):
            try:
                await controller.lead()
            finally:
                await controller.publisher.drain()

    async def _give_up(self, held: Held) -> None:
        try:
            await self.lease.release(held.holder)
        except LeaseAway as away:
            log.error("lease_away", error=away)


@asynccontextmanager
async def _doors(parts: _Parts, controller: Controller) -> AsyncIterator[None]:
    """The socket for requests and the port for health, for as long as we lead."""
    link = await serve(application(controller), parts.home.controller_socket)
    doctor = await health.serve(controller, parts.ports.health)
    try:
        yield
    finally:
        await doctor.cleanup()
        await link.cleanup()


def _sounds_of(home: Home) -> Path:
    """The site's own sounds where it has them, else the shipped ones."""
    own = home.instance().site / "sounds" / "ja"
    return own if own.is_dir() else find().sounds_dir / "ja"
