"""Reading what the controller has written. Values come out, never rows."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, Select, Table, select

from config.database import Database
from telephony.caller_id import E164, Caller, CallerKind
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.store.changes import ModeBegan, OvertimeWorked, OwnCallClosed
from telephony.store.intervals import AgentInterval, LineInterval
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
from telephony.store.words import HungUpBy, Outcome, OverflowReason

T = TypeVar("T")
CHUNK: Final = 500  # ids in one statement; both engines have a limit far above


class History:
    """The questions anybody may ask about past and present calls, agents and lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def calls(self, limit: int, since: float | None = None) -> list[CallRecord]:
        """Calls that are over and arrived at `since` or later, latest arrival first."""
        query = select(CALLS).where(CALLS.c.outcome.is_not(None)).limit(limit)
        if since is not None:
            query = query.where(CALLS.c.arrived_at >= since)
        return await self._records(query.order_by(CALLS.c.arrived_at.desc(), CALLS.c.id))

    async def arrived(self, since: float) -> list[CallRecord]:
        """All calls that arrived at `since` or later, open or over, in the order of arrival."""
        query = select(CALLS).where(CALLS.c.arrived_at >= since)
        return await self._records(query.order_by(CALLS.c.arrived_at, CALLS.c.id))

    async def open_calls(self) -> list[CallRecord]:
        """Calls that are not over, longest here first."""
        query = select(CALLS).where(CALLS.c.outcome.is_(None))
        return await self._records(query.order_by(CALLS.c.arrived_at, CALLS.c.id))

    async def modes_on(self) -> list[ModeBegan]:
        """Modes that nobody has ended, also those whose time is over; in the order of the days."""
        query = select(MODES).where(MODES.c.ended_at.is_(None)).order_by(MODES.c.since)
        return await self._database.read(
            lambda connection: [
                ModeBegan(row.mode, row.since, row.until, row.by, row.closes, row.prompt or "")
                for row in connection.execute(query)
            ]
        )

    async def call(self, call: str) -> CallRecord | None:
        """One call, open or over."""
        return await self._database.read(lambda connection: call_of(connection, call))

    async def those(self, calls: Sequence[str]) -> list[CallRecord]:
        """These calls, open or over, latest arrival first."""
        found: list[CallRecord] = []
        for some in chunks(calls):
            found += await self._records(select(CALLS).where(CALLS.c.id.in_(some)))
        return sorted(found, key=lambda call: (-call.arrived_at, call.id))

    async def earlier(self, number: str, before: float, limit: int) -> list[CallRecord]:
        """Calls from this E.164 number that arrived before, latest first."""
        return await self._database.read(
            lambda connection: earlier_than(connection, number, before, limit)
        )

    async def inputs(self, call: str) -> dict[str, str]:
        """What the caller typed, by the field of the flow that asked."""
        query = select(CALL_INPUTS).where(CALL_INPUTS.c.call == call)

        def ask(connection: Connection) -> dict[str, str]:
            return {row.field: row.value for row in connection.execute(query)}

        return await self._database.read(ask)

    async def own_calls(self, since: float) -> list[OwnCallClosed]:
        """Calls that agents began since then and that are over, in order."""
        query = select(OWN_CALLS).where(OWN_CALLS.c.began_at >= since)

        def ask(connection: Connection) -> list[OwnCallClosed]:
            rows = connection.execute(query.order_by(OWN_CALLS.c.began_at, OWN_CALLS.c.id))
            return [
                OwnCallClosed(
                    row.id,
                    row.kind,
                    row.agent,
                    row.target,
                    row.began_at,
                    row.answered_at,
                    row.ended_at,
                    row.ended,
                )
                for row in rows
            ]

        return await self._database.read(ask)

    async def overtime(self, since: float, until: float) -> list[OvertimeWorked]:
        """Work beyond the closings of a stretch, in order."""
        query = select(OVERTIME).where(OVERTIME.c.closed_at.between(since, until))

        def ask(connection: Connection) -> list[OvertimeWorked]:
            rows = connection.execute(query.order_by(OVERTIME.c.closed_at, OVERTIME.c.agent))
            return [OvertimeWorked(row.agent, row.person, row.closed_at, row.at) for row in rows]

        return await self._database.read(ask)

    async def agent_intervals(self, since: float, until: float) -> list[AgentInterval]:
        """Intervals that touch the window, uncut, in order for each agent."""
        rows = await self._intervals(AGENT_INTERVALS, since, until)
        return [
            AgentInterval(
                row.agent, row.seat, row.state, row.reason, row.call, row.started_at, row.ended_at
            )
            for row in rows
        ]

    async def line_intervals(self, since: float, until: float) -> list[LineInterval]:
        """Intervals that touch the window, uncut, in order for each line."""
        rows = await self._intervals(LINE_INTERVALS, since, until)
        return [
            LineInterval(row.line, row.state, row.call, row.agent, row.started_at, row.ended_at)
            for row in rows
        ]

    async def _records(self, query: Select[Any]) -> list[CallRecord]:
        return await self._database.read(lambda connection: _records(connection, query))

    async def _intervals(self, table: Table, since: float, until: float) -> Sequence[Row[Any]]:
        ended = table.c.ended_at
        query = (
            select(table)
            .where(table.c.started_at < until, ended.is_(None) | (ended > since))
            .order_by(*table.primary_key.columns)
        )
        return await self._database.read(lambda connection: connection.execute(query).all())


