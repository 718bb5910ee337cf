"""Calls as the publisher would write them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from config.database import Database
from telephony.caller_id import Caller, identify
from telephony.store.changes import (
    AgentMoved,
    CallAdvanced,
    CallClosed,
    CallNoted,
    CallOpened,
    Change,
    LineMoved,
    WrappedUp,
)
from telephony.store.intervals import AgentInterval, LineInterval
from telephony.store.tables import METADATA
from telephony.store.words import HungUpBy, Outcome

Entries = list[tuple[int, Sequence[Change]]]

NUMBER = "+81942001234"


def a_caller(number: str = "0942001234") -> Caller:
    return identify(f"<sip:{number}@127.0.0.1>", "", "", trust_pai=False)


def opened(call: str, at: float, line: int | None = 1) -> CallOpened:
    return CallOpened(call, at, line, "0942000100", a_caller())


def closed(call: str, at: float, outcome: Outcome = Outcome.ANSWERED) -> CallClosed:
    return CallClosed(call, at, outcome, None, 12.5, 60.25, 3.0, HungUpBy.CALLER)


def an_answered_call(call: str, at: float, first: int, agent: str = "a01") -> Entries:
    """Eight entries: arrival, menu, queue, offer, answer, end, wrap-up, and the end of that."""
    steps: list[Sequence[Change]] = [
        [
            opened(call, at),
            LineMoved(1, at, "menu", call, None),
            CallNoted(call, at, "arrived", {}),
        ],
        [CallAdvanced(call, at + 1, menu_path="main/1")],
        [CallAdvanced(call, at + 2, queue="booking"), CallNoted(call, at + 2, "queued", {})],
        [
            CallNoted(call, at + 3, "offered", {"agent": agent, "attempt": 1}),
            AgentMoved(agent, "s1", at + 3, "offered", None, call),
        ],
        [
            CallAdvanced(call, at + 5, agent=agent),
            CallNoted(call, at + 5, "answered", {"agent": agent}),
            AgentMoved(agent, "s1", at + 5, "talking", None, call),
            LineMoved(1, at + 5, "talking", call, agent),
        ],
        [
            closed(call, at + 65),
            CallNoted(call, at + 65, "hung_up", {"by": "caller"}),
            AgentMoved(agent, "s1", at + 65, "wrap_up", None, call),
            LineMoved(1, at + 65, "idle", None, None),
        ],
        [WrappedUp(call, agent, at + 70, 5.0), CallNoted(call, at + 70, "wrapped_up", {})],
        [AgentMoved(agent, "s1", at + 70, "ready", None, None)],
    ]
    return list(enumerate(steps, start=first))


async def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database, to compare."""

    def dump(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in METADATA.sorted_tables
        }

    return await database.read(dump)


def assert_seamless(intervals: Sequence[AgentInterval | LineInterval]) -> None:
    """Of one agent or line: each begins where the one before ended, and only the last is open."""
    for before, after in pairwise(intervals):
        assert before.ended_at == after.started_at
        assert before.started_at <= after.started_at
    assert [each.ended_at for each in intervals[-1:]] in ([], [None])
