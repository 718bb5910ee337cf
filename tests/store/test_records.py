"""One record a call, written once, whatever is replayed and whoever else tries to write."""

import asyncio
import traceback
from datetime import datetime

import pytest
from sqlalchemy import Connection, delete, insert

from config.database import Database, DatabaseFailed
from telephony.caller_id import identify
from telephony.store.call_record import civil
from telephony.store.changes import (
    AgentMoved,
    CallAdvanced,
    CallClosed,
    CallNoted,
    CallOpened,
    InputKept,
    LineMoved,
    ModeBegan,
    ModeEnded,
    OvertimeWorked,
    OwnCallClosed,
    WrappedUp,
)
from telephony.store.drafts import grown
from telephony.store.fence import Cursor, StaleEpoch
from telephony.store.records import Records
from telephony.store.tables import AGENT_INTERVALS, CALL_EVENTS, CALLS, MODES
from telephony.store.words import HungUpBy, Outcome, OverflowReason
from tests.store.examples import (
    NUMBER,
    a_caller,
    an_answered_call,
    assert_seamless,
    closed,
    content,
    opened,
)

AT = 1_795_305_600.125  # 2026-11-22 09:00:00.125 in Japan


async def test_the_record_of_an_answered_call(records: Records) -> None:
    await records.apply(1, an_answered_call("c1", AT, first=1))

    record = await records.call("c1")

    assert record is not None
    json = record.to_json()
    timeline = json.pop("timeline")
    assert json == {
        "id": "c1",
        "arrived_at": "2026-11-22T09:00:00.125+09:00",
        "line": 1,
        "caller": {"number": NUMBER, "kind": "fixed"},
        "dialled": "0942000100",
        "menu_path": "main/1",
        "queue": "booking",
        "agent": "a01",
        "outcome": "answered",
        "overflow_reason": None,
        "waited": 12.5,
        "talked": 60.25,
        "held": 3.0,
        "wrapped_up": 5.0,
    }
    events = [event["event"] for event in timeline]
    assert events == ["arrived", "queued", "offered", "answered", "hung_up", "wrapped_up"]
    assert timeline[2] == {
        "at": "2026-11-22T09:00:03.125+09:00",
        "event": "offered",
        "agent": "a01",
        "attempt": 1,
    }
    assert datetime.fromisoformat(json["arrived_at"]).timestamp() == record.arrived_at == AT
    assert (record.ended_at, record.hung_up_by) == (AT + 65, HungUpBy.CALLER)


def test_a_time_is_rounded_to_the_nearest_millisecond() -> None:
    assert civil(0.9996) == "1970-01-01T09:00:01.000+09:00"


async def test_an_open_call_is_a_record_shown_apart(records: Records) -> None:
    await records.apply(1, [(1, [opened("c1", AT)]), (2, [opened("c2", AT + 1)])])
    await records.apply(1, [(3, [closed("c2", AT + 9, Outcome.ABANDONED)])])

    [still_open], [over] = await records.open_calls(), await records.calls(limit=10)

    assert (still_open.id, still_open.outcome, still_open.waited) == ("c1", None, None)
    assert still_open.to_json()["wrapped_up"] is None
    assert (over.id, over.outcome, over.wrapped_up) == ("c2", Outcome.ABANDONED, 0.0)


async def test_calls_come_latest_first_and_can_be_limited(records: Records) -> None:
    for number in range(6):
        at = AT + number
        await records.apply(1, [(number, [opened(f"c{number}", at), closed(f"c{number}", at)])])

    assert [call.id for call in await records.calls(limit=2)] == ["c5", "c4"]
    assert [call.id for call in await records.calls(limit=9, since=AT + 3)] == ["c5", "c4", "c3"]
    assert await records.call("nobody") is None


async def test_a_busy_centre_keeps_the_number_of_whom_it_turned_away(records: Records) -> None:
    turned_away = CallClosed(
        "c7", AT, Outcome.OVERFLOWED, OverflowReason.ALL_LINES_BUSY, 0.0, 0.0, 0.0, HungUpBy.SYSTEM
    )
    await records.apply(1, [(1, [opened("c7", AT, line=None), turned_away])])

    [record] = await records.calls(limit=10)

    assert (record.line, record.caller.number) == (None, NUMBER)
    assert record.to_json()["overflow_reason"] == "all_lines_busy"


