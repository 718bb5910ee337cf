"""A new leader finds the centre as the former one had it, from whatever the journal still holds."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telephony.acd.errors import Rejected
from telephony.acd.model import Device, Instant, Offer
from telephony.calls import codec
from telephony.calls.journal import Place, Record
from telephony.calls.rebuild import Rebuilt, rebuild
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import OverflowReason
from telephony.centre.model import CentreRules
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import TollRules
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import run, virtually
from tests.acd.runs import Apt, Move, chosen, close, hard_rules, moves, open_up, play
from tests.builders import ANA, BO, BOOKING, C1, C2, GENERAL, MONDAY, agent, flow, queue, rules
from tests.calls.leading import Leading, arrives, everybody_ready, image, later, leading
from tests.examples import examples
from tests.script import Script

RULES = hard_rules()
ONLY_BOOKING = flow("booking", general={"kind": "enqueue", "queue": "booking"})


# A snapshot falls between the ring of a colleague's telephone and its answer.
CALLED_UP: Final = [
    Move(0.0, Apt("calls_up", 1)),
    Move(0.0, Apt("own_answers", 0)),
    Move(5.0, Apt("calls_up", 0)),
    Move(0.0, Apt("own_answers", 0)),
]


@given(moves(least=1), st.integers(0, 60), st.booleans())
@example(CALLED_UP, 4, True)
@settings(max_examples=examples(60))
def test_wherever_the_leader_dies_the_next_one_has_all_that_was_released(
    events: list[Move], crash_at: int, written: bool
) -> None:
    run(dies(events, crash_at, written))


async def dies(events: list[Move], crash_at: int, written: bool) -> None:
    """Lead, die before entry `crash_at` is appended, and compare with what is found."""
    journal = FakeJournal()
    async with leading(Centre(RULES), journal, written=written) as lead:
        for command in everybody_ready(*RULES.acd.agents):
            lead.engine.submit(command)
        await later(0.0001)
        for event in events[:crash_at]:
            await later(event.after + 0.0001)
            happen(lead, event)
            await later(0.0001)
        alive = image(lead.engine.centre)
        for event in events[crash_at : crash_at + 3]:
            happen(lead, event)  # applied, but never appended and never released
    found = await rebuild(journal, RULES)
    assert found.complete
    assert image(found.centre) == alive
    assert found.last_at <= lead.engine.now()


def happen(lead: Leading, event: Move) -> None:
    """What comes next, if it is anything."""
    command = chosen(lead.engine.centre, event.event, lead.engine.now())
    if command is not None:
        with suppress(Rejected):
            lead.engine.submit(command)


@virtually
async def test_the_next_leader_goes_on_in_the_same_journal() -> None:
    journal = FakeJournal()
    for epoch in (1, 2, 3):
        found = await rebuild(journal, rules())
        async with leading(found.centre, journal, epoch=epoch) as lead:
            lead.engine.submit(arrives(f"c{epoch}"))
            await later(1.5)  # some of them leave a snapshot, some do not
            lead.engine.submit(cmd.ClockStepped(float(epoch)))
            await later(0.6)
    found = await rebuild(journal, rules())
    assert set(found.centre.visits.calls) == {"c1", "c2", "c3"}


async def a_snapshot_and_a_tail() -> FakeJournal:
    """C1 is in the snapshot, C2 only in the tail."""
    async with leading() as lead:
        for command in [*everybody_ready(ANA), arrives("c1")]:
            lead.engine.submit(command)
        await later(2.1)
        lead.engine.submit(cmd.ClockStepped(1.0))
        await later()
        lead.engine.submit(arrives("c2"))
        await later()
    return lead.journal


@virtually
async def test_the_snapshot_and_the_tail_are_both_taken() -> None:
    found = await rebuild(await a_snapshot_and_a_tail(), rules())
    assert set(found.centre.visits.calls) == {C1, C2}
    assert [applied.command for applied in found.replayed] == [arrives("c2")]
    assert found.complete


@pytest.mark.parametrize("bent", [{"core": "0"}, {"config": "other"}])
def test_d10_entries_of_another_core_or_configuration_are_skipped(bent: dict[str, str]) -> None:
    found = run(after_bending(bent))
    assert set(found.centre.visits.calls) == {C1}
    assert not found.complete


def test_an_entry_whose_effects_would_differ_leads_back_to_the_snapshot() -> None:
    found = run(after_bending({"effects": "0000000000000000"}))
    assert set(found.centre.visits.calls) == {C1}
    assert (found.replayed, found.complete) == ([], False)


async def after_bending(bent: dict[str, str]) -> Rebuilt:
    """What is found when the last entry says something else."""
    journal = await a_snapshot_and_a_tail()
    journal.records[-1] = replace(journal.records[-1], **bent)  # type: ignore[arg-type]
    return await rebuild(journal, rules())


@virtually
async def test_behind_a_gap_only_the_snapshot_counts() -> None:
    journal = await a_snapshot_and_a_tail()
    last = journal.records[-1]
    gap = replace(last, place=Place(1, last.place.seq + 1), mark="gap", command=None)
    journal.records.append(gap)
    found = await rebuild(journal, rules())
    assert set(found.centre.visits.calls) == {C1}
    assert not found.complete


@virtually
async def test_a_journal_whose_beginning_is_gone_and_that_has_no_snapshot_tells_nothing() -> None:
    journal = await a_snapshot_and_a_tail()
    journal.kept = None
    await journal.trim(Place(1, 3))
    found = await rebuild(journal, rules())
    assert (found.centre.visits.calls, found.complete) == ({}, False)


@virtually
async def test_a_snapshot_that_cannot_be_read_costs_what_is_in_it_and_no_more() -> None:
    journal = await a_snapshot_and_a_tail()
    assert journal.kept is not None
    journal.kept = replace(journal.kept, data=b'{"calls": 1}')
    found = await rebuild(journal, rules())
    assert set(found.centre.visits.calls) <= {C2}


@virtually
async def test_e6_time_does_not_run_backward_after_the_wall_clock_was_set_back() -> None:
    journal = await a_snapshot_and_a_tail()
    newest = journal.records[-1].at
    mark = Record(Place(2, 0), MONDAY - 3600.0, "took_over", "1", "test", None, "")
    journal.records.append(mark)
    assert (await rebuild(journal, rules())).last_at == newest
    journal.records = [mark]  # even with nothing but the snapshot
    assert journal.kept is not None
    assert (await rebuild(journal, rules())).last_at == journal.kept.at > MONDAY


def test_c7_what_was_taken_away_ends_what_it_is_in_the_middle_of_and_no_more() -> None:
    script = Script(rules(lines=(1, 2)))
    script.tell(cmd.Ready(ANA), arrives("c1"), cmd.AgentAnswered(Offer(C1, 1, ANA)), arrives("c2"))
    fewer = rules(lines=(1,), agents=(agent(BO),))
    again = Script(fewer)
    again.centre = restore(fewer, take(script.centre))
    again.tell(cmd.CallerHungUp(C2), arrives("c3"))
    assert again.closed()[-1].outcome == "overflowed"  # line 2 is no more
    again.tell(cmd.CallerHungUp(C1))
    assert again.centre.acd.roster[ANA].state == "wrap_up"
    again.at(60)
    assert again.centre.acd.roster[ANA].state == "signed_out"


def test_an_agent_taken_away_while_resting_is_kept_until_the_rest_is_over() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives("c1"))
    script.tell(cmd.AgentLegEnded(Offer(C1, 1, ANA), cmd.LegEnd.DECLINED))
    fewer = rules(agents=(agent(BO),))
    again = Script(fewer)
    again.centre = restore(fewer, take(script.centre))
    again.at(6).ignore().tell(cmd.Ready(BO)).at(7)
    assert again.centre.acd.roster[BO].call == C1


def other_rules() -> st.SearchStrategy[CentreRules]:
    """What a site may have become while no controller was there."""
    return st.sampled_from(
        [
            rules(digest="other", agents=(agent(BO),)),
            rules(digest="other", queues=(queue(BOOKING),), of=ONLY_BOOKING),
            rules(digest="other", lines=(1,)),
            rules(digest="other", agents=(), lines=()),
        ]
    )


@given(moves(), other_rules(), moves(most=30))
@settings(max_examples=examples(100))
def test_e5_under_other_rules_every_call_still_ends_exactly_once(
    before: list[Move], changed: CentreRules, after: list[Move]
) -> None:
    centre = Centre(RULES)
    steps = [*open_up(centre), *play(centre, before)]
    open_then = set(centre.visits.calls)
    again = restore(changed, take(centre), RULES.version)
    now = steps[-1].at
    more = [*play(again, after, now)]
    more += close(again, more[-1].at if more else now)
    effects = [effect for step in more for effect in step.effects or []]
    ended = Counter(each.call for each in effects if isinstance(each, fx.CallClosed))
    came = Counter(each.call for each in effects if isinstance(each, fx.CallOpened))
    assert ended == came + Counter(open_then)  # an id may come again once its call is over
    assert not again.visits.calls
    assert not take(again).versions


OLD = rules(
    digest="old",
    of=flow(
        "menu",
        menu={
            "kind": "menu",
            "prompt": "old_menu",
            "choices": {"1": "told", "2": "booking", "3": "outside"},
            "otherwise": "general",
        },
        told={"kind": "say", "prompt": "old_words", "informed": True, "then": "bye"},
        outside={"kind": "transfer", "number": "city", "otherwise": "menu"},
        bye={"kind": "hang_up"},
    ),
    exits={BOOKING: {OverflowReason.QUEUE_FULL: "told"}},
    numbers={"city": "0942-00-1111"},
    tolls=TollRules(("0942",), 10),
)
NEW = rules(
    digest="new",
    of=flow(
        "menu",
        menu={"kind": "menu", "prompt": "new_menu", "choices": {"1": "bye"}, "otherwise": "bye"},
        bye={"kind": "hang_up"},
    ),
)


def changed_to(new: CentreRules) -> Script:
    """C1 is in the old menu when the controller starts again under the new rules."""
    script = Script(OLD)
    script.tell(arrives("c1"))
    again = Script(new)
    kept = codec.decode_snapshot(codec.encode_snapshot(take(script.centre)))
    version = codec.decode_version(codec.encode_version(OLD.version))
    again.centre = restore(new, kept, version)
    again.news.clear()
    return again


def played(script: Script, command: cmd.Command) -> list[tuple[str, ...]]:
    effects = script.centre.handle(command, MONDAY)
    return [each.prompts for each in effects if isinstance(each, fx.Play)]


def dialled(script: Script, command: cmd.Command) -> list[str]:
    effects = script.centre.handle(command, MONDAY)
    return [each.number for each in effects if isinstance(each, fx.DialOut)]


def test_e5_a_caller_goes_on_in_the_flow_they_began_in_and_a_new_one_in_the_new() -> None:
    script = changed_to(NEW)
    assert played(script, cmd.KeyPressed(C1, "1")) == [("old_words",)]
    assert played(script, arrives("c2")) == [("new_menu",)]
    script.tell(cmd.PlaybackEnded(C1, 2), cmd.CallerHungUp(C1))
    [closed] = script.closed()
    assert (closed.call, closed.outcome) == (C1, "informed")


def test_e5_the_flow_they_began_in_lasts_over_a_second_restart_and_no_longer_than_they_do() -> None:
    script = changed_to(NEW)
    third = replace(NEW, digest="third")
    kept = take(script.centre)
    assert [version.digest for version in kept.versions] == ["old"]
    script.centre = restore(third, kept, NEW.version)
    assert played(script, cmd.KeyPressed(C1, "1")) == [("old_words",)]
    script.tell(cmd.CallerHungUp(C1))
    assert take(script.centre).versions == []


def test_e5_a_queue_that_is_gone_is_replaced_and_the_record_says_so() -> None:
    script = changed_to(replace(NEW, acd=rules(queues=(queue(GENERAL),)).acd))
    script.tell(cmd.KeyPressed(C1, "2"))
    assert script.centre.visits.calls[C1].queue == GENERAL
    noted = [(e.event, e.detail) for e in script.news if isinstance(e, fx.CallNoted)]
    assert ("queue_gone", {"queue": "booking"}) in noted
    assert ("queued", {"queue": "general"}) in noted


def test_e5_without_any_queue_the_call_is_ended_and_the_record_says_why() -> None:
    script = changed_to(replace(NEW, acd=rules(queues=(), agents=()).acd))
    script.tell(cmd.KeyPressed(C1, "2"), cmd.CallerHungUp(C1))
    assert [closed.call for closed in script.closed()] == [C1]
    assert "queue_gone" in [e.event for e in script.news if isinstance(e, fx.CallNoted)]


def test_e5_the_way_out_of_a_full_queue_is_that_of_the_flow_they_began_in() -> None:
    full = replace(NEW, acd=rules(queues=(queue(GENERAL), queue(BOOKING, max_length=0))).acd)
    script = changed_to(full)
    script.tell(cmd.KeyPressed(C1, "2"))
    assert script.centre.visits.calls[C1].position.node == "told"


def test_e5_out_of_a_queue_their_flow_never_knew_callers_go_the_present_way() -> None:
    only = replace(
        NEW,
        acd=rules(queues=(queue(GENERAL, max_length=0),)).acd,
        exits={GENERAL: {OverflowReason.QUEUE_FULL: "bye"}},
    )
    script = changed_to(only)
    script.tell(cmd.KeyPressed(C1, "2"), cmd.CallerHungUp(C1))
    [closed] = script.closed()
    assert (closed.outcome, closed.overflow_reason) == ("overflowed", "queue_full")


def test_e5_numbers_are_those_of_the_old_flow_and_the_toll_gate_is_the_present_one() -> None:
    script = changed_to(replace(NEW, tolls=TollRules(("0942",), 10)))
    assert dialled(script, cmd.KeyPressed(C1, "3")) == ["0942001111"]
    assert dialled(changed_to(NEW), cmd.KeyPressed(C1, "3")) == []


def test_e5_a_caller_whose_own_flow_cannot_be_read_goes_to_a_person() -> None:
    script = Script(OLD)
    script.tell(arrives("c1"), cmd.KeyPressed(C1, "1"))
    again = Script(NEW)
    again.centre = restore(NEW, take(script.centre))
    again.tell(
        cmd.Reconciled((cmd.LiveChannel(C1, True, False, None, ""),), Instant(MONDAY + 1), MONDAY)
    )
    assert again.centre.visits.calls[C1].queue == GENERAL


@pytest.mark.parametrize("lost", [0, 1, 2])
@virtually
async def test_f2_entries_missing_in_the_middle_are_not_replayed_over(lost: int) -> None:
    """The digests of what follows need not tell: an agent's telephone moves nobody else."""
    journal = FakeJournal()
    async with leading(journal=journal, written=False) as lead:
        await later(0.1)
        for seat in (ANA, BO, ANA, BO):
            lead.engine.submit(cmd.DeviceChanged(seat, Device.FREE))
            await later(0.1)
    assert (await rebuild(journal, rules())).complete
    del journal.records[lost]
    found = await rebuild(journal, rules())
    assert (found.complete, found.replayed) == (False, [])
