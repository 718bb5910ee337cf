"""Headline 6: what the product depends on dies, is silent, forgets or is full, under thirty calls.

One fault after the other, with twenty-five talks and five waiting callers that last through all of
them, and a new caller each second. Once on SQLite, once on PostgreSQL.
"""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from benchmarks.plan import Plan
from benchmarks.report import Row
from benchmarks.storm_rig import TALKING, WAITING, Rig, Told, rig
from tests.real.stores import locked, roll_back, silent_redis, without_redis
from tests.real.waiting import pause
from tests.store import postgres
from tests.watch.full_disk import fill, small_disk

BEFORE, AFTER = 3.0, 3.0  # seconds of load around a fault
GAP: Final = 100.0  # milliseconds of audio that a talking pair would miss
MINUTE: Final = 60.0
DISK: Final = "400m"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that happens to a store, and how long it lasts."""

    what: str
    lasts: float
    strikes: Callable[[Rig, float], Awaitable[None]]  # returns when it is over
    gap: float = 2.0  # seconds that a new caller's way to an agent may be longer


@dataclass(frozen=True, slots=True)
class Struck:
    """What one fault did."""

    fault: Fault
    told: Told
    dropped: int
    silent_ms: float  # audio that a talking pair missed
    recovered: float  # seconds from the fault's end until everything is written
    missing: int  # records of calls
    doubled: int
    unanswered: int
    forgotten: int  # pauses that were acknowledged, and are not in SQL once and in order


async def _redis_killed(at: Rig, seconds: float) -> None:
    async with without_redis(at.c):
        await pause(seconds)


async def _redis_silent(at: Rig, seconds: float) -> None:
    async with silent_redis(at.c):
        await pause(seconds)


async def _redis_emptied(at: Rig, seconds: float) -> None:
    await at.c.redis.connection_pool.disconnect()  # of a server that has died since
    await at.c.redis.flushall()


async def _redis_rolled_back(at: Rig, seconds: float) -> None:
    await roll_back(at.c, seconds)


async def _sqlite_locked(at: Rig, seconds: float) -> None:
    async with locked(at.c.instance.home.database):
        await pause(seconds)


async def _disk_full(at: Rig, seconds: float) -> None:
    filler = await asyncio.to_thread(fill, at.c.instance.home.path)
    try:
        await pause(seconds)
    finally:
        filler.unlink()


ON_SQLITE: Final = (
    Fault("Redis killed, back after 10 s", 10.0, _redis_killed),
    Fault("Redis silent for 8 s", 8.0, _redis_silent),
    Fault("Redis emptied", 0.0, _redis_emptied),
    Fault("Redis back with what it had 1 s before", 1.0, _redis_rolled_back),
    Fault("SQLite locked for 60 s", MINUTE, _sqlite_locked, gap=0.5),
    Fault("disk full for 20 s", 20.0, _disk_full),
)


def run(plan: Plan) -> list[Row]:
    """Every fault, and at last whether those who waited are served in their turn."""
    return asyncio.run(_rows(plan))


async def _rows(plan: Plan) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        faults = ON_SQLITE[:2] if plan.quick else ON_SQLITE
        home = Path(folder) / "sqlite"
        home.mkdir()
        with _disk_of_its_own(home / "home") as has_disk:
            chosen = [fault for fault in faults if has_disk or fault.strikes is not _disk_full]
            async with rig(home) as at:
                rows += await _storm(at, chosen, "SQLite")
        programs = postgres.binaries()
        if programs is not None and not plan.quick:
            with ExitStack() as stack:
                server = stack.enter_context(postgres.running(programs))
                url = await postgres.create(server.socket, "madoguchi")
                home = Path(folder) / "postgresql"
                home.mkdir()
                async with rig(home, url) as at:
                    rows += await _storm(at, _on_postgresql(server), "PostgreSQL")
    return rows


def _disk_of_its_own(home: Path) -> AbstractContextManager[object]:
    """A home that can be filled; where nothing may be mounted, its disk is the machine's."""
    stack = ExitStack()
    try:
        stack.enter_context(small_disk(home, DISK))
    except pytest.skip.Exception:
        return nullcontext(None)
    return stack


