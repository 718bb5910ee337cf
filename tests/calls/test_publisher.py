"""News become rows: in order, each once, and none is lost while the store is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from telephony.acd.effects import AgentMoved, Connect, OfferEnded, Ring, WrapUpEnded
from telephony.acd.model import AgentState, CallId, Instant, Offer, OfferEnd
from telephony.caller_id import Caller, identify
from telephony.calls.engine import Applied
from telephony.calls.journal import Place
from telephony.calls.publisher import AT_ONCE, RETRY, Publisher, to_changes
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome, OverflowReason, Party
from telephony.simulation.shell.loop import virtually
from telephony.simulation.shell.records import FakeRecords
from telephony.store import changes as row
from telephony.store import words
from telephony.store.fence import StaleEpoch
from tests.builders import ANA, C1, C2
from tests.calls.leading import later

AT = Instant(1700000000.0)
CALLER: Caller = identify("sip:0942000101@127.0.0.1", "", "", trust_pai=True)


@asynccontextmanager
async def publishing(
    records: FakeRecords, told: list[int] | None = None
) -> AsyncIterator[Publisher]:
    written = [] if told is None else told
    known = {C1: CALLER}
    publisher = Publisher(records, known.get, written.append)
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
    publisher = Publisher(records, lambda _: None, lambda _: None)
    publisher.put(opened(1))
    with pytest.raises(StaleEpoch):
        await publisher.run()
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
        (Ring(OFFER, 15.0), (row.CallNoted(C1, AT, "offered", {"agent": ANA}),)),
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
