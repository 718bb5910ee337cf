"""Callers: lines, waiting, leaving by rule, transfers, the outside."""

import pytest

from telephony.acd.effects import AgentMoved, Connect, DropLeg, Ring
from telephony.acd.model import AgentId, AgentState, CallId, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome, OverflowReason, Refusal
from telephony.centre.talking import MOST_TRANSFERS
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BO, BOOKING, C1, C2, C3, GENERAL, MONDAY, flow, queue, rules
from tests.script import Script


def arrives(call: CallId, **more: object) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", None, **more)  # type: ignore[arg-type]


def place(number: int) -> tuple[str, ...]:
    return ("position_intro", f"position:{number}", "position_outro")


def states(script: Script) -> list[LineState]:
    return [line.state for line in script.centre.lines.all()]


def test_the_lowest_free_line_is_taken_and_given_back() -> None:
    script = Script(rules(lines=(1, 2, 3)))
    script.tell(arrives(C1), arrives(C2), cmd.CallerHungUp(C1), arrives(C3))
    lines = {line.number: line.call for line in script.centre.lines.all()}
    assert lines == {1: C3, 2: C2, 3: None}


def test_the_seventh_caller_hears_busy_and_leaves_a_record() -> None:
    script = Script(rules())
    script.tell(*(arrives(CallId(f"c{n}")) for n in range(6))).ignore()
    script.tell(arrives(CallId("c7"))).expect(fx.RefuseCall(CallId("c7"), Refusal.BUSY))
    (record,) = script.closed()
    assert record.outcome is Outcome.OVERFLOWED
    assert record.overflow_reason is OverflowReason.ALL_LINES_BUSY
    script.tell(cmd.CallerHungUp(CallId("c7"))).expect()


def test_a_call_that_is_not_admitted_is_refused_with_a_record() -> None:
    script = Script(rules())
    script.tell(arrives(C1, admitted=False)).expect(fx.RefuseCall(C1, Refusal.CONGESTION))
    assert script.closed()[0].outcome is Outcome.REFUSED


def test_d1_the_same_arrival_twice_is_one_call() -> None:
    script = Script(rules())
    script.tell(arrives(C1), arrives(C1))
    assert states(script).count(LineState.WAITING) == 1


def test_the_longest_waiting_caller_is_served_first() -> None:
    script = Script(rules())
    script.at(0).tell(arrives(C1)).at(1).tell(arrives(C2)).ignore()
    script.at(2).tell(cmd.Ready(ANA))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)


def test_a_head_start_counts_as_seconds_waited() -> None:
    urgent = {"kind": "enqueue", "queue": "booking", "head_start": 60.0}
    script = Script(rules(of=flow("urgent", urgent=urgent)))
    plain = Script(rules()).centre  # only to show that the queue differs
    assert plain.rules.flow.start == "general"
    script.at(100).tell(arrives(C2)).ignore()
    entry = script.centre.acd.entries[C2]
    assert entry.rank == (MONDAY + 40, C2)


def test_a_waiting_caller_hears_their_place_but_not_while_it_rings() -> None:
    loud = queue(GENERAL, announce_after=1.0, announce_every=20.0)
    script = Script(rules(queues=(loud, queue(BOOKING))))
    script.at(0).tell(arrives(C1), arrives(C2)).ignore()
    script.at(1).expect(fx.Play(C1, 1, place(1)), fx.Play(C2, 1, place(2)))
    script.tell(cmd.Ready(ANA)).expect(
        AgentMoved(ANA, AgentState.READY, None, None, script._now),
        AgentMoved(ANA, AgentState.OFFERED, None, C1, script._now),
        Ring(Offer(C1, 1, ANA), 15.0),
        fx.StopPlay(C1, 1),  # cut at once when an agent is free
    )


def test_a_star_while_waiting_tells_the_place_again_and_digits_tell_nothing() -> None:
    script = Script(rules())
    script.at(0).tell(arrives(C1)).ignore()
    script.tell(cmd.KeyPressed(C1, cmd.MASKED)).expect()
    script.tell(cmd.KeyPressed(C1, "*")).expect(fx.Play(C1, 1, place(1)))


