"""One question about letters to the city's reservation system: is one of them stuck?

The table is the desk's; nothing here writes it, and nothing in it says whom a letter is about.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, column, func, select, table

from config.database import Database

LETTERS: Final = table("booking_letters", *map(column, ("at", "state")))
WAITING: Final = "waiting"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class LettersOwed:
    """What the city's system has not taken."""

    oldest_at: float | None  # of those that wait, when the first was agreed
    refused: int


class CityLetters:
    """The letters of a home, for one question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def owed(self) -> LettersOwed:
        """As it is now. Raises DatabaseFailed."""
        return await self._database.read(_owed)


def _owed(connection: Connection) -> LettersOwed:
    oldest = select(func.min(LETTERS.c.at)).where(LETTERS.c.state == WAITING)
    refused = select(func.count()).select_from(LETTERS).where(LETTERS.c.state == REFUSED)
    return LettersOwed(connection.scalar(oldest), connection.scalar(refused) or 0)
