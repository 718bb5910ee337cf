"""The composition root of a controller: the only module that knows every real thing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from config import logs, site_sounds
from config.clock import Clock, rehearsed
from config.database import Database, open_database
from config.home import Home
from config.redis_client import redis_client
from config.secrets import Secrets, read_secrets
from config.site_kept import load_or_kept
from config.site_model import Site
from telephony import health
from telephony.acd.model import CallId
from telephony.ari.errors import AriError
from telephony.ari.inbox import Inbox
from telephony.ari.rest import AriRest
from telephony.ari.stream import EventStream, backoff
from telephony.asterisk.handsets import ControlSocket
from telephony.asterisk.sockets import phones_socket, trunk_socket
from telephony.asterisk.version import UnfitAsterisk
from telephony.caller_id import Caller, CallerKind
from telephony.calls import net_calls
from telephony.calls.archive import ARCHIVE_DAYS, FileArchive
from telephony.calls.carried import former_instants
from telephony.calls.carrier import facts_of
from telephony.calls.controller import Controller
from telephony.calls.inheritance import promptly
from telephony.calls.journal import RedisJournal, StaleEpoch
from telephony.calls.lease import Demoted, Held, LeaseAway, RedisLease, holder_name
from telephony.calls.lives import burying, living
from telephony.calls.lost_sound import Patience
from telephony.calls.performer import APP
from telephony.calls.rebuild import Rebuilt
from telephony.calls.retention import KEEP_DAYS
from telephony.calls.rules import rules_of
from telephony.calls.sounds import Sounds, linked
from telephony.calls.spool import FileSpool
from telephony.calls.sql_ledger import SqlLedger
from telephony.calls.standby import Follower
from telephony.calls.takeover import Heritage, renewing, take_lease, take_over
from telephony.calls.terms import terms_of
from telephony.calls.world import Setting, World
from telephony.calls.written_calendar import Stamp, WrittenCalendar, stamp_of
from telephony.link.news_stream import RedisNews
from telephony.link.server import application, serve
from telephony.runtime.programs import find
from telephony.store import fence
from telephony.store.city_letters import CityLetters
from telephony.store.own_bookings import OwnBookings
from telephony.store.records import LateRecords
from telephony.watch.fit import until_fit
from telephony.watch.probes import Probes
from telephony.watch.served import DeskDoor
from telephony.watch.watch import GIVEN_UP_AFTER, Watch

log = structlog.get_logger(__name__)

ARI_USER: Final = "madoguchi"
OURS, DEMOTED = 0, 3  # exit codes: told to stop; somebody else leads, so starting again is right
RECONNECT_WITHIN: Final = 0.5  # seconds: nobody is freed of a call that is lost before
UNFIT = 4  # the exit code where Asterisk's version is none that we work with


def database_url(home: Home) -> str:
    """The SQL database: the operator's, or a file of the home."""
    return os.environ.get("MADOGUCHI_DATABASE_URL") or f"sqlite:///{home.database}"


def journal_days() -> float:
    """How long the journal keeps what happened: the operator's word, or the default."""
    try:
        return max(1.0, float(os.environ.get("MADOGUCHI_JOURNAL_DAYS") or KEEP_DAYS))
    except ValueError:
        log.error("days of the journal are no number, the default holds")
        return KEEP_DAYS


def archive_of(home: Home, secrets: Secrets) -> FileArchive | None:
    """The archive of the home; none while its secrets are older than the archive."""
    if not secrets.archive_key:
        log.error("no archive key, the journal is not trimmed before the next start of up")
        return None
    return FileArchive(home.path / "archive", secrets.archive_key, archive_days())


def archive_days() -> int:
    """How long a day of the archive is kept, 0 for ever: the operator's word, or the default."""
    told = os.environ.get("MADOGUCHI_ARCHIVE_DAYS") or str(ARCHIVE_DAYS)
    if told.isdecimal():
        return int(told)
    log.error("days of the archive are no number, the default holds")
    return ARCHIVE_DAYS


