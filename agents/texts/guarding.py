"""Free text at the door: the My Number guard, and the note that it took something out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, insert

from agents.texts.tables import MASKED
from config.database import Database
from telephony.privacy.individual_number import Kind, guard

TAIL: Final = 200  # characters: a number with all that may stand between its digits


@dataclass(frozen=True, slots=True)
class Clean:
    """A text that may be kept, and what kinds of thing were taken out of it."""

    text: str
    masked: tuple[str, ...] = ()


class Texts:
    """Every free text of the desk comes through here before it is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._letters: dict[str, str] = {}  # the last of each person, as it was kept

    async def clean(
        self, text: str, *, by: str, where: str, of: str | None, now: float, before: str = ""
    ) -> Clean:
        """The text as it may be kept. `before` is what the same person wrote just before it."""
        guarded = guard(text, before)
        if guarded.finds:
            finds = [(find.kind, find.is_incident) for find in guarded.finds]
            await self.took_out(finds, by=by, where=where, of=of, now=now)
        return Clean(guarded.text, tuple(sorted({find.kind.value for find in guarded.finds})))

    async def clean_letter(self, text: str, *, by: str, where: str, of: str, now: float) -> Clean:
        """The same of one that may follow another: a number may be split over the two.

        One that is sent again does not follow itself.
        """
        last = self._letters.get(by, "")
        before = "" if text == last else last[-TAIL:]
        clean = await self.clean(text, by=by, where=where, of=of, now=now, before=before)
        self._letters[by] = clean.text
        return clean

    async def took_out(
        self, finds: Sequence[tuple[Kind, bool]], *, by: str, where: str, of: str | None, now: float
    ) -> None:
        """Note it, each with whether it is an incident."""
        rows = [
            {
                "id": uuid4().hex, "at": now, "user": by, "where": where, "object": of,
                "kind": kind.value, "incident": is_incident,
            }
            for kind, is_incident in finds
        ]  # fmt: skip

        def add(connection: Connection) -> None:
            connection.execute(insert(MASKED), rows)

        await self._database.write(add)
