"""Entries on their way into the journal, however long it is away.

What the journal did not confirm is kept, in order. When it answers again it gets what it lacks, so
that a stall leaves no hole. Only when entries are gone for good (it came back without its end, or
more was applied meanwhile than is kept) a mark says so, and a snapshot must follow it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from telephony.calls.journal import AT_ONCE, Journal, JournalAway, Place, Record, StaleEpoch

log = structlog.get_logger(__name__)

PATIENCE: Final = 0.05  # seconds without an answer of the journal
RETRY: Final = 0.5  # seconds that one attempt to catch up may take
AGAIN: Final = 0.1  # seconds between two of them: whoever dies meanwhile leaves a hole
MOST: Final = 10_000  # entries that are kept for a journal that is away


class Appender:
    """Appends for one leader. `leave_mark` numbers the mark of a hole, `regained` is told."""

    def __init__(
        self,
        journal: Journal,
        begin: Place,
        leave_mark: Callable[[], Record],
        regained: Callable[[], None],
    ) -> None:
        self.away = False  # the journal does not answer
        self._journal = journal
        self._epoch = begin.epoch
        self._leave_mark = leave_mark
        self._regained = regained
        self._lost = asyncio.Event()
        self._missed: list[Record] = []  # what the journal has not confirmed
        self._hole = False  # something that it had, or should have got, is gone for good
        self._told = begin  # what is no later than this is in a snapshot, or not to be had
        self._appended: list[Place] = []  # the entry that the journal took last
        self._looked_at: list[Place] = []  # the one that it had when we last looked back

    async def append(self, records: Sequence[Record]) -> None:
        """Returns when they are there, or nobody can wait longer. Raises StaleEpoch."""
        records = [record for record in records if record.place > self._told]
        if self.away or not records:
            self._keep(records)
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._journal.append(records)
            self._appended = [records[-1].place]
        except (JournalAway, TimeoutError) as trouble:
            self._keep(records)
            self._lose()
            log.error("journal_away", error=trouble)

    async def look_back(self) -> None:
        """A journal that forgot what it took, all of it or its last second, counts as away."""
        known, self._looked_at = [*self._looked_at, *self._appended], self._appended
        try:
            async with asyncio.timeout(PATIENCE):
                whole = self.away or await self._journal.holds(known)
        except (JournalAway, TimeoutError):
            return  # the next entry will tell
        if not whole:
            self._hole = True
            self._lose()
            log.error("journal_forgot")

    async def regain(self) -> None:
        """Catch the journal up whenever it was away, for ever. Raises StaleEpoch."""
        while True:
            await self._lost.wait()
            await asyncio.sleep(AGAIN)  # noqa: TID251 -- the back-off of this edge
            await self.come_back()

    async def come_back(self) -> None:
        """Once the journal answers again. What is applied meanwhile waits for its turn."""
        if not self.away:
            return
        try:
            async with asyncio.timeout(RETRY):
                await self._catch_up()
        except (JournalAway, TimeoutError):
            return
        self.away = self._hole = False
        self._lost.clear()
        self._looked_at = self._appended
        log.info("journal_back")
        self._regained()

    async def _catch_up(self) -> None:
        last = await self._last()
        if self._hole or not self._follows(last):
            mark = self._leave_mark()
            self._told, self._missed = mark.place, [mark]
        elif last is not None:
            self._confirmed(last)
        while self._missed:
            await self._push(self._missed[:AT_ONCE])

    async def _push(self, batch: list[Record]) -> None:
        try:
            await self._journal.append(batch)
        except StaleEpoch:  # or one of ours that was given up has arrived after all
            last = await self._last()
            if last is None or last < batch[0].place:
                raise
            self._confirmed(last)
        else:
            self._confirmed(batch[-1].place)

    def _confirmed(self, last: Place) -> None:
        self._missed = [record for record in self._missed if record.place > last]
        if last.epoch == self._epoch:
            self._appended = [last]

    def _follows(self, last: Place | None) -> bool:
        """Whether what was missed is all that is missing: one leader's numbers have no hole."""
        if not self._missed:
            return True
        first = self._missed[0].place
        if last is None:
            return first.epoch <= 1 and first.seq <= 1
        return last.seq + 1 >= first.seq if last.epoch == first.epoch else first.seq <= 1

    async def _last(self) -> Place | None:
        """Raises StaleEpoch when it is another leader's."""
        last = await self._journal.last()
        if last is not None and last.epoch > self._epoch:
            raise StaleEpoch(str(last))
        return last

    def _keep(self, records: Sequence[Record]) -> None:
        """Until it can be appended; more than `MOST` is a hole, which costs no memory."""
        self._missed += records
        if len(self._missed) > MOST:
            self._hole = True
            self._missed.clear()

    def _lose(self) -> None:
        self.away = True
        self._lost.set()
