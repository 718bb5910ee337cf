"""Citizens who are called back: who is rung first, what is left to callers, what came of it."""

from dataclasses import replace

import pytest

from ivr_flows.opening.model import Calendar, Hours, Rule
from telephony.acd.effects import AgentMoved, WrapUpEnded
from telephony.acd.model import AgentState, CallId, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.callbacks import SETTLE
from telephony.centre.commands import LegEnd
from telephony.centre.effects import AttemptEnd, LineState, OwnEnd, OwnKind
from telephony.centre.model import CallbackRules
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import DAY, TollRules
from tests.builders import ANA, BO, BOOKING, C1, C2, GENERAL, MONDAY, agent, queue, rules
from tests.script import Script

S = AgentState
OWED, WHO = "ob-c9", "key-of-a-citizen"
DIAL = CallId(f"own-{int(MONDAY)}.1")
MINE = Offer(DIAL, 1, ANA)
CITIZENS = f"x.{DIAL}.2"
BACK = cmd.CallBack(ANA, OWED, None, WHO)


def desk(**more: object) -> Script:
    """Ana and Bo at a break, six lines, all hours."""
    given: dict[str, object] = {"always_open": True, "tolls": TollRules(("0942",), 5)} | more
    script = Script(rules(**given))  # type: ignore[arg-type]
    return script.tell(cmd.Pause(ANA, "折り返し"), cmd.Pause(BO, "休憩")).ignore()


def attempts(script: Script) -> list[fx.AttemptEnded]:
    return [each for each in script.news if isinstance(each, fx.AttemptEnded)]


def results(script: Script) -> list[AttemptEnd]:
    return [each.result for each in attempts(script)]


def dialled(script: Script) -> Script:
    return script.tell(BACK, cmd.AgentAnswered(MINE))


def talking(script: Script) -> Script:
    return dialled(script).tell(cmd.ExternalAnswered(DIAL, 2))


def arrives(call: CallId, who: str | None = WHO) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", who)


# -- the order of things ------------------------------------------------------------------------


def test_the_agent_is_rung_first_then_a_line_is_taken_and_the_citizen_dialled() -> None:
    script = desk().tell(BACK)
    script.expect(
        AgentMoved(ANA, S.TALKING, "callback", DIAL, MONDAY), fx.RingOwn(MINE, 30.0, OWED, "")
    )
    assert script.centre.lines.idle == 6  # nobody is kept off a line by a telephone that may ring
    script.at(3).tell(cmd.AgentAnswered(MINE))
    script.expect(fx.DialBack(DIAL, 2, OWED, None, 30.0, MINE.leg))
    assert (script.centre.lines[1].state, script.centre.lines[1].call) == (
        LineState.DIALLING,
        DIAL,
    )
    script.at(9).tell(cmd.ExternalAnswered(DIAL, 2)).expect(fx.Join(DIAL, (MINE.leg, CITIZENS)))
    assert script.centre.lines[1].state is LineState.OUTBOUND


def test_a_talk_is_followed_by_wrap_up_and_by_what_they_were_before() -> None:
    script = talking(desk()).at(60).tell(cmd.ExternalEnded(DIAL, 2, LegEnd.HUNG_UP))
    assert script.centre.acd.roster[ANA].state is S.WRAP_UP
    (attempt,) = attempts(script)
    assert attempt == fx.AttemptEnded(
        OWED, DIAL, ANA, MONDAY, MONDAY, Instant(MONDAY + 60), AttemptEnd.ANSWERED
    )
    (own,) = [each for each in script.news if isinstance(each, fx.OwnCallClosed)]
    assert (own.kind, own.target, own.end) == (OwnKind.CALLBACK, OWED, OwnEnd.HUNG_UP)
    assert script.closed() == []  # none of the citizens' calls
    script.ignore().at(90).expect(
        WrapUpEnded(ANA, DIAL, 30.0, Instant(MONDAY + 90), called_back=True),
        AgentMoved(ANA, S.PAUSED, "折り返し", None, Instant(MONDAY + 90)),
    )


