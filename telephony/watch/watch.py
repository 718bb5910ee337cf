"""The watch: measures each thing at its own pace, and judges all of it twice a second.

What takes long is not waited for: a request that has no answer yet counts with the time it has
taken so far, so a hung Asterisk is seen although nothing ever comes back from it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from math import exp, inf
from pathlib import Path
from typing import Any, Final, Protocol

import structlog

from config.clockwork import every
from config.database import DatabaseFailed
from telephony.acd.model import Instant
from telephony.ari.errors import AriError
from telephony.ari.transport import PERMIT
from telephony.calls.inside import Inside
from telephony.store.city_letters import LettersOwed
from telephony.watch.alarms import Alarms
from telephony.watch.measures import Disk, Measures
from telephony.watch.sentences import sentence
from telephony.watch.served import Served

log = structlog.get_logger(__name__)

JUDGED_EVERY: Final = 0.5  # seconds
ASKED_EVERY: Final = 1.0
CONSOLE_EVERY: Final = 2.0
MACHINE_EVERY: Final = 10.0
LETTERS_EVERY: Final = 10.0
GIVEN_UP_AFTER: Final = 10.0  # a new request may be luckier
FULL_WITHIN: Final = 300.0  # so that an hour's rush counts, and a single full minute does not
Question = Callable[[], Awaitable[None]]
A_DAY: Final = 86_400.0  # seconds
LATE: Final = 0.3  # a tick so late tells of us, not of Asterisk


class Asked(Protocol):
    """What can be asked; `probes.Probes` asks the real things."""

    @property
    def sip_ports(self) -> tuple[int, ...]:
        """Where Asterisk listens for SIP."""

    async def version(self) -> str:
        """Asterisk's version. Raises AriError."""

    async def options(self, port: int) -> None:
        """Return when SIP is answered on this port. Raises OSError."""

    async def task_processor(self) -> int | None:
        """Tasks in the fullest queue. Raises OSError."""

    async def strangers(self) -> int | None:
        """Requests of nobody whom Asterisk knows. Raises OSError."""

    async def disks(self) -> tuple[Disk, ...]:
        """The room there is."""

    def clock_synchronised(self) -> bool | None:
        """Whether somebody keeps the clock right."""

    async def letters(self) -> LettersOwed | None:
        """What the city's system has not taken; None without letters. Raises DatabaseFailed."""

    async def certificate(self) -> Served | None:
        """The one that the desk shows; None without one. Raises TimeoutError."""


class Watched(Protocol):
    """The controller, as far as it is watched."""

    def inside(self) -> Inside:
        """What it knows of itself."""

    def judge_asterisk(self, well: bool) -> None:
        """Hear after every look whether Asterisk does its work."""

    def require_tenure(self) -> None:
        """Raises Demoted when another may lead: whoever slept asks Asterisk nothing."""


@dataclass(slots=True)
class Timing:
    """How long the answer to one kind of request takes."""

    took: float | None = None  # the last one, for ever if it failed; None before the first
    began: float | None = None  # the one under way

    def seconds(self, now: float) -> float | None:
        """The last, or the present one so far when that is longer already."""
        if self.began is None:
            return self.took
        return max(now - self.began, self.took or 0.0)

    async def of(self, request: Awaitable[None]) -> None:
        """Time a request; none takes longer than `GIVEN_UP_AFTER`."""
        loop = asyncio.get_running_loop()
        self.began = began = loop.time()
        try:
            async with asyncio.timeout(GIVEN_UP_AFTER):
                await request
            self.took = loop.time() - began
        except (AriError, OSError):  # a TimeoutError too
            self.took = inf
        finally:
            self.began = None


