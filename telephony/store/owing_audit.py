"""The balance, told anew from the records of calls, and whatever does not agree with them.

Nothing here trusts the obligations' rows: each call that owes something must have one event, each
event its obligation, each state its event, each contact an answered leg, and the numbers no gap.
So a row that somebody deleted by hand is missed, whichever table it was in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
)

from config.database import Database
from telephony.owing.model import Balance, Result, State, What, balance
from telephony.store.owing import REQUESTED
from telephony.store.tables import (
    CALL_EVENTS,
    CALLS,
    OBLIGATION_ATTEMPTS,
    OBLIGATION_EVENTS,
    OBLIGATIONS,
    OWING,
    OWING_TERMS,
    OWN_CALLS,
)
from telephony.store.words import Outcome

MOST_FAULTS: Final = 50  # of one kind that are told
_ALWAYS: Final = (Outcome.OVERFLOWED, Outcome.REFUSED, Outcome.LOST)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not agree: what kind, and of which call or obligation."""

    kind: str
    of: str

    def __str__(self) -> str:
        return f"{SENTENCES[self.kind]}: {self.of}"


SENTENCES: Final = {
    "call_without_event": "折り返しのない通話です (a call that owes something, and no event)",
    "event_without_call": "通話記録のない履歴です (an event whose call has no record)",
    "event_without_obligation": "折り返しのない履歴です (an event whose obligation is gone)",
    "events_missing": "履歴が欠けています (events of an obligation are missing)",
    "state_without_event": "状態が履歴と合いません (a state that no event explains)",
    "number_missing": "番号が欠けています (the number of an obligation is missing)",
    "contact_without_leg": "応答のない「連絡済み」です (contacted, and no answered leg)",
}


@dataclass(frozen=True, slots=True)
class Audit:
    """The balance of a stretch, and every fault there is in the whole ledger."""

    balance: Balance
    unnumbered: int
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """It balances, and agrees with the records."""
        return self.balance.balanced and not self.faults


class OwingAudit:
    """Recomputes the balance of callbacks."""

    def __init__(self, database: Database, site: str = "main") -> None:
        self._database = database
        self._site = site

    async def whole(self, since: float = 0.0, until: float | None = None) -> Audit:
        """Of what was opened in the stretch; faults are looked for everywhere."""

        def ask(connection: Connection) -> Audit:
            faults = tuple(_faults(connection, self._site))
            if faults or since > 0.0 or until is not None:
                return Audit(*_balance(connection, since, until), faults)
            return Audit(*_proved(connection), faults)

        return await self._database.read(ask)

    async def balance(self, since: float = 0.0, until: float | None = None) -> tuple[Balance, int]:
        """The balance alone, from the events, and those without a number."""
        return await self._database.read(lambda connection: _balance(connection, since, until))


def _within(column: ColumnElement[float], since: float, until: float | None) -> ColumnElement[bool]:
    later = column >= since
    return later if until is None else and_(later, column < until)


def _proved(connection: Connection) -> tuple[Balance, int]:
    """The same where every state was found to be that of its last event, and no event is alone."""
    what, state = OBLIGATION_EVENTS.c.what, OBLIGATIONS.c.state
    counted = select(what, func.count()).where(what.in_((What.OPENED, What.UNNUMBERED)))
    number = {row[0]: row[1] for row in connection.execute(counted.group_by(what))}
    found = connection.execute(select(state, func.count()).group_by(state)).all()
    stand = [State(each) for each, many in found for _ in range(many)]
    return balance(number.get(What.OPENED, 0), stand), number.get(What.UNNUMBERED, 0)


def _balance(connection: Connection, since: float, until: float | None) -> tuple[Balance, int]:
    opened = OBLIGATION_EVENTS.alias("opened")
    is_opening = and_(opened.c.what == What.OPENED, _within(opened.c.at, since, until))
    count = connection.scalar(select(func.count()).where(is_opening)) or 0
    # The state after the last event of each: the rows of the obligations are not asked.
    last, following = OBLIGATION_EVENTS.alias("last"), OBLIGATION_EVENTS.alias("following")
    later = exists().where(
        following.c.obligation == last.c.obligation, following.c.seq == last.c.seq + 1
    )
    states = select(last.c.state, func.count()).where(last.c.obligation.is_not(None), ~later)
    if since > 0.0 or until is not None:
        states = states.join(opened, opened.c.obligation == last.c.obligation).where(is_opening)
    found = connection.execute(states.group_by(last.c.state)).all()
    stand = [State(state) for state, number in found for _ in range(number)]
    unnumbered = select(func.count()).where(
        OBLIGATION_EVENTS.c.what == What.UNNUMBERED, _within(OBLIGATION_EVENTS.c.at, since, until)
    )
    return balance(count, stand), connection.scalar(unnumbered) or 0


def _faults(connection: Connection, site: str) -> Iterator[Fault]:
    head = connection.execute(select(OWING).where(OWING.c.site == site)).one_or_none()
    if head is None:
        return
    terms = connection.execute(select(OWING_TERMS).order_by(OWING_TERMS.c.since)).all()
    for kind, query in (
        ("call_without_event", _calls_without(head, terms)),
        ("event_without_call", _events_without_call()),
        ("event_without_obligation", _events_without_obligation()),
        *([] if _complete(connection) else [("events_missing", _events_missing())]),
        ("state_without_event", _state_without_event()),
        ("contact_without_leg", _contact_without_leg()),
    ):
        for (of,) in connection.execute(query.limit(MOST_FAULTS)):
            yield Fault(kind, str(of))
    yield from _gaps(connection, head.last)


