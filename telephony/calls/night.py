"""What the ledger of callbacks does by itself: read earlier calls, and prove itself each night.

The proof reads everything again from the records of calls. What does not agree is an alarm until a
later proof is sound: nothing is repaired by itself, because nobody knows which of two is right.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import structlog

from config.clockwork import every
from config.database import DatabaseFailed
from telephony.calls.callbacks import LedgerReader
from telephony.store.call_record import JAPAN
from telephony.store.owing_audit import Audit

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = 5.0  # seconds between two looks whether it is time
HOUR: Final = 3  # of the night, when nobody calls


class Ledger(LedgerReader, Protocol):
    """The ledger in SQL; everything raises DatabaseFailed, and StaleEpoch where it writes."""

    async def begin_owing(self, leader: int, now: float) -> None:
        """Note what is agreed from now on."""

    async def read_former(self, leader: int) -> bool:
        """Open what earlier calls owe, some at a time; whether there may be more."""

    async def proof(self) -> Audit:
        """Everything again, from the records of calls."""


class NightWatch:
    """Reads what was before, then proves at once and each night."""

    def __init__(self, ledger: Ledger, epoch: int, now: Callable[[], float]) -> None:
        self.faults = 0  # of the last proof
        self._ledger = ledger
        self._epoch = epoch
        self._now = now
        self._begun = False
        self._proved_on = ""

    async def run(self) -> None:
        """For ever; while SQL is away it is tried again."""
        async for _ in every(LOOK_EVERY):
            try:
                await self.look()
            except DatabaseFailed as away:
                log.error("callbacks_not_proved", error=away)

    async def look(self) -> None:
        """Whatever is due. Raises DatabaseFailed."""
        if not self._begun:
            await self._ledger.begin_owing(self._epoch, self._now())
            while await self._ledger.read_former(self._epoch):
                pass
            self._begun = True
        civil = datetime.fromtimestamp(self._now(), JAPAN)
        today = civil.date().isoformat()
        if self._proved_on == today or (self._proved_on and civil.hour < HOUR):
            return
        found = await self._ledger.proof()
        self._proved_on, self.faults = today, len(found.faults)
        if not found.sound:
            log.error("callbacks_unsound", count=max(1, self.faults))
