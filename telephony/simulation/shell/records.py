"""Records in dictionaries: what the publisher wrote, fenced and counted once like in SQL."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from config.database import DatabaseFailed
from telephony.caller_id import identify
from telephony.store import changes as row
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.store.drafts import CallDraft, grown
from telephony.store.fence import Cursor, StaleEpoch

Entry = tuple[int, Sequence[row.Change]]


class FakeRecords:
    """The records of one site. `away` makes every write fail."""

    def __init__(self) -> None:
        self.changes: list[row.Change] = []
        self.inputs: dict[tuple[str, str], str] = {}
        self.leader = 0
        self.cursor = Cursor(0, -1)
        self.away = False
        self.writes = 0

    async def claim(self, epoch: int, core_version: str = "") -> Cursor:
        """Shut out every older leader."""
        self._hold(epoch)
        return self.cursor

    async def epoch(self) -> int:
        """The newest leader's epoch."""
        self._hold(self.leader)
        return self.leader

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Take each entry once, in one transaction."""
        self._hold(epoch if leader is None else leader)
        self.writes += 1
        for seq, changes in entries:
            if Cursor(epoch, seq) > self.cursor:
                self.changes += changes
                self.cursor = Cursor(epoch, seq)

    async def keep_input(self, leader: int, call: str, field: str, value: str, at: float) -> None:
        """What a caller typed where a flow asked for it."""
        self._hold(leader)
        self.inputs[call, field] = value

    async def add(self, leader: int, changes: Sequence[row.Change]) -> None:
        """Write what comes from no journal entry."""
        self._hold(leader)
        self.changes += [change for change in changes if change not in self.changes]

    async def open_calls(self) -> list[CallRecord]:
        """Calls that are not over."""
        return [each for each in await self._all() if each.outcome is None]

    async def call(self, call: str) -> CallRecord | None:
        """One call, open or over."""
        return next((each for each in await self._all() if each.id == call), None)

    async def _all(self) -> list[CallRecord]:
        self._hold(self.leader)
        drafts: dict[str, CallDraft] = {}
        for change in self.changes:
            if not isinstance(change, row.AgentMoved | row.LineMoved):
                drafts[change.call] = grown(drafts.get(change.call), change)
        return [self._record(draft) for draft in drafts.values()]

    def _record(self, draft: CallDraft) -> CallRecord:
        notes = [n for n in self.changes if isinstance(n, row.CallNoted) and n.call == draft.id]
        kept = {each.name for each in fields(CallRecord)}
        values = {key: value for key, value in asdict(draft).items() if key in kept}
        timeline = tuple(TimelineEvent(note.at, note.event, note.detail) for note in notes)
        return CallRecord(**values, caller=identify("", "", "", trust_pai=True), timeline=timeline)

    def opened(self) -> list[str]:
        """The calls that have a record."""
        calls = (each.call for each in self.changes if isinstance(each, row.CallOpened))
        return list(dict.fromkeys(calls))  # opened again, a record is the same record

    def closed(self) -> list[row.CallClosed]:
        """The terminal records."""
        return [each for each in self.changes if isinstance(each, row.CallClosed)]

    def _hold(self, epoch: int) -> None:
        if self.away:
            raise DatabaseFailed("no answer")
        if epoch < self.leader:
            raise StaleEpoch(f"epoch {epoch} is behind {self.leader}")
        self.leader = epoch