async def test_a_withheld_number_is_nowhere_in_the_database(
    records: Records, database: Database
) -> None:
    caller = identify("<sip:0942001234@x>", "<tel:+81942001234>", "id", trust_pai=True)
    await records.apply(1, [(1, [CallOpened("c1", AT, 1, "0942000100", caller)])])

    assert "942001234" not in repr(await content(database))
    [record] = await records.open_calls()
    assert record.to_json()["caller"] == {"number": None, "kind": "withheld"}
    assert record.caller == caller


async def test_writing_entries_again_changes_nothing(records: Records, database: Database) -> None:
    entries = an_answered_call("c1", AT, first=1) + an_answered_call("c2", AT + 100, first=9)
    await records.apply(1, entries)
    before = await content(database)

    for replayed in (entries, entries[:3], entries[4:5], entries[7:]):
        await records.apply(1, replayed)

    assert await content(database) == before
    assert await records.cursor() == Cursor(1, 16)


async def test_one_by_one_or_all_at_once_is_the_same(records: Records, database: Database) -> None:
    entries = an_answered_call("c1", AT, first=1) + an_answered_call("c2", AT + 100, first=9)
    other = Records(database, site="other")
    for entry in entries:
        await records.apply(1, [entry])
    one_by_one = await content(database)

    await database.write(_forget_everything)
    await other.apply(1, entries)
    at_once = await content(database)

    for of_a_site in ("controller", "owing"):
        assert [at_once.pop(of_a_site), one_by_one.pop(of_a_site)]
    assert at_once == one_by_one


async def test_an_entry_may_be_larger_than_one_statement(records: Records) -> None:
    entry = [opened(f"c{number:04}", AT + number) for number in range(1200)]
    await records.apply(1, [(1, entry)])
    await records.apply(1, [(2, [closed(each.call, AT + 9999) for each in entry])])

    assert len(await records.calls(limit=5000)) == 1200


async def test_a_stale_epoch_writes_nothing(records: Records, database: Database) -> None:
    await records.apply(3, [(1, [opened("c1", AT)])])
    assert await records.claim(5, "2.0") == Cursor(3, 1)
    before = await content(database)

    with pytest.raises(StaleEpoch):
        await records.apply(4, [(1, [opened("c2", AT)])])
    with pytest.raises(StaleEpoch):
        await records.apply(3, [(2, [closed("c1", AT + 1)])])
    with pytest.raises(StaleEpoch):
        await records.claim(4)

    assert await content(database) == before
    assert (await records.epoch(), await records.cursor()) == (5, Cursor(3, 1))


async def test_a_new_leader_first_writes_what_the_old_one_left(records: Records) -> None:
    entries = an_answered_call("c1", AT, first=1)
    await records.apply(1, entries[:4])

    resume = await records.claim(2)
    await records.apply(1, [entry for entry in entries if (1, entry[0]) > resume], leader=2)
    await records.apply(2, [(0, [CallNoted("c1", AT + 80, "took_over", {})])])

    record = await records.call("c1")
    assert record is not None
    assert record.outcome is Outcome.ANSWERED
    assert record.timeline[-1].event == "took_over"
    with pytest.raises(StaleEpoch):
        await records.apply(1, [(99, [opened("late", AT)])])
    with pytest.raises(ValueError, match="not the leader's"):
        await records.apply(3, [], leader=2)


async def test_two_leaders_at_once_never_both_write_the_same_epoch_order(
    records: Records, database: Database
) -> None:
    rival = Records(database)

    async def write(pen: Records, epoch: int) -> list[int]:
        written = []
        for seq in range(20):
            try:
                await pen.apply(epoch, [(seq, [opened(f"{epoch}.{seq}", AT)])])
            except StaleEpoch:
                break
            written.append(seq)
        return written

    old, new = await asyncio.gather(write(records, 1), write(rival, 2))

    assert new == list(range(20))
    expected = {f"1.{seq}" for seq in old} | {f"2.{seq}" for seq in new}
    assert {call.id for call in await records.open_calls()} == expected
    assert await records.cursor() == Cursor(2, 19)


async def test_a_failed_entry_leaves_neither_rows_nor_cursor(
    records: Records, database: Database
) -> None:
    await records.apply(1, [(1, [opened("c1", AT)])])
    before = await content(database)

    timeless: float = None  # type: ignore[assignment]
    with pytest.raises(DatabaseFailed) as refused:
        await records.apply(1, [(2, [opened("c2", AT), CallNoted("c2", timeless, "x", {})])])

    assert await content(database) == before
    assert "942001234" not in "".join(traceback.format_exception(refused.value))


