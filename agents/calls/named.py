"""Under which announced name a call was taken: its timeline, and who sat at the seat then."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from agents.tables import SEATINGS
from telephony.store.call_record import CallRecord


def names(connection: Connection, records: Sequence[CallRecord]) -> dict[str, str]:
    """The announced name by call, of those that somebody took."""
    found = {record.id: _taken_by(connection, record) for record in records}
    return {call: name for call, name in found.items() if name is not None}


def _taken_by(connection: Connection, record: CallRecord) -> str | None:
    """Whoever had the caller last; None of one whom nobody took, or at a seat where nobody sat."""
    taken = [event for event in record.timeline if event.event == "connected"]
    if not taken:
        return None
    seat, at = taken[-1].detail.get("agent"), taken[-1].at
    # By the key, because a seat has years of seatings and a card is on its way to the screen.
    query = select(SEATINGS).where(SEATINGS.c.seat == seat, SEATINGS.c.started_at <= at)
    row = connection.execute(query.order_by(SEATINGS.c.started_at.desc()).limit(1)).first()
    if row is None or (row.ended_at is not None and row.ended_at < at):
        return None
    return str(row.announced_name)
