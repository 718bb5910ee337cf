"""Apply, append, release: the order of the one writer, and what happens without its journal."""

import asyncio
from collections.abc import Sequence

import pytest

from telephony.acd.errors import Rejected
from telephony.acd.model import Instant, Offer
from telephony.calls import appender, codec
from telephony.calls.appender import PATIENCE
from telephony.calls.engine import SNAPSHOT_ENTRIES, SNAPSHOT_EVERY
from telephony.calls.journal import Place, Record, StaleEpoch
from telephony.calls.rebuild import rebuild
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import virtually
from tests.builders import ANA, C1, C2, MONDAY, rules
from tests.calls.leading import Leading, arrives, everybody_ready, image, later, leading


@virtually
async def test_effects_leave_only_after_the_journal_has_answered() -> None:
    journal = FakeJournal()
    journal.latency = 0.01
    async with leading(journal=journal) as lead:
        lead.engine.submit(arrives("c1"))
        assert C1 in lead.engine.centre.visits.calls  # applied at once
        await later(0.009)
        assert (journal.records, lead.released) == ([], [])
        await later(0.002)
        assert lead.journaled() == ["CallArrived"]
        assert fx.AnswerCall(C1) in lead.effects


@virtually
async def test_what_is_ready_together_shares_a_round_trip() -> None:
    async with leading() as lead:
        for number in range(1, 5):
            lead.engine.submit(arrives(f"c{number}"))
        await later()
        assert lead.journal.rounds == [4]
        assert [record.place for record in lead.journal.records] == [
            Place(1, seq) for seq in (1, 2, 3, 4)
        ]


@virtually
async def test_what_comes_in_during_a_round_trip_goes_with_the_next_one() -> None:
    journal = FakeJournal()
    journal.latency = 0.01
    async with leading(journal=journal) as lead:
        lead.engine.submit(arrives("c1"))
        await later(0.005)
        lead.engine.submit(arrives("c2"))
        lead.engine.submit(arrives("c3"))
        await later(0.03)
        assert journal.rounds == [1, 2]
        assert [applied.place.seq for applied in lead.released] == [1, 2, 3]


@virtually
async def test_a_refused_request_is_not_journaled() -> None:
    async with leading() as lead:
        with pytest.raises(Rejected, match="ana is not in a call"):
            lead.engine.submit(cmd.Hold(ANA))
        await later()
        assert lead.journal.records == []


@virtually
async def test_a_deadline_wakes_the_centre_by_itself_and_is_journaled() -> None:
    async with leading() as lead:
        for command in [*everybody_ready(ANA), arrives("c1")]:
            lead.engine.submit(command)
        await later(4.01)  # nobody has heard Ana's telephone ring
        assert lead.journaled()[-1] == "Woken"
        assert lead.journal.records[-1].at == pytest.approx(MONDAY + 4.0, abs=0.01)


@virtually
async def test_a_timer_that_comes_a_hair_too_early_is_set_again() -> None:
    async with leading(pace=0.9999) as lead:
        for command in [*everybody_ready(ANA), arrives("c1")]:
            lead.engine.submit(command)
        await later(4.01)
        assert lead.journaled()[-1] == "Woken"


@virtually
async def test_f2_without_an_answer_effects_are_released_from_memory() -> None:
    async with leading() as lead:
        lead.journal.away = True
        lead.engine.submit(arrives("c1"))
        await later(PATIENCE - 0.001)
        assert lead.released == []
        await later(0.002)
        assert fx.AnswerCall(C1) in lead.effects
        assert lead.away()
        lead.engine.submit(arrives("c2"))
        await later()  # from now on nobody waits for it
        assert fx.AnswerCall(C2) in lead.effects
        assert lead.journal.records == []


@virtually
async def test_f2_on_its_return_the_journal_gets_what_it_lacks() -> None:
    async with leading() as lead:
        lead.journal.away = True
        lead.engine.submit(arrives("c1"))
        await later(0.1)
        lead.engine.submit(arrives("c2"))
        await later(0.1)
        lead.journal.away = False
        lead.engine.submit(arrives("c3"))
        await lead.engine.come_back()
        await later()
        assert not lead.away()
        assert lead.journaled() == ["CallArrived", "CallArrived", "CallArrived"]
        assert [record.place.seq for record in lead.journal.records] == [1, 2, 3]
        again = await rebuild(lead.journal, rules())
        assert again.complete
        assert image(again.centre) == image(lead.engine.centre)