def test_whoever_waits_is_woken_for_no_limit_of_the_menu() -> None:
    menu = {"kind": "menu", "prompt": "m", "choices": {"1": "booking"}, "otherwise": "general"}
    script = Script(rules(of=flow("menu", menu=menu)))
    script.at(0).tell(arrives(C1), cmd.KeyPressed(C1, "1"))
    assert script.centre.next_deadline() == MONDAY + 3000.0  # the first announcement


def test_the_late_end_of_a_prompt_that_was_cut_short_ends_no_other() -> None:
    menu = {"kind": "menu", "prompt": "m", "choices": {"1": "booking"}, "otherwise": "general",
            "retries": 1}  # fmt: skip
    script = Script(rules(of=flow("menu", menu=menu)))
    script.at(0).tell(arrives(C1), cmd.KeyPressed(C1, "*"))
    due = script.centre.next_deadline()
    script.tell(cmd.PlaybackEnded(C1, 1))
    assert script.centre.visits.calls[C1].playing
    assert script.centre.next_deadline() == due  # nobody listens for a key yet


def test_b6_the_longest_wait_leads_to_the_queues_exit() -> None:
    sorry = {"kind": "say", "prompt": "max_wait_sorry", "then": "bye"}
    ends = flow(sorry=sorry, bye={"kind": "hang_up"})
    short = queue(GENERAL, max_wait=60.0)
    script = Script(
        rules(of=ends, queues=(short,), exits={GENERAL: {OverflowReason.MAX_WAIT: "sorry"}})
    )
    script.at(0).tell(arrives(C1)).ignore()
    script.at(60).expect(fx.Unpark(C1), fx.Play(C1, 1, ("max_wait_sorry",)))
    script.tell(cmd.PlaybackEnded(C1, 1)).expect(fx.HangUp(C1))
    script.tell(cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.outcome, record.overflow_reason) == (Outcome.OVERFLOWED, "max_wait")
    assert record.waited == 60.0


def test_b5_a_telephone_that_rings_at_the_longest_wait_is_given_its_chance() -> None:
    script = Script(rules(queues=(queue(GENERAL, max_wait=60.0),)))
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(arrives(C1)).at(58).tell(cmd.Ready(ANA), cmd.AgentRinging(offer)).ignore()
    script.at(61).expect()
    script.at(62).tell(cmd.AgentAnswered(offer))
    assert script.centre.visits.calls[C1].stage == "talking"


def test_b5_and_without_an_answer_the_caller_leaves_then() -> None:
    script = Script(rules(queues=(queue(GENERAL, max_wait=60.0),)))
    script.at(0).tell(arrives(C1)).at(58).tell(cmd.Ready(ANA)).ignore()
    script.tell(cmd.AgentRinging(Offer(C1, 1, ANA))).at(73)
    assert script.centre.visits.calls[C1].overflow is OverflowReason.MAX_WAIT
    assert C1 not in script.centre.acd.entries


def test_a_full_queue_takes_nobody_more() -> None:
    script = Script(rules(queues=(queue(GENERAL, max_length=1),)))
    script.tell(arrives(C1), arrives(C2)).ignore()
    script.tell(cmd.CallerHungUp(C2))
    (record,) = script.closed()
    assert record.overflow_reason is OverflowReason.QUEUE_FULL


def test_hold_and_resume_count_their_seconds() -> None:
    script = Script(rules())
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(offer)).ignore()
    script.at(10).tell(cmd.Hold(ANA)).expect(
        AgentMoved(ANA, AgentState.HOLD, None, C1, script._now), fx.Park(C1)
    )
    assert states(script)[0] is LineState.HOLD
    script.at(25).tell(cmd.Resume(ANA)).expect(
        AgentMoved(ANA, AgentState.TALKING, None, C1, script._now), Connect(offer)
    )
    script.at(30).tell(cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.talked, record.held) == (15.0, 15.0)


