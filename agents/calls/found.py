"""What people have written about calls, read within a transaction of the caller's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, select

from agents.calls.rules import Entered
from agents.calls.tables import DRAFTS, ESCALATIONS, MEMOS, OUTCOMES

CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What one person is entering about one call."""

    version: int
    form: dict[str, Any]
    saved_at: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a call, as it stands."""

    call: str
    version: int
    user: str
    announced_name: str
    entered: Entered
    late: bool
    entered_at: float


@dataclass(frozen=True, slots=True)
class Memo:
    """Something said later, or to whoever is consulted."""

    key: str
    call: str
    announced_name: str
    note: str
    entered_at: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A call handed to the supervisor or the city, with what was known of it."""

    key: str
    call: str
    user: str
    announced_name: str
    to: str
    note: str
    menu_path: str
    opened_at: float
    taken_by: str | None
    answer: str | None


def draft(connection: Connection, call: str, user: str) -> Draft | None:
    """What this person has entered so far."""
    query = select(DRAFTS).where(DRAFTS.c.call == call, DRAFTS.c.user == user)
    row = connection.execute(query).one_or_none()
    return None if row is None else Draft(row.version, json.loads(row.form), row.saved_at)


def outcomes(connection: Connection, calls: Sequence[str]) -> dict[str, Kept]:
    """What came of these calls, as far as anybody has said."""
    found: dict[str, Kept] = {}
    for start in range(0, len(calls), CHUNK):
        query = select(OUTCOMES).where(OUTCOMES.c.call.in_(calls[start : start + CHUNK]))
        for row in connection.execute(query.order_by(OUTCOMES.c.version)):
            found[row.call] = kept(row)
    return found


def memos(connection: Connection, call: str) -> list[Memo]:
    """Of this call, in order."""
    query = select(MEMOS).where(MEMOS.c.call == call).order_by(MEMOS.c.entered_at)
    return [
        Memo(row.key, row.call, row.announced_name, row.note, row.entered_at, row.reason)
        for row in connection.execute(query)
    ]


def escalations(connection: Connection, where: ColumnElement[bool]) -> list[Escalation]:
    """Those of which this holds, oldest first."""
    query = select(ESCALATIONS).where(where).order_by(ESCALATIONS.c.opened_at)
    return [
        Escalation(
            row.key, row.call, row.user, row.announced_name, row.to, row.note,
            row.menu_path, row.opened_at, row.taken_by, row.answer,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def kept(row: Row[Any]) -> Kept:
    """What a row says."""
    entered = Entered(
        tuple(row.reasons.split()),
        row.disposition,
        tuple(row.flags.split()),
        row.note,
        row.overrun,
        row.citizen,
    )
    return Kept(
        row.call, row.version, row.user, row.announced_name, entered, row.late, row.entered_at
    )