class Deaf(FakeJournal):
    """Takes every entry at once; its answer is lost, or comes from another question's time."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = False
        self.stale: Place | None = None

    async def append(self, records: Sequence[Record]) -> None:
        await super().append(records)
        if self.silent:
            await later(60)

    async def last(self) -> Place | None:
        stale, self.stale = self.stale, None
        return stale or await super().last()


@pytest.mark.parametrize("unseen", [False, True])
def test_an_entry_that_arrived_after_all_is_neither_doubled_nor_another_leaders(
    unseen: bool,
) -> None:
    """What a stalled Redis had in its socket is carried out before, or while, we catch up."""

    @virtually
    async def arrives_after_all() -> None:
        journal = Deaf()
        async with leading(journal=journal) as lead:
            lead.engine.submit(arrives("c1"))
            await later()
            journal.silent = True
            lead.engine.submit(arrives("c2"))
            await later(0.1)
            assert lead.away()
            lead.engine.submit(arrives("c3"))
            await later()
            journal.silent, journal.stale = False, Place(1, 1) if unseen else None
            await lead.engine.come_back()
            assert not lead.away()
            assert [record.place.seq for record in journal.records] == [1, 2, 3]
            assert (await rebuild(journal, rules())).complete

    arrives_after_all()


@virtually
async def test_f2_more_than_can_be_kept_leaves_a_mark_and_a_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(appender, "MOST", 3)
    async with leading() as lead:
        lead.journal.away = True
        for number in range(1, 6):
            lead.engine.submit(arrives(f"c{number}"))
            await later(0.1)
        lead.journal.away = False
        await lead.engine.come_back()
        await later()
        assert lead.journaled() == ["gap"]
        kept = lead.kept()
        assert kept is not None
        assert kept.place == Place(1, 6)
        lead.engine.submit(arrives("c6"))
        await later()
        again = await rebuild(lead.journal, rules())
        assert again.complete
        assert image(again.centre) == image(lead.engine.centre)


@virtually
async def test_what_happens_while_the_mark_is_being_written_is_not_lost() -> None:
    journal = FakeJournal()
    async with leading(journal=journal) as lead:
        lead.engine.submit(arrives("c0"))
        await later()
        journal.away = True
        lead.engine.submit(arrives("c1"))
        await later(1.0)
        journal.flush()
        journal.away, journal.latency = False, 0.1
        lead.engine.submit(arrives("c2"))  # applied before the mark, never in the journal
        back = asyncio.get_running_loop().create_task(lead.engine.come_back())
        await later(0.15)
        lead.engine.submit(arrives("c3"))  # applied after the mark, which is still on its way
        await later()
        assert fx.AnswerCall(C2) in lead.effects
        assert [applied.command for applied in lead.released][-1] == arrives("c3")
        await back
        journal.latency = 0.0
        lead.engine.submit(arrives("c4"))
        await later(0.2)
        assert lead.journaled() == ["gap", "CallArrived", "CallArrived"]
        again = await rebuild(journal, rules())
        assert image(again.centre) == image(lead.engine.centre)


@virtually
async def test_a_journal_that_stays_away_is_asked_again() -> None:
    async with leading() as lead:
        lead.journal.away = True
        lead.engine.submit(arrives("c1"))
        await later(0.1)
        await lead.engine.come_back()
        assert lead.away()
        lead.engine.submit(arrives("c2"))
        await later(0.1)
        lead.journal.away = False
        await lead.engine.come_back()
        await later()
        assert not lead.away()
        assert lead.journaled() == ["CallArrived", "CallArrived"]


@virtually
async def test_who_finds_a_later_epoch_leads_no_more() -> None:
    journal = FakeJournal()
    async with leading(journal=journal) as old:
        old.engine.submit(arrives("c1"))
        await later()
        async with leading(journal=journal, epoch=2) as new:
            new.engine.submit(arrives("c2"))
            await later()
            old.engine.submit(arrives("c3"))
            with pytest.raises(StaleEpoch):
                await old.engine.run()
            assert len(old.released) == 1  # nothing of it was released
            assert [record.place.epoch for record in journal.records] == [1, 2]


TAKEN_OVER = Place(1, 0)  # what a new leader keeps at once


def kept_at(lead: Leading) -> Place | None:
    kept = lead.kept()
    return None if kept is None else kept.place


@virtually
async def test_a_new_leader_keeps_at_once_what_it_took_over() -> None:
    async with leading() as lead:
        lead.engine.submit(arrives("c1"))
        await later()
        assert kept_at(lead) == TAKEN_OVER


@virtually
async def test_a_snapshot_is_kept_every_two_seconds() -> None:
    async with leading() as lead:
        lead.engine.submit(arrives("c1"))
        await later(SNAPSHOT_EVERY - 0.1)
        assert kept_at(lead) == Place(1, 0)  # what was taken over
        await later(0.2)
        lead.engine.submit(arrives("c2"))
        await later()
        kept = lead.kept()
        assert kept is not None
        assert (kept.place, kept.data) == (Place(1, 2), image(lead.engine.centre))
        assert kept.at == pytest.approx(MONDAY + SNAPSHOT_EVERY + 0.1, abs=0.01)


@virtually
async def test_a_snapshot_is_kept_every_500_entries() -> None:
    async with leading() as lead:
        for _ in range(SNAPSHOT_ENTRIES - 1):
            lead.engine.submit(cmd.ClockStepped(0.0))
        await later()
        assert kept_at(lead) == Place(1, 0)
        lead.engine.submit(cmd.ClockStepped(0.0))
        await later()
        assert kept_at(lead) == Place(1, SNAPSHOT_ENTRIES)


@virtually
async def test_a_snapshot_waits_until_the_records_up_to_it_are_written() -> None:
    async with leading(written=False) as lead:
        lead.engine.submit(arrives("c1"))
        await later(SNAPSHOT_EVERY + 0.1)
        lead.engine.submit(arrives("c2"))
        await later()
        assert kept_at(lead) == Place(1, 0)
        lead.engine.note_written(1)
        await later()
        assert kept_at(lead) == Place(1, 0)
        lead.engine.note_written(2)  # and then it does not wait for another command
        await later()
        assert kept_at(lead) == Place(1, 2)


@virtually
async def test_the_journal_sees_the_answered_offer_and_no_number() -> None:
    async with leading() as lead:
        for command in [*everybody_ready(ANA), arrives("c1")]:
            lead.engine.submit(command)
        lead.engine.submit(cmd.AgentAnswered(Offer(C1, 1, ANA)))
        await later()
        last = lead.journal.records[-1]
        assert last.command == {
            "is": "AgentAnswered",
            "offer": {"call": "c1", "attempt": 1, "agent": "ana"},
        }
        assert last.effects == codec.digest(lead.released[-1].effects)
        assert codec.decode(last.command or {}) == cmd.AgentAnswered(Offer(C1, 1, ANA))
        assert Instant(last.at) == lead.released[-1].at


@pytest.mark.parametrize("forgotten", ["everything", "the end", "the middle"])
def test_f2_what_the_journal_forgot_is_noticed_and_made_good(forgotten: str) -> None:
    @virtually
    async def forgets() -> None:
        async with leading() as lead:
            for command in everybody_ready(ANA):
                lead.engine.submit(command)
            await later(0.1)
            await lead.engine.look_back()
            lead.engine.submit(arrives("c1"))
            lead.engine.submit(arrives("c2"))
            await later(0.1)
            records = lead.journal.records
            if forgotten == "everything":
                records.clear()
                lead.journal.kept = None
            if forgotten == "the end":
                del records[-1]
            if forgotten == "the middle":
                del records[-4:-1]
            await lead.engine.look_back()
            assert lead.away()
            await lead.engine.come_back()
            await later(0.1)
            assert lead.journaled()[-1] == "gap"
            found = await rebuild(lead.journal, lead.engine.centre.rules)
            assert found.complete
            assert image(found.centre) == image(lead.engine.centre)

    forgets()


@virtually
async def test_a_journal_that_has_everything_is_not_doubted() -> None:
    async with leading() as lead:
        for call in ("c1", "c2", "c3"):
            lead.engine.submit(arrives(call))
            await later(0.1)
            await lead.engine.look_back()
            assert not lead.away()
        assert "gap" not in lead.journaled()
