"""Effects that are news, as rows: one writer, in order, each exactly once.

What waits for SQL longer than `SLOW`, or while it is known to be away, goes to the spool: with one
of them it is kept, and whoever asked for it may be answered. The spool is emptied when SQL has
everything.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Final, Protocol

import structlog

from config.database import DatabaseFailed
from telephony.acd import effects as acd_fx
from telephony.acd.model import CallId
from telephony.caller_id import Caller
from telephony.calls.engine import CORE_VERSION, Applied
from telephony.calls.owed import Owed
from telephony.calls.spool import NoSpool, Spool, SpoolFailed
from telephony.centre import effects as fx
from telephony.store import changes as row

log = structlog.get_logger(__name__)

AT_ONCE: Final = 50
RETRY: Final = 1.0
GATHER: Final = 0.01  # seconds until writing begins: what a caller waits for goes first
SLOW: Final = 0.1  # seconds SQL may take before the spool is used
WRITE_WITHIN: Final = 15.0  # seconds; SQLite itself waits five for a lock
ANSWER_WITHIN: Final = 2.0  # seconds a request may wait until its record is kept
Entry = tuple[int, Sequence[row.Change]]


class NotKept(Exception):
    """Neither SQL nor the spool has it."""


class RecordWriter(Protocol):
    """What the publisher needs of the store; everything raises DatabaseFailed and StaleEpoch."""

    async def claim(self, epoch: int, core_version: str = "") -> object:
        """Shut out every older leader."""

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Write in one transaction, what was written before excepted."""

    async def add(self, leader: int, changes: Sequence[row.Change]) -> None:
        """Write what comes from no journal entry."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Changes on their way to SQL."""

    number: int  # counted from one
    owed: Owed
    since: float  # of the loop's time