class Watch:
    """Measures and alarms of one controller, for as long as it leads."""

    def __init__(self, asked: Asked, home: Path, clock: Callable[[], float]) -> None:
        self.measures = Measures()
        self._alarms = Alarms()
        self._asked = asked
        self._home = home
        self._clock = clock
        self._ari = Timing()
        self._sip = {port: Timing() for port in asked.sip_ports}
        self._written = (0, 0.0)  # the last record written, and since when it is the last
        self._judged_at: float | None = None

    @property
    def well(self) -> bool:
        """Asterisk does its work: agents may be offered."""
        return self._alarms.well

    @property
    def alarms(self) -> list[dict[str, Any]]:
        """Every alarm that is raised, with what to do about it now."""
        return [self._told(alarm.id, alarm.since, alarm.critical) for alarm in self._alarms.raised]

    def _told(self, name: str, since: Instant, critical: bool) -> dict[str, Any]:
        english, japanese = sentence(name, self.measures, self._home)
        return {
            "id": name,
            "since": since,
            "critical": critical,
            "text": english,
            "text_ja": japanese,
        }

    async def run(self, of: Watched) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            for seconds, ask in self._questions():
                group.create_task(_repeat(seconds, _leading(of, ask)))
            group.create_task(_repeat(MACHINE_EVERY, self._look_at_machine))
            group.create_task(_repeat(LETTERS_EVERY, self._look_at_letters))
            group.create_task(_repeat(MACHINE_EVERY, self._look_at_desk))
            async with aclosing(every(JUDGED_EVERY)) as ticks:
                async for late in ticks:
                    if late < LATE:  # else the answers wait in our own sockets
                        self._judge(of)

    def _questions(self) -> Iterator[tuple[float, Question]]:
        """What Asterisk is asked, and how often."""
        yield ASKED_EVERY, self._ask_ari
        for port, timing in self._sip.items():
            yield ASKED_EVERY, self._sip_of(port, timing)
        yield CONSOLE_EVERY, self._look_at_console

    # -- judging ---------------------------------------------------------------------------

    def _judge(self, of: Watched) -> None:
        now, inside = asyncio.get_running_loop().time(), of.inside()
        sip = {port: timing.seconds(now) for port, timing in self._sip.items()}
        self.measures = replace(
            self.measures,
            ari=self._ari.seconds(now),
            sip={port: took for port, took in sip.items() if took is not None},
            records_stuck=self._stuck(inside, now),
            lines_full=self._fullness(inside, now),
            inside=inside,
        )
        raised, cleared = self._alarms.judge(self.measures, Instant(self._clock()))
        for name in raised:
            log.error("alarm raised", kind=name)
        for name in cleared:
            log.info("alarm cleared", kind=name)
        if self._ari.took is not None:  # before the first answer nothing is known
            of.judge_asterisk(self.well)

    def _stuck(self, inside: Inside, now: float) -> float:
        """Seconds since a record was last written, while some wait."""
        if not inside.records_behind or inside.records_written != self._written[0]:
            self._written = (inside.records_written, now)
        return now - self._written[1]

    def _fullness(self, inside: Inside, now: float) -> float:
        """The share of time in which all lines were taken; what is older counts less and less.

        A line that is free for the second between two calls does not begin it anew.
        """
        passed = 0.0 if self._judged_at is None else now - self._judged_at
        self._judged_at = now
        weight = 1 - exp(-passed / FULL_WITHIN)
        before = self.measures.lines_full
        return before + weight * (inside.lines_full - before)

    # -- measuring -------------------------------------------------------------------------

    async def _ask_ari(self) -> None:
        await self._ari.of(self._learn_version())

    async def _learn_version(self) -> None:
        found = await self._asked.version()  # what else was measured meanwhile is kept
        self.measures = replace(self.measures, version=found)

    def _sip_of(self, port: int, timing: Timing) -> Callable[[], Awaitable[None]]:
        return lambda: timing.of(self._asked.options(port))

    async def _look_at_console(self) -> None:
        """A hung Asterisk does not tell: then the last figures stand."""
        try:
            async with asyncio.timeout(CONSOLE_EVERY):
                waiting = await self._asked.task_processor()
                strangers = await self._asked.strangers()
        except OSError:
            return
        self.measures = replace(self.measures, task_processor=waiting, strangers=strangers)

    async def _look_at_letters(self) -> None:
        """While the records are away, and that is an alarm of its own, the last figures stand."""
        try:
            owed = await self._asked.letters()
        except DatabaseFailed:
            return
        if owed is None:
            return
        waits = 0.0 if owed.oldest_at is None else max(0.0, self._clock() - owed.oldest_at)
        self.measures = replace(self.measures, letter_waits=waits, letters_refused=owed.refused)

    async def _look_at_machine(self) -> None:
        disks = await self._asked.disks()
        told = self._asked.clock_synchronised()
        self.measures = replace(self.measures, disks=disks, clock_synchronised=told)

    async def _look_at_desk(self) -> None:
        """One that does not answer in time does not tell: then the last figures stand."""
        try:
            served = await self._asked.certificate()
        except TimeoutError:
            return
        days = None if served is None else (served.ends_at - self._clock()) / A_DAY
        waits = served is not None and not served.is_that_of_the_file
        self.measures = replace(self.measures, certificate_days=days, certificate_waits=waits)


def _leading(of: Watched, ask: Question) -> Question:
    async def asked() -> None:
        of.require_tenure()
        PERMIT.set(of.require_tenure)
        await ask()

    return asked


async def _repeat(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """At once, and then at this pace; at once again after what took longer."""
    await work()
    async with aclosing(every(seconds)) as ticks:
        async for _ in ticks:
            await work()
