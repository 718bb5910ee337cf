"""A journal in a list, with the grammar of the real one; it can be slow, or away."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from telephony.calls.journal import JournalAway, KeptSnapshot, Place, Record, StaleEpoch


class FakeJournal:
    """One journal, whatever controllers come and go. `rounds` are the appends it answered."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.kept: KeptSnapshot | None = None
        self.rounds: list[int] = []
        self.latency = 0.0
        self.away = False  # it does not answer

    async def append(self, records: Sequence[Record]) -> None:
        """Each record above the last one, or it is refused and nothing after it is taken."""
        await self._answer()
        for record in records:
            if self.records and record.place <= self.records[-1].place:
                raise StaleEpoch(str(record.place))
            self.records.append(record)
        self.rounds.append(len(records))

    async def keep(self, snapshot: KeptSnapshot) -> None:
        """Replace the kept snapshot, unless a later one is there."""
        await self._answer()
        if self.kept is None or self.kept.place <= snapshot.place:
            self.kept = snapshot

    async def snapshot(self) -> KeptSnapshot | None:
        """The kept snapshot."""
        await self._answer()
        return self.kept

    async def read(self, after: Place | None) -> AsyncGenerator[Record, None]:
        """Every record after this place."""
        await self._answer()
        for record in self.records[:]:
            if after is None or record.place > after:
                yield record

    async def last(self) -> Place | None:
        """The place of the last record."""
        await self._answer()
        return self.records[-1].place if self.records else None

    async def trim(self, before: Place) -> int:
        """Drop what is older than this place."""
        await self._answer()
        kept = [record for record in self.records if record.place >= before]
        gone, self.records = len(self.records) - len(kept), kept
        return gone

    async def _answer(self) -> None:
        """Like a server that is stopped: nothing comes back until the caller gives up."""
        if self.away:
            await asyncio.sleep(60.0)  # virtual time; every caller is less patient
            raise JournalAway("no answer")
        await asyncio.sleep(self.latency)  # the way there, in virtual time
