"""Records in dictionaries: what the publisher wrote, fenced and counted once like in SQL."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from config.database import DatabaseFailed
from telephony.caller_id import Caller, CallerKind
from telephony.simulation.shell.link import Link
from telephony.store import changes as row
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.store.drafts import CallDraft, grown
from telephony.store.fence import Cursor, StaleEpoch

T = TypeVar("T")
ELSEWHERE = row.OwnCallClosed | row.AgentMoved | row.LineMoved | row.InputKept  # no citizen's
Entry = tuple[int, Sequence[row.Change]]


class FakeRecords:
    """The records of one site. `away` makes every write fail."""

    def __init__(self, link: Link | None = None) -> None:
        self._link = link
        self.changes: list[row.Change] = []
        self.leader = 0
        self.cursor = Cursor(0, -1)
        self.away = False
        self.writes = 0
        self.claims: list[int] = []

    async def claim(self, epoch: int, core_version: str = "") -> Cursor:
        """Shut out every older leader."""
        return await self._ask("claim", lambda: self._claim(epoch))

    async def _claim(self, epoch: int) -> Cursor:
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
        return next((each for each in self.calls() if each.id == call), None)

    async def open_calls(self) -> list[CallRecord]:
        """Calls that are not over."""
        return await self._ask("open_calls", self._open_calls)

    async def _open_calls(self) -> list[CallRecord]:
        self._hold(self.leader)
        return [each for each in self.calls() if each.outcome is None]

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Take each entry once, in one transaction."""
        writer = epoch if leader is None else leader
        await self._ask("apply", lambda: self._apply(epoch, entries, writer))

    async def _apply(self, epoch: int, entries: Sequence[Entry], writer: int) -> None:
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
        self._hold(leader)
        self.changes += [change for change in changes if change not in self.changes]

    @property
    def inputs(self) -> dict[tuple[str, str], str]:
        """What callers typed where a flow asked for it."""
        kept = (each for each in self.changes if isinstance(each, row.InputKept))
        return {(each.call, each.field): each.value for each in kept}

    def opened(self) -> list[str]:
        """The calls that have a record."""
        calls = (each.call for each in self.changes if isinstance(each, row.CallOpened))
        return list(dict.fromkeys(calls))  # opened again, a record is the same record

    def closed(self) -> list[row.CallClosed]:
        """The terminal records."""
        return [each for each in self.changes if isinstance(each, row.CallClosed)]

    def calls(self) -> list[CallRecord]:
        """Every call's record, as SQL would tell it."""
        drafts: dict[str, CallDraft] = {}
        notes: dict[str, list[TimelineEvent]] = {}
        for change in self.changes:
            if isinstance(change, ELSEWHERE):
                continue
            drafts[change.call] = grown(drafts.get(change.call), change)
            if isinstance(change, row.CallNoted):
                event = TimelineEvent(change.at, change.event, change.detail)
                notes.setdefault(change.call, []).append(event)
        return [_record(draft, notes.get(call, [])) for call, draft in drafts.items()]

    async def _ask(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        return await (serve() if self._link is None else self._link.carry(name, serve))

    def _hold(self, epoch: int) -> None:
        if self.away:
            raise DatabaseFailed("no answer")
        if epoch < self.leader:
            raise StaleEpoch(f"epoch {epoch} is behind {self.leader}")
        self.leader = epoch


def _record(draft: CallDraft, notes: list[TimelineEvent]) -> CallRecord:
    kind = CallerKind(draft.caller_kind or CallerKind.UNKNOWN)
    return CallRecord(
        draft.id,
        draft.arrived_at,
        draft.line,
        Caller(None, kind, kind.label),
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
