"""What each edge of the controller costs by itself: the journal, the records, Asterisk's events."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, thread_time
from typing import Final

from redis.asyncio import Redis

from benchmarks.core import DEMO
from benchmarks.measure import Sample, figures, told
from benchmarks.plan import Plan
from benchmarks.report import Row
from benchmarks.town import Town
from config.database import open_database
from config.home import Home
from config.site import load
from telephony.ari.events import decode
from telephony.calls import codec
from telephony.calls.engine import CORE_VERSION, Applied
from telephony.calls.journal import Place, Record, RedisJournal
from telephony.calls.publisher import AT_ONCE, to_entry
from telephony.calls.rules import rules_of
from telephony.centre.core import Centre
from telephony.runtime.programs import find
from telephony.store.migrate import migrate
from telephony.store.records import Records
from telephony.supervisor.parts import redis_part

STASIS_START: Final = {
    "type": "StasisStart",
    "timestamp": "2026-11-22T17:20:00.123+0900",
    "args": ["trunk", "0942000100", "1795335600.120", "sip%3A0942000901%40127.0.0.1", "", ""],
    "channel": {
        "id": "n1-1795335600.1",
        "name": "PJSIP/trunk-00000001",
        "state": "Ring",
        "protocol_id": "a@b",
        "caller": {"name": "", "number": "0942000901"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {"context": "arrival", "exten": "s", "priority": 12, "app_name": "Stasis"},
        "creationtime": "2026-11-22T17:20:00.120+0900",
        "language": "ja",
    },
    "asterisk_id": "02:00:00:00:00:01",
    "application": "madoguchi",
}


def run(plan: Plan) -> list[Row]:
    """All edges; none has a target of its own."""
    entries = _entries(plan.choose(4000, 400))
    return [
        asyncio.run(_journal(entries, plan.runs)),
        asyncio.run(_records(entries, plan.runs)),
        _events(plan),
    ]


def _entries(count: int) -> list[Applied]:
    """A part of the town's day, as the engine hands it on."""
    rules = rules_of(load(DEMO))
    script = Town(rules, seed=1).play(count)
    centre = Centre(rules)
    return [
        Applied(Place(1, seq), now, command, centre.handle(command, now))
        for seq, (command, now) in enumerate(script, start=1)
    ]


# -- journal ---------------------------------------------------------------------------------------


async def _journal(entries: list[Applied], runs: int) -> Row:
    """One entry a round trip, made into a record and appended as the engine does it."""
    async with _redis() as redis:
        samples = [
            await _append(RedisJournal(redis), entries, epoch) for epoch in range(1, runs + 1)
        ]
    return Row("journal: one entry appended", told(samples), figures=figures(samples))


async def _append(journal: RedisJournal, entries: list[Applied], epoch: int) -> Sample:
    taken = []
    for applied in entries:
        began = perf_counter()
        await journal.append([_record(applied, epoch)])
        taken.append(perf_counter() - began)
    return Sample(tuple(taken))


def _record(applied: Applied, epoch: int) -> Record:
    return Record(
        Place(epoch, applied.place.seq),
        applied.at,
        "",
        CORE_VERSION,
        "bench",
        codec.encode(applied.command),
        codec.digest(applied.effects),
    )


@asynccontextmanager
async def _redis() -> AsyncIterator[Redis]:
    """The private Redis, started as the supervisor starts it."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        home = Home.at(Path(folder) / "home")
        home.prepare()
        part = redis_part(home, find())
        quiet = asyncio.subprocess.DEVNULL
        server = await asyncio.create_subprocess_exec(*part.argv, stdout=quiet)
        try:
            if not await part.up():
                raise RuntimeError("the private Redis did not come up")
            async with Redis(unix_socket_path=str(home.redis_socket)) as redis:
                yield redis
        finally:
            server.terminate()
            await server.wait()
            home.discard_runtime()


# -- records ---------------------------------------------------------------------------------------


async def _records(entries: list[Applied], runs: int) -> Row:
    """As many entries to a transaction as the publisher takes, each transaction synced to disk."""
    rates = [await _publish(entries) for _ in range(runs)]
    return Row(
        f"records: entries written, {AT_ONCE} to a transaction",
        f"{max(rates):,.0f}/s",
        figures={"entries": len(entries), "a_second_by_run": [round(rate) for rate in rates]},
    )


async def _publish(entries: list[Applied]) -> float:
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-") as folder:
        url = f"sqlite:///{folder}/bench.db"
        await migrate(url)
        database = open_database(url)
        try:
            records = Records(database)
            await records.claim(1, CORE_VERSION)
            rows = [to_entry(applied, lambda _: None) for applied in entries]
            began = perf_counter()
            for start in range(0, len(rows), AT_ONCE):
                await records.apply(1, rows[start : start + AT_ONCE])
            return len(rows) / (perf_counter() - began)
        finally:
            await database.close()


# -- events ----------------------------------------------------------------------------------------


def _events(plan: Plan) -> Row:
    """A frame of Asterisk's to a typed event."""
    frame, count = json.dumps(STASIS_START).encode(), plan.choose(50_000, 5_000)
    rates = []
    for _ in range(plan.runs):
        began = thread_time()
        for _ in range(count):
            decode(frame)
        rates.append(count / (thread_time() - began))
    kept = {"a_second_by_run": [round(rate) for rate in rates]}
    return Row("events: frames decoded", f"{max(rates):,.0f}/s", figures=kept)
