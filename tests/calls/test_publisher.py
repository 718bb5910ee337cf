"""News become rows: in order, each once, and none is lost while the store is away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from telephony.acd.effects import AgentMoved, Connect, OfferEnded, Ring, WrapUpEnded
from telephony.acd.model import AgentState, CallId, Instant, Offer, OfferEnd
from telephony.caller_id import Caller, identify
from telephony.calls import journal
from telephony.calls.engine import Applied
from telephony.calls.journal import Place
from telephony.calls.owed import Owed
from telephony.calls.publisher import (
    AT_ONCE,
    GATHER,
    RETRY,
    SLOW,
    WRITE_WITHIN,
    Entry,
    NotKept,
    Publisher,
    to_changes,
)
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome, OverflowReason, Party
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.records import FakeRecords
from telephony.simulation.shell.spool import FakeSpool
from telephony.store import changes as row
from telephony.store import words
from telephony.store.fence import StaleEpoch
from tests.builders import ANA, C1, C2
from tests.calls.leading import later

AT = Instant(1700000000.0)
CALLER: Caller = identify("sip:0942000101@127.0.0.1", "", "", trust_pai=True)


@asynccontextmanager
async def publishing(
    records: FakeRecords, told: list[int] | None = None, spool: FakeSpool | None = None
) -> AsyncIterator[Publisher]:
    written = [] if told is None else told
    known = {C1: CALLER}
    publisher = Publisher(records, known.get, written.append, leader=1, spool=spool)
    work = asyncio.get_running_loop().create_task(publisher.run())
    try:
        yield publisher
    finally:
        work.cancel()


def entry(seq: int, *effects: fx.Effect) -> Applied:
    return Applied(Place(1, seq), AT, cmd.Woken(), list(effects))


def opened(seq: int) -> Applied:
    return entry(seq, fx.CallOpened(CallId(f"c{seq}"), 1, "0942000100", AT))


@virtually
async def test_what_was_written_is_told_only_afterwards() -> None:
    records, told = FakeRecords(), list[int]()
    async with publishing(records, told) as publisher:
        publisher.put(opened(1))
        assert told == []
        await later(1.0)
        assert (told, records.cursor) == ([1], (1, 1))
        assert records.opened() == [C1]


@virtually
async def test_f1_while_the_store_is_away_entries_wait_and_nothing_is_lost() -> None:
    records, told = FakeRecords(), list[int]()
    records.away = True
    async with publishing(records, told) as publisher:
        for seq in range(1, 3 * AT_ONCE):
            publisher.put(opened(seq))
        await later(10.5 * RETRY)
        assert (told, publisher.backlog) == ([], 3 * AT_ONCE - 1)
        records.away = False
        await later(2 * RETRY)
        assert publisher.backlog == 0
        assert told[-1] == 3 * AT_ONCE - 1
        assert len(records.opened()) == 3 * AT_ONCE - 1


@virtually
async def test_what_comes_together_is_written_together() -> None:
    records = FakeRecords()
    async with publishing(records) as publisher:
        for seq in range(1, 11):
            publisher.put(opened(seq))
        await later(1.0)
        assert records.writes == 1


@virtually
async def test_an_entry_without_news_moves_the_cursor_too() -> None:
    records, told = FakeRecords(), list[int]()
    async with publishing(records, told) as publisher:
        publisher.put(entry(1, fx.Park(C1)))
        await later(1.0)
        assert (records.changes, told) == ([], [1])


@virtually
async def test_who_no_longer_leads_does_not_write() -> None:
    records = FakeRecords()
    await records.claim(2)
    publisher = Publisher(records, lambda _: None, lambda _: None, leader=1)
    publisher.put(opened(1))
    with pytest.raises(ExceptionGroup) as raised:
        await publisher.run()
    assert raised.group_contains(StaleEpoch)
    assert records.changes == []


@virtually
async def test_the_callers_number_is_taken_while_it_is_known() -> None:
    records = FakeRecords()
    async with publishing(records) as publisher:
        publisher.put(opened(1))
        publisher.put(entry(2, fx.CallOpened(C2, None, "0942000100", AT)))
        await later(1.0)
        rows = (each for each in records.changes if isinstance(each, row.CallOpened))
        assert {each.call: each.caller for each in rows} == {C1: CALLER, C2: None}


OFFER = Offer(C1, 1, ANA)


@pytest.mark.parametrize(
    ("effect", "rows"),
    [
        (
            fx.CallClosed(
                C1, Outcome.OVERFLOWED, OverflowReason.MAX_WAIT, 60.0, 0.0, 0.0, Party.SYSTEM, AT
            ),
            (
                row.CallNoted(C1, AT, "ended", {"outcome": "overflowed", "hung_up_by": "system"}),
                row.CallClosed(
                    C1,
                    AT,
                    words.Outcome.OVERFLOWED,
                    words.OverflowReason.MAX_WAIT,
                    60.0,
                    0.0,
                    0.0,
                    words.HungUpBy.SYSTEM,
                ),
            ),
        ),
        (
            fx.LineMoved(2, LineState.TALKING, C1, ANA, AT),
            (row.LineMoved(2, AT, "talking", C1, ANA),),
        ),
        (
            AgentMoved(ANA, AgentState.PAUSED, "休憩", None, AT),
            (row.AgentMoved(ANA, ANA, AT, "paused", "休憩", None),),
        ),
        (
            WrapUpEnded(ANA, C1, 12.3456, AT),
            (
                row.WrappedUp(C1, ANA, AT, 12.3456),
                row.CallNoted(C1, AT, "wrapped_up", {"agent": ANA, "seconds": 12.346}),
            ),
        ),
        (Ring(OFFER, 15.0), (row.CallNoted(C1, AT, "offered", {"agent": ANA, "phone": "desk"}),)),
        (
            OfferEnded(OFFER, OfferEnd.DECLINED, AT),
            (row.CallNoted(C1, AT, "offer_ended", {"agent": ANA, "end": "declined"}),),
        ),
        (Connect(OFFER), (row.CallNoted(C1, AT, "connected", {"agent": ANA}),)),
        (fx.Park(C1), ()),
        (fx.Forget(C1), ()),
    ],
)
def test_the_rows_that_an_effect_is(effect: fx.Effect, rows: tuple[row.Change, ...]) -> None:
    assert to_changes(effect, lambda _: None, AT) == rows


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Outcome, words.Outcome), (OverflowReason, words.OverflowReason), (Party, words.HungUpBy)],
)
def test_core_and_records_have_the_same_words(
    ours: type[Outcome], theirs: type[words.Outcome]
) -> None:
    assert {each.value for each in ours} == {each.value for each in theirs}


@virtually
async def test_f1_what_sql_does_not_take_in_time_is_kept_by_the_spool() -> None:
    records, told, spool = FakeRecords(), list[int](), FakeSpool()
    records.away = True
    loop = asyncio.get_running_loop()
    async with publishing(records, told, spool) as publisher:
        began = loop.time()
        publisher.put(opened(1))
        await publisher.kept(1)
        first = loop.time() - began
        publisher.put(opened(2))
        await publisher.kept(2)
        assert first <= SLOW + GATHER
        assert loop.time() - began - first <= GATHER  # it is known to be away by then
        assert (told, [each.seq for each in spool.kept]) == ([], [1, 2])
        assert (publisher.away, publisher.spooled) == (True, 2)
        records.away = False
        await later(2 * RETRY)
        assert (told, records.opened()) == ([2], ["c1", "c2"])
        assert (spool.kept, publisher.away, publisher.spooled) == ([], False, 0)


@virtually
async def test_f1_a_database_that_only_hangs_delays_no_promise() -> None:
    records, spool = Hanging(), FakeSpool()
    async with publishing(records, None, spool) as publisher:
        publisher.put(opened(1))
        await publisher.kept(1)
        assert records.changes == []
        records.hangs = False
        await later(WRITE_WITHIN + 2 * RETRY)
        assert records.opened() == ["c1"]
        assert spool.kept == []


@virtually
async def test_while_sql_answers_the_spool_is_not_touched() -> None:
    records, spool = FakeRecords(), FakeSpool()
    async with publishing(records, None, spool) as publisher:
        for seq in range(1, 100):
            publisher.put(opened(seq))
            await later(GATHER)
        await publisher.kept(99)
        assert spool.rounds == 0


@virtually
async def test_f1_with_neither_of_them_nothing_is_called_kept_and_nothing_is_lost() -> None:
    records, spool = FakeRecords(), FakeSpool()
    records.away = spool.full = True
    async with publishing(records, None, spool) as publisher:
        publisher.put(opened(1))
        with pytest.raises(NotKept):
            await publisher.kept(1)
        assert refuses(publisher)
        with pytest.raises(NotKept):
            await publisher.add([row.InputKept("c1", "callback", AT, "+81942000123")])
        spool.full = False
        await later(2 * RETRY)
        assert not refuses(publisher)
        assert [each.seq for each in spool.kept] == [1, None]
        records.away = False
        await later(2 * RETRY)
        assert (records.opened(), records.inputs) == (["c1"], {("c1", "callback"): "+81942000123"})


@virtually
async def test_what_was_inherited_is_written_first_and_told_by_our_own_mark() -> None:
    records, told, spool = FakeRecords(), list[int](), FakeSpool()
    records.leader, records.away = 1, True
    noted = row.CallNoted(C1, AT, "arrived", {})
    owed = [Owed(1, 3, (noted,)), Owed(1, None, (row.InputKept(C1, "callback", AT, "1"),))]
    publisher = Publisher(records, lambda _: None, told.append, leader=2, spool=spool, owed=[*owed])
    work = asyncio.get_running_loop().create_task(publisher.run())
    publisher.put(Applied(Place(2, 1), AT, cmd.Woken(), [fx.CallNoted(C1, "later", AT, {})]))
    await publisher.kept(1)
    assert [(each.epoch, each.seq) for each in spool.kept] == [(2, 0), (2, 1)]  # not the former's
    records.away = False
    await later(2 * RETRY)
    events = [each.event for each in records.changes if isinstance(each, row.CallNoted)]
    assert (events, told, records.claims) == (["arrived", "later"], [1], [2])
    assert spool.kept == []
    work.cancel()


@virtually
async def test_a_leader_of_old_keeps_nothing_in_the_spool_either() -> None:
    records, spool = FakeRecords(), FakeSpool()
    records.away = True
    await spool.begin(2)
    publisher = Publisher(records, lambda _: None, lambda _: None, leader=1, spool=spool)
    publisher.put(opened(1))
    with pytest.raises(ExceptionGroup) as raised:
        await publisher.run()
    assert raised.group_contains(journal.StaleEpoch)


@virtually
async def test_a_clean_end_leaves_to_the_next_leader_what_sql_did_not_take() -> None:
    records, spool = FakeRecords(), FakeSpool()
    records.away = True
    publisher = Publisher(records, lambda _: None, lambda _: None, leader=1, spool=spool)
    publisher.put(opened(1))
    await publisher.drain()
    assert [each.seq for each in spool.kept] == [1]


def refuses(publisher: Publisher) -> bool:
    return not publisher.can_promise


class Hanging(FakeRecords):
    """SQL that takes everything and answers nothing."""

    hangs = True

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Nothing, for an hour."""
        if self.hangs:
            await later(3600.0)
        await super().apply(epoch, entries, leader=leader)
