"""Records that stand open though their call is over and nobody knows of it any more.

What a restart without its journal leaves behind: the caller has a record, and no channel. It is
closed by what its own timeline tells, as `lost` unless they had been answered. Agents and lines
have an interval that stands open: it ends with what they are now.
"""

from collections.abc import Collection, Container, Iterator
from typing import Protocol

from telephony.centre.core import Centre
from telephony.centre.truth import Asterisk, Journal, Record, Verdict, judge
from telephony.store import changes as row
from telephony.store.call_record import CallRecord
from telephony.store.words import HungUpBy, Outcome


class RecordReader(Protocol):
    """What a look needs to know of SQL; everything raises DatabaseFailed."""

    async def open_calls(self) -> list[CallRecord]:
        """Calls that are not over."""

    async def call(self, call: str) -> CallRecord | None:
        """One call, open or over."""

    async def modes_on(self) -> list[row.ModeBegan]:
        """Modes that nobody has ended, also those whose time is over."""


def states(centre: Centre, now: float) -> Iterator[row.Change]:
    """What every agent and line is. Told again, a state that SQL knows begins no interval."""
    for agent in centre.acd.roster.all():
        yield row.AgentMoved(agent.id, agent.id, now, agent.state, agent.reason, agent.call)
    for line in centre.lines.all():
        yield row.LineMoved(line.number, now, line.state, line.call, line.agent)


def word(record: CallRecord | None) -> Record:
    """What SQL says of a call."""
    if record is None:
        return Record.ABSENT
    return Record.OPEN if record.outcome is None else Record.ENDED


def left_open(
    records: Collection[CallRecord],
    there: Container[str],
    live: Container[str],
    ended: Container[str],
) -> Iterator[CallRecord]:
    """Those that nobody else will ever close: gone, and unknown to the journal."""
    for record in records:
        asterisk = Asterisk.UP if record.id in there else Asterisk.GONE
        journal = Journal.ENDED if record.id in ended else Journal.UNKNOWN
        if record.id in live:
            journal = Journal.LIVE
        if judge(asterisk, journal, word(record)) is Verdict.CLOSE_LOST:
            yield record


def closing(record: CallRecord, now: float) -> tuple[row.Change, ...]:
    """The end of a record, by what is known: nobody counts what nobody heard."""
    first = {event.event: event.at for event in reversed(record.timeline)}
    last = max([record.arrived_at, *(event.at for event in record.timeline)])
    queued, connected = first.get("queued"), first.get("connected")
    until = last if connected is None else connected
    closed = row.CallClosed(
        record.id,
        now,
        Outcome.LOST if connected is None else Outcome.ANSWERED,
        None,
        waited=0.0 if queued is None else max(0.0, until - queued),
        talked=0.0 if connected is None else max(0.0, last - connected),
        held=0.0,
        hung_up_by=HungUpBy.SYSTEM,
    )
    why: row.Detail = {"outcome": closed.outcome.value, "last_heard_of": round(last, 3)}
    return row.CallNoted(record.id, now, "closed_by_reconcile", why), closed
