"""What the page that was the telephone has counted of a call's sound: kept, found and judged.

A row is one leg, for a page that is loaded again in a call goes on with a fresh one. It is written
by its page alone, over what that said before.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from agents.calls.e_model import PACKET, Line, mos
from agents.calls.tables import CALL_QUALITY
from agents.web.fields import Answer


class SideSeen(Answer):
    """One direction."""

    loss: float  # 0 to 1
    jitter: float  # seconds
    mos: float  # estimated (ITU-T G.107)


class QualitySeen(Answer):
    """One leg of the call."""

    seat: str
    attempt: int
    seconds: float
    heard: SideSeen  # by the agent
    sent: SideSeen | None  # to the caller's side; None where Asterisk told nothing of it
    round_trip: float | None  # seconds


def keep(connection: Connection, call: str, attempt: int, row: dict[str, object]) -> bool:
    """Over what was told of this leg before; False where another seat has told of it."""
    of = (CALL_QUALITY.c.call == call, CALL_QUALITY.c.attempt == attempt)
    seat = connection.scalar(select(CALL_QUALITY.c.seat).where(*of))
    if seat not in (None, row["seat"]):
        return False
    connection.execute(delete(CALL_QUALITY).where(*of))
    connection.execute(insert(CALL_QUALITY).values(call=call, attempt=attempt, **row))
    return True


def of_call(connection: Connection, call: str) -> Sequence[QualitySeen]:
    """Every leg that a page has told of, in order."""
    query = select(CALL_QUALITY).where(CALL_QUALITY.c.call == call)
    found = []
    for row in connection.execute(query.order_by(CALL_QUALITY.c.attempt)):
        way = (row.round_trip or 0.0) / 2 + PACKET
        sent = None
        if row.sent_loss is not None:
            sent = _side(row.sent_loss, row.sent_jitter or 0.0, way)
        found.append(
            QualitySeen(
                seat=row.seat,
                attempt=row.attempt,
                seconds=row.seconds,
                heard=_side(row.heard_loss, row.heard_jitter, way + row.heard_delay),
                sent=sent,
                round_trip=row.round_trip,
            )
        )
    return found


def _side(loss: float, jitter: float, delay: float) -> SideSeen:
    return SideSeen(loss=loss, jitter=jitter, mos=round(mos(Line(loss, delay)), 2))
