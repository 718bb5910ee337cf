"""Free text at the door: the My Number guard, and the note that it took something out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, insert

from agents.texts.tables import MASKED
from config.database import Database
from telephony.privacy.individual_number import Find, guard


@dataclass(frozen=True, slots=True)
class Clean:
    """A text that may be kept, and what kinds of thing were taken out of it."""

    text: str
    masked: tuple[str, ...] = ()


class Texts:
    """Every free text of the desk comes through here before it is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def clean(
        self, text: str, *, by: str, where: str, of: str | None, now: float, before: str = ""
    ) -> Clean:
        """The text as it may be kept. `before` is what the same person wrote just before it."""
        guarded = guard(text, before)
        if guarded.finds:
            await self._note(guarded.finds, by, where, of, now)
        return Clean(guarded.text, tuple(sorted({find.kind.value for find in guarded.finds})))

    async def _note(
        self, finds: Sequence[Find], by: str, where: str, of: str | None, now: float
    ) -> None:
        rows = [
            {
                "id": uuid4().hex, "at": now, "user": by, "where": where, "object": of,
                "kind": find.kind.value, "incident": find.is_incident,
            }
            for find in finds
        ]  # fmt: skip

        def add(connection: Connection) -> None:
            connection.execute(insert(MASKED), rows)

        await self._database.write(add)
