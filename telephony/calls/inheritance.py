"""What former leaders promised and did not write: from the spool of this home and the journal.

SQL has all of it before a new leader's own rows, and nothing of it twice: the fence's cursor says
how far it had come. The journal knows nobody's number; the spool does, but only of this machine.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Final, Protocol

import structlog

from config.database import DatabaseFailed
from telephony.acd.model import CallId
from telephony.caller_id import Caller, CallerKind
from telephony.calls.engine import Applied
from telephony.calls.owed import Owed
from telephony.calls.publisher import Entry, to_entry
from telephony.store import changes as row

log = structlog.get_logger(__name__)

SQL_WITHIN: Final = 1.0  # seconds that a takeover waits for SQL; its calls wait as long


class Writer(Protocol):
    """What settling needs of the store; everything raises DatabaseFailed and StaleEpoch."""

    async def epoch(self) -> int:
        """The newest leader's epoch that the database has seen."""

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Write entries in one transaction."""

    async def add(self, leader: int, changes: Sequence[row.Change]) -> None:
        """Write what comes from no journal entry."""


async def promptly(work: Callable[[], Awaitable[object]]) -> bool:
    """Have SQL do it; False when it does not answer, or not in time."""
    try:
        async with asyncio.timeout(SQL_WITHIN):
            await work()
    except (DatabaseFailed, TimeoutError) as away:
        log.error("records_away", error=away)
        return False
    return True


async def newest_epoch(
    in_asterisk: int, records: Writer, here: Callable[[], Awaitable[int]]
) -> int:
    """The newest epoch that SQL, Asterisk or this home (`here`) knows of.

    SQL may be away: whoever led with calls up told Asterisk, and whoever led here left a mark.
    """
    known = [in_asterisk, await here()]

    async def ask() -> None:
        known.append(await records.epoch())

    await promptly(ask)
    return max(known)


def merged(spooled: Sequence[Owed], replayed: Sequence[Applied]) -> list[Owed]:
    """Each entry once, in the journal's order, as the spool has it if it does."""
    entries = {}
    for applied in replayed:
        seq, changes = to_entry(applied, lambda _: None)
        entries[applied.place.epoch, seq] = Owed(applied.place.epoch, seq, tuple(changes))
    for owed in spooled:
        if owed.seq is not None:
            entries[owed.epoch, owed.seq] = owed
    return [*(entries[place] for place in sorted(entries)), *_placeless(spooled)]


def _placeless(spooled: Sequence[Owed]) -> list[Owed]:
    """Of no entry. A leader elsewhere may have written a call without knowing who it was."""
    found = [owed for owed in spooled if owed.seq is None]
    who = [each for owed in spooled for each in owed.changes if isinstance(each, row.CallOpened)]
    epoch = max((owed.epoch for owed in spooled), default=0)
    return [*found, *([Owed(epoch, None, tuple(who))] if who else [])]


async def settle(records: Writer, leader: int, owed: Sequence[Owed]) -> None:
    """Write all of it. Raises DatabaseFailed and StaleEpoch."""
    for epoch, group in groupby(owed, key=lambda each: None if each.seq is None else each.epoch):
        batch = list(group)
        if epoch is None:
            await records.add(leader, [change for each in batch for change in each.changes])
        else:
            entries = [(each.seq, each.changes) for each in batch if each.seq is not None]
            await records.apply(epoch, entries, leader=leader)


def who_called(owed: Sequence[Owed]) -> dict[CallId, Caller]:
    """Callers whom the promises name."""
    opened = (each for one in owed for each in one.changes if isinstance(each, row.CallOpened))
    return {
        CallId(each.call): each.caller
        for each in opened
        if each.caller is not None and each.caller.kind is not CallerKind.UNKNOWN
    }
