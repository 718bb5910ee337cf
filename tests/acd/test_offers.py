"""Who is offered which call, and when."""

from collections.abc import Iterator

import pytest

from telephony.acd.effects import AgentMoved, Connect, DropLeg, OfferEnded, Ring, WrapUpEnded
from telephony.acd.model import AgentId, AgentState, CallId, Device, Instant, Offer, OfferEnd
from telephony.centre.commands import (
    AgentAnswered,
    AgentLegEnded,
    AgentRinging,
    CallArrived,
    CallerHungUp,
    DeviceChanged,
    EndWrapUp,
    LegEnd,
    Pause,
    Ready,
    SignOut,
)
from telephony.centre.effects import AnswerCall, Forget, HangUp, Outcome, Park
from tests.builders import ANA, BO, C1, C2, MONDAY, rules
from tests.script import Script

READY, OFFERED, TALKING = AgentState.READY, AgentState.OFFERED, AgentState.TALKING
WRAP_UP, PAUSED = AgentState.WRAP_UP, AgentState.PAUSED


@pytest.fixture
def script() -> Iterator[Script]:
    """Ana and Bo, signed out. Whatever a test leaves unsaid must not have happened."""
    running = Script(rules())
    yield running
    running.expect()


def arrives(call: CallId) -> CallArrived:
    return CallArrived(call, "0942000100", None)


def moved(
    who: AgentId, state: AgentState, at: float, call: CallId | None = None, why: str | None = None
) -> AgentMoved:
    return AgentMoved(who, state, why, call, Instant(MONDAY + at))


def ended(offer: Offer, end: OfferEnd, at: float) -> OfferEnded:
    return OfferEnded(offer, end, Instant(MONDAY + at))


def test_a_call_goes_to_the_longest_idle_agent(script: Script) -> None:
    script.at(0).tell(Ready(BO)).expect(moved(BO, READY, 0))
    script.at(1).tell(Ready(ANA)).expect(moved(ANA, READY, 1))
    script.at(2).tell(arrives(C1)).expect(
        AnswerCall(C1),
        Park(C1),
        moved(BO, OFFERED, 2, C1),
        Ring(Offer(C1, 1, BO), 15.0),
    )