async def run_controller(home: Home, *, standby: bool = False) -> int:
    """Be a controller until told to stop; the exit code.

    Either of a pair may lead; the standby differs by where it tells how it is.
    """
    logs.configure("controller")
    name = holder_name(os.getpid(), home.path)  # by which the supervisor knows a dead holder
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    code = OURS
    try:
        await _until(stop, home, name, standby)
    except* (Demoted, StaleEpoch, fence.StaleEpoch) as why:
        log.error("demoted", why=_first(why))
        code = DEMOTED
    except* UnfitAsterisk as unfit:
        log.error("asterisk does not fit")
        sys.stderr.write(f"{_first(unfit)}\n")  # up shows the last line
        code = UNFIT
    return code


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


async def _until(stop: asyncio.Event, home: Home, name: str, standby: bool) -> None:
    """Work until the event is set, then let go of everything in order."""
    async with AsyncExitStack() as stack:
        parts, duty = await _Parts.open(home, stack), health.Duty()
        port = parts.ports.standby_health if standby else parts.ports.health
        doctor = await health.serve(duty, port)
        stack.push_async_callback(doctor.cleanup)
        async with asyncio.TaskGroup() as group:
            work = group.create_task(parts.run(name, duty, standby=standby))
            work.add_done_callback(lambda _: stop.set())
            lag = group.create_task(duty.lag.sample())
            await stop.wait()
            work.cancel()
            lag.cancel()


