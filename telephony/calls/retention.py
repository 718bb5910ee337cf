"""How long the journal remembers: entries past their time go, but never one that is still needed.

Needed is whatever came after the kept snapshot, and whatever has no row in SQL yet. What goes is
in the archive before: an entry may be in both for a while, but never in neither.
"""

from collections.abc import Callable
from contextlib import aclosing
from typing import Final

import structlog

from config.clockwork import every
from telephony.calls.archive import Archive, ArchiveFailed
from telephony.calls.journal import Journal, JournalAway, Place, Record

log = structlog.get_logger(__name__)

DAY: Final = 86_400.0
KEEP_DAYS: Final = 35
EVERY: Final = 3600.0  # seconds between two looks
AT_ONCE: Final = 5000  # entries in memory on their way to the archive


async def forget_old(
    journal: Journal,
    archive: Archive,
    clock: Callable[[], float],
    written: Callable[[], Place],
    days: float,
) -> None:
    """Look at once and then each hour, for ever. What is away or full is tried again later."""
    await _look(journal, archive, written(), clock(), days)
    async with aclosing(every(EVERY)) as hours:
        async for _ in hours:
            await _look(journal, archive, written(), clock(), days)


async def _look(
    journal: Journal, archive: Archive, written: Place, now: float, days: float
) -> None:
    try:
        expired = await archive.expire(now)  # first: it may be what makes room
        gone = await trim(journal, archive, written, now - days * DAY)
    except (JournalAway, ArchiveFailed) as failed:
        log.error("journal_not_trimmed", error=failed)
        return
    if gone:
        log.info("journal_trimmed", entries=gone)
    if expired:
        log.info("archive_expired", count=expired)


async def trim(journal: Journal, archive: Archive, written: Place, before: float) -> int:
    """Move entries older than the instant `before` to the archive; how many went.

    `written` is the last entry whose records are in SQL. Raises JournalAway or ArchiveFailed.
    """
    kept = await journal.snapshot()
    if kept is None:
        return 0
    limit = await _archived(journal, archive, min(kept.place, written), before)
    return await journal.trim(limit)


async def _archived(journal: Journal, archive: Archive, needed: Place, before: float) -> Place:
    """The place of the first entry that is needed or young enough; those before it are kept."""
    limit = needed
    batch: list[Record] = []
    async with aclosing(journal.read(None)) as records:
        async for record in records:
            if record.place >= needed or record.at >= before:
                limit = record.place
                break
            batch.append(record)
            if len(batch) == AT_ONCE:
                await archive.keep(batch)
                batch = []
    await archive.keep(batch)
    return limit
