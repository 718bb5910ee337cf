"""Who leaves a queue by rule, where they go, and what the other line says of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.schema import Flow
from telephony.acd.model import CallId, Instant, Offer
from telephony.acd.staffing import HANDLING, estimate
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome, OverflowReason
from telephony.centre.model import Stage
from telephony.centre.outside import ASKED_FOR
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BO, BOOKING, C1, C2, C3, GENERAL, MONDAY, flow, queue, rules
from tests.script import Script

NO_AGENT, ESTIMATED = OverflowReason.NO_AGENT, OverflowReason.ESTIMATED_WAIT
ANNOUNCE, ASK = ("please_wait", "caller:number"), ("info_menu",)


def paths() -> Flow:
    """Out of the queue: to the town hall, which is told; else sorry."""
    return flow(
        hall={
            "kind": "transfer", "number": "hall", "otherwise": "sorry",
            "overflow": {"announce": list(ANNOUNCE), "ask": list(ASK)},
        },
        sorry={"kind": "say", "prompt": "max_wait_sorry", "then": "bye"},
        bye={"kind": "hang_up"},
    )  # fmt: skip


def desk(to: str = "sorry", **of_queue: object) -> Script:
    given: dict[str, object] = {"no_agent_after": 20.0} | of_queue
    script = Script(
        rules(
            of=paths(),
            queues=(queue(GENERAL, **given), queue(BOOKING)),
            exits={GENERAL: dict.fromkeys(OverflowReason, to)},
            numbers={"hall": "0942-00-0110"},
            tolls=TollRules(("0942",), 9),
        )
    )
    return script.ignore()


def arrives(call: CallId) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", f"key of {call}")


def noted(script: Script, event: str) -> list[dict[str, object]]:
    found = [each for each in script.news if isinstance(each, fx.CallNoted)]
    return [dict(each.detail) for each in found if each.event == event]


def reasons(script: Script) -> list[OverflowReason | None]:
    return [each.overflow_reason for each in script.closed()]


def leave(script: Script, *calls: CallId) -> Script:
    for call in calls:
        known = script.centre.visits.calls[call]
        script.tell(cmd.PlaybackEnded(call, known.playback), cmd.CallerHungUp(call))
    return script


# -- nobody works there -------------------------------------------------------------------------


def test_when_the_last_one_goes_to_a_break_whoever_waits_leaves_after_a_while_in_order() -> None:
    script = desk().tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.tell(arrives(C2)).at(1).tell(arrives(C3))
    script.tell(cmd.Pause(ANA, "休憩"), cmd.CallerHungUp(C1), cmd.EndWrapUp(ANA)).ignore()
    script.at(20.9)
    assert noted(script, "left_queue") == []
    script.at(21)
    assert noted(script, "left_queue") == [{"reason": NO_AGENT}] * 2
    assert [each.call for each in script._seen if isinstance(each, fx.Unpark)] == [C2, C3]
    assert reasons(leave(script, C2, C3)) == [NO_AGENT, NO_AGENT]
    assert {each.outcome for each in script.closed()} == {Outcome.OVERFLOWED}


def test_whoever_comes_back_in_time_finds_them_waiting() -> None:
    script = desk().tell(cmd.Ready(ANA), cmd.Pause(ANA, "休憩"), arrives(C1))
    script.at(19).tell(cmd.Ready(ANA)).at(22)
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)


def test_a_newcomer_does_not_wait_where_nobody_has_worked_for_long_and_does_again_later() -> None:
    script = desk().at(30).tell(arrives(C1))
    assert noted(script, "left_queue") == [{"reason": NO_AGENT}]
    leave(script, C1).tell(cmd.Ready(ANA), arrives(C2))
    assert script.centre.acd.entries[C2].offer == Offer(C2, 1, ANA)


def test_who_calls_somebody_from_a_break_is_at_the_break_and_who_talks_works() -> None:
    script = desk().tell(cmd.Ready(ANA), cmd.Pause(ANA, "休憩"))
    assert script.centre.acd.roster.staffed[GENERAL] == 0
    script.tell(cmd.Ready(BO), cmd.CallUp(ANA, BO))
    assert script.centre.acd.roster.staffed[GENERAL] == 1
    script.tell(cmd.EndCall(ANA), cmd.SignOut(BO))
    assert script.centre.acd.roster.staffed[GENERAL] == 0
    script.tell(cmd.Ready(BO), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, BO)))
    assert script.centre.acd.roster.staffed[GENERAL] == 1


def test_who_calls_somebody_from_a_break_and_says_ready_meanwhile_works_from_then_on() -> None:
    script = desk().tell(cmd.Ready(ANA), cmd.Pause(ANA, "休憩"), cmd.Ready(BO))
    script.tell(cmd.CallUp(ANA, BO), cmd.Pause(BO, "休憩"), cmd.Ready(ANA))
    staffed = script.centre.acd.roster.staffed[GENERAL]
    assert staffed == restore(script.centre.rules, take(script.centre)).acd.roster.staffed[GENERAL]
    assert script.centre.acd.roster.works(ANA)


def test_the_next_leader_knows_which_queues_are_deserted() -> None:
    script = desk().at(30)
    centre = restore(script.centre.rules, take(script.centre))
    assert centre.floor.deserted == {GENERAL}
    assert centre.acd.roster.staffed[GENERAL] == 0
    half = desk().at(10)
    assert restore(half.centre.rules, take(half.centre)).next_deadline() == MONDAY + 20


def test_without_the_rule_they_wait() -> None:
    script = desk(no_agent_after=None).tell(arrives(C1)).at(4000)
    assert C1 in script.centre.acd.entries


# -- an estimate that is too long ---------------------------------------------------------------


def test_nobody_joins_who_would_wait_too_long_even_if_all_goes_well() -> None:
    script = desk(no_agent_after=None, max_estimate=500.0).tell(cmd.Ready(ANA))
    for number in range(1, 6):
        script.tell(arrives(CallId(f"c{number}")))
    # Ana takes 300 s a call: with 1, 2, 3 before one it is at least 176, 380, 600 s.
    assert list(script.centre.acd.entries) == ["c1", "c2", "c3"]
    assert noted(script, "left_queue") == [{"reason": ESTIMATED}] * 2


def test_who_waits_leaves_when_others_leave_the_desk_and_is_asked_at_each_announcement() -> None:
    script = desk(no_agent_after=None, max_estimate=200.0, announce_after=50.0, announce_every=50.0)
    script.tell(cmd.Ready(ANA), cmd.Ready(BO))
    for nth, agent in ((1, ANA), (2, BO)):
        call = CallId(f"busy{nth}")
        script.tell(arrives(call))
        offer = script.centre.acd.entries[call].offer
        assert offer is not None
        script.tell(cmd.AgentAnswered(offer))
        assert agent
    script.tell(arrives(C1), arrives(C2), arrives(C3)).at(49)
    script.tell(cmd.SignOut(BO), cmd.EndCall(BO), cmd.EndWrapUp(BO)).at(51)
    assert noted(script, "left_queue") == [{"reason": ESTIMATED}]
    assert C3 not in script.centre.acd.entries


def test_how_long_a_call_keeps_an_agent_is_learnt() -> None:
    script = desk().tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.at(70).tell(cmd.CallerHungUp(C1)).at(100)
    learnt = script.centre.acd.roster.paces.handling(GENERAL)
    assert learnt == HANDLING + (100.0 - HANDLING) / 20
    kept = restore(script.centre.rules, take(script.centre)).acd.roster.paces
    assert kept.handling(GENERAL) == learnt


@given(st.integers(0, 500), st.integers(1, 50), st.floats(1.0, 3600.0))
def test_an_estimate_grows_with_the_queue_and_shrinks_with_the_staff(
    ahead: int, staffed: int, handling: float
) -> None:
    here = estimate(ahead, staffed, handling)
    more, fewer = estimate(ahead + 1, staffed, handling), estimate(ahead, staffed + 1, handling)
    assert here is not None
    assert more is not None
    assert fewer is not None
    assert 0 <= here.least <= here.most
    assert (here.least, here.most) <= (more.least, more.most)
    assert fewer.most <= here.most
    assert estimate(ahead, 0, handling) is None


# -- another line takes it ----------------------------------------------------------------------


def handed_over() -> Script:
    """Nobody works; the town hall rings for a caller."""
    return desk("hall").at(30).tell(arrives(C1))


def up(script: Script) -> Script:
    """They have answered and heard what kind of call it is."""
    script.tell(cmd.ExternalAnswered(C1, 1))
    return script.tell(cmd.PlaybackEnded(C1, script.centre.visits.calls[C1].playback))


def test_whoever_answers_hears_what_it_is_before_they_hear_the_caller() -> None:
    script = handed_over()
    script.expect(fx.AnswerCall(C1), fx.Park(C1), fx.DialOut(C1, 1, "0942000110", 30.0))
    script.tell(cmd.ExternalAnswered(C1, 1)).expect(fx.PlayOutside(C1, 1, 1, ANNOUNCE))
    script.tell(cmd.ExternalAnswered(C1, 1)).expect()  # told of twice
    script.tell(cmd.PlaybackEnded(C1, 1)).expect(fx.ConnectExternal(C1, 1))
    assert script.centre.lines[1].state is LineState.TALKING


def test_an_announcement_of_whose_end_nobody_hears_keeps_nobody_for_ever() -> None:
    script = handed_over().tell(cmd.ExternalAnswered(C1, 1)).ignore().at(91)
    script.expect(fx.ConnectExternal(C1, 1))


@pytest.mark.parametrize(
    ("key", "result"), [("1", "solved"), ("2", "callback"), ("3", "wrong_place")]
)
def test_a_key_during_the_talk_says_what_came_of_it(key: str, result: str) -> None:
    script = up(handed_over()).tell(cmd.ExternalKey(C1, 1, "3"), cmd.ExternalKey(C1, 1, key))
    script.at(90).tell(cmd.CallerHungUp(C1))
    assert noted(script, "overflow_answered") == [{"target": "hall", "result": result}]
    (record,) = script.closed()
    assert (record.outcome, record.overflow_reason) == (Outcome.OVERFLOWED, NO_AGENT)
    assert script.centre.lines.idle == 6
    assert script.centre.next_deadline() is None


def test_a_key_during_the_announcement_puts_the_caller_through_at_once() -> None:
    script = handed_over().tell(cmd.ExternalAnswered(C1, 1)).ignore()
    script.tell(cmd.ExternalKey(C1, 1, "2"))
    script.expect(fx.StopPlay(C1, 1), fx.ConnectExternal(C1, 1))


def test_when_the_caller_has_gone_they_are_asked_and_the_callers_line_is_free() -> None:
    script = up(handed_over()).at(90).ignore().tell(cmd.CallerHungUp(C1))
    script.expect(fx.PlayOutside(C1, 1, 2, ASK))
    assert [line.state for line in script.centre.lines.all()[:2]] == [
        LineState.IDLE,
        LineState.OUTBOUND,
    ]
    script.tell(cmd.CallerHungUp(C1)).expect()  # told of twice
    assert script.closed() == []
    script.at(93).tell(cmd.ExternalKey(C1, 1, "1"))
    assert noted(script, "overflow_answered") == [{"target": "hall", "result": "solved"}]
    assert script.closed()[0].at == MONDAY + 90
    assert script.centre.lines.idle == 6
    assert script.centre.next_deadline() is None


@pytest.mark.parametrize("how", ["nothing", "hangs_up", "other_key"])
def test_nothing_said_is_none_which_opens_a_callback(how: str) -> None:
    script = up(handed_over()).at(90).tell(cmd.CallerHungUp(C1))
    if how == "hangs_up":
        script.tell(cmd.ExternalEnded(C1, 1))
    elif how == "other_key":
        script.tell(cmd.ExternalKey(C1, 1, "9"))
    script.at(90 + ASKED_FOR)
    assert noted(script, "overflow_answered") == [{"target": "hall", "result": "none"}]
    assert len(script.closed()) == 1
    assert script.centre.lines.idle == 6


def test_they_hang_up_first() -> None:
    script = up(handed_over()).tell(cmd.ExternalKey(C1, 1, "1")).at(60)
    script.ignore().tell(cmd.ExternalEnded(C1, 1))
    assert fx.HangUp(C1) in script._seen
    script.tell(cmd.CallerHungUp(C1))
    assert noted(script, "overflow_answered") == [{"target": "hall", "result": "solved"}]


def test_a_line_that_does_not_answer_or_hangs_up_at_once_leaves_the_flow_to_go_on() -> None:
    for tells in ((), (cmd.ExternalAnswered(C1, 1),)):
        script = handed_over().tell(*tells, cmd.ExternalEnded(C1, 1))
        assert script.centre.visits.calls[C1].stage is Stage.MENU
        assert reasons(leave(script, C1)) == [NO_AGENT]
        assert noted(script, "overflow_answered") == []


def test_a_transfer_that_is_no_overflow_says_nothing_of_the_kind() -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    script = Script(
        rules(
            of=flow("out", out=out), numbers={"hall": "0942000110"}, tolls=TollRules(("0942",), 2)
        )
    )
    script.tell(arrives(C1), cmd.ExternalAnswered(C1, 1), cmd.ExternalKey(C1, 1, "1"))
    script.tell(cmd.CallerHungUp(C1))
    assert noted(script, "overflow_answered") == []
    assert len(script.closed()) == 1


def test_after_a_restart_they_are_still_asked_and_an_end_that_was_missed_is_found() -> None:
    script = up(handed_over()).at(90).tell(cmd.CallerHungUp(C1)).ignore()
    script.centre = restore(script.centre.rules, take(script.centre))
    leg = cmd.LiveChannel(f"x.{C1}.1", True, False, None)
    script.at(91).tell(cmd.Reconciled((leg,), Instant(MONDAY + 91), MONDAY)).expect()
    script.tell(cmd.Reconciled((), Instant(MONDAY + 91), MONDAY))
    assert noted(script, "overflow_answered") == [{"target": "hall", "result": "none"}]
    assert len(script.closed()) == 1


def test_a_second_queue_takes_them_with_the_time_they_have_waited() -> None:
    script = Script(
        rules(
            queues=(queue(GENERAL, max_wait=60.0), queue(BOOKING)),
            exits={GENERAL: {OverflowReason.MAX_WAIT: "booking"}},
        )
    )
    script.tell(arrives(C1)).at(60)
    entry = script.centre.acd.entries[C1]
    assert (entry.queue, entry.entered_at) == (BOOKING, MONDAY)
    assert noted(script, "left_queue") == [{"reason": OverflowReason.MAX_WAIT}]
    script.tell(cmd.Ready(ANA), cmd.AgentAnswered(Offer(C1, 1, ANA)), cmd.CallerHungUp(C1))
    assert script.closed()[0].outcome is Outcome.ANSWERED


def test_a_flow_that_begins_with_the_callers_number_knows_it() -> None:
    by = {"kind": "caller", "known": "general", "unknown": "booking"}
    script = Script(rules(of=flow("by", by=by)))
    script.tell(arrives(C1), cmd.CallArrived(C2, "0942000100", None))
    entries = script.centre.acd.entries
    assert (entries[C1].queue, entries[C2].queue) == (GENERAL, BOOKING)


# -- a surge: whoever would wait is offered to be called back -----------------------------------


def surging(surge_from: int = 2, *, mode: str = "surge") -> Script:
    """`1` takes the offer, anything else is to go on waiting."""
    gate = {
        "kind": "menu", "prompt": "request_offer", "choices": {"1": "asked"}, "timeout": 5,
        "retries": 0, "otherwise": "general", "silence": {"retries": 0, "otherwise": "general"},
    }  # fmt: skip
    script = Script(
        rules(
            of=flow(
                gate=gate,
                asked={"kind": "request", "what": "callback", "then": "bye"},
                bye={"kind": "hang_up"},
            ),
            queues=(queue(GENERAL, surge_from=surge_from), queue(BOOKING)),
            exits={GENERAL: {OverflowReason.SURGE: "gate"}},
        )
    )
    return script.tell(cmd.SetMode(mode, 3600.0, "u9")).ignore()


def waiting(script: Script) -> list[CallId]:
    entries = script.centre.acd.entries.values()
    return [each.call for each in sorted(entries, key=lambda each: each.rank)]


def test_in_a_surge_the_second_is_offered_and_the_first_is_not() -> None:
    script = surging().tell(arrives(C1), arrives(C2))
    assert waiting(script) == [C1]
    assert noted(script, "left_queue") == [{"reason": OverflowReason.SURGE}]
    script.tell(cmd.KeyPressed(C2, "1"))
    assert noted(script, "requested") == [{"what": "callback"}]
    script.tell(cmd.CallerHungUp(C2))
    assert [(each.outcome, each.overflow_reason) for each in script.closed()] == [
        (Outcome.OVERFLOWED, OverflowReason.SURGE)
    ]


def test_who_would_rather_wait_keeps_their_place_and_is_asked_once() -> None:
    script = surging().tell(arrives(C1), arrives(C2)).at(1).tell(arrives(C3))
    script.at(2).tell(cmd.KeyPressed(C3, "2"), cmd.KeyPressed(C2, "2"))
    assert waiting(script) == [C1, C2, C3]
    assert len(noted(script, "left_queue")) == 2
    script.tell(cmd.CallerHungUp(C2))
    assert [each.outcome for each in script.closed()] == [Outcome.ABANDONED]


def test_who_says_nothing_waits_on() -> None:
    script = surging().tell(arrives(C1), arrives(C2))
    script.tell(cmd.PlaybackEnded(C2, 1)).at(20)
    assert waiting(script) == [C1, C2]


@pytest.mark.parametrize(("surge_from", "mode"), [(3, "surge"), (2, "outage")])
def test_nobody_before_that_place_or_without_a_surge_is_offered(surge_from: int, mode: str) -> None:
    script = surging(surge_from, mode=mode).tell(arrives(C1), arrives(C2))
    assert waiting(script) == [C1, C2]


def test_with_somebody_free_nobody_is_offered() -> None:
    script = surging().tell(arrives(C1), cmd.Ready(ANA))
    script.tell(cmd.AgentAnswered(Offer(C1, 1, ANA)), cmd.Ready(BO), arrives(C2))
    assert noted(script, "left_queue") == []


def test_a_new_leader_knows_who_was_asked() -> None:
    script = surging().tell(arrives(C1), arrives(C2))
    script.centre = restore(script.centre.rules, take(script.centre))
    script.tell(cmd.KeyPressed(C2, "2"))
    assert waiting(script) == [C1, C2]
