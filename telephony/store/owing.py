"""The ledger in SQL: load what the happenings touch, fold, write whole rows back.

Whoever calls holds the pen, so that nothing read here changes before it is written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from telephony.owing.ledger import Ledger, attempt_key, call_key, met_key, request_key
from telephony.owing.model import (
    Attempt,
    CallbackAsked,
    CallbackDone,
    Cause,
    EndedCall,
    Event,
    Obligation,
    Result,
    State,
    Terms,
    What,
)
from telephony.store import statements
from telephony.store.changes import AttemptEnded, CallClosed, CallNoted, Change
from telephony.store.history import chunks
from telephony.store.tables import (
    CALL_EVENTS,
    CALL_INPUTS,
    CALLS,
    OBLIGATION_ATTEMPTS,
    OBLIGATION_EVENTS,
    OBLIGATIONS,
    OWING,
    OWING_TERMS,
)
from telephony.store.words import Outcome

CONNECTED: Final = "connected"  # an agent and the caller hear each other
REQUESTED: Final = "requested"
OVERFLOW_ANSWERED: Final = "overflow_answered"
CALLBACK_NUMBER: Final = "callback_number"  # what the caller typed to be called back at
TOLD: Final = (CONNECTED, REQUESTED, OVERFLOW_ANSWERED, "queued")
FORMER_AT_ONCE: Final = 500  # calls


@dataclass(frozen=True, slots=True)
class Over:
    """A call is over."""

    call: str


@dataclass(frozen=True, slots=True)
class Met:
    """A caller was answered."""

    call: str
    at: float


Happening = Over | Met | CallbackAsked | CallbackDone | Attempt


@dataclass(frozen=True, slots=True)
class _Call:
    """A record, as far as the ledger goes by it."""

    ended: EndedCall | None
    number: str | None
    connected: bool
    answered_at: float


def fold(connection: Connection, site: str, changes: Iterable[Change], terms: Terms) -> None:
    """What the changes, which are written already, mean for what is owed."""
    happenings = [each for change in changes for each in _happening(change)]
    if happenings:
        _take(connection, site, happenings, terms)


def begin(connection: Connection, site: str, now: float, terms: Terms) -> None:
    """Note what holds from now on; the first time it holds for every call there was."""
    head(connection, site, terms)
    held = connection.execute(select(OWING_TERMS).order_by(OWING_TERMS.c.since.desc())).first()
    if held is None or held.short_abandon != terms.short_abandon:
        _begin_terms(connection, 0.0 if held is None else now, terms)


def read_former(connection: Connection, site: str, terms: Terms) -> bool:
    """Calls of before the ledger, some of them at a time; whether there may be more."""
    read_to = head(connection, site, terms).read_to
    if read_to is None:
        return False
    over = (CALLS.c.outcome.is_not(None), CALLS.c.arrived_at >= terms.since)
    order = (CALLS.c.ended_at, CALLS.c.id)
    query = select(CALLS.c.id, CALLS.c.outcome, CALLS.c.ended_at).where(*over)
    later = query.where(CALLS.c.ended_at > read_to).order_by(*order).limit(FORMER_AT_ONCE)
    found = list(connection.execute(later))
    last = found[-1].ended_at if len(found) == FORMER_AT_ONCE else None
    if last is not None:  # with all of that instant
        found = [each for each in found if each.ended_at < last]
        found += connection.execute(query.where(CALLS.c.ended_at == last).order_by(*order))
    _take(connection, site, [Over(each.id) for each in found], terms, former=True)
    connection.execute(update(OWING).where(OWING.c.site == site).values(read_to=last))
    return last is not None


def head(connection: Connection, site: str, terms: Terms) -> Row[Any]:
    """The ledger's own row, which comes with its first use."""
    query = select(OWING).where(OWING.c.site == site)
    found = connection.execute(query).one_or_none()
    if found is None:
        values = {"site": site, "since": terms.since, "last": 0, "read_to": terms.since}
        connection.execute(statements.add(connection.dialect.name, OWING), values)
        found = connection.execute(query).one()
    return found


