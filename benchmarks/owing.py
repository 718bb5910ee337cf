"""The ledger of callbacks with 100,000 obligations: a page of the worklist, the balance, opening.

The page is what the desk asks for it (its rows, the latest results, the counts above them); the
balance is the whole proof from the records of calls. Times are those of the wall, on a file of
SQLite as the desk has it. Opening is the controller's own transaction, each call by itself.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.measure import Sample, milliseconds
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.database import Database, open_database
from telephony.caller_id import E164, Caller, CallerKind
from telephony.store.changes import CallClosed, CallNoted, CallOpened, Change
from telephony.store.migrate import migrate
from telephony.store.owing_audit import OwingAudit
from telephony.store.records import Records
from telephony.store.words import HungUpBy, Outcome
from telephony.store.worklist import Worklist

AT: Final = 1_795_305_600.0
PAGE: Final = 100  # lines, as the desk shows them
PAGE_WITHIN: Final = 0.2
BALANCE_WITHIN: Final = 1.0
OPENED_A_SECOND: Final = 50.0
AT_ONCE: Final = 500  # calls in a transaction while it is filled
ANSWERED_EVERY: Final = 3  # of three callers one rings again and is answered


def run(plan: Plan) -> list[Row]:
    """Its targets."""
    return asyncio.run(_measured(plan))


async def _measured(plan: Plan) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mado-bench-") as home:
        url = f"sqlite:///{Path(home) / 'owing.db'}"
        await migrate(url)
        database = open_database(url)
        try:
            return await _rows(database, plan)
        finally:
            await database.close()


async def _rows(database: Database, plan: Plan) -> list[Row]:
    count = plan.choose(100_000, 2_000)
    records = Records(database)
    await records.begin_owing(1, AT)
    await records.read_former(1)
    await _fill(records, count)
    worklist, audit = Worklist(database), OwingAudit(database)
    middle = (await worklist.open(count // 3))[-1]

    async def first() -> None:
        await _page(worklist, None)

    async def later() -> None:
        await _page(worklist, (middle.due_at, middle.no))

    async def whole() -> None:
        found = await audit.whole()
        assert found.sound
        assert found.balance.opened == count

    pages, proofs = plan.choose(50, 3), plan.choose(10, 1)
    return [
        await _row(f"owing: first page of {count:,}", first, pages, PAGE_WITHIN, plan),
        await _row(f"owing: a page in the middle of {count:,}", later, pages, PAGE_WITHIN, plan),
        await _row(f"owing: balance and proof of {count:,}", whole, proofs, BALANCE_WITHIN, plan),
        await _opening(records, count, plan),
    ]


async def _page(worklist: Worklist, after: tuple[float, int] | None) -> None:
    found = await worklist.open(PAGE + 1, after)
    assert len(found) == PAGE + 1
    ids = [each.id for each in found]
    await worklist.results(ids)
    await worklist.wishes(ids)
    await worklist.counts(AT, AT)


async def _fill(records: Records, count: int) -> None:
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        await records.add(1, [change for number in numbers for change in _gave_up(number)])
        again = [number for number in numbers if number % ANSWERED_EVERY == 0]
        await records.add(1, [change for number in again for change in _answered(number)])


async def _opening(records: Records, count: int, plan: Plan) -> Row:
    calls = plan.choose(300, 20)
    rates = []
    for run_ in range(plan.runs):
        began = perf_counter()
        for number in range(calls):
            await records.add(1, _gave_up(count + run_ * calls + number))
        rates.append(calls / (perf_counter() - began))
    best = max(rates)
    return Row(
        f"owing: opened one by one beside {count:,}",
        f"{best:.0f} a second",
        target=f"≥ {OPENED_A_SECOND:.0f} a second",
        met=best >= OPENED_A_SECOND,
        figures={"runs": [round(rate, 1) for rate in rates]},
    )


def _caller(number: int) -> Caller:
    return Caller(E164(f"+8100000{number:06}"), CallerKind.FIXED, "", "", None)


def _gave_up(number: int) -> Sequence[Change]:
    call, at = f"c{number}", AT + number
    closed = CallClosed(call, at + 60, Outcome.ABANDONED, None, 50.0, 0.0, 0.0, HungUpBy.CALLER)
    noted = CallNoted(call, at + 5, "queued", {"queue": "general"})
    return CallOpened(call, at, 1, "0942000100", _caller(number)), noted, closed


def _answered(number: int) -> Sequence[Change]:
    call, at = f"d{number}", AT + number + 300
    return (
        CallOpened(call, at, 1, "0942000100", _caller(number)),
        CallNoted(call, at + 5, "connected", {"agent": "a01"}),
        CallClosed(call, at + 65, Outcome.ANSWERED, None, 5.0, 60.0, 0.0, HungUpBy.CALLER),
    )


async def _row(
    what: str, ask: Callable[[], Awaitable[None]], times: int, limit: float, plan: Plan
) -> Row:
    runs = []
    for _ in range(plan.runs):
        taken = []
        for _ in range(times):
            began = perf_counter()
            await ask()
            taken.append(perf_counter() - began)
        runs.append(Sample(tuple(taken)))
    best = min(runs, key=lambda each: each.at(95))
    return Row(
        what,
        f"{milliseconds(best.median)} ms (p95 {milliseconds(best.at(95))})",
        target=f"p95 ≤ {milliseconds(limit)} ms",
        met=best.at(95) <= limit,
        figures={"runs": [each.figures() for each in runs]},
    )