def test_what_the_agent_says_replaces_what_the_network_said() -> None:
    script = talking(desk()).tell(cmd.AttemptResult(ANA, DIAL, AttemptEnd.OTHER_PERSON))
    script.at(60).tell(cmd.EndCall(ANA))
    assert results(script) == [AttemptEnd.OTHER_PERSON]
    script.tell(cmd.AttemptResult(ANA, DIAL, AttemptEnd.REACHED))
    first, second = attempts(script)
    assert second.result is AttemptEnd.REACHED
    assert (second.began_at, second.answered_at, second.ended_at) == (
        first.began_at,
        first.answered_at,
        first.ended_at,
    )


def test_nobody_says_what_did_not_happen() -> None:
    script = dialled(desk())
    reached = cmd.AttemptResult(ANA, DIAL, AttemptEnd.REACHED)
    script.refuse(reached, "nobody has answered")
    script.tell(cmd.ExternalEnded(DIAL, 2, LegEnd.BUSY)).refuse(reached, "nobody has answered")
    script.refuse(cmd.AttemptResult(BO, DIAL, AttemptEnd.REACHED), "not yours")
    script.refuse(cmd.AttemptResult(ANA, CallId("own-1.9"), AttemptEnd.REACHED), "not yours")
    script.refuse(cmd.AttemptResult(ANA, DIAL, AttemptEnd.NO_ANSWER), "no result")


# -- what the network says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "result"),
    [
        (LegEnd.BUSY, AttemptEnd.BUSY),
        (LegEnd.DECLINED, AttemptEnd.BUSY),
        (LegEnd.NO_ANSWER, AttemptEnd.NO_ANSWER),
        (LegEnd.UNREACHABLE, AttemptEnd.NO_ANSWER),
        (LegEnd.HUNG_UP, AttemptEnd.NO_ANSWER),
        (LegEnd.FAILED, AttemptEnd.FAILED),
        (LegEnd.LOST, AttemptEnd.FAILED),
    ],
)
def test_f5_an_attempt_that_nobody_answered_says_why(how: LegEnd, result: AttemptEnd) -> None:
    script = dialled(desk()).at(4).tell(cmd.ExternalEnded(DIAL, 2, how))
    assert results(script) == [result]
    assert attempts(script)[0].answered_at is None
    agent = script.centre.acd.roster[ANA]
    assert (agent.state, agent.reason) == (S.PAUSED, "折り返し")  # no wrap-up: nobody was talked to
    assert script.centre.lines.idle == 6


def test_a_citizen_who_does_not_answer_is_left_in_peace_after_a_while() -> None:
    script = dialled(desk()).at(30)
    assert results(script) == [AttemptEnd.NO_ANSWER]
    assert fx.DropExternal(DIAL, 2) in script._seen


@pytest.mark.parametrize("stage", ["fetching", "ringing"])
def test_an_agent_who_gives_up_has_cancelled_it(stage: str) -> None:
    for end in (cmd.EndCall(ANA), cmd.AgentLegEnded(MINE, LegEnd.HUNG_UP)):
        script = desk().tell(BACK) if stage == "fetching" else dialled(desk())
        script.tell(end)
        assert results(script) == [AttemptEnd.CANCELLED]
        assert script.centre.own.calls == {}


# -- lines for callers --------------------------------------------------------------------------


@pytest.mark.parametrize(("busy", "goes"), [(3, True), (4, False), (5, False), (6, False)])
def test_two_lines_are_kept_for_callers(busy: int, goes: bool) -> None:
    script = desk()
    for each in range(busy):
        script.tell(arrives(CallId(f"c{each}"), None))
    if goes:
        dialled(script)
        assert script.centre.lines.idle == 2
    else:
        script.refuse(BACK, "2 are kept for callers")


def test_lines_that_filled_up_while_the_agents_telephone_rang_are_the_callers() -> None:
    script = desk().tell(BACK)
    for each in range(4):
        script.tell(arrives(CallId(f"c{each}"), None))
    script.ignore().tell(cmd.AgentAnswered(MINE))
    assert not [each for each in script._seen if isinstance(each, fx.DialBack)]
    assert results(script) == [AttemptEnd.CANCELLED]
    assert script.centre.lines.idle == 2


