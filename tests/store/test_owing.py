"""The ledger in SQL: opened with the call's end, once, and found out when somebody meddles."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, delete, update

from config.database import Database
from telephony.caller_id import Caller, identify
from telephony.owing.model import (
    CallbackAsked,
    CallbackDone,
    Cause,
    Deed,
    State,
    Terms,
    What,
)
from telephony.store.changes import (
    AttemptEnded,
    CallClosed,
    CallNoted,
    CallOpened,
    Change,
    InputKept,
    OwnCallClosed,
)
from telephony.store.owing_audit import OwingAudit
from telephony.store.records import Records
from telephony.store.tables import (
    CALLS,
    METADATA,
    OBLIGATION_ATTEMPTS,
    OBLIGATION_EVENTS,
    OBLIGATIONS,
    OWING,
)
from telephony.store.words import HungUpBy, Outcome, OverflowReason
from telephony.store.worklist import Worklist

AT = 1_795_305_600.0  # 2026-11-22 09:00 in Japan
NUMBER = "+81942000123"


def caller(number: str = "0942000123") -> Caller:
    return identify(f"<sip:{number}@127.0.0.1>", "", "", trust_pai=True)


WITHHELD = identify('"Anonymous" <sip:anonymous@anonymous.invalid>', "", "", trust_pai=True)


def a_call(
    call: str,
    at: float,
    outcome: Outcome = Outcome.ABANDONED,
    who: Caller | None = None,
    lasts: float = 30.0,
    noted: Sequence[str] = (),
) -> list[Change]:
    reason = OverflowReason.ALL_LINES_BUSY if outcome is Outcome.OVERFLOWED else None
    return [
        CallOpened(call, at, 1, "0942000100", who or caller()),
        *(CallNoted(call, at + 1, event, {}) for event in noted),
        CallClosed(call, at + lasts, outcome, reason, 0.0, 0.0, 0.0, HungUpBy.CALLER),
    ]


def answered(call: str, at: float) -> list[Change]:
    return [
        CallOpened(call, at, 1, "0942000100", caller()),
        CallNoted(call, at + 5, "connected", {"agent": "a01"}),
        CallClosed(call, at + 65, Outcome.ANSWERED, None, 5.0, 60.0, 0.0, HungUpBy.CALLER),
    ]


async def begun(records: Records) -> None:
    """The ledger as it is once a controller leads, in a centre that nobody has called."""
    await records.begin_owing(1, AT)
    assert not await records.read_former(1)


def attempt(n: int, result: str, obligation: str = "ob-c1", *, up: bool = False) -> list[Change]:
    at = AT + 7200.0 * n
    id_ = f"own-{n}.1"
    up_at = at + 10 if up else None
    return [
        OwnCallClosed(id_, "callback", "a01", obligation, at, up_at, at + 30, "hung_up"),
        AttemptEnded(obligation, id_, "a01", at, up_at, at + 30, result),
    ]


@pytest.fixture
def worklist(database: Database) -> Worklist:
    return Worklist(database)


@pytest.fixture
def audit(database: Database) -> OwingAudit:
    return OwingAudit(database)


async def test_it_opens_with_the_end_of_the_call_and_once(
    records: Records, worklist: Worklist, audit: OwingAudit
) -> None:
    await begun(records)
    entries = [(1, a_call("c1", AT)), (2, a_call("c2", AT + 60, Outcome.OVERFLOWED, lasts=0.0))]
    await records.apply(1, entries)
    await records.apply(1, entries)
    await records.add(1, a_call("c1", AT))  # the same again from elsewhere
    (owed,) = await worklist.open(10)
    assert (owed.id, owed.no, owed.number, owed.events) == ("ob-c1", 1, NUMBER, 2)
    assert owed.due_at == AT + 30 + Terms().due_within
    whole = await worklist.whole("ob-c1")
    assert whole is not None
    assert [(each.what, each.call, each.seq) for each in whole.events] == [
        (What.OPENED, "c1", 1), (What.JOINED, "c2", 2),
    ]  # fmt: skip
    found = await audit.whole()
    assert (found.balance.opened, found.balance.open, found.faults) == (1, 1, ())


async def test_which_number_is_rung(records: Records, worklist: Worklist) -> None:
    typed = InputKept("c1", "callback_number", AT, "+81942000999")
    await records.apply(1, [(1, [typed, *a_call("c1", AT, who=WITHHELD, noted=["requested"])])])
    await records.apply(1, [(2, a_call("c2", AT, who=WITHHELD))])
    assert [each.number for each in await worklist.open(10)] == ["+81942000999"]
    (line,) = await worklist.unnumbered(0.0, 10)
    assert (line.call, line.told) == ("c2", Cause.MENU)
    assert (await worklist.counts(AT, 0.0)).unnumbered == 1


async def test_an_answered_call_closes_when_it_is_answered(
    records: Records, worklist: Worklist, audit: OwingAudit
) -> None:
    await begun(records)
    await records.apply(1, [(1, a_call("c1", AT))])
    first, connected, over = answered("c2", AT + 600)
    await records.apply(1, [(2, [first, connected])])
    assert await worklist.open(10) == []
    (met,) = await worklist.of_number(NUMBER, "c2")
    assert (met.state, met.provisional, met.closed_by) == (State.CONTACTED, True, "c2")
    promised = CallbackAsked("k1", AT + 620, "p1", Cause.PROMISED, NUMBER, call="c2")
    await records.add(1, [promised])
    await records.apply(1, [(3, [over])])
    assert [each.id for each in await worklist.open(10)] == ["ob-k1"]
    await records.add(1, [CallbackDone("k2", "ob-c1", Deed.CONFIRM, AT + 630, "p1")])
    assert await worklist.of_number(NUMBER, "c2") == await worklist.open(10)
    assert (await audit.whole()).sound


async def test_the_safety_nets_calls_close_too(records: Records, worklist: Worklist) -> None:
    await records.apply(1, [(1, a_call("c1", AT))])
    first, _, over = answered("c2", AT + 600)
    await records.add(1, [first, over])
    assert await worklist.open(10) == []


async def test_attempts_exhaust_and_reach(
    records: Records, worklist: Worklist, audit: OwingAudit
) -> None:
    await begun(records)
    await records.apply(1, [(1, a_call("c1", AT))])
    for n in (1, 2):
        await records.add(1, attempt(n, "no_answer"))
        await records.add(1, attempt(n, "no_answer"))
    (owed,) = await worklist.open(10)
    assert (owed.attempts, owed.next_at) == (2, AT + 14_430 + Terms().spacing)
    await records.add(1, attempt(3, "answered", up=True))
    await records.add(1, attempt(3, "reached", up=True))
    (done,) = await worklist.closed(10)
    assert (done.state, done.closed_by) == (State.CONTACTED, "own-3.1")
    assert (await worklist.results(["ob-c1"]))["ob-c1"].result == "reached"
    assert (await audit.whole()).sound
    await records.add(1, attempt(3, "machine", up=True))
    (done,) = await worklist.closed(10)
    assert (done.state, done.attempts) == (State.EXHAUSTED, 3)
    assert (await audit.whole()).sound


async def test_two_reach_for_one(records: Records, worklist: Worklist) -> None:
    await records.apply(1, [(1, a_call("c1", AT))])
    claims = [CallbackDone(f"k{n}", "ob-c1", Deed.CLAIM, AT + n, f"p{n}") for n in (1, 2)]
    await records.add(1, claims)
    (owed,) = await worklist.open(10)
    assert owed.holder(AT + 3) == "p1"
    assert await worklist.request("k1") is not None
    assert await worklist.request("k2") is None


async def test_calls_of_before_the_ledger_are_read_in_the_order_they_came(
    database: Database, records: Records, worklist: Worklist, audit: OwingAudit
) -> None:
    many = [change for n in range(700) for change in a_call(f"n{n}", AT, who=caller("0942000777"))]
    await records.apply(1, [(1, [*a_call("c1", AT), *answered("c2", AT + 600)])])
    await records.apply(1, [(2, [*a_call("c3", AT + 900), *many, *a_call("s1", AT, lasts=5.0)])])

    def forget(connection: Connection) -> None:
        for table in (OBLIGATIONS, OBLIGATION_EVENTS, OWING):
            connection.execute(delete(table))

    await database.write(forget)
    await records.begin_owing(1, AT + 1000)
    assert not (await audit.whole()).faults  # none was read yet
    rounds = 0
    while await records.read_former(1):
        rounds += 1
    assert rounds == 1
    found = await audit.whole()
    assert (found.balance.opened, found.balance.contacted, found.balance.open) == (3, 1, 2)
    assert found.sound
    assert {each.id for each in await worklist.open(10)} == {"ob-c3", "ob-n0"}
    assert not await records.read_former(1)


async def test_records_before_the_agreed_day_owe_nothing(database: Database) -> None:
    records = Records(database, terms=Terms(since=AT + 100))
    await begun(records)
    await records.apply(1, [(1, [*a_call("c1", AT), *a_call("c2", AT + 200)])])
    assert [each.id for each in await Worklist(database).open(10)] == ["ob-c2"]
    assert (await OwingAudit(database).whole()).sound


async def test_an_old_call_is_judged_by_what_held_then(database: Database) -> None:
    strict, lenient = Records(database), Records(database, terms=Terms(short_abandon=40.0))
    await begun(strict)
    await strict.apply(1, [(1, a_call("c1", AT))])
    await lenient.begin_owing(1, AT + 100)
    await lenient.apply(1, [(2, [*a_call("c2", AT + 50), *a_call("c3", AT + 200)])])
    whole = await Worklist(database).whole("ob-c1")
    assert whole is not None
    assert [each.call for each in whole.events] == ["c1", "c2"]
    assert (await OwingAudit(database).whole()).sound


async def test_whatever_is_deleted_by_hand_is_found(
    database: Database, records: Records, audit: OwingAudit
) -> None:
    await begun(records)
    await records.apply(1, [(1, [*a_call("c1", AT), *answered("c2", AT + 600)])])
    await records.add(1, [CallbackAsked("k1", AT + 700, "p1", Cause.MEMO, "+81942000555")])
    await records.add(1, attempt(1, "reached", "ob-k1", up=True))
    await records.apply(1, [(2, a_call("c3", AT + 900, Outcome.REFUSED))])
    assert (await audit.whole()).sound
    obligations, events, tries = OBLIGATIONS, OBLIGATION_EVENTS, OBLIGATION_ATTEMPTS
    for statement, kind in (
        (delete(obligations).where(obligations.c.id == "ob-c1"), "event_without_obligation"),
        (delete(obligations).where(obligations.c.id == "ob-k1"), "number_missing"),
        (delete(events).where(events.c.key == "call:c1"), "call_without_event"),
        (delete(events).where(events.c.key == "asked:k1"), "events_missing"),
        (delete(tries), "contact_without_leg"),
        (delete(CALLS).where(CALLS.c.id == "c3"), "event_without_call"),
        (delete(CALLS).where(CALLS.c.id == "c2"), "contact_without_leg"),
        (
            update(obligations).where(obligations.c.id == "ob-c3").values(state="withdrawn"),
            "state_without_event",
        ),
    ):

        def meddle(connection: Connection) -> None:
            connection.execute(statement)  # noqa: B023 -- at once

        before = await database.read(
            lambda connection: {
                table: connection.execute(table.select()).all() for table in METADATA.sorted_tables
            }
        )
        await database.write(meddle)
        found = await audit.whole()
        assert kind in {each.kind for each in found.faults}, (kind, found)
        assert all(str(each) for each in found.faults)

        def restore(connection: Connection) -> None:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(delete(table))
            for table in METADATA.sorted_tables:
                if rows := before[table]:  # noqa: B023 -- at once
                    connection.execute(table.insert(), [dict(row._mapping) for row in rows])

        await database.write(restore)
        assert (await audit.whole()).sound
