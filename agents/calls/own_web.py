"""One's own day over HTTP: figures, and the offers one did not take."""

from typing import Final

from sqlalchemy import Connection, or_, select

from agents.calls.figures import Sitting, day_of
from agents.calls.kept import CallBook
from agents.floor.book import RoomBook
from agents.floor.hub import Hub
from agents.floor.room_web import day_began
from agents.people import AT_A_DESK
from agents.tables import SEATINGS
from agents.web.fields import Answer
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.link.seen import MissedSeen
from telephony.store.history import History

TABLE: Final = Table("own")


class DaySeen(Answer):
    """Today so far; durations in seconds."""

    answered: int
    talked: float
    held: float
    wrapped_up: float
    ready: float
    worked: dict[str, float]
    paused: dict[str, float]
    dispositions: dict[str, int]
    pieces: dict[str, int]


class MissedOffers(Answer):
    """When, which telephone, why; the latest last."""

    missed: list[MissedSeen]


@TABLE.get("/api/me/day", roles=AT_A_DESK, audit=None)
async def day(asked: Asked) -> DaySeen:
    """One's own figures of today."""
    since, user = day_began(asked.now), asked.caller.user
    sittings = await _sittings(asked.tool(Database), user, since)  # type: ignore[type-abstract]
    intervals = await asked.tool(History).agent_intervals(since, asked.now)
    outcomes = await asked.tool(CallBook).entered_by(user, since)
    pieces = await asked.tool(RoomBook).pieces(user, since)
    own = day_of(intervals, sittings, outcomes, pieces, asked.now)
    return DaySeen(
        answered=own.answered,
        talked=round(own.talked, 1),
        held=round(own.held, 1),
        wrapped_up=round(own.wrapped_up, 1),
        ready=round(own.ready, 1),
        worked={work: round(seconds, 1) for work, seconds in own.worked.items()},
        paused={reason: round(seconds, 1) for reason, seconds in own.paused.items()},
        dispositions=own.dispositions,
        pieces=own.pieces,
    )


@TABLE.get("/api/me/missed", roles=AT_A_DESK, audit=None)
async def missed(asked: Asked) -> MissedOffers:
    """The offers that one did not take, and why."""
    seat = asked.caller.seat
    agent = None if seat is None else asked.tool(Hub).floor.agent(seat)
    return MissedOffers(missed=[] if agent is None else agent.missed)


async def _sittings(database: Database, user: str, since: float) -> list[Sitting]:
    recent = or_(SEATINGS.c.ended_at.is_(None), SEATINGS.c.ended_at > since)
    query = select(SEATINGS).where(SEATINGS.c.user == user, recent)

    def find(connection: Connection) -> list[Sitting]:
        return [
            Sitting(row.seat, max(row.started_at, since), row.ended_at)
            for row in connection.execute(query)
        ]

    return await database.read(find)