def _begin_terms(connection: Connection, since: float, terms: Terms) -> None:
    values = {"since": since, "short_abandon": terms.short_abandon}
    connection.execute(statements.add(connection.dialect.name, OWING_TERMS), values)


def _happening(change: Change) -> tuple[Happening, ...]:
    match change:
        case CallClosed(call):
            return (Over(call),)
        case CallNoted(call, at, event) if event == CONNECTED:
            return (Met(call, at),)
        case CallbackAsked() | CallbackDone():
            return (change,)
        case AttemptEnded():
            return (
                Attempt(
                    change.attempt,
                    change.obligation,
                    change.agent,
                    change.began_at,
                    change.answered_at,
                    change.ended_at,
                    Result(change.result),
                ),
            )
        case _:
            return ()


def _take(
    connection: Connection,
    site: str,
    happenings: Sequence[Happening],
    terms: Terms,
    *,
    former: bool = False,
) -> None:
    since = head(connection, site, terms)
    calls = _calls(connection, {each.call for each in happenings if isinstance(each, Over | Met)})
    if former:  # as it came about: who was answered, when they were
        happenings = sorted(happenings, key=lambda each: _when(calls, each))
    book = _book(connection, since.last, happenings, calls, terms)
    shorts = _terms(connection)
    for each in happenings:
        match each:
            case Over(call):
                _over(book, calls.get(call), since.since, shorts, former=former)
            case Met(call, at) if call in calls:
                book.met(call, calls[call].number, at)
            case CallbackAsked():
                book.asked(each)
            case CallbackDone():
                book.done(each)
            case Attempt():
                book.tried_to_reach(each)
            case _:
                pass
    _save(connection, site, book, since.last)


def _over(
    book: Ledger,
    call: _Call | None,
    since: float,
    shorts: Sequence[tuple[float, float]],
    *,
    former: bool,
) -> None:
    ended = None if call is None else call.ended
    if call is None or ended is None or ended.arrived_at < since:
        return
    if ended.outcome is Outcome.ANSWERED:
        if former or not call.connected:  # else it was told when it was so
            book.met(ended.call, call.number, call.answered_at)
        return
    book.ended(ended, _short_at(shorts, ended.ended_at))


def _when(calls: dict[str, _Call], each: Happening) -> float:
    call = calls.get(each.call) if isinstance(each, Over) else None
    if call is None or call.ended is None:
        return 0.0
    answered = call.ended.outcome is Outcome.ANSWERED
    return call.answered_at if answered else call.ended.ended_at


# -- loading -----------------------------------------------------------------------------------


def _calls(connection: Connection, ids: set[str]) -> dict[str, _Call]:
    found: dict[str, _Call] = {}
    for some in chunks(sorted(ids)):
        told: dict[str, dict[str, Any]] = {}
        events = select(CALL_EVENTS).where(
            CALL_EVENTS.c.call.in_(some), CALL_EVENTS.c.event.in_(TOLD)
        )
        for row in connection.execute(events.order_by(CALL_EVENTS.c.at)):
            told.setdefault(row.call, {})[row.event] = row
        typed = select(CALL_INPUTS.c.call, CALL_INPUTS.c.value).where(
            CALL_INPUTS.c.call.in_(some), CALL_INPUTS.c.field == CALLBACK_NUMBER
        )
        numbers = {row.call: row.value for row in connection.execute(typed)}
        for row in connection.execute(select(CALLS).where(CALLS.c.id.in_(some))):
            found[row.id] = _call(row, told.get(row.id, {}), numbers.get(row.id))
    return found


def _call(row: Row[Any], told: dict[str, Any], typed: str | None) -> _Call:
    pressed = told.get(OVERFLOW_ANSWERED)
    ended = None
    if row.outcome is not None:
        ended = EndedCall(
            row.id,
            typed or row.caller_number,
            row.arrived_at,
            row.ended_at,
            Outcome(row.outcome),
            queued="queued" in told,
            requested=REQUESTED in told,
            overflow_result="" if pressed is None else str(pressed.detail.get("result", "")),
        )
    spoken = (row.talked or 0.0) + (row.held or 0.0)
    answered_at = (
        told[CONNECTED].at if CONNECTED in told else (row.ended_at or row.arrived_at) - spoken
    )
    return _Call(ended, row.caller_number, CONNECTED in told, answered_at)


