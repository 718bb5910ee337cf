"""From placed changes to rows: load what they touch, fold, write whole rows back."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Select, Table, select

from telephony.store import statements
from telephony.store.changes import (
    AgentMoved,
    CallNoted,
    Change,
    InputKept,
    LineMoved,
    ModeBegan,
    ModeEnded,
    NotOfCall,
    OvertimeWorked,
    OwnCallClosed,
)
from telephony.store.drafts import CallDraft, grown
from telephony.store.history import chunks
from telephony.store.intervals import Place, Span, chained, span
from telephony.store.tables import (
    AGENT_INTERVALS,
    CALL_EVENTS,
    CALL_INPUTS,
    CALLS,
    LINE_INTERVALS,
    MODES,
    OVERTIME,
    OWN_CALLS,
)

Placed = tuple[Place, Change]

_NOT_FACTS: Final = frozenset({*Place._fields, "started_at", "ended_at"})


def write(connection: Connection, changes: Sequence[Placed]) -> None:
    """Write the changes, in the order they have; the caller holds the pen."""
    _write_calls(connection, [change for _, change in changes])
    notes = [(place, change) for place, change in changes if isinstance(change, CallNoted)]
    _add(connection, CALL_EVENTS, [_event(place, note) for place, note in notes])
    _write_own(connection, [each for _, each in changes if isinstance(each, OwnCallClosed)])
    _write_inputs(connection, [each for _, each in changes if isinstance(each, InputKept)])
    _write_overtime(connection, [each for _, each in changes if isinstance(each, OvertimeWorked)])
    _write_modes(connection, [each for _, each in changes])
    for table, kind in ((AGENT_INTERVALS, AgentMoved), (LINE_INTERVALS, LineMoved)):
        moves = [span(change, place) for place, change in changes if isinstance(change, kind)]
        _write_spans(connection, table, moves)


def _write_calls(connection: Connection, changes: Sequence[Change]) -> None:
    about_calls = [each for each in changes if not isinstance(each, NotOfCall)]
    touched = {change.call for change in about_calls}
    rows = _load(connection, select(CALLS), CALLS.c.id, touched)
    before = {row.id: CallDraft(**row._mapping) for row in rows}
    after = dict(before)
    for change in about_calls:
        after[change.call] = grown(after.get(change.call), change)
    changed = [asdict(draft) for call, draft in after.items() if draft != before.get(call)]
    if changed:
        connection.execute(statements.save(connection.dialect.name, CALLS), changed)


def _write_own(connection: Connection, closed: Sequence[OwnCallClosed]) -> None:
    if closed:
        connection.execute(
            statements.add(connection.dialect.name, OWN_CALLS), [_own(each) for each in closed]
        )


def _own(closed: OwnCallClosed) -> dict[str, Any]:
    return {
        "id": closed.call,
        "kind": closed.kind,
        "agent": closed.agent,
        "target": closed.target,
        "began_at": closed.began_at,
        "answered_at": closed.answered_at,
        "ended_at": closed.at,
        "ended": closed.end,
    }


def _write_inputs(connection: Connection, typed: Sequence[InputKept]) -> None:
    if typed:
        statement = statements.save_later(connection.dialect.name, CALL_INPUTS)
        connection.execute(statement, [asdict(each) for each in typed])


def _write_overtime(connection: Connection, worked: Sequence[OvertimeWorked]) -> None:
    if worked:
        statement = statements.save_overtime(connection.dialect.name, OVERTIME)
        connection.execute(statement, [asdict(each) for each in worked])


def _write_modes(connection: Connection, changes: Sequence[Change]) -> None:
    began = [asdict(each) for each in changes if isinstance(each, ModeBegan)]
    _add(connection, MODES, began)
    ended = [
        {"mode_is": each.mode, "since_is": each.since, "ends_at": each.at, "ends_by": each.by}
        for each in changes
        if isinstance(each, ModeEnded)
    ]
    if ended:
        connection.execute(statements.end_mode(MODES), ended)


def _write_spans(connection: Connection, table: Table, moves: Sequence[Span]) -> None:
    subject = next(iter(table.primary_key.columns))
    query = select(table).where(table.c.ended_at.is_(None))
    rows = _load(connection, query, subject, {move.subject for move in moves})
    before = [_span(subject.name, row) for row in rows]
    begun = chained({each.subject: each for each in before}, moves)
    ended = [
        {"subject_is": each.subject, "ends_at": each.ended_at}
        for each in before
        if each.ended_at is not None
    ]
    if ended:
        connection.execute(statements.end(table), ended)
    _add(connection, table, [_interval(subject.name, each) for each in begun])


def _load(
    connection: Connection,
    query: Select[Any],
    column: Column[Any],
    keys: Collection[str | int],
) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for chunk in chunks(sorted(keys, key=str)):
        found.extend(connection.execute(query.where(column.in_(chunk))))
    return found


def _add(connection: Connection, table: Table, values: list[dict[str, Any]]) -> None:
    if values:
        connection.execute(statements.add(connection.dialect.name, table), values)


def _event(place: Place, note: CallNoted) -> dict[str, Any]:
    detail = dict(note.detail)
    return {**place._asdict(), **asdict(note), "detail": detail}


def _span(subject: str, row: Row[Any]) -> Span:
    values = dict(row._mapping)
    facts = {key: values[key] for key in values.keys() - _NOT_FACTS - {subject}}
    return Span(values[subject], facts, Place(row.epoch, row.seq, row.part), row.started_at)


def _interval(subject: str, each: Span) -> dict[str, Any]:
    times = {"started_at": each.started_at, "ended_at": each.ended_at}
    return {subject: each.subject, **each.place._asdict(), **each.facts, **times}