def test_how_many_are_kept_is_a_setting() -> None:
    none = desk(lines=(1,), callbacks=CallbackRules(keep_lines=0))
    assert dialled(none).centre.lines.idle == 0


# -- never two calls to one citizen -------------------------------------------------------------


def test_a12_one_dial_at_a_time_for_an_obligation_and_for_a_number() -> None:
    script = desk().tell(BACK)
    script.refuse(cmd.CallBack(BO, OWED, None, "another key"), "ana is calling them now")
    script.refuse(cmd.CallBack(BO, "ob-c8", None, WHO), "ana is calling them now")
    script.tell(cmd.CallBack(BO, "ob-c8", None, "another key"))


def test_a12_a_citizen_who_is_on_the_line_is_not_called() -> None:
    script = desk().tell(arrives(C1)).refuse(BACK, "on the line with us")
    script.tell(cmd.CallerHungUp(C1), BACK)


def test_a_dial_that_ended_nobody_knows_how_is_not_followed_by_another_at_once() -> None:
    script = dialled(desk()).at(2).tell(cmd.ExternalEnded(DIAL, 2, LegEnd.FAILED))
    script.refuse(BACK, "wait some seconds").at(2 + SETTLE).tell(BACK)


@pytest.mark.parametrize("stage", ["fetching", "ringing"])
def test_f5_the_citizen_who_rings_in_and_is_answered_is_not_called_any_more(stage: str) -> None:
    script = desk().tell(BACK) if stage == "fetching" else dialled(desk())
    script.tell(arrives(C1))
    assert results(script) == []  # waiting is not yet being served
    script.tell(cmd.Ready(BO)).ignore().tell(cmd.AgentAnswered(Offer(C1, 1, BO)))
    assert results(script) == [AttemptEnd.CANCELLED]
    assert fx.DropExternal(DIAL, 2) in script._seen or stage == "fetching"
    assert script.centre.acd.roster[BO].state is S.TALKING
    assert script.centre.own.calls == {}


def test_somebody_elses_call_cancels_nothing_nor_does_one_without_a_number() -> None:
    script = dialled(desk()).tell(arrives(C1, "another key"), arrives(C2, None), cmd.Ready(BO))
    script.tell(cmd.AgentAnswered(Offer(C1, 1, BO)))
    assert list(script.centre.own.calls) == [DIAL]


def test_the_talk_with_them_goes_on_when_they_ring_in_on_another_telephone() -> None:
    script = talking(desk()).tell(arrives(C1), cmd.Ready(BO))
    script.tell(cmd.AgentAnswered(Offer(C1, 1, BO)))
    assert list(script.centre.own.calls) == [DIAL]


# -- gates --------------------------------------------------------------------------------------


def test_calls_an_hour_are_counted_over_all_and_over_each_citizen() -> None:
    script = desk(tolls=TollRules(("0942",), 3, 2))
    for nth in (1, 2):
        mine = Offer(CallId(f"own-{int(MONDAY)}.{nth}"), 1, ANA)
        script.tell(BACK, cmd.AgentAnswered(mine), cmd.EndCall(ANA))
    script.refuse(BACK, "toll gate")
    other = cmd.CallBack(ANA, "ob-c8", None, "another key")
    script.tell(
        other, cmd.AgentAnswered(Offer(CallId(f"own-{int(MONDAY)}.3"), 1, ANA)), cmd.EndCall(ANA)
    )
    script.refuse(cmd.CallBack(ANA, "ob-c7", None, "a third key"), "toll gate")
    script.at(3601).tell(BACK)