class Publisher:
    """Writes what was released, in order, and tells what is kept."""

    def __init__(  # noqa: PLR0913 -- the seams, by name
        self,
        records: RecordWriter,
        callers: Callable[[CallId], Caller | None],
        written: Callable[[int], None],
        *,
        leader: int,
        spool: Spool | None = None,
        owed: Sequence[Owed] = (),
        began: Sequence[row.Change] = (),
    ) -> None:
        """`owed` is what former leaders promised: kept already, and written first.

        `began` is written under our own mark, before whatever we decide.
        """
        self.away = False  # SQL does not answer, or not in time
        self._records = records
        self._callers = callers
        self._written = written
        self._leader = leader
        self._spool = spool or NoSpool()
        self._claimed = False
        self._waiting: deque[_Waiting] = deque()
        self._taken = 0  # numbers given
        self._in_sql = 0  # the last number in SQL
        self._kept = 0  # the last one in SQL or in the spool
        self._kept_seq = 0  # the last entry of ours that is kept
        self._spooled = 0  # the last number in the spool, 0 when that is empty
        self._asking: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._wanted = asyncio.Event()
        self._unkept = asyncio.Event()
        self._disk = asyncio.Lock()
        if owed:
            self._inherit(owed)
        if owed or began:
            self._take(Owed(self._leader, 0, tuple(began)))

    @property
    def backlog(self) -> int:
        """Entries not yet written."""
        return len(self._waiting)

    @property
    def spooled(self) -> int:
        """Of these, the ones in the spool."""
        return max(0, self._spooled - self._in_sql)

    @property
    def can_promise(self) -> bool:
        """There is, or very likely is, a place to keep one more thing."""
        return not (self.away and self._spool.full)

    def put(self, applied: Applied) -> None:
        """Take an entry; the caller's number is looked up while it is known."""
        seq, changes = to_entry(applied, self._callers)
        self._take(Owed(applied.place.epoch, seq, tuple(changes)))

    def owe(self, changes: Sequence[row.Change]) -> int:
        """Take what comes from no entry and may be written twice; its number."""
        return self._take(Owed(self._leader, None, tuple(changes)))

    async def add(self, changes: Sequence[row.Change]) -> None:
        """The same, and return once they are kept. Raises NotKept."""
        number = self.owe(changes)
        await self._until(lambda: self._kept >= number)

    async def written(self, changes: Sequence[row.Change]) -> None:
        """The same, and return once they are in SQL. Raises NotKept."""
        number = self.owe(changes)
        await self._until(lambda: self._in_sql >= number)

    async def kept(self, seq: int) -> None:
        """Return once our entry of that number is kept. Raises NotKept."""
        await self._until(lambda: self._kept_seq >= seq)

    async def run(self) -> None:
        """Write for ever; while the store is away, entries wait and nothing is lost."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write_all(), name="to SQL")
            group.create_task(self._keep_all(), name="to the spool")

    async def drain(self) -> None:
        """Before a clean end: what is left is kept, and written if SQL is there."""
        await self._keep()
        while self._waiting:
            if not await self._write():
                return

    # -- taking --------------------------------------------------------------------------

    def _inherit(self, owed: Sequence[Owed]) -> None:
        for each in owed:
            self._take(each)
        # Kept where it was found: in the spool's former files, which go when SQL has it, or in
        # the journal, which keeps it as long as our first snapshot waits for this mark.
        self._kept = self._spooled = self._taken
        self.away = True
        self._unkept.clear()

    def _take(self, owed: Owed) -> int:
        self._taken += 1
        now = asyncio.get_running_loop().time()
        self._waiting.append(_Waiting(self._taken, owed, now))
        self._wanted.set()
        self._unkept.set()
        return self._taken

    async def _until(self, holds: Callable[[], bool]) -> None:
        if holds():
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asking.append((holds, done))
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await done
        except TimeoutError:
            log.error("record_late", backlog=self.backlog)
            raise NotKept from None
        finally:  # while nothing is kept nobody else would take it out
            self._asking = [asked for asked in self._asking if asked[1] is not done]

    # -- SQL -----------------------------------------------------------------------------

    async def _write_all(self) -> None:
        while True:
            await self._wanted.wait()
            await asyncio.sleep(GATHER)  # noqa: TID251 -- and what follows joins the transaction
            self._wanted.clear()
            while self._waiting:
                if not await self._write():
                    await asyncio.sleep(RETRY)  # noqa: TID251 -- back-off of this edge

    async def _write(self) -> bool:
        """The next batch; False when SQL does not take it now."""
        batch = self._batch()
        try:
            async with asyncio.timeout(WRITE_WITHIN):
                await self._write_batch(batch)
        except (DatabaseFailed, TimeoutError) as away:
            log.error("records_away", error=away, backlog=self.backlog)
            self._is_away()
            return False
        for _ in batch:
            self._waiting.popleft()
        self.away = False
        self._in_sql = batch[-1].number
        self._are_kept(batch)
        ours = [each.owed.seq for each in batch if each.owed.epoch == self._leader]
        seq = max((seq for seq in ours if seq is not None), default=None)
        if seq is not None:
            self._written(seq)
        await self._tidy()
        return True

    def _batch(self) -> list[_Waiting]:
        """The first of them, as far as one statement of the store takes them."""
        first = self._waiting[0].owed
        kind = (first.epoch, first.seq is None)
        batch = []
        for each in islice(self._waiting, AT_ONCE):
            if (each.owed.epoch, each.owed.seq is None) != kind:
                break
            batch.append(each)
        return batch

    async def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        if not self._claimed:  # the takeover may not have come through
            await self._records.claim(self._leader, CORE_VERSION)
            self._claimed = True
        entries = [(each.owed.seq, each.owed.changes) for each in batch]
        placed = [(seq, changes) for seq, changes in entries if seq is not None]
        if placed:
            await self._records.apply(batch[0].owed.epoch, placed, leader=self._leader)
        else:
            await self._records.add(self._leader, [one for _, many in entries for one in many])

    # -- the spool -----------------------------------------------------------------------

    async def _keep_all(self) -> None:
        while True:
            await self._unkept.wait()
            wait = self._patience()
            if wait is None:
                self._unkept.clear()
            elif wait > 0.0:
                await self._rest(wait)
            elif not await self._keep():
                await asyncio.sleep(RETRY)  # noqa: TID251 -- back-off of this edge

    def _patience(self) -> float | None:
        """How long SQL may still take; None when everything is kept."""
        unkept = self._not_kept()
        if not unkept:
            return None
        allowed = GATHER / 2 if self.away else SLOW
        return unkept[0].since + allowed - asyncio.get_running_loop().time()

    def _not_kept(self) -> list[_Waiting]:
        """The last ones; what waits before them while SQL is away may be a day's."""
        last = takewhile(lambda each: each.number > self._kept, reversed(self._waiting))
        return list(last)[::-1]

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)  # noqa: TID251 -- SQL has this time

    async def _keep(self) -> bool:
        """Everything not kept, into the spool; False when it does not take it."""
        async with self._disk:
            unkept = self._not_kept()
            if not unkept:
                return True
            try:
                await self._spool.append([each.owed for each in unkept])
            except SpoolFailed as failed:
                log.error("not_kept", error=failed, backlog=len(unkept))
                if asyncio.get_running_loop().time() > unkept[0].since + ANSWER_WITHIN:
                    self._is_away()  # not only slow
                return False
            self._spooled = unkept[-1].number
        self._is_away()
        self._are_kept(unkept)
        await self._tidy()
        return True

    async def _tidy(self) -> None:
        """Empty the spool once SQL has all of it."""
        async with self._disk:
            if self._spooled and self._in_sql >= self._spooled:
                await self._spool.clear()
                self._spooled = 0

    # -- who waits -----------------------------------------------------------------------

    def _is_away(self) -> None:
        """Until SQL has taken a batch."""
        self.away = bool(self._waiting)
        self._unkept.set()

    def _are_kept(self, batch: Sequence[_Waiting]) -> None:
        self._kept = max(self._kept, batch[-1].number)
        ours = [each.owed.seq for each in batch if each.owed.epoch == self._leader]
        self._kept_seq = max([self._kept_seq, *(seq for seq in ours if seq is not None)])
        for holds, done in self._asking:
            if holds() and not done.done():
                done.set_result(None)
        self._asking = [(holds, done) for holds, done in self._asking if not done.done()]