def test_a_transfer_rings_the_target_and_frees_the_agent() -> None:
    script = Script(rules())
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(offer)).ignore()
    script.refuse(cmd.Transfer(ANA, BO), "bo is not free")
    script.at(5).tell(cmd.Ready(BO)).ignore()
    script.tell(cmd.Transfer(ANA, BO)).expect(
        AgentMoved(ANA, AgentState.WRAP_UP, None, C1, script._now),
        fx.Park(C1),
        DropLeg(offer),
        AgentMoved(BO, AgentState.OFFERED, None, C1, script._now),
        Ring(Offer(C1, 2, BO), 15.0),
    )


@pytest.mark.parametrize(
    "leaves",
    [cmd.Transfer(ANA, BO), cmd.AgentLegEnded(Offer(C1, 1, ANA), cmd.LegEnd.LOST)],
    ids=["transferred", "the agent's leg is lost"],
)
def test_whoever_is_on_hold_is_not_put_to_the_music_once_more(leaves: cmd.Command) -> None:
    """Asterisk would let them hear nothing from then on."""
    script = Script(rules())
    script.at(0).tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.at(5).tell(cmd.Ready(BO), cmd.Hold(ANA)).ignore()
    script.tell(leaves)
    assert Ring(Offer(C1, 2, BO), 15.0) in script._seen
    assert fx.Park(C1) not in script._seen


def test_b7_a_transfer_that_is_not_taken_goes_before_everybody_who_came_later() -> None:
    script = Script(rules())
    script.at(0).tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.at(5).tell(cmd.Ready(BO)).at(6).tell(cmd.Transfer(ANA, BO), arrives(C2)).ignore()
    script.at(7).tell(cmd.AgentLegEnded(Offer(C1, 2, BO), cmd.LegEnd.DECLINED)).ignore()
    script.at(12).expect(
        AgentMoved(BO, AgentState.OFFERED, None, C1, script._now), Ring(Offer(C1, 3, BO), 15.0)
    )


