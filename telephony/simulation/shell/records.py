"""Records in dictionaries: what the publisher wrote, fenced and counted once like in SQL."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from config.database import DatabaseFailed
from telephony.caller_id import E164, Caller, CallerKind
from telephony.simulation.shell.link import Link
from telephony.store import changes as row
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.store.drafts import CallDraft, grown
from telephony.store.fence import Cursor, StaleEpoch

T = TypeVar("T")
ELSEWHERE = row.NotOfCall  # no citizen's
Entry = tuple[int, Sequence[row.Change]]


BUSY: Final = 5.0  # seconds that whoever writes waits for a lock
LOOKS_EVERY: Final = 0.25  # seconds between two tries


class FakeRecords:
    """The records of one site. `away` makes everything fail, `read_only` and `locked` writes."""

    def __init__(self, link: Link | None = None) -> None:
        self._link = link
        self.changes: list[row.Change] = []
        self.leader = 0
        self.cursor = Cursor(0, -1)
        self.away = False
        self.read_only = False  # or there is no room left
        self.locked = False  # somebody holds the write lock
        self._drafts: dict[str, CallDraft] = {}
        self._notes: dict[str, list[TimelineEvent]] = {}
        self._folded: list[row.Change] = []  # the changes that are in the two
        self.writes = 0
        self.claims: list[int] = []

    async def claim(self, epoch: int, core_version: str = "") -> Cursor:
        """Shut out every older leader."""
        return await self._ask("claim", lambda: self._claim(epoch))

    async def _claim(self, epoch: int) -> Cursor:
        await self._let_write()
        self._hold(epoch)
        self.claims.append(epoch)
        return self.cursor

    async def epoch(self) -> int:
        """The newest leader's epoch."""
        return await self._ask("epoch", self._epoch)

    async def _epoch(self) -> int:
        self._hold(self.leader)
        return self.leader

    async def call(self, call: str) -> CallRecord | None:
        """One call, open or over."""
        return await self._ask("call", lambda: self._call(call))

    async def _call(self, call: str) -> CallRecord | None:
        self._hold(self.leader)
        self._fold()
        draft = self._drafts.get(call)
        return None if draft is None else _record(draft, self._notes.get(call, []))

    async def modes_on(self) -> list[row.ModeBegan]:
        """Modes that nobody has ended."""
        return await self._ask("modes_on", self._modes_on)

    async def _modes_on(self) -> list[row.ModeBegan]:
        self._hold(self.leader)
        ended = {(c.mode, c.since) for c in self.changes if isinstance(c, row.ModeEnded)}
        began = [c for c in self.changes if isinstance(c, row.ModeBegan)]
        return [each for each in began if (each.mode, each.since) not in ended]

    async def open_calls(self) -> list[CallRecord]:
        """Calls that are not over."""
        return await self._ask("open_calls", self._open_calls)

    async def _open_calls(self) -> list[CallRecord]:
        self._hold(self.leader)
        self._fold()
        drafts = [draft for draft in self._drafts.values() if draft.outcome is None]
        return [_record(draft, self._notes.get(draft.id, [])) for draft in drafts]

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Take each entry once, in one transaction."""
        writer = epoch if leader is None else leader
        await self._ask("apply", lambda: self._apply(epoch, entries, writer))

    async def _apply(self, epoch: int, entries: Sequence[Entry], writer: int) -> None:
        await self._let_write()
        self._hold(writer)
        self.writes += 1
        for seq, changes in entries:
            if Cursor(epoch, seq) > self.cursor:
                self.changes += changes
                self.cursor = Cursor(epoch, seq)

    async def add(self, leader: int, changes: Sequence[row.Change]) -> None:
        """Write what comes from no journal entry."""
        await self._ask("add", lambda: self._add(leader, changes))

    async def _add(self, leader: int, changes: Sequence[row.Change]) -> None:
        await self._let_write()
        self._hold(leader)
        self.changes += [change for change in changes if change not in self.changes]

    @property
    def inputs(self) -> dict[tuple[str, str], str]:
        """What callers typed where a flow asked for it."""
        kept = (each for each in self.changes if isinstance(each, row.InputKept))
        return {(each.call, each.field): each.value for each in kept}

    def states(self) -> dict[str | int, str]:
        """What each agent and line is, by the interval of theirs that is open."""
        moves = (each for each in self.changes if isinstance(each, row.AgentMoved | row.LineMoved))
        return {_subject(each): each.state for each in moves}

    def opened(self) -> list[str]:
        """The calls that have a record."""
        calls = (each.call for each in self.changes if isinstance(each, row.CallOpened))
        return list(dict.fromkeys(calls))  # opened again, a record is the same record

    def closed(self) -> list[row.CallClosed]:
        """The terminal records."""
        return [each for each in self.changes if isinstance(each, row.CallClosed)]

    def calls(self) -> list[CallRecord]:
        """Every call's record, as SQL would tell it."""
        self._fold()
        return [_record(draft, self._notes.get(call, [])) for call, draft in self._drafts.items()]

    def _fold(self) -> None:
        """Take in what was written since the last look; from the start if a test wrote itself."""
        known = len(self._folded)
        if known and (known > len(self.changes) or self.changes[known - 1] is not self._folded[-1]):
            self._drafts, self._notes, self._folded, known = {}, {}, [], 0
        fresh = self.changes[known:]
        self._folded += fresh
        for change in fresh:
            if isinstance(change, ELSEWHERE):
                continue
            self._drafts[change.call] = grown(self._drafts.get(change.call), change)
            if isinstance(change, row.CallNoted):
                event = TimelineEvent(change.at, change.event, change.detail)
                self._notes.setdefault(change.call, []).append(event)

    async def _let_write(self) -> None:
        if self.read_only:
            raise DatabaseFailed("attempt to write a readonly database")
        waited = 0.0
        while self.locked:
            if waited >= BUSY:
                raise DatabaseFailed("database is locked")
            waited += LOOKS_EVERY
            await asyncio.sleep(LOOKS_EVERY)

    async def _ask(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        return await (serve() if self._link is None else self._link.carry(name, serve))

    def _hold(self, epoch: int) -> None:
        if self.away:
            raise DatabaseFailed("no answer")
        if epoch < self.leader:
            raise StaleEpoch(f"epoch {epoch} is behind {self.leader}")
        self.leader = epoch


def _subject(move: row.AgentMoved | row.LineMoved) -> str | int:
    return move.agent if isinstance(move, row.AgentMoved) else move.line


def _record(draft: CallDraft, notes: list[TimelineEvent]) -> CallRecord:
    kind = CallerKind(draft.caller_kind or CallerKind.UNKNOWN)
    number = None if draft.caller_number is None else E164(draft.caller_number)
    return CallRecord(
        draft.id,
        draft.arrived_at,
        draft.line,
        Caller(number, kind, kind.label),
        draft.dialled,
        draft.menu_path,
        draft.queue,
        draft.agent,
        draft.outcome,
        draft.overflow_reason,
        draft.waited,
        draft.talked,
        draft.held,
        draft.wrapped_up,
        draft.ended_at,
        draft.hung_up_by,
        tuple(notes),
    )