def test_what_is_printed_of_a_change_or_a_draft_holds_no_number() -> None:
    change = opened("c1", AT)

    assert "942001234" not in f"{change} {grown(None, change)!r} {change.caller}"


async def test_the_first_terminal_record_stands(records: Records) -> None:
    await records.apply(1, [(1, [opened("c1", AT)]), (2, [closed("c1", AT + 10)])])
    await records.apply(1, [(3, [closed("c1", AT + 20, Outcome.LOST)])])
    await records.apply(1, [(4, [CallAdvanced("c1", AT + 21, queue="general", agent="a09")])])

    [record] = await records.calls(limit=10)
    assert (record.outcome, record.ended_at) == (Outcome.ANSWERED, AT + 10)
    assert (record.queue, record.agent) == (None, None)


async def test_a_call_found_again_keeps_its_arrival_and_its_caller(records: Records) -> None:
    await records.apply(1, [(1, [opened("c1", AT)])])
    found_again = CallOpened("c1", AT + 30, 4, "0942000199", a_caller("09000001234"))
    await records.apply(2, [(1, [found_again])])

    [record] = await records.open_calls()
    assert (record.arrived_at, record.line, record.dialled) == (AT, 1, "0942000100")
    assert record.caller.number == NUMBER


async def test_a_call_nobody_opened_still_has_a_record(records: Records) -> None:
    await records.apply(1, [(1, [CallNoted("c1", AT, "poison", {}), closed("c1", AT + 1)])])
    await records.apply(1, [(2, [opened("c1", AT - 5)])])

    [record] = await records.calls(limit=10)
    assert (record.arrived_at, record.caller.number) == (AT - 5, NUMBER)


async def test_every_agents_wrap_up_counts_after_a_transfer(records: Records) -> None:
    await records.apply(1, [(1, [opened("c1", AT), WrappedUp("c1", "a01", AT + 9, 5.0)])])
    await records.apply(1, [(2, [closed("c1", AT + 30)])])
    await records.apply(1, [(3, [WrappedUp("c1", "a02", AT + 40, 2.5)])])

    [record] = await records.calls(limit=10)
    assert record.wrapped_up == 7.5


async def test_text_a_database_would_refuse_is_cleaned(records: Records) -> None:
    dirty = "a\x00b\r\n\udcff" + "x" * 500
    await records.apply(
        1,
        [
            (1, [CallOpened("c1", AT, 1, dirty, None), CallNoted("c1", AT, dirty, {dirty: dirty})]),
            (2, [AgentMoved("a01", "s1", AT, "paused", dirty, None)]),
        ],
    )

    [record] = await records.open_calls()
    [event] = record.timeline
    texts = [record.dialled or "", event.event, *event.detail, *map(str, event.detail.values())]
    assert all(text.startswith("ab x") and text.isprintable() for text in texts)
    assert max(map(len, texts)) <= 255


async def test_intervals_of_agents_and_lines(records: Records) -> None:
    await records.apply(1, an_answered_call("c1", AT, first=1))

    agent = await records.agent_intervals(AT, AT + 1000)
    line = await records.line_intervals(AT, AT + 1000)

    assert [(each.state, each.call) for each in agent] == [
        ("offered", "c1"),
        ("talking", "c1"),
        ("wrap_up", "c1"),
        ("ready", None),
    ]
    assert [(each.state, each.agent) for each in line] == [
        ("menu", None),
        ("talking", "a01"),
        ("idle", None),
    ]
    assert_seamless(agent)
    assert_seamless(line)
    in_the_middle = await records.agent_intervals(AT + 10, AT + 20)
    assert [each.state for each in in_the_middle] == ["talking"]


async def test_a_new_leader_that_knows_nothing_ends_what_stood_open(records: Records) -> None:
    await records.apply(1, [(7, [AgentMoved("a01", "a01", AT, "talking", None, "c1")])])
    await records.apply(1, [(8, [LineMoved(1, AT, "talking", "c1", "a01")])])
    told = AgentMoved("a01", "a01", AT + 60, "signed_out", None, None)
    await records.claim(2)
    await records.apply(2, [(0, [told, LineMoved(1, AT + 60, "idle", None, None)])])

    agent = await records.agent_intervals(AT, AT + 1000)
    line = await records.line_intervals(AT, AT + 1000)

    assert [(each.state, each.ended_at) for each in agent] == [
        ("talking", AT + 60),
        ("signed_out", None),
    ]
    assert [each.state for each in line] == ["talking", "idle"]
    assert_seamless(agent)


