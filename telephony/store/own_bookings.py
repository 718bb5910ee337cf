"""One question about reservations for the phone menu: when is the booking of whoever typed this?

The tables are the desk's; nothing here writes them. A notice number is typed on a telephone's keys,
a letter by the digit it stands on, so several numbers are the same nine keys: the birth date tells
them apart, and where it does not, nobody is told anything.
"""

from dataclasses import dataclass
from datetime import date, time
from typing import Final

from sqlalchemy import Connection, column, select, table

from config.database import Database

BOOKINGS: Final = table(
    "bookings",
    *map(column, ("id", "status", "day", "start", "site")),
)
PARTY: Final = table("booking_party", *map(column, ("booking", "birth_date", "notice_no")))
STANDS: Final = ("provisional", "booked")
PROVISIONAL: Final = "provisional"
LETTERS: Final = ("ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ")  # on 2 to 9
_KEY_OF: Final = str.maketrans(
    {letter: str(key) for key, letters in enumerate(LETTERS, 2) for letter in letters}
)


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """What may be said of it to somebody on the telephone: nothing but when and where."""

    day: date
    at: time
    site: str
    is_provisional: bool


class OwnBookings:
    """The reservations of a home, for one question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, keys: str, born: date, today: date) -> OwnVisit | None:
        """Their next visit; None when there is none, or there are several such cards."""
        return await self._database.read(lambda connection: _found(connection, keys, born, today))


def keys_of(notice_no: str) -> str:
    """A notice number as it is typed on a telephone."""
    return notice_no.upper().translate(_KEY_OF)


def _found(connection: Connection, keys: str, born: date, today: date) -> OwnVisit | None:
    query = (
        select(PARTY.c.notice_no, BOOKINGS)
        .join(BOOKINGS, BOOKINGS.c.id == PARTY.c.booking)
        .where(
            PARTY.c.birth_date == born.isoformat(),
            PARTY.c.notice_no.is_not(None),
            BOOKINGS.c.status.in_(STANDS),
            BOOKINGS.c.day >= today.isoformat(),
        )
        .order_by(BOOKINGS.c.day, BOOKINGS.c.start)
    )
    rows = [row for row in connection.execute(query) if keys_of(row.notice_no) == keys]
    if len({row.notice_no for row in rows}) != 1:
        return None
    row = rows[0]
    return OwnVisit(
        date.fromisoformat(row.day),
        time.fromisoformat(row.start),
        row.site,
        row.status == PROVISIONAL,
    )
