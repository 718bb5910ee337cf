"""What is being typed of a booking, on the server only: each person's own, one a call."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from agents.bookings.tables import DRAFTS


class StaleDraft(Exception):
    """Another window has written since; the present version is in it."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


@dataclass(frozen=True, slots=True)
class Draft:
    """As it was last saved."""

    version: int
    form: dict[str, Any]


def find(connection: Connection, call: str, user: str) -> Draft | None:
    """This person's of this call."""
    row = connection.execute(
        select(DRAFTS).where(DRAFTS.c.call == call, DRAFTS.c.user == user)
    ).one_or_none()
    return None if row is None else Draft(row.version, json.loads(row.form))


def save(connection: Connection, call: str, user: str, draft: Draft, now: float) -> int:
    """Over the version that the page knew, 0 for the first; its new version."""
    mine = (DRAFTS.c.call == call, DRAFTS.c.user == user)
    found = connection.scalar(select(DRAFTS.c.version).where(*mine).with_for_update())
    if (found or 0) != draft.version:
        raise StaleDraft(found or 0)
    text = json.dumps(draft.form, ensure_ascii=False)
    values = {"version": draft.version + 1, "form": text, "saved_at": now}
    if found is None:
        connection.execute(insert(DRAFTS).values(call=call, user=user, **values))
    else:
        connection.execute(update(DRAFTS).where(*mine).values(**values))
    return draft.version + 1


def end(connection: Connection, call: str, user: str) -> None:
    """What was typed has become a deed, or was thrown away."""
    connection.execute(delete(DRAFTS).where(DRAFTS.c.call == call, DRAFTS.c.user == user))
