"""Which sheets were printed, by whom, and of which versions. Statements of a transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select

from agents.bookings.tables import SHEETS


@dataclass(frozen=True, slots=True)
class Printed:
    """One sheet that left the printer."""

    key: str
    sheet: str  # its word, and the hours of one that is of part of a day
    day: date
    site: str  # empty: every site
    at: float
    user: str
    announced_name: str
    rows: Mapping[str, int]  # a booking's version


def last(connection: Connection, sheet: str, day: date, site: str) -> Printed | None:
    """The latest of this sheet for this day and site."""
    same = (SHEETS.c.sheet == sheet, SHEETS.c.day == day.isoformat(), SHEETS.c.site == site)
    query = select(SHEETS).where(*same).order_by(SHEETS.c.at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Printed(
        row.key, sheet, day, site, row.at, row.user, row.announced_name, json.loads(row.rows)
    )


def keep(connection: Connection, printed: Printed) -> bool:
    """Remember it; False when the same request was kept before."""
    if connection.scalar(select(SHEETS.c.key).where(SHEETS.c.key == printed.key)) is not None:
        return False
    connection.execute(
        insert(SHEETS).values(
            key=printed.key, sheet=printed.sheet, day=printed.day.isoformat(),
            site=printed.site, at=printed.at, user=printed.user,
            announced_name=printed.announced_name, rows=json.dumps(dict(printed.rows)),
        )
    )  # fmt: skip
    return True