def call_of(connection: Connection, call: str) -> CallRecord | None:
    """One call, open or over, within a transaction of the caller's."""
    return next(iter(_records(connection, select(CALLS).where(CALLS.c.id == call))), None)


def earlier_than(
    connection: Connection, number: str, before: float, limit: int
) -> list[CallRecord]:
    """Calls from this E.164 number that arrived before, latest first; likewise."""
    same = (CALLS.c.caller_number == number, CALLS.c.arrived_at < before)
    query = select(CALLS).where(*same).order_by(CALLS.c.arrived_at.desc(), CALLS.c.id)
    return _records(connection, query.limit(limit))


def _records(connection: Connection, query: Select[Any]) -> list[CallRecord]:
    rows = connection.execute(query).all()
    timelines = _timelines(connection, [row.id for row in rows])
    return [_record(row, timelines.get(row.id, ())) for row in rows]


def _timelines(
    connection: Connection, calls: Sequence[str]
) -> dict[str, tuple[TimelineEvent, ...]]:
    found: dict[str, tuple[TimelineEvent, ...]] = {}
    for chunk in chunks(calls):
        query = select(CALL_EVENTS).where(CALL_EVENTS.c.call.in_(chunk))
        rows = connection.execute(query.order_by(*CALL_EVENTS.primary_key.columns))
        for call, events in groupby(rows, key=lambda row: row.call):
            found[call] = tuple(TimelineEvent(e.at, e.event, e.detail) for e in events)
    return found


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that fit one statement."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _record(row: Row[Any], timeline: tuple[TimelineEvent, ...]) -> CallRecord:
    return CallRecord(
        id=row.id,
        arrived_at=row.arrived_at,
        line=row.line,
        caller=_caller(row),
        dialled=row.dialled,
        menu_path=row.menu_path,
        queue=row.queue,
        agent=row.agent,
        outcome=row.outcome and Outcome(row.outcome),
        overflow_reason=row.overflow_reason and OverflowReason(row.overflow_reason),
        waited=row.waited,
        talked=row.talked,
        held=row.held,
        wrapped_up=row.wrapped_up,
        ended_at=row.ended_at,
        hung_up_by=row.hung_up_by and HungUpBy(row.hung_up_by),
        timeline=timeline,
    )


def _caller(row: Row[Any]) -> Caller:
    number = None if row.caller_number is None else E164(row.caller_number)
    kind = CallerKind(row.caller_kind or CallerKind.UNKNOWN)
    return Caller(number, kind, kind.label, row.caller_name or "", row.caller_told)
