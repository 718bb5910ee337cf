"""Effects that are news, as rows: one writer, at least once, each entry in one transaction."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, Protocol

import structlog

from config.database import DatabaseFailed
from telephony.acd import effects as acd_fx
from telephony.acd.model import CallId
from telephony.caller_id import Caller
from telephony.calls.engine import Applied
from telephony.centre import effects as fx
from telephony.store import changes as row

log = structlog.get_logger(__name__)

AT_ONCE: Final = 50
RETRY: Final = 1.0
GATHER: Final = 0.01  # seconds until writing begins: what a caller waits for goes first
Entry = tuple[int, Sequence[row.Change]]


class RecordWriter(Protocol):
    """What the publisher needs of the store."""

    async def apply(self, epoch: int, entries: Sequence[Entry]) -> None:
        """Write in one transaction. Raises DatabaseFailed, and StaleEpoch when not leading."""

    async def add(self, leader: int, changes: Sequence[row.Change]) -> None:
        """Write what comes from no journal entry. Raises DatabaseFailed and StaleEpoch."""

    async def keep_input(self, leader: int, call: str, field: str, value: str, at: float) -> None:
        """Keep what a caller typed. Raises DatabaseFailed and StaleEpoch."""


class Publisher:
    """Writes what was released, in order."""

    def __init__(
        self,
        records: RecordWriter,
        callers: Callable[[CallId], Caller | None],
        written: Callable[[int], None],
    ) -> None:
        self._records = records
        self._callers = callers
        self._written = written
        self._entries: deque[tuple[int, Entry]] = deque()
        self._wanted = asyncio.Event()

    @property
    def backlog(self) -> int:
        """Entries not yet written."""
        return len(self._entries)

    def put(self, applied: Applied) -> None:
        """Take an entry; the caller's number is looked up while it is known."""
        self._entries.append((applied.place.epoch, to_entry(applied, self._callers)))
        self._wanted.set()

    async def run(self) -> None:
        """Write for ever; while the store is away, entries wait and nothing is lost."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(GATHER)  # noqa: TID251 -- and what follows joins the transaction
            self._wanted.clear()
            while self._entries:
                await self._write()

    async def drain(self) -> None:
        """Write what is left, once, before a clean end."""
        if self._entries:
            await self._write()

    async def _write(self) -> None:
        epoch = self._entries[0][0]
        batch = [entry for of, entry in islice(self._entries, AT_ONCE) if of == epoch]
        try:
            await self._records.apply(epoch, batch)
        except DatabaseFailed as away:
            log.error("records_away", error=away, backlog=len(self._entries))
            await asyncio.sleep(RETRY)  # noqa: TID251 -- back-off of this edge
            return
        for _ in batch:
            self._entries.popleft()
        self._written(batch[-1][0])


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
        case fx.LineMoved(line, state, moved, agent, at):
            return (row.LineMoved(line, at, state, moved, agent),)
        case acd_fx.AgentMoved(agent, state, why, moved, at):
            return (row.AgentMoved(agent, agent, at, state, why, moved),)
        case acd_fx.WrapUpEnded(agent, call, seconds, at):
            lasted: row.Detail = {"agent": agent, "seconds": round(seconds, 3)}
            noted = row.CallNoted(call, at, "wrapped_up", lasted)
            return row.WrappedUp(call, agent, at, seconds), noted
        case acd_fx.Ring(offer):
            return (row.CallNoted(offer.call, now, "offered", {"agent": offer.agent}),)
        case acd_fx.OfferEnded(offer, end, at):
            tried: row.Detail = {"agent": offer.agent, "end": end.value}
            return (row.CallNoted(offer.call, at, "offer_ended", tried),)
        case acd_fx.Connect(offer):
            return (row.CallNoted(offer.call, now, "connected", {"agent": offer.agent}),)
        case _:
            return ()


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