def _calls_without(head: Any, terms: Sequence[Any]) -> Select[Any]:
    asked = exists().where(CALL_EVENTS.c.call == CALLS.c.id, CALL_EVENTS.c.event == REQUESTED)
    long_enough = [
        and_(
            _within(CALLS.c.ended_at, one.since, following),
            CALLS.c.ended_at - CALLS.c.arrived_at >= one.short_abandon,
        )
        for one, following in zip(terms, [*(each.since for each in terms[1:]), None], strict=False)
    ]
    owes = or_(
        CALLS.c.outcome.in_(_ALWAYS),
        and_(CALLS.c.outcome == Outcome.ABANDONED, or_(False, *long_enough)),
        and_(CALLS.c.outcome != Outcome.ANSWERED, asked),
    )
    key = literal("call:", String) + CALLS.c.id
    there = exists().where(OBLIGATION_EVENTS.c.key == key)
    query = select(CALLS.c.id).where(CALLS.c.outcome.is_not(None), owes, ~there)
    query = query.where(CALLS.c.arrived_at >= head.since)
    return query if head.read_to is None else query.where(CALLS.c.ended_at < head.read_to)


def _events_without_call() -> Select[Any]:
    of_calls = OBLIGATION_EVENTS.c.key.like("call:%")
    there = exists().where(CALLS.c.id == OBLIGATION_EVENTS.c.call)
    return select(OBLIGATION_EVENTS.c.call).where(of_calls, ~there)


def _events_without_obligation() -> Select[Any]:
    there = exists().where(OBLIGATIONS.c.id == OBLIGATION_EVENTS.c.obligation)
    named = OBLIGATION_EVENTS.c.obligation.is_not(None)
    return select(OBLIGATION_EVENTS.c.obligation).where(named, ~there).distinct()


def _complete(connection: Connection) -> bool:
    """Whether there are as many events as were counted, under the numbers 1 to n of each."""
    count, total = OBLIGATIONS.c.events, OBLIGATION_EVENTS.c.seq
    counted = connection.execute(select(func.sum(count), func.sum(count * (count + 1) / 2))).one()
    there = connection.execute(
        select(func.count(), func.sum(total)).where(OBLIGATION_EVENTS.c.obligation.is_not(None))
    ).one()
    return (counted[0] or 0, int(counted[1] or 0)) == (there[0] or 0, int(there[1] or 0))


def _events_missing() -> Select[Any]:
    found = (
        select(OBLIGATION_EVENTS.c.obligation, func.count().label("found"))
        .where(OBLIGATION_EVENTS.c.obligation.is_not(None))
        .group_by(OBLIGATION_EVENTS.c.obligation)
        .subquery()
    )
    return (
        select(OBLIGATIONS.c.id)
        .outerjoin(found, found.c.obligation == OBLIGATIONS.c.id)
        .where(func.coalesce(found.c.found, 0) != OBLIGATIONS.c.events)
    )


def _state_without_event() -> Select[Any]:
    last = and_(
        OBLIGATION_EVENTS.c.obligation == OBLIGATIONS.c.id,
        OBLIGATION_EVENTS.c.seq == OBLIGATIONS.c.events,
    )
    return (
        select(OBLIGATIONS.c.id)
        .join(OBLIGATION_EVENTS, last)
        .where(OBLIGATION_EVENTS.c.state != OBLIGATIONS.c.state)
    )


def _contact_without_leg() -> Select[Any]:
    by_call = exists().where(
        CALLS.c.id == OBLIGATIONS.c.closed_by,
        or_(CALLS.c.outcome.is_(None), CALLS.c.outcome == Outcome.ANSWERED),
    )
    solved = exists().where(
        OBLIGATION_EVENTS.c.obligation == OBLIGATIONS.c.id,
        OBLIGATION_EVENTS.c.what == What.SOLVED,
        OBLIGATION_EVENTS.c.call == OBLIGATIONS.c.closed_by,
    )
    by_attempt = exists().where(
        OBLIGATION_ATTEMPTS.c.id == OBLIGATIONS.c.closed_by,
        OBLIGATION_ATTEMPTS.c.result == Result.REACHED,
        OWN_CALLS.c.id == OBLIGATION_ATTEMPTS.c.id,
        OWN_CALLS.c.answered_at.is_not(None),
    )
    contacted = OBLIGATIONS.c.state == State.CONTACTED
    return select(OBLIGATIONS.c.id).where(contacted, ~or_(by_call, solved, by_attempt))


def _gaps(connection: Connection, last: int) -> Iterator[Fault]:
    there = connection.scalar(select(func.count()).select_from(OBLIGATIONS)) or 0
    if there == last:
        return
    known = set(connection.scalars(select(OBLIGATIONS.c.no)))
    missing = (no for no in range(1, last + 1) if no not in known)
    for _, no in zip(range(MOST_FAULTS), missing, strict=False):
        yield Fault("number_missing", str(no))
