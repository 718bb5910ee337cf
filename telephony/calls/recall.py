"""Modes that the journal may have lost: each is a row in SQL, and a new leader looks there.

Whoever says that the lines are closed must not have to say it again because a disk was lost. The
records are asked once everything that former leaders owed them is written; while SQL is away, what
the journal knows holds.
"""

from collections.abc import Callable
from typing import Final

import structlog

from config.clockwork import attempts
from config.database import DatabaseFailed
from telephony.acd.model import Instant
from telephony.calls.promises import RecordReader
from telephony.centre.commands import ModeOnRecord, ModesOnRecord
from telephony.centre.core import Centre
from telephony.store.changes import ModeBegan

log = structlog.get_logger(__name__)

RECALL_EVERY: Final = 1.0  # seconds between two attempts


async def recall_modes(
    records: RecordReader,
    behind: Callable[[], int],
    centre: Callable[[], Centre],
    now: Callable[[], Instant],
    submit: Callable[[ModesOnRecord], None],
) -> None:
    """Have on what the records say is; once, at the beginning."""
    async for _ in attempts(RECALL_EVERY):
        if behind():
            continue
        known_at = now()
        try:
            found = await records.modes_on()
        except DatabaseFailed as away:
            log.error("modes_not_recalled", error=away)
            continue
        present = {(each.mode, each.since) for each in centre().floor.modes.values()}
        if present != {(each.mode, each.since) for each in found}:
            log.warning("modes_recalled", count=len(found))
            submit(ModesOnRecord(tuple(map(_on_record, found)), known_at))
        return


def _on_record(row: ModeBegan) -> ModeOnRecord:
    since, until = Instant(row.since), Instant(row.until)
    return ModeOnRecord(row.mode, since, until, row.by, row.closes, row.prompt)