def to_entry(applied: Applied, callers: Callable[[CallId], Caller | None]) -> Entry:
    """A journal entry as the rows it is."""
    changes = [
        change for effect in applied.effects for change in to_changes(effect, callers, applied.at)
    ]
    return applied.place.seq, changes


def to_changes(  # noqa: C901 -- one arm each
    effect: fx.Effect, callers: Callable[[CallId], Caller | None], now: float
) -> tuple[row.Change, ...]:
    """The rows that an effect is; none for work that leaves no trace of its own."""
    match effect:
        case fx.CallOpened(call, line, dialled, at):
            noted = row.CallNoted(call, at, "arrived", {"line": line})
            return row.CallOpened(call, at, line, dialled, callers(call)), noted
        case fx.CallNoted(call, event, at, detail):
            return (row.CallNoted(call, at, event, detail),)
        case fx.CallAdvanced(call, menu_path, queue, agent):
            return (row.CallAdvanced(call, now, menu_path=menu_path, queue=queue, agent=agent),)
        case fx.CallClosed():
            return _closed(effect)
        case fx.OwnCallClosed():
            return (_own_closed(effect),)
        case fx.AttemptEnded():
            return (_attempt_ended(effect),)
        case fx.ModeBegan(mode, since, until, by, closes, prompt):
            return (row.ModeBegan(mode, since, until, by, closes, prompt),)
        case fx.ModeEnded(mode, since, by, at):
            return (row.ModeEnded(mode, since, by, at),)
        case fx.OvertimeWorked(agent, person, closed_at, at):
            return (row.OvertimeWorked(agent, person, closed_at, at),)
        case fx.LineMoved(line, state, moved, agent, at):
            return (row.LineMoved(line, at, state, moved, agent),)
        case acd_fx.AgentMoved(agent, state, why, moved, at):
            return (row.AgentMoved(agent, agent, at, state, why, moved),)
        case acd_fx.WrapUpEnded(called_back=True):
            return ()  # the agent's own intervals tell of it
        case acd_fx.WrapUpEnded(agent, call, seconds, at):
            lasted: row.Detail = {"agent": agent, "seconds": round(seconds, 3)}
            noted = row.CallNoted(call, at, "wrapped_up", lasted)
            return row.WrappedUp(call, agent, at, seconds), noted
        case acd_fx.Ring(offer, _, phone):
            rung: row.Detail = {"agent": offer.agent, "phone": phone.value}
            return (row.CallNoted(offer.call, now, "offered", rung),)
        case acd_fx.OfferEnded(offer, end, at):
            tried: row.Detail = {"agent": offer.agent, "end": end.value}
            return (row.CallNoted(offer.call, at, "offer_ended", tried),)
        case acd_fx.NotPickedUp(offer, at):
            return (row.CallNoted(offer.call, at, "not_picked_up", {"agent": offer.agent}),)
        case acd_fx.Connect(offer):
            return (row.CallNoted(offer.call, now, "connected", {"agent": offer.agent}),)
        case _:
            return ()


def _own_closed(closed: fx.OwnCallClosed) -> row.OwnCallClosed:
    return row.OwnCallClosed(
        closed.call,
        closed.kind,
        closed.agent,
        closed.target,
        closed.began_at,
        closed.answered_at,
        closed.at,
        closed.end,
    )


def _attempt_ended(ended: fx.AttemptEnded) -> row.AttemptEnded:
    return row.AttemptEnded(
        ended.obligation,
        ended.attempt,
        ended.agent,
        ended.began_at,
        ended.answered_at,
        ended.ended_at,
        ended.result,
    )


def _closed(closed: fx.CallClosed) -> tuple[row.Change, ...]:
    record = row.CallClosed(
        closed.call,
        closed.at,
        closed.outcome,
        closed.overflow_reason,
        closed.waited,
        closed.talked,
        closed.held,
        closed.hung_up_by,
    )
    how = {"outcome": closed.outcome.value, "hung_up_by": closed.hung_up_by.value}
    return row.CallNoted(closed.call, closed.at, "ended", how), record
