"""Bookings whose time is over go, with their history, their drafts and the sheets they were on."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from agents.audit.log import append
from agents.bookings.tables import (
    BOOKINGS,
    DRAFTS,
    HISTORY,
    IMPORTS,
    LETTERS,
    PARTY,
    SHEETS,
    SLOTS,
)
from agents.hourly import hourly
from agents.web.witness import Deed
from config.database import Database
from telephony.store.call_record import JAPAN

AT_ONCE: Final = 200  # bookings a transaction
DAY: Final = 86_400.0


class BookingRetention:
    """Looks now and then."""

    def __init__(self, database: Database, audit_key: bytes, days: int) -> None:
        self._database = database
        self._key = audit_key
        self._days = days

    async def run(self, clock: Callable[[], float]) -> None:
        """For ever."""
        await hourly(self.look, clock)

    async def look(self, now: float) -> int:
        """Once; how many bookings went."""
        gone = 0
        while went := await self._database.write(lambda connection: self._some(connection, now)):
            gone += went
        await self._database.write(lambda connection: _rest(connection, now, self._days))
        return gone

    def _some(self, connection: Connection, now: float) -> int:
        """A booking goes so many days after its visit, however it ended, if nothing is owed."""
        old = (BOOKINGS.c.day < _before(now, self._days).isoformat(), BOOKINGS.c.owed.is_(None))
        ids = list(connection.scalars(select(BOOKINGS.c.id).where(*old).limit(AT_ONCE)))
        if not ids:
            return 0
        for table, column in (
            (LETTERS, LETTERS.c.booking), (HISTORY, HISTORY.c.booking),
            (PARTY, PARTY.c.booking), (BOOKINGS, BOOKINGS.c.id),
        ):  # fmt: skip
            connection.execute(delete(table).where(column.in_(ids)))
        told = {"bookings": len(ids)}
        append(connection, self._key, Deed(now, "bookings_pruned", "desk", "desk", detail=told))
        return len(ids)


def _rest(connection: Connection, now: float, days: int) -> None:
    before = _before(now, days).isoformat()
    connection.execute(delete(DRAFTS).where(DRAFTS.c.saved_at < now - days * DAY))
    connection.execute(delete(IMPORTS).where(IMPORTS.c.at < now - days * DAY))
    connection.execute(delete(SHEETS).where(SHEETS.c.day < before))
    connection.execute(delete(SLOTS).where(SLOTS.c.day < before))


def _before(now: float, days: int) -> date:
    return datetime.fromtimestamp(now, JAPAN).date() - timedelta(days=days)