def _book(
    connection: Connection,
    last: int,
    happenings: Sequence[Happening],
    calls: dict[str, _Call],
    terms: Terms,
) -> Ledger:
    named = {each.obligation for each in happenings if isinstance(each, CallbackDone | Attempt)}
    known = {row.id: obligation(row) for row in _in(connection, OBLIGATIONS.c.id, named)}
    numbers = {each.number for each in happenings if isinstance(each, CallbackAsked)}
    numbers |= {each.number for each in known.values()}
    for call in calls.values():
        told = call.ended.number if call.ended is not None else None
        numbers |= {each for each in (call.number, told) if each is not None}
    open_ones = _in(connection, OBLIGATIONS.c.number, numbers, OBLIGATIONS.c.closed_at.is_(None))
    known |= {row.id: obligation(row) for row in open_ones}
    keys = {key for each in happenings for key in _keys(each, calls, known)}
    there = {row.key for row in _in(connection, OBLIGATION_EVENTS.c.key, keys)}
    tried = {each.obligation for each in happenings if isinstance(each, Attempt)}
    attempts = [attempt(row) for row in _in(connection, OBLIGATION_ATTEMPTS.c.obligation, tried)]
    return Ledger(terms, last, known.values(), there, attempts)


def _keys(each: Happening, calls: dict[str, _Call], known: dict[str, Obligation]) -> Iterable[str]:
    match each:
        case Over(call) | Met(call) if call in calls:
            yield call_key(call)
            number = calls[call].number
            yield from (met_key(call, one.id) for one in known.values() if one.number == number)
        case CallbackAsked(key) | CallbackDone(key):
            yield request_key(key)
        case Attempt():
            yield attempt_key(each)
        case _:
            pass


def _in(connection: Connection, column: Any, values: Iterable[str], *where: Any) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for some in chunks(sorted(values)):
        query = select(column.table).where(column.in_(some), *where)
        found.extend(connection.execute(query))
    return found


def _terms(connection: Connection) -> list[tuple[float, float]]:
    rows = connection.execute(select(OWING_TERMS).order_by(OWING_TERMS.c.since))
    return [(row.since, row.short_abandon) for row in rows]


def _short_at(shorts: Sequence[tuple[float, float]], at: float) -> float | None:
    held = [short for since, short in shorts if since <= at]
    return held[-1] if held else None


def obligation(row: Row[Any]) -> Obligation:
    """The value of a row."""
    told = dict(row._mapping)
    return Obligation(**told | {"cause": Cause(row.cause), "state": State(row.state)})


def event(row: Row[Any]) -> Event:
    """The value of a row."""
    told = dict(row._mapping)
    state = None if row.state is None else State(row.state)
    return Event(**told | {"what": What(row.what), "state": state})


def attempt(row: Row[Any]) -> Attempt:
    """The value of a row."""
    return Attempt(**dict(row._mapping) | {"result": Result(row.result)})


# -- saving ------------------------------------------------------------------------------------


def _save(connection: Connection, site: str, book: Ledger, last: int) -> None:
    dialect = connection.dialect.name
    if book.events:
        events = [asdict(each) for each in book.events]
        connection.execute(statements.add(dialect, OBLIGATION_EVENTS), events)
    # What is closed first: of those who share an identity the database takes one open one.
    changed = [book.obligations[each] for each in book.changed]
    changed.sort(key=lambda each: (each.state is State.OPEN, each.no))
    if changed:
        rows = [asdict(each) for each in changed]
        connection.execute(statements.save(dialect, OBLIGATIONS), rows)
    if book.tried:
        tried = [asdict(book.attempts[each]) for each in sorted(book.tried)]
        connection.execute(statements.save(dialect, OBLIGATION_ATTEMPTS), tried)
    if book.last != last:
        connection.execute(update(OWING).where(OWING.c.site == site).values(last=book.last))
