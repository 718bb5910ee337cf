"""Free text at the door: the My Number guard, and the note that it took something out."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from secrets import token_bytes
from typing import Final, Literal

from sqlalchemy import Connection

from agents.audit.log import append
from agents.people import Caller
from agents.texts.tables import MASKED
from agents.web.witness import Deed, deed_of
from config.database import Database
from telephony.privacy.individual_number import Find, Kind, guard
from telephony.store import statements

# What texts stand in; `page`: whatever was typed in one; `file`: one that was refused whole.
Document = Literal[
    "account", "booking", "calendar", "callback", "draft", "escalation", "file", "handover", "memo",
    "message", "notice", "outcome", "page", "unsent",
]  # fmt: skip
TAIL: Final = 200  # characters: a number with all that may stand between its digits
EACH_NOTED: Final = 500  # finds at once; a file may hold thousands, and its line counts them all


@dataclass(frozen=True, slots=True)
class Clean:
    """A text that may be kept, and what kinds of thing were taken out of it."""

    text: str
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote a text, in which kind of document, in which one, and when it came."""

    by: Caller | str  # a machine by its name
    where: Document
    of: str | None
    at: float
    sent: str = ""  # names the sending, or the field, where `of` alone does not

    @property
    def user(self) -> str:
        """Whose it is."""
        return self.by if isinstance(self.by, str) else self.by.user

    def deed(self, word: str, **detail: str | int) -> Deed:
        """Its line of the audit log."""
        if isinstance(self.by, str):
            return Deed(self.at, word, self.by, self.by, object=self.of, detail=detail)
        return replace(deed_of(self.by, self.at, word, object=self.of), detail=detail)


class Texts:
    """Every free text of the desk comes through here before it is kept."""

    def __init__(self, database: Database, audit_key: bytes) -> None:
        self._database = database
        self._audit_key = audit_key
        # It ends with the process: what knows a text that is sent again tells nobody its number.
        self._key = token_bytes(32)
        self._letters: dict[str, str] = {}  # the last of each person, as it was kept

    async def clean(self, text: str, written: Written, before: str = "") -> Clean:
        """The text as it may be kept. `before` is what the same person wrote just before it.

        The same text sent again is noted once.
        """
        guarded = guard(text, before)
        if guarded.finds:
            await self.took_out(told(guarded.finds), written, self._name(written, text.encode()))
        return Clean(guarded.text, tuple(sorted({find.kind.value for find in guarded.finds})))

    async def clean_letter(self, text: str, written: Written) -> Clean:
        """The same of one that may follow another: a number may be split over the two.

        One that is sent again does not follow itself.
        """
        last = self._letters.get(written.user, "")
        before = "" if text == last else last[-TAIL:]
        clean = await self.clean(text, written, before)
        self._letters[written.user] = clean.text
        return clean

    async def brought(self, finds: Sequence[Find], written: Written, data: bytes) -> None:
        """Note what is in a file that is refused; the same file again is noted once."""
        await self.took_out(told(finds), written, self._name(written, data))

    async def took_out(
        self, finds: Sequence[tuple[Kind, bool]], written: Written, name: str
    ) -> None:
        """Note it, each with whether it is an incident, and in one line of the audit log.

        Under its `name` it is noted once, however often it is told.
        """
        id_ = sha256(f"{written.user}\0{name}".encode()).hexdigest()
        worst_first = sorted(finds, key=lambda find: not find[1])
        rows = [
            {
                "id": f"{id_}.{number}", "at": written.at, "user": written.user,
                "where": written.where, "object": written.of, "kind": kind.value,
                "incident": is_incident,
            }
            for number, (kind, is_incident) in enumerate(worst_first[:EACH_NOTED])
        ]  # fmt: skip
        incidents = sum(is_incident for _, is_incident in finds)
        deed = written.deed(
            "number_masked", where=written.where, found=len(finds), incidents=incidents
        )

        def add(connection: Connection) -> None:
            new = statements.add(connection.dialect.name, MASKED)
            if sum(connection.execute(new, row).rowcount for row in rows):
                append(connection, self._audit_key, deed)

        await self._database.write(add)

    def _name(self, written: Written, content: bytes) -> str:
        said = "\0".join((written.where, written.of or "", written.sent, "")).encode()
        return hmac.new(self._key, said + content, sha256).hexdigest()


def told(finds: Sequence[Find]) -> list[tuple[Kind, bool]]:
    """The kind of each, and whether it is an incident."""
    return [(find.kind, find.is_incident) for find in finds]