def test_what_is_waited_after_the_first_answer_is_no_waiting_for_it() -> None:
    script = Script(rules())
    script.at(0).tell(cmd.Ready(ANA), arrives(C1))
    script.at(3).tell(cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.at(10).tell(cmd.AgentLegEnded(Offer(C1, 1, ANA), cmd.LegEnd.LOST))
    script.at(30).tell(cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.waited, record.talked) == (3.0, 7.0)


def test_an_outside_leg_passes_the_gate_and_holds_a_line() -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    script = Script(
        rules(
            of=flow("out", out=out),
            numbers={"hall": "0942-00-0110"},
            tolls=TollRules(("0942",), 2),
        )
    )
    script.at(0).tell(arrives(C1)).expect(
        fx.AnswerCall(C1), fx.Park(C1), fx.DialOut(C1, 1, "0942000110", 30.0)
    )
    assert states(script)[:2] == [LineState.WAITING, LineState.DIALLING]
    script.at(5).tell(cmd.ExternalAnswered(C1, 1)).expect(fx.ConnectExternal(C1, 1))
    assert states(script)[:2] == [LineState.TALKING, LineState.OUTBOUND]
    script.tell(cmd.ExternalEnded(C1, 1)).expect(fx.DropExternal(C1, 1), fx.HangUp(C1))
    script.tell(cmd.CallerHungUp(C1))
    assert set(states(script)) == {LineState.IDLE}


@pytest.mark.parametrize(
    ("number", "gate"),
    [
        ("0942-00-0110", TollRules()),  # denied by default
        ("010-1-555-0100", TollRules(("010",), 9)),  # abroad, whatever the list says
        ("0990-00-0000", TollRules(("0",), 9)),
        ("0570-00-0000", TollRules(("0",), 9)),
        ("0180-99-0000", TollRules(("0",), 9)),  # テレドーム
        ("+81-180-99-0000", TollRules(("0",), 9)),
        ("186-0170-00-0000", TollRules(("0",), 9)),
        ("0910-00-0000", TollRules(("0",), 9)),
        ("020-0000-0000", TollRules(("0",), 9)),
        ("0033-0942-00-0110", TollRules(("0",), 9)),  # by another carrier
        ("122-0942-00-0110", TollRules(("1",), 9)),
        ("184-184-0942-00-0110", TollRules(("0", "1"), 9)),
        ("+1-555-0100", TollRules(("0", "1"), 9)),
        ("110", TollRules(("1",), 9)),
        ("0942-00-0110", TollRules(("0942",), 0)),  # none an hour
    ],
)
def test_what_may_not_be_dialled_is_not_and_the_flow_goes_on(number: str, gate: TollRules) -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    script = Script(rules(of=flow("out", out=out), numbers={"hall": number}, tolls=gate))
    script.at(0).tell(arrives(C1)).expect(fx.AnswerCall(C1), fx.Park(C1))
    assert C1 in script.centre.acd.entries


@pytest.mark.parametrize("number", ["0120-000-000", "0800-000-0000", "011-200-0000"])
def test_what_is_free_for_the_caller_or_a_town_may_be_listed(number: str) -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    gate = TollRules(("0120", "0800", "011"), 9)
    script = Script(rules(of=flow("out", out=out), numbers={"hall": number}, tolls=gate))
    script.at(0).tell(arrives(C1)).expect(
        fx.AnswerCall(C1), fx.Park(C1), fx.DialOut(C1, 1, number.replace("-", ""), 30.0)
    )


def test_an_unknown_number_is_served_and_noted() -> None:
    script = Script(rules())
    script.tell(cmd.CallArrived(C1, "0942000199", None))
    assert any(isinstance(n, fx.CallNoted) and n.event == "unknown_number" for n in script.news)
    assert C1 in script.centre.acd.entries


def test_what_is_checked_at_the_gate_is_what_is_dialled() -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    gate = TollRules(("0942",), 9)
    for written, dialled in (("+81 942-00-0110", "0942000110"), ("186 0942-00-0110", "0942000110")):
        script = Script(rules(of=flow("out", out=out), numbers={"hall": written}, tolls=gate))
        script.at(0).tell(arrives(C1)).expect(
            fx.AnswerCall(C1), fx.Park(C1), fx.DialOut(C1, 1, dialled, 30.0)
        )


def test_a_hiding_prefix_opens_no_gate() -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    gate = TollRules(("186",), 9)
    script = Script(rules(of=flow("out", out=out), numbers={"hall": "1860990000000"}, tolls=gate))
    script.at(0).tell(arrives(C1)).expect(fx.AnswerCall(C1), fx.Park(C1))


@pytest.mark.parametrize("first", ["caller", "outside"])
def test_who_was_put_through_outside_is_informed_whoever_hangs_up(first: str) -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    gate = TollRules(("0942",), 9)
    script = Script(rules(of=flow("out", out=out), numbers={"hall": "0942-00-0110"}, tolls=gate))
    script.at(0).tell(arrives(C1), cmd.ExternalAnswered(C1, 1))
    if first == "outside":
        script.tell(cmd.ExternalEnded(C1, 1))
    script.tell(cmd.CallerHungUp(C1))
    assert script.closed()[0].outcome is Outcome.INFORMED


def test_a_line_that_waits_for_a_transfer_is_nobodys() -> None:
    script = Script(rules())
    script.at(0).tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.at(5).tell(cmd.Ready(BO), cmd.Transfer(ANA, BO))
    line = script.centre.lines.all()[0]
    assert (line.state, line.agent) == (LineState.WAITING, None)


def test_b6_a_caller_back_in_the_queue_does_not_wait_for_ever() -> None:
    script = Script(rules(queues=(queue(GENERAL, max_wait=60.0),)))
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(offer))
    script.at(30).tell(cmd.Pause(ANA, "休憩"), cmd.AgentLegEnded(offer, cmd.LegEnd.LOST))
    script.at(91)
    assert C1 not in script.centre.acd.entries


