"""Where somebody has sat: it says whose the calls of a seat are."""

from sqlalchemy import Connection, or_, select

from agents.calls.figures import Sitting
from agents.tables import SEATINGS
from config.database import Database


async def sittings(database: Database, user: str, since: float) -> list[Sitting]:
    """Of this person, those that are not over or ended after this."""
    recent = or_(SEATINGS.c.ended_at.is_(None), SEATINGS.c.ended_at > since)
    query = select(SEATINGS).where(SEATINGS.c.user == user, recent)

    def find(connection: Connection) -> list[Sitting]:
        rows = connection.execute(query)
        return [Sitting(row.seat, row.started_at, row.ended_at) for row in rows]

    return await database.read(find)
