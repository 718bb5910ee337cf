"""Under which announced name a call was taken: its timeline, and who sat at the seat then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from agents.tables import SEATINGS
from telephony.store.call_record import CallRecord


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody at a seat under a name, until then; still there when `until` is None."""

    seat: str
    announced_name: str
    since: float
    until: float | None


def taken_by(record: CallRecord, there: Iterable[Named]) -> str | None:
    """Whoever had the caller last; None of one whom nobody took, or at a seat where nobody sat."""
    taken = [event for event in record.timeline if event.event == "connected"][-1:]
    for event in taken:
        for one in there:
            is_over = one.until is not None and one.until < event.at
            if one.seat == event.detail.get("agent") and one.since <= event.at and not is_over:
                return one.announced_name
    return None


def names(connection: Connection, records: Sequence[CallRecord]) -> dict[str, str]:
    """The announced name by call, of those that somebody took."""
    answered = [record for record in records if record.agent is not None]
    if not answered:
        return {}
    first = min(record.arrived_at for record in answered)
    seats = {record.agent for record in answered}
    recent = or_(SEATINGS.c.ended_at.is_(None), SEATINGS.c.ended_at >= first)
    query = select(SEATINGS).where(SEATINGS.c.seat.in_(seats), recent)
    there = [
        Named(row.seat, row.announced_name, row.started_at, row.ended_at)
        for row in connection.execute(query.order_by(SEATINGS.c.started_at.desc()))
    ]
    found = {record.id: taken_by(record, there) for record in answered}
    return {call: name for call, name in found.items() if name is not None}