async def test_a_state_told_again_begins_no_interval(records: Records) -> None:
    ready = AgentMoved("a01", "s1", AT, "ready", None, None)
    idle = LineMoved(1, AT, "idle", None, None)
    await records.apply(1, [(1, [ready, idle])])
    await records.apply(2, [(1, [ready, idle, ready])])

    assert len(await records.agent_intervals(AT - 1, AT + 1)) == 1
    assert len(await records.line_intervals(AT - 1, AT + 1)) == 1


async def test_the_database_itself_refuses_an_agent_in_two_states(
    records: Records, database: Database
) -> None:
    await records.apply(1, [(1, [AgentMoved("a01", "s1", AT, "ready", None, None)])])
    second = {"agent": "a01", "seat": "s1", "state": "talking", "started_at": AT}
    place = {"epoch": 1, "seq": 2, "part": 0}

    with pytest.raises(DatabaseFailed):
        await database.write(lambda c: c.execute(insert(AGENT_INTERVALS), [second | place]))


async def test_deleting_a_call_deletes_its_timeline(records: Records, database: Database) -> None:
    await records.apply(1, an_answered_call("c1", AT, first=1))
    await database.write(lambda connection: connection.execute(delete(CALLS)))

    assert (await content(database))[CALL_EVENTS.name] == []


def _forget_everything(connection: Connection) -> None:
    for table in (AGENT_INTERVALS, CALL_EVENTS, CALLS):
        connection.execute(delete(table))
    connection.exec_driver_sql("DELETE FROM line_intervals")
    connection.exec_driver_sql("DELETE FROM controller")


async def test_of_what_a_caller_typed_twice_the_last_counts_in_whatever_order_it_is_written(
    records: Records, database: Database
) -> None:
    await records.claim(1)
    first, second = (
        InputKept("c1", "phone", 1.0, "0942001"),
        InputKept("c1", "phone", 2.0, "0942002"),
    )
    for typed in (first, second, first):
        await records.add(1, [typed])
    assert [tuple(row) for row in (await content(database))["call_inputs"]] == [
        ("c1", "phone", "0942002", 2.0)
    ]


async def test_a_call_that_an_agent_began_is_a_record_apart(records: Records) -> None:
    own = OwnCallClosed("own-1.1", "outbound", "a01", "town", AT, AT + 9, AT + 60, "hung_up")
    for _ in range(2):  # a replay changes nothing
        await records.apply(1, [(0, [opened("c1", AT)]), (1, [own])])
    assert await records.own_calls(AT) == [own]
    assert await records.own_calls(AT + 1) == []
    assert [call.id for call in await records.open_calls()] == ["c1"]
    assert await records.calls(limit=9) == []


async def test_overtime_is_the_latest_end_of_a_seat_and_closing(records: Records) -> None:
    late, later = OvertimeWorked("a01", "u1", AT, AT + 60), OvertimeWorked("a01", None, AT, AT + 90)
    await records.apply(1, [(1, [late]), (2, [later]), (3, [late])])
    await records.apply(1, [(4, [OvertimeWorked("a02", None, AT, AT + 30)])])
    assert await records.overtime(AT, AT) == [
        OvertimeWorked("a01", "u1", AT, AT + 90),  # still known after signing out
        OvertimeWorked("a02", None, AT, AT + 30),
    ]
    assert await records.overtime(AT + 1, AT + 2) == []


async def test_a_mode_is_one_row_with_its_end(records: Records, database: Database) -> None:
    began, ended = ModeBegan("surge", AT, AT + 60, "u9", False), ModeEnded("surge", AT, "", AT + 60)
    await records.apply(1, [(1, [began]), (2, [ended])])
    await records.apply(2, [(1, [began]), (2, [ModeEnded("surge", AT, "u8", AT + 70)])])

    def ask(connection: Connection) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.execute(MODES.select())]

    assert await database.read(ask) == [("surge", AT, AT + 60, "u9", False, "", AT + 60, "")]


async def test_modes_that_nobody_has_ended(records: Records) -> None:
    surge = ModeBegan("surge", AT, AT + 60, "u9", False)
    weather = ModeBegan("emergency", AT + 1, AT + 90, "u9", True, "closed_weather")
    await records.apply(1, [(1, [surge]), (2, [weather])])
    assert await records.modes_on() == [surge, weather]
    await records.apply(1, [(3, [ModeEnded("surge", AT, "u8", AT + 30)])])
    assert await records.modes_on() == [weather]
