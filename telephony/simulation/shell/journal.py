"""A journal in a list, with the grammar of the real one; it can be slow, away, or lose its end."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final, TypeVar

from telephony.calls.journal import JournalAway, KeptSnapshot, Place, Record, StaleEpoch
from telephony.simulation.shell.link import Bell, Link

T = TypeVar("T")
STEP: Final = 0.01  # seconds of virtual time
PATIENT: Final = 6_000  # steps; every caller is less patient


class FakeJournal:
    """One journal, whatever controllers come and go. `rounds` are the appends it answered."""

    def __init__(self, link: Link | None = None) -> None:
        self.records: list[Record] = []
        self.kept: KeptSnapshot | None = None
        self.rounds: list[int] = []
        self.latency = 0.0
        self.away = False  # it does not answer
        self.every: list[Record] = []  # whatever was ever appended, also if it was lost since
        self._link = link
        self._grown = Bell()
        self._times: dict[Place, float] = {}  # when each record was appended
        self._kept_at: list[tuple[float, KeptSnapshot]] = []  # the last two snapshots

    async def append(self, records: Sequence[Record]) -> None:
        """Each record above the last one, or it is refused and nothing after it is taken."""
        await self._ask("append", lambda: self._append(records))

    async def _append(self, records: Sequence[Record]) -> None:
        now = asyncio.get_running_loop().time()
        for record in records:
            if self.records and record.place <= self.records[-1].place:
                raise StaleEpoch(str(record.place))
            self.records.append(record)
            self.every.append(record)
            self._times[record.place] = now
        self.rounds.append(len(records))
        self._grown.call()

    async def keep(self, snapshot: KeptSnapshot) -> None:
        """Replace the kept snapshot, unless a later one is there."""
        await self._ask("keep", lambda: self._keep(snapshot))

    async def _keep(self, snapshot: KeptSnapshot) -> None:
        if self.kept is None or self.kept.place <= snapshot.place:
            self.kept = snapshot
            now = asyncio.get_running_loop().time()
            self._kept_at = [*self._kept_at[-1:], (now, snapshot)]

    async def snapshot(self) -> KeptSnapshot | None:
        """The kept snapshot."""
        return await self._ask("snapshot", lambda: _now(self.kept))

    async def read(self, after: Place | None) -> AsyncGenerator[Record, None]:
        """Every record after this place."""
        for record in await self._ask("read", lambda: self._read(after)):
            yield record

    async def _read(self, after: Place | None) -> list[Record]:
        if after is None:
            return self.records[:]
        if not self.records or self.records[-1].place <= after:
            return []
        return self.records[bisect_right(self.records, after, key=lambda each: each.place) :]

    async def news(self, after: Place | None, within: float) -> None:
        """Wait for a record after this place, but no longer than so many seconds."""
        await self._ask("news", lambda: self._news(after, within), waits=True)

    async def _news(self, after: Place | None, within: float) -> None:
        if not self.records or (after is not None and self.records[-1].place <= after):
            await self._grown.wait(within)

    async def last(self) -> Place | None:
        """The place of the last record."""
        return await self._ask("last", self._last)

    async def _last(self) -> Place | None:
        return self.records[-1].place if self.records else None

    async def holds(self, places: Sequence[Place]) -> bool:
        """Whether every one of these records is there."""
        return await self._ask("holds", lambda: self._holds(places))

    async def _holds(self, places: Sequence[Place]) -> bool:
        return all(self._has(place) for place in places)

    def _has(self, place: Place) -> bool:
        at = bisect_left(self.records, place, key=lambda each: each.place)
        return at < len(self.records) and self.records[at].place == place

    async def trim(self, before: Place) -> int:
        """Drop what is older than this place."""
        return await self._ask("trim", lambda: self._trim(before))

    async def _trim(self, before: Place) -> int:
        kept = [record for record in self.records if record.place >= before]
        gone, self.records = len(self.records) - len(kept), kept
        return gone

    @property
    def kept_at(self) -> float | None:
        """When the kept snapshot was kept."""
        return self._kept_at[-1][0] if self._kept_at else None

    # What a simulation does to it.

    def forget(self) -> None:
        """Drop what the kept snapshot stands for, and what was only remembered for a judge."""
        kept = self.kept
        self.records = [each for each in self.records if kept is None or each.place >= kept.place]
        self._times = {each.place: self._times[each.place] for each in self.records}
        self.every.clear()
        self.rounds.clear()

    def flush(self) -> None:
        """Everything in it is gone."""
        self.records.clear()
        self._times.clear()
        self._kept_at.clear()
        self.kept = None

    def roll_back(self, to: float) -> None:
        """What came after this moment never reached the disk."""
        self.records = [each for each in self.records if self._times[each.place] <= to]
        self._kept_at = [(at, kept) for at, kept in self._kept_at if at <= to]
        self.kept = self._kept_at[-1][1] if self._kept_at else None

    async def _ask(self, name: str, serve: Callable[[], Awaitable[T]], *, waits: bool = False) -> T:
        if self._link is not None:
            return await self._link.carry(name, serve, waits=waits)
        await self._answer()
        return await serve()

    async def _answer(self) -> None:
        """Like a server that is stopped: it answers once it goes on, if anybody still waits."""
        for _ in range(PATIENT):
            if not self.away:
                break
            await asyncio.sleep(STEP)
        else:
            raise JournalAway("no answer")
        await asyncio.sleep(self.latency)  # the way there, in virtual time


async def _now(value: T) -> T:
    return value