def test_calls_a_day_are_counted_too_and_the_next_leader_knows_them() -> None:
    script = desk(tolls=TollRules(("0942",), 5, per_day=3, per_number_day=2))
    for nth in (1, 2):
        script.at((nth - 1) * 7200)
        mine = Offer(CallId(f"own-{int(script.now)}.{nth}"), 1, ANA)
        script.tell(BACK, cmd.AgentAnswered(mine), cmd.EndCall(ANA))
    script.at(20_000).refuse(BACK, "or today")  # twice today, though not in this hour
    script.centre = restore(script.centre.rules, take(script.centre))
    script.refuse(BACK, "or today")
    mine = Offer(CallId(f"own-{int(script.now)}.3"), 1, ANA)
    other = cmd.CallBack(ANA, "ob-c8", None, "another key")
    script.tell(other, cmd.AgentAnswered(mine), cmd.EndCall(ANA))
    script.refuse(cmd.CallBack(ANA, "ob-c7", None, "a third key"), "or today")
    script.at(DAY + 1).tell(BACK)


def test_each_agent_has_a_limit_of_their_own_that_the_next_leader_knows() -> None:
    script = desk(tolls=TollRules(("0942",), 9, per_agent=1))
    mine = Offer(CallId(f"own-{int(MONDAY)}.1"), 1, ANA)
    script.tell(BACK, cmd.AgentAnswered(mine), cmd.EndCall(ANA))
    script.centre = restore(script.centre.rules, take(script.centre))
    other = cmd.CallBack(ANA, "ob-c8", None, "another key")
    script.refuse(other, "toll gate")
    script.tell(replace(other, agent=BO))
    script.tell(cmd.AgentAnswered(Offer(CallId(f"own-{int(MONDAY)}.2"), 1, BO)), cmd.EndCall(BO))
    script.at(3601).tell(other)


def test_of_two_who_are_about_to_dial_the_last_one_allowed_only_one_does() -> None:
    script = desk(tolls=TollRules(("0942",), 1))
    other = cmd.CallBack(BO, "ob-c8", None, "another key")
    script.tell(BACK, other)
    script.ignore().tell(cmd.AgentAnswered(Offer(CallId(f"own-{int(MONDAY)}.2"), 1, BO)))
    script.tell(cmd.AgentAnswered(Offer(CallId(f"own-{int(MONDAY)}.1"), 1, ANA)))
    assert sum(isinstance(each, fx.DialBack) for each in script._seen) == 1
    assert results(script) == [AttemptEnd.CANCELLED]


def test_a_telephone_that_was_never_dialled_counts_for_nothing() -> None:
    script = desk(tolls=TollRules(("0942",), 1))
    script.tell(BACK, cmd.EndCall(ANA), BACK, cmd.EndCall(ANA))
    dialled(script)


def test_f5_nobody_is_called_back_outside_opening_hours_but_a_talk_is_taken_up_again() -> None:
    until_half_past = Calendar(base=(Rule("平日", (Hours(7 * 60, 7 * 60 + 30),)),) * 7)
    script = desk(always_open=False, calendar=until_half_past)
    offer = Offer(C1, 1, ANA)
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(offer), cmd.Pause(ANA, "折り返し"))
    script.at(1000).tell(cmd.CallerHungUp(C1), cmd.EndWrapUp(ANA))
    script.refuse(BACK, "outside opening hours").tell(cmd.CallAgain(ANA))
    desk(always_open=False, calendar=until_half_past).at(999).tell(BACK)