def test_a_call_is_answered_talked_wrapped_up_and_the_agent_is_ready_again(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(Ready(ANA), arrives(C1)).ignore()
    script.at(1).tell(AgentRinging(offer)).expect()
    script.at(3).tell(AgentAnswered(offer)).expect(
        ended(offer, OfferEnd.ANSWERED, 3), moved(ANA, TALKING, 3, C1), Connect(offer)
    )
    script.at(63).tell(AgentLegEnded(offer, LegEnd.HUNG_UP)).expect(
        moved(ANA, WRAP_UP, 63, C1), HangUp(C1)
    )
    script.at(64).tell(CallerHungUp(C1)).expect(Forget(C1))
    script.at(93).expect(WrapUpEnded(ANA, C1, 30.0, Instant(MONDAY + 93)), moved(ANA, READY, 93))
    (record,) = script.closed()
    assert (record.outcome, record.waited, record.talked) == (Outcome.ANSWERED, 3.0, 60.0)
    assert record.hung_up_by == "agent"


def test_a_telephone_that_rings_out_goes_to_the_other_agent(script: Script) -> None:
    script.at(0).tell(Ready(ANA)).at(1).tell(Ready(BO)).ignore()
    first, second = Offer(C1, 1, ANA), Offer(C1, 2, BO)
    script.at(2).tell(arrives(C1), AgentRinging(first)).ignore()
    script.at(17).expect(
        DropLeg(first),
        ended(first, OfferEnd.NO_ANSWER, 17),
        moved(ANA, READY, 17),
        moved(BO, OFFERED, 17, C1),
        Ring(second, 15.0),
    )


def test_a_telephone_that_never_rings_is_unreachable_after_four_seconds(script: Script) -> None:
    script.at(0).tell(Ready(ANA), arrives(C1)).ignore()
    offer = Offer(C1, 1, ANA)
    script.at(4).expect(DropLeg(offer), ended(offer, OfferEnd.UNREACHABLE, 4), moved(ANA, READY, 4))
    script.at(8.9).expect()  # Ana rests for five seconds, the caller waits
    script.at(9).expect(moved(ANA, OFFERED, 9, C1), Ring(Offer(C1, 2, ANA), 15.0))


@pytest.mark.parametrize("end", [LegEnd.BUSY, LegEnd.DECLINED])
def test_busy_and_declined_rest_the_agent_but_not_the_caller(script: Script, end: LegEnd) -> None:
    script.at(0).tell(Ready(ANA)).at(1).tell(Ready(BO), arrives(C1)).ignore()
    first = Offer(C1, 1, ANA)
    script.at(2).tell(AgentLegEnded(first, end)).expect(
        ended(first, OfferEnd(end), 2),
        moved(ANA, READY, 2),
        moved(BO, OFFERED, 2, C1),
        Ring(Offer(C1, 2, BO), 15.0),
    )
    script.at(3).tell(arrives(C2)).expect(AnswerCall(C2), Park(C2))  # Ana rests
    script.tell(AgentLegEnded(Offer(C1, 2, BO), end)).ignore()
    script.at(7).expect(moved(ANA, OFFERED, 7, C1), Ring(Offer(C1, 3, ANA), 15.0))


def test_c5_an_agent_who_does_not_take_three_offers_is_paused(script: Script) -> None:
    script.at(0).tell(Ready(ANA), arrives(C1)).ignore()
    for attempt in (1, 2, 3):
        script.tell(AgentRinging(Offer(C1, attempt, ANA))).at(15 * attempt)
    assert script.centre.acd.roster[ANA].state is PAUSED
    assert script.centre.acd.roster[ANA].reason == "missed_no_answer"
    assert script.centre.acd.board.position(script.centre.acd.entries[C1]) == 1
    script.ignore()


def test_b2_a_caller_who_hangs_up_while_ana_rings_costs_her_nothing(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(Ready(ANA)).at(5).tell(arrives(C1), AgentRinging(offer)).ignore()
    script.at(9).tell(CallerHungUp(C1)).expect(
        DropLeg(offer), ended(offer, OfferEnd.WITHDRAWN, 9), moved(ANA, READY, 9), Forget(C1)
    )
    assert script.centre.acd.roster[ANA].idle_since == MONDAY
    assert script.centre.acd.roster[ANA].misses == 0
    (record,) = script.closed()
    assert (record.outcome, record.waited) == (Outcome.ABANDONED, 4.0)
    script.at(10).tell(AgentAnswered(offer)).expect(DropLeg(offer))  # too late: nobody is there


def test_b2_an_answer_that_comes_first_wins_over_the_hang_up(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(Ready(ANA), arrives(C1), AgentAnswered(offer)).ignore()
    script.tell(CallerHungUp(C1)).expect(moved(ANA, WRAP_UP, 0, C1), DropLeg(offer), Forget(C1))
    assert script.closed()[0].outcome is Outcome.ANSWERED


def test_pausing_while_it_rings_gives_the_caller_to_somebody_else(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(Ready(ANA), arrives(C1)).at(1).tell(Ready(BO)).ignore()
    script.tell(Pause(ANA, "離席")).expect(
        moved(ANA, PAUSED, 1, why="離席"),
        DropLeg(offer),
        ended(offer, OfferEnd.WITHDRAWN, 1),
        moved(BO, OFFERED, 1, C1),
        Ring(Offer(C1, 2, BO), 15.0),
    )


def test_a_pause_asked_for_during_a_call_follows_wrap_up(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(Ready(ANA), arrives(C1), AgentAnswered(offer)).ignore()
    script.at(5).tell(Pause(ANA, "休憩")).expect()
    script.at(6).tell(CallerHungUp(C1)).ignore()
    script.at(7).tell(EndWrapUp(ANA)).expect(
        WrapUpEnded(ANA, C1, 1.0, Instant(MONDAY + 7)), moved(ANA, PAUSED, 7, why="休憩")
    )


def test_a_pause_asked_for_during_one_call_does_not_follow_the_next(script: Script) -> None:
    for call, asked in ((C1, [Pause(ANA, "休憩")]), (C2, [])):
        offer = Offer(call, 1, ANA)
        script.tell(Ready(ANA), arrives(call), AgentAnswered(offer), *asked)
        script.tell(CallerHungUp(call), EndWrapUp(ANA))
    script.ignore()
    assert script.centre.acd.roster[ANA].state is READY


def test_a_pause_keeps_idle_time_and_signing_out_does_not(script: Script) -> None:
    roster = script.centre.acd.roster
    script.at(0).tell(Ready(ANA)).at(10).tell(Pause(ANA, "昼休憩")).at(20).tell(Ready(ANA))
    assert roster[ANA].idle_since == MONDAY
    script.at(30).tell(SignOut(ANA)).at(40).tell(Ready(ANA))
    assert roster[ANA].idle_since == MONDAY + 40
    script.ignore()


@pytest.mark.parametrize("device", [Device.IN_USE, Device.GONE])
def test_a_seat_whose_telephone_cannot_ring_is_not_offered(script: Script, device: Device) -> None:
    script.at(0).tell(Ready(ANA), DeviceChanged(ANA, device)).ignore()
    script.at(1).tell(arrives(C1)).expect(AnswerCall(C1), Park(C1))
    script.at(2).tell(DeviceChanged(ANA, Device.FREE)).expect(
        moved(ANA, OFFERED, 2, C1), Ring(Offer(C1, 1, ANA), 15.0)
    )


def test_a_leg_that_breaks_in_talk_puts_the_caller_back_at_the_head(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.at(0).tell(Ready(ANA), arrives(C1), AgentAnswered(offer)).ignore()
    script.at(20).tell(arrives(C2)).ignore()
    script.at(30).tell(Ready(BO)).ignore()
    script.tell(AgentLegEnded(Offer(C2, 1, BO), LegEnd.DECLINED)).ignore()
    script.at(31).tell(AgentLegEnded(offer, LegEnd.LOST)).expect(
        moved(ANA, WRAP_UP, 31, C1), DropLeg(offer), Park(C1)
    )
    script.at(35).expect(moved(BO, OFFERED, 35, C1), Ring(Offer(C1, 2, BO), 15.0))


def test_requests_that_do_not_fit_are_refused(script: Script) -> None:
    script.refuse(EndWrapUp(ANA), "signed_out cannot end wrap-up")
    script.refuse(Ready(AgentId("nobody")), "no agent nobody")
