"""What came from the city's system, and when: how old what we know of it is."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from agents.bookings.tables import IMPORTS, SLOTS
from telephony.store import statements

CSV: Final = "csv"
LETTER: Final = "letter"


@dataclass(frozen=True, slots=True)
class Import:
    """One file or letter that was taken whole."""

    id: str
    what: str  # slots, bookings, results
    way: str
    at: float
    rows: int
    announced_name: str


def note(connection: Connection, taken: Import) -> None:
    """Remember it, in its own transaction; the same again is the same one."""
    row = {
        "id": taken.id, "what": taken.what, "way": taken.way, "at": taken.at, "rows": taken.rows,
        "announced_name": taken.announced_name,
    }  # fmt: skip
    connection.execute(statements.add(connection.dialect.name, IMPORTS), row)


def is_known(connection: Connection, id_: str) -> bool:
    """Whether this very one was taken before."""
    return connection.scalar(select(IMPORTS.c.id).where(IMPORTS.c.id == id_)) is not None


def last(connection: Connection) -> dict[str, Import]:
    """The latest of each kind."""
    newest = select(IMPORTS.c.what, func.max(IMPORTS.c.at).label("at")).group_by(IMPORTS.c.what)
    of = newest.subquery()
    query = select(IMPORTS).join(of, (IMPORTS.c.what == of.c.what) & (IMPORTS.c.at == of.c.at))
    return {
        row.what: Import(row.id, row.what, row.way, row.at, row.rows, row.announced_name)
        for row in connection.execute(query)
    }


def slots_known(connection: Connection, today: date) -> dict[str, float]:
    """By site: since when the oldest is known of its times that are still to come."""
    query = select(SLOTS.c.site, func.min(SLOTS.c.known_at)).group_by(SLOTS.c.site)
    ahead = query.where(SLOTS.c.day >= today.isoformat())
    return {row[0]: row[1] for row in connection.execute(ahead)}