def test_who_is_in_a_call_or_in_wrap_up_calls_nobody_back() -> None:
    script = desk().tell(cmd.Ready(ANA), arrives(C1, None), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.refuse(BACK, "finish the present call")
    script.tell(cmd.EndCall(ANA), cmd.CallerHungUp(C1)).refuse(BACK, "finish the present call")


# -- once more, at once -------------------------------------------------------------------------


def broken(script: Script, who: str | None = WHO) -> Script:
    """Ana's talk with a citizen has ended, and she writes."""
    offer = Offer(C1, 1, ANA)
    script.tell(cmd.Ready(ANA), arrives(C1, who), cmd.AgentAnswered(offer))
    return script.at(20).tell(cmd.CallerHungUp(C1)).ignore()


def test_a_talk_that_broke_off_is_taken_up_again_out_of_wrap_up() -> None:
    script = broken(desk()).at(40).tell(cmd.CallAgain(ANA))
    (own,) = script.centre.own.calls.values()
    script.tell(cmd.AgentAnswered(own.offer))
    dial = fx.DialBack(own.id, 2, "", C1, 30.0, own.offer.leg)
    assert dial in script._seen
    script.tell(cmd.ExternalAnswered(own.id, 2), cmd.EndCall(ANA))
    assert attempts(script) == []  # nothing was owed
    assert script.centre.acd.roster[ANA].state is S.WRAP_UP


def test_for_a_minute_and_only_where_there_is_a_number() -> None:
    broken(desk()).at(81).refuse(cmd.CallAgain(ANA), "taken up again")
    broken(desk(), None).refuse(cmd.CallAgain(ANA), "taken up again")
    desk().refuse(cmd.CallAgain(ANA), "taken up again")
    broken(desk()).refuse(cmd.CallAgain(BO), "taken up again")


def test_who_rings_in_again_first_is_not_called() -> None:
    broken(desk()).tell(arrives(C2)).refuse(cmd.CallAgain(ANA), "on the line with us")


def test_who_is_about_to_leave_says_so_first() -> None:
    script = desk().tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.tell(cmd.SignOut(ANA), cmd.CallerHungUp(C1)).refuse(cmd.CallAgain(ANA), "sign out")


def test_a_callback_that_broke_off_is_another_attempt_for_the_same_obligation() -> None:
    script = talking(desk()).at(5).tell(cmd.ExternalEnded(DIAL, 2, LegEnd.HUNG_UP))
    script.tell(cmd.CallAgain(ANA))
    (own,) = script.centre.own.calls.values()
    assert (own.obligation, own.caller) == (OWED, WHO)


# -- restarts -----------------------------------------------------------------------------------


def found(*channels: tuple[str, bool]) -> cmd.Reconciled:
    live = tuple(cmd.LiveChannel(name, up, not up, None) for name, up in channels)
    return cmd.Reconciled(live, Instant(MONDAY + 20), MONDAY)


def again(script: Script) -> Script:
    """The next leader, from a snapshot."""
    other = desk()
    other.centre = restore(script.centre.rules, take(script.centre))
    return other.at(20).ignore()


def test_the_next_leader_goes_on_with_a_dial_and_makes_no_second_one() -> None:
    script = again(dialled(desk())).tell(found((MINE.leg, True), (CITIZENS, False)))
    assert script._seen == []
    script.tell(cmd.ExternalAnswered(DIAL, 2)).expect(fx.Join(DIAL, (MINE.leg, CITIZENS)))


def test_a_dial_whose_leg_is_gone_has_failed_and_is_not_made_anew() -> None:
    script = again(dialled(desk())).tell(found((MINE.leg, True)))
    assert results(script) == [AttemptEnd.FAILED]
    assert not [each for each in script._seen if isinstance(each, fx.DialBack)]
    script.refuse(BACK, "wait some seconds")


def test_an_agent_whose_leg_is_gone_takes_the_citizens_with_it() -> None:
    script = again(dialled(desk())).tell(found((CITIZENS, False)))
    assert results(script) == [AttemptEnd.CANCELLED]
    assert fx.DropExternal(DIAL, 2) in script._seen


def test_who_answered_can_still_be_said_to_the_next_leader() -> None:
    script = talking(desk()).tell(cmd.EndCall(ANA))
    other = again(script).tell(cmd.AttemptResult(ANA, DIAL, AttemptEnd.MACHINE))
    assert results(other) == [AttemptEnd.MACHINE]
    assert again(broken(desk())).at(30).tell(cmd.CallAgain(ANA)).centre.own.calls


def test_wrap_up_is_that_of_the_agents_first_queue_or_short() -> None:
    for queues, lasts in (((BOOKING, GENERAL), 7.0), ((), 5.0)):
        of = (queue(GENERAL), queue(BOOKING, wrap_up_for=7.0))
        script = desk(queues=of, agents=(agent(ANA, queues=queues), agent(BO)))
        talking(script).tell(cmd.EndCall(ANA))
        assert script.centre.acd.roster[ANA].wrap_up_for == lasts