class _Parts:
    """The real things, opened."""

    def __init__(self, home: Home, site: Site, secrets: Secrets, stamp: Stamp) -> None:
        self.home = home
        self.site = site
        self.secrets = secrets
        self.ports = home.instance().ports
        self.rules = rules_of(site)
        self.sounds = Sounds(*sounds_of(home))
        self.redis = redis_client(home)
        self.journal = RedisJournal(self.redis)
        self.lease = RedisLease(self.redis)
        self.database: Database = open_database(database_url(home))
        self.terms = terms_of(site)
        directory = home.instance().site
        self.calendar = WrittenCalendar(directory, home.site, site, self.terms.hours, stamp)
        self.records = LateRecords(self.database, database_url(home), self.terms)
        self.spool = FileSpool(home.spool, secrets.caller_key_secret)
        url = f"http://127.0.0.1:{self.ports.asterisk_http}"
        self.ari = AriRest(url, ARI_USER, secrets.ari_password)
        self.probes = Probes(
            AriRest(url, ARI_USER, secrets.ari_password, timeout=GIVEN_UP_AFTER),
            (trunk_socket(site.trunk, self.ports), phones_socket(site, self.ports)),
            home.asterisk_control,
            (home.path, home.asterisk / "spool"),
            _door(site, self.ports.desk),
            None if site.booking.webhook_url is None else CityLetters(self.database),
        )
        self.inbox = Inbox()
        self.stream = EventStream(
            url,
            ARI_USER,
            secrets.ari_password,
            app=APP,
            inbox=self.inbox,
            delay=backoff(str(home), most=RECONNECT_WITHIN),
        )

    @classmethod
    async def open(cls, home: Home, stack: AsyncExitStack) -> "_Parts":
        directory = home.instance().site
        stamp = stamp_of(directory)
        site, faults = load_or_kept(directory, home.site)
        for fault in faults:  # an operator's files: the console may quote them, the log only where
            log.error("site fault, the last good site goes on", file=fault.file, line=fault.line)
        parts = cls(home, site, read_secrets(home.secrets), stamp)
        stack.push_async_callback(parts.redis.aclose)
        stack.push_async_callback(parts.database.close)
        await stack.enter_async_context(parts.ari)
        await stack.enter_async_context(parts.probes.ari)
        return parts

    async def run(self, name: str, duty: health.Duty, *, standby: bool) -> None:
        """Follow whoever leads, wait for the lease, take over, lead."""
        async with living(self.home.life(standby=standby), name, self.lease):
            await self._run(name, duty, self.home.life(standby=not standby))

    async def _run(self, name: str, duty: health.Duty, other: Path) -> None:
        heritage = Heritage(
            self.lease, self.journal, self.records, self.rules, lambda: Clock()(), self.spool
        )
        await until_fit(self.ari)
        follower = Follower(self.journal, self.rules)
        async with burying(other, self.lease):
            held = await take_lease(self.ari, heritage, name, follower)
        log.info("leads", epoch=held.epoch, pid=os.getpid())
        ahead = await self._former_instants()
        heritage = replace(heritage, clock=lambda: Clock(ahead=ahead)())
        try:
            async with self.stream.open():
                async with renewing(self.lease, held):
                    rebuilt = await take_over(heritage, held, follower)
                    callers = await self._callers(rebuilt)
                    clock = Clock(
                        rebuilt.last_at,
                        ahead=ahead if rebuilt.centre.live() else None,
                        shift=rehearsed(os.environ.get("MADOGUCHI_REHEARSAL")),
                    )
                controller = self._controller(held, rebuilt, callers, clock)
                self.stream.permit = controller.require_tenure
                async with _requests(self.home, controller):
                    with duty.leading(controller):
                        await self._lead(controller)
        finally:
            await self._give_up(held)

    async def _callers(self, rebuilt: Rebuilt) -> dict[CallId, Caller]:
        """Who the callers of the rebuilt centre are, as far as their records tell."""
        log.info(
            "rebuilt",
            calls=len(rebuilt.centre.visits.calls),
            entries=len(rebuilt.replayed),
            complete=rebuilt.complete,
        )
        known: dict[CallId, Caller] = {}
        if not rebuilt.owed:  # else SQL is away: what is owed tells, or their channels
            await promptly(partial(self._recorded_callers, rebuilt, known))
        return known

    async def _former_instants(self) -> float | None:
        """Calls go on by the instants that they began with; without any, the wall's time is right.

        Else an hour by which the wall clock was set forward would be one that everybody waited.
        """
        try:
            return await former_instants(self.ari)
        except (AriError, ValueError) as trouble:
            log.warning("clock_not_known", error=trouble)
            return None

    async def _recorded_callers(self, rebuilt: Rebuilt, known: dict[CallId, Caller]) -> None:
        for call in rebuilt.centre.visits.calls:
            record = await self.records.call(call)
            if record is not None and record.caller.kind is not CallerKind.UNKNOWN:
                known[call] = record.caller

    async def _import_net_calls(self, held: Held, known: net_calls.Known) -> None:
        """Calls that ended with the dialplan: nobody led, or they were over too soon."""
        add = partial(self.records.add, held.epoch)
        await net_calls.bring_in(self.home.net_calls, add, known)

    def _controller(
        self, held: Held, rebuilt: Rebuilt, callers: dict[CallId, Caller], clock: Clock
    ) -> Controller:
        world = World(
            self.ari,
            self.inbox,
            self.journal,
            self.lease,
            self.records,
            clock,
            self.sounds,
            self.stream.counts,
            archive_of(self.home, self.secrets),
            history=self.records,
            watch=Watch(self.probes, self.home.path, clock),
            spool=self.spool,
            handsets=ControlSocket(self.home.asterisk_control),
            news=RedisNews(self.redis),
            ledger=SqlLedger(self.database, self.records),
            bookings=OwnBookings(self.database) if self.site.booking.phone_menu else None,
        )
        setting = Setting(
            bytes.fromhex(self.secrets.caller_key_secret),
            self.site.dids[0],
            {name: seat.name for name, seat in self.site.seats.items()},
            journal_days(),
            facts_of(self.site),
            self.terms,
            self.calendar,
            Patience(self.site.phones.page_lost_after, self.site.phones.phone_lost_after),
        )

        async def import_kept() -> None:
            await self._import_net_calls(held, controller.ground.knows)

        controller = Controller(world, setting, held, rebuilt, import_kept)
        for call, caller in callers.items():
            controller.callers.remember(call, caller)
        return controller

    async def _lead(self, controller: Controller) -> None:
        try:
            await controller.lead()
        finally:
            await controller.publisher.drain()
            await controller.engine.keep_last()

    async def _give_up(self, held: Held) -> None:
        try:
            await self.lease.release(held.holder)
        except LeaseAway as away:
            log.error("lease_away", error=away)


@asynccontextmanager
async def _requests(home: Home, controller: Controller) -> AsyncIterator[None]:
    """The socket for requests, for as long as we lead."""
    link = await serve(application(controller), home.controller_socket)
    try:
        yield
    finally:
        await link.cleanup()


def _door(site: Site, port: int) -> DeskDoor | None:
    named = site.desk.certificate
    return None if named is None else DeskDoor(Path(named), site.desk.host, port)


def sounds_of(home: Home) -> tuple[Path, Path]:
    """The site's own sounds and the shipped ones, in this order, by short paths."""
    own = home.instance().site / site_sounds.FOLDER
    shipped = find().sounds_dir / "ja"
    return linked(own, home.runtime() / "own"), linked(shipped, home.runtime() / "sounds")