def test_b5_an_agent_who_pauses_while_it_rings_for_an_overdue_caller_lets_them_go() -> None:
    script = Script(rules(queues=(queue(GENERAL, max_wait=60.0),)))
    script.at(0).tell(arrives(C1)).at(58).tell(cmd.Ready(ANA), cmd.AgentRinging(Offer(C1, 1, ANA)))
    script.at(61).tell(cmd.Pause(ANA, "離席"))
    assert script.centre.visits.calls[C1].overflow is OverflowReason.MAX_WAIT


def test_a_leg_that_may_ring_all_the_same_is_ended() -> None:
    script = Script(rules())
    script.at(0).tell(cmd.Ready(ANA), arrives(C1)).ignore()
    script.tell(cmd.AgentLegEnded(Offer(C1, 1, ANA), cmd.LegEnd.FAILED))
    assert DropLeg(Offer(C1, 1, ANA)) in script._seen
    script.ignore()


def test_b6_whoever_waits_an_hour_where_no_longest_wait_is_set_keeps_the_place() -> None:
    script = Script(rules(queues=(queue(GENERAL, announce_after=30.0),)))
    script.at(0).tell(arrives(C1)).at(1).tell(arrives(C2))
    for minute in range(1, 60):
        playing = script.centre.visits.calls[C1].playback
        script.tell(cmd.PlaybackEnded(C1, playing)).at(60 * minute)
    told = [each for each in script._seen if isinstance(each, fx.Play) and each.call == C1]
    assert len(told) >= 30
    assert {each.prompts for each in told} == {place(1)}
    script.ignore().tell(cmd.Ready(ANA))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)


@pytest.mark.parametrize(
    ("target", "why"),
    [(BO, "bo is not free"), (ANA, "ana is not free"), (AgentId("nobody"), "no agent nobody")],
)
def test_b7_a_target_that_cannot_be_rung_leaves_the_talk_as_it_is(
    target: AgentId, why: str
) -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.tell(cmd.Ready(BO), arrives(C2), cmd.AgentAnswered(Offer(C2, 1, BO))).ignore()
    script.refuse(cmd.Transfer(ANA, target), why).expect()
    assert script.centre.visits.calls[C1].stage == "talking"
    assert script.centre.acd.roster[ANA].state == "talking"


@pytest.mark.parametrize("end", [each for each in cmd.LegEnd if each != "hung_up"])
def test_b7_however_the_target_does_not_take_it_the_caller_is_first_in_the_queue(
    end: cmd.LegEnd,
) -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.at(1).tell(cmd.Ready(BO)).at(2).tell(cmd.Transfer(ANA, BO), arrives(C2))
    script.tell(cmd.AgentLegEnded(Offer(C1, 2, BO), end))
    assert script.centre.visits.calls[C1].stage == "waiting"
    assert script.centre.acd.board.position(script.centre.acd.entries[C1]) == 1


def test_b7_a_caller_is_not_handed_round_without_end() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)), cmd.Ready(BO))
    here, there = ANA, BO
    for attempt in range(2, MOST_TRANSFERS + 2):
        script.tell(cmd.Transfer(here, there), cmd.EndWrapUp(here))
        script.tell(cmd.AgentAnswered(Offer(C1, attempt, there)))
        here, there = there, here
    script.ignore().refuse(cmd.Transfer(here, there), "often enough").expect()
    assert script.centre.visits.calls[C1].stage == "talking"


def test_c7_who_signs_out_in_a_talk_ends_it_in_peace_and_gets_no_other() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA))).ignore()
    script.at(5).tell(cmd.SignOut(ANA), arrives(C2)).expect(fx.AnswerCall(C2), fx.Park(C2))
    assert script.centre.acd.roster[ANA].state == "talking"
    script.at(60).tell(cmd.CallerHungUp(C1)).at(200)
    assert script.centre.acd.roster[ANA].state == "signed_out"
    assert script.centre.acd.entries[C2].offer is None
    (record,) = script.closed()
    assert (record.outcome, record.talked) == (Outcome.ANSWERED, 60.0)
