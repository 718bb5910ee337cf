"""Callbacks as pages see them: numbers masked, people by the name that citizens hear."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, select

from agents.tables import USERS
from agents.web.fields import Answer
from config.database import Database
from telephony.caller_id import masked
from telephony.owing.model import Attempt, Event, Obligation
from telephony.store.call_record import JAPAN
from telephony.store.history import chunks

NOBODY: Final = ""
StateSeen = Literal["open", "contacted", "exhausted", "withdrawn"]


class CallbackSeen(Answer):
    """One line of the worklist; instants are epoch seconds."""

    id: str
    no: int
    masked: str
    name: str
    topic: str
    cause: str
    state: StateSeen
    provisional: bool
    opened_at: float
    due_at: float
    next_at: float
    wanted_at: float | None
    closed_at: float | None
    attempts: int
    wishes: int  # how often they have called, or somebody has asked for them
    claimed_by: str | None
    claimed_name: str
    claimed_until: float | None
    mine: bool
    last_result: str | None
    last_attempt: str | None
    last_attempt_at: float | None


class EventSeen(Answer):
    """One line of a history."""

    at: float
    what: str
    told: str
    call: str | None
    by: str
    note: str


class AttemptSeen(Answer):
    """One call to the citizen."""

    id: str
    began_at: float
    answered_at: float | None
    ended_at: float
    seat: str
    result: str


class CallbackWhole(Answer):
    """One with all that happened to it."""

    callback: CallbackSeen
    events: list[EventSeen]
    attempts: list[AttemptSeen]


async def names(database: Database, people: Iterable[str | None]) -> dict[str, str]:
    """The announced names of these people."""
    wanted = sorted({each for each in people if each})

    def ask(connection: Connection) -> dict[str, str]:
        return {
            row.id: row.announced_name
            for some in chunks(wanted)
            for row in connection.execute(
                select(USERS.c.id, USERS.c.announced_name).where(USERS.c.id.in_(some))
            )
        }

    return await database.read(ask) if wanted else {}


def seen(
    known: Obligation,
    last: Attempt | None,
    wishes: int,
    people: dict[str, str],
    me: str,
    now: float,
) -> CallbackSeen:
    """As the worklist shows it."""
    holder = known.holder(now)
    return CallbackSeen(
        id=known.id,
        no=known.no,
        masked=masked(known.number),
        name=known.name,
        topic=known.topic,
        cause=known.cause.value,
        state=known.state.value,
        provisional=known.provisional,
        opened_at=known.opened_at,
        due_at=known.due_at,
        next_at=known.next_at,
        wanted_at=known.wanted_at,
        closed_at=known.closed_at,
        attempts=known.attempts,
        wishes=wishes,
        claimed_by=holder,
        claimed_name=NOBODY if holder is None else people.get(holder, holder),
        claimed_until=known.claimed_until if holder is not None else None,
        mine=holder == me,
        last_result=None if last is None else last.result.value,
        last_attempt=None if last is None else last.id,
        last_attempt_at=None if last is None else last.ended_at,
    )


def event_seen(event: Event, people: dict[str, str]) -> EventSeen:
    """As the history shows it."""
    by = event.by or ""
    return EventSeen(
        at=event.at,
        what=event.what.value,
        told=event.told,
        call=event.call,
        by=people.get(by, by),
        note=event.note,
    )


def attempt_seen(attempt: Attempt) -> AttemptSeen:
    """As the history shows it."""
    return AttemptSeen(
        id=attempt.id,
        began_at=attempt.began_at,
        answered_at=attempt.answered_at,
        ended_at=attempt.ended_at,
        seat=attempt.agent,
        result=attempt.result.value,
    )


def months_before(now: float, count: int) -> Sequence[tuple[str, float, float]]:
    """The present month and those before it: its name, where it begins and ends."""
    civil = datetime.fromtimestamp(now, JAPAN)
    year, month = civil.year, civil.month
    found = []
    for _ in range(count):
        first = datetime(year, month, 1, tzinfo=JAPAN)
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=JAPAN)
        found.append((f"{year}-{month:02}", first.timestamp(), following.timestamp()))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found
