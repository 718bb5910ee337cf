"""How long the journal remembers: entries past their time go, but never one that is still needed.

Needed is whatever came after the kept snapshot, and whatever has no row in SQL yet.
"""

from collections.abc import Callable
from contextlib import aclosing
from typing import Final

import structlog

from telephony.calls.clockwork import every
from telephony.calls.journal import Journal, JournalAway, Place

log = structlog.get_logger(__name__)

DAY: Final = 86_400.0
KEEP_DAYS: Final = 35
EVERY: Final = 3600.0  # seconds between two looks


async def forget_old(
    journal: Journal, clock: Callable[[], float], written: Callable[[], Place], days: float
) -> None:
    """Look at once and then each hour, for ever. A journal that is away is looked at later."""
    await _look(journal, written(), clock() - days * DAY)
    async with aclosing(every(EVERY)) as hours:
        async for _ in hours:
            await _look(journal, written(), clock() - days * DAY)


async def _look(journal: Journal, written: Place, before: float) -> None:
    try:
        gone = await trim(journal, written, before)
    except JournalAway as away:
        log.error("journal_not_trimmed", error=away)
        return
    if gone:
        log.info("journal_trimmed", entries=gone)


async def trim(journal: Journal, written: Place, before: float) -> int:
    """Drop entries older than the instant `before`; how many went. Raises JournalAway.

    `written` is the last entry whose records are in SQL.
    """
    kept = await journal.snapshot()
    if kept is None:
        return 0
    oldest = await _first_since(journal, before)
    wanted = (kept.place, written) if oldest is None else (kept.place, written, oldest)
    return await journal.trim(min(wanted))


async def _first_since(journal: Journal, instant: float) -> Place | None:
    """The first entry that is young enough; what comes before is about one look's worth."""
    async with aclosing(journal.read(None)) as records:
        async for record in records:
            if record.at >= instant:
                return record.place
    return None