def _on_postgresql(server: postgres.Server) -> list[Fault]:
    async def gone(_: Rig, seconds: float) -> None:
        await asyncio.to_thread(server.stop, signal.SIGQUIT)
        await pause(seconds)
        await asyncio.to_thread(server.start)

    async def mute(_: Rig, seconds: float) -> None:
        server.send(signal.SIGSTOP)
        await pause(seconds)
        server.send(signal.SIGCONT)

    return [
        Fault("PostgreSQL gone for 60 s", MINUTE, gone, gap=0.5),
        Fault("PostgreSQL silent for 20 s", 20.0, mute, gap=0.5),
    ]


async def _storm(at: Rig, faults: list[Fault] | tuple[Fault, ...], on: str) -> list[Row]:
    struck = []
    for fault in faults:
        struck.append(await _strike(at, fault))
        row = _row(struck[-1])
        sys.stderr.write(f"  {row.what}: {row.ours}\n")
    wrong = await at.overtaken()
    served = Row(f"{WAITING} who waited through all of it ({on})", f"{wrong} not in their turn",
                 target="none", met=wrong == 0, figures={"wrong": wrong})  # fmt: skip
    return [*map(_row, struck), served]


async def _strike(at: Rig, fault: Fault) -> Struck:
    over, began = asyncio.Event(), at.c.wall()
    watched = at.watched()
    async with asyncio.TaskGroup() as group:
        load = group.create_task(at.load(over))
        await pause(BEFORE)
        await fault.strikes(at, fault.lasts)
        ended = time.monotonic()
        await at.recovered()
        recovered = time.monotonic() - ended
        await pause(AFTER)
        over.set()
    told = load.result()
    records = await at.records(began, told.placed)
    await at.recovered()
    kept = await at.reasons(began)
    return Struck(
        fault,
        told,
        at.dropped(),
        max(talk.missing_ms() for talk in watched),
        recovered,
        max(0, told.placed - len(records)),
        max(0, len(records) - told.placed),
        sum(record.outcome != "answered" for record in records),
        _forgotten(told.granted, kept),
    )


def _forgotten(granted: list[str], kept: list[str]) -> int:
    return sum(kept.count(reason) != 1 for reason in granted)


def _row(of: Struck) -> Row:
    told = of.told
    lost, slowest = sum(told.lost.values()), max(told.rings, default=0.0)
    wrong = of.missing + of.doubled + of.unanswered + of.forgotten
    met = not (of.dropped or lost or wrong) and of.silent_ms < GAP and slowest <= of.fault.gap
    said = (
        f"{of.dropped} of {TALKING + WAITING} dropped, {lost} of {told.placed} new callers lost, "
        f"{wrong} records or pauses lost or doubled, slowest way to an agent {slowest:.2f} s, "
        f"recovered {of.recovered:.1f} s after it"
    )
    target = f"none, none, none, ≤ {of.fault.gap:g} s"
    return Row(of.fault.what, said, target=target, met=met, figures=_figures(of))


def _figures(of: Struck) -> dict[str, object]:
    told = of.told
    return {
        "lasted_s": of.fault.lasts,
        "standing": TALKING + WAITING,
        "dropped": of.dropped,
        "audio_missing_ms": round(of.silent_ms, 1),
        "new_callers": told.placed,
        "lost": dict(told.lost),
        "records_missing": of.missing,
        "records_doubled": of.doubled,
        "records_not_answered": of.unanswered,
        "pauses_acknowledged": len(told.granted),
        "pauses_refused": told.refused,
        "pauses_lost_or_doubled": of.forgotten,
        "slowest_answer_s": round(max(told.answers, default=0.0), 3),
        "slowest_key_to_ring_s": round(max(told.rings, default=0.0), 3),
        "slowest_acknowledgement_s": round(max(told.waits, default=0.0), 3),
        "recovered_after_s": round(of.recovered, 3),
    }
