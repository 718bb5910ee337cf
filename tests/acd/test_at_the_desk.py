"""People at their desks: signing in, work between calls, what follows a call, what was missed."""

import pytest

from telephony.acd.effects import NotPickedUp, PickUp
from telephony.acd.model import (
    AgentId,
    AgentState,
    CallId,
    Device,
    Instant,
    Missed,
    Offer,
    OfferEnd,
    Work,
)
from telephony.acd.roster import MISSED_KEPT
from telephony.centre import commands as cmd
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, C1, C2, C3, CY, MONDAY, agent, flow, rules
from tests.script import Script

S = AgentState
CARDS = cmd.Ready(BO, None, True, Work.CARD_PRE)


def arrives(script: Script, *calls: str) -> Script:
    return script.tell(*(cmd.CallArrived(CallId(call), "0942000100", None) for call in calls))


def offered(script: Script, call: str = C1) -> AgentId | None:
    offer = script.centre.acd.entries[CallId(call)].offer
    return offer.agent if offer is not None else None


def talked(script: Script, who: AgentId = ANA) -> Script:
    """One call with this agent, over again."""
    offer = Offer(C1, 1, who)
    arrives(script, C1).tell(cmd.AgentRinging(offer), cmd.AgentAnswered(offer))
    return script.tell(cmd.CallerHungUp(C1))


# -- signing in ---------------------------------------------------------------------------------


def test_whoever_sits_down_takes_no_calls_until_they_say_so() -> None:
    script = Script(rules()).tell(cmd.SignIn(ANA, "u1"))
    ana = script.centre.acd.roster[ANA]
    assert (ana.person, ana.state, ana.reason) == ("u1", S.PAUSED, "signed_in")
    arrives(script, C1)
    assert offered(script) is None
    script.tell(cmd.Ready(ANA))
    assert offered(script) == ANA


def test_signing_in_again_changes_nothing_and_somebody_else_must_wait() -> None:
    script = Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.Ready(ANA)).ignore()
    script.tell(cmd.SignIn(ANA, "u1")).expect()
    assert script.centre.acd.roster[ANA].state is S.READY
    script.refuse(cmd.SignIn(ANA, "u2"), "somebody else")
    script.tell(cmd.SignOut(ANA), cmd.SignIn(ANA, "u2"))
    assert script.centre.acd.roster[ANA].person == "u2"


def test_who_was_ready_by_phone_is_asked_afresh() -> None:
    script = Script(rules()).tell(cmd.Ready(ANA), cmd.SignIn(ANA, "u1"))
    assert script.centre.acd.roster[ANA].state is S.PAUSED
    arrives(script, C1)
    assert offered(script) is None


def test_wrap_up_at_the_desk_never_ends_by_itself() -> None:
    script = Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.Ready(ANA))
    talked(script).at(3600)
    assert script.centre.acd.roster[ANA].state is S.WRAP_UP
    script.tell(cmd.EndWrapUp(ANA))
    assert script.centre.acd.roster[ANA].state is S.READY


def test_wrap_up_by_phone_ends_by_itself_also_after_somebody_has_left_the_desk() -> None:
    script = Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.SignOut(ANA), cmd.Ready(ANA))
    talked(script).at(29.9)
    assert script.centre.acd.roster[ANA].state is S.WRAP_UP
    script.at(30)
    assert script.centre.acd.roster[ANA].state is S.READY


def test_who_sits_down_in_the_middle_of_wrap_up_ends_it_themselves() -> None:
    script = Script(rules()).tell(cmd.Ready(ANA))
    talked(script).at(10).tell(cmd.SignIn(ANA, "u1")).at(600)
    assert script.centre.acd.roster[ANA].state is S.WRAP_UP


def test_signing_out_in_wrap_up_forgets_who_it_was() -> None:
    script = Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.Ready(ANA))
    talked(script).tell(cmd.SignOut(ANA))
    ana = script.centre.acd.roster[ANA]
    assert (ana.state, ana.person, ana.call) == (S.SIGNED_OUT, None, None)
    assert script.centre.next_deadline() is None


def test_a_restart_knows_who_sits_where_and_a_seat_that_was_taken_away_is_not_stuck() -> None:
    script = Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.Ready(ANA))
    talked(script).at(5)
    kept = take(script.centre)
    assert restore(script.centre.rules, kept).acd.roster[ANA].person == "u1"
    smaller = restore(rules(agents=(agent(BO),)), kept)
    assert smaller.next_deadline() == MONDAY + 30
    smaller.wake(Instant(MONDAY + 30))
    assert smaller.acd.roster[ANA].state is S.SIGNED_OUT


# -- first, reserve -----------------------------------------------------------------------------


def test_a_card_worker_is_left_alone_for_ten_seconds_and_then_called() -> None:
    script = arrives(Script(rules()).tell(CARDS), C1)
    bo = script.centre.acd.roster[BO]
    assert (bo.state, bo.reason, bo.work) == (S.READY, "card_pre", Work.CARD_PRE)
    script.at(9.9)
    assert offered(script) is None
    script.at(10)
    assert offered(script) == BO


def test_a_first_choice_is_called_at_once_and_the_card_worker_not_at_all() -> None:
    script = arrives(Script(rules()).tell(CARDS, cmd.Ready(ANA)), C1)
    assert offered(script) == ANA
    script.at(12)
    assert script.centre.acd.roster[BO].state is S.READY


def test_who_waits_for_ten_seconds_has_whoever_is_free_first() -> None:
    script = arrives(Script(rules()).tell(CARDS), C1).at(9).tell(cmd.Ready(ANA))
    assert offered(script) == ANA
    script.tell(cmd.AgentRinging(Offer(C1, 1, ANA)))
    arrives(script, C2).at(19)
    assert offered(script, C2) == BO


def test_the_last_free_line_calls_the_reserve_at_once() -> None:
    script = arrives(Script(rules(lines=(1, 2, 3))).tell(CARDS), C1)
    assert offered(script) is None
    arrives(script, C2)
    assert offered(script, C1) == BO  # one line is left


def test_a_head_start_counts_as_seconds_waited() -> None:
    urgent = {"kind": "enqueue", "queue": "general", "head_start": 60.0}
    script = arrives(Script(rules(of=flow("urgent", urgent=urgent))).tell(CARDS), C1)
    assert offered(script) == BO


def test_who_let_a_caller_down_comes_after_the_reserve() -> None:
    script = arrives(Script(rules()).tell(CARDS, cmd.Ready(ANA)), C1)
    script.tell(cmd.AgentRinging(Offer(C1, 1, ANA))).at(15)
    assert offered(script) == BO


def test_after_the_call_the_card_worker_is_back_at_the_cards() -> None:
    script = arrives(Script(rules()).tell(cmd.SignIn(BO, "u1"), CARDS), C1).at(10)
    script.tell(cmd.AgentAnswered(Offer(C1, 1, BO)), cmd.CallerHungUp(C1), cmd.EndWrapUp(BO))
    bo = script.centre.acd.roster[BO]
    assert (bo.state, bo.reason, bo.reserve) == (S.READY, "card_pre", True)


def test_an_offer_that_is_withdrawn_leaves_the_card_worker_at_the_cards() -> None:
    script = arrives(Script(rules()).tell(CARDS), C1).at(10).tell(cmd.CallerHungUp(C1))
    bo = script.centre.acd.roster[BO]
    assert (bo.state, bo.reason) == (S.READY, "card_pre")


@pytest.mark.parametrize("leaves", [cmd.Pause(BO, "休憩"), cmd.SignOut(BO)])
def test_a_break_ends_the_work(leaves: cmd.Request) -> None:
    script = arrives(Script(rules()).tell(CARDS, leaves, cmd.Ready(BO)), C1)
    assert offered(script) == BO


def test_changing_over_from_one_work_to_another_begins_anew() -> None:
    script = Script(rules()).tell(CARDS).at(60).ignore()
    script.tell(cmd.Ready(BO, None, True, Work.CARD_POST))
    bo = script.centre.acd.roster[BO]
    assert (bo.reason, bo.since) == ("card_post", MONDAY + 60)
    script.ignore().tell(cmd.Ready(BO, None, True, Work.CARD_POST)).expect()
    script.tell(cmd.Ready(BO))
    assert offered(arrives(script, C1)) == BO


def test_nobody_is_woken_for_a_reserve_that_is_not_there() -> None:
    script = arrives(Script(rules(), phones=False).tell(CARDS), C1)
    assert [key for key, _ in script.centre.deadlines if key[0] == "ripe"] == []
    script.tell(cmd.DeviceChanged(BO, Device.FREE))
    assert [at - MONDAY for key, at in script.centre.deadlines if key[0] == "ripe"] == [10.0]
    script.tell(cmd.Pause(BO, "休憩"))
    assert [key for key, _ in script.centre.deadlines if key[0] == "ripe"] == []


def test_a_caller_who_ripens_while_offers_are_withheld_is_offered_when_they_are_not() -> None:
    script = arrives(Script(rules()).tell(CARDS, cmd.AsteriskJudged(False)), C1).at(60)
    assert offered(script) is None
    script.tell(cmd.AsteriskJudged(True))
    assert offered(script) == BO


# -- answering from the page -----------------------------------------------------------------


def rings(script: Script) -> Offer:
    """Ana's telephone rings for the first caller."""
    offer = Offer(C1, 1, ANA)
    arrives(script.tell(cmd.Ready(ANA)), C1).tell(cmd.AgentRinging(offer)).ignore()
    return offer


def test_the_answer_key_asks_the_telephone_that_rings() -> None:
    script = Script(rules())
    offer = rings(script)
    script.tell(cmd.Answer(ANA)).expect(PickUp(offer))
    script.tell(cmd.AgentAnswered(offer)).at(600)
    assert script.centre.acd.roster[ANA].answers


def test_where_nothing_rings_nothing_is_answered() -> None:
    script = arrives(Script(rules()).tell(cmd.Ready(ANA)), C1)
    script.refuse(cmd.Answer(ANA), "nothing rings")  # asked for, and not heard to ring yet
    script.refuse(cmd.Answer(BO), "nothing rings")
    script.tell(cmd.AgentAnswered(Offer(C1, 1, ANA))).refuse(cmd.Answer(ANA), "nothing rings")


def test_a_telephone_that_does_not_answer_is_told_of_and_not_asked_again() -> None:
    script = Script(rules())
    offer = rings(script)
    script.tell(cmd.Answer(ANA)).expect(PickUp(offer))
    script.at(1.5).expect(NotPickedUp(offer, Instant(MONDAY + 1.5)))
    script.refuse(cmd.Answer(ANA), "lift the handset")
    script.tell(cmd.AgentAnswered(offer))  # by hand
    script.tell(cmd.DeviceChanged(ANA, Device.GONE))  # perhaps another one is put there
    assert script.centre.acd.roster[ANA].answers


def test_a_caller_who_leaves_meanwhile_says_nothing_about_the_telephone() -> None:
    script = Script(rules())
    rings(script)
    script.tell(cmd.Answer(ANA), cmd.CallerHungUp(C1)).at(60)
    assert script.centre.acd.roster[ANA].answers
    assert script.centre.next_deadline() is None


# -- during and after a call --------------------------------------------------------------------


def test_what_was_chosen_during_a_call_can_be_revoked() -> None:
    offer = Offer(C1, 1, ANA)
    script = arrives(Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.Ready(ANA)), C1)
    script.tell(cmd.AgentAnswered(offer), cmd.Pause(ANA, "研修"))
    then = script.centre.acd.roster[ANA].afterwards
    assert then is not None
    assert (then.state, then.reason) == (S.PAUSED, "研修")
    script.tell(cmd.Ready(ANA), cmd.CallerHungUp(C1), cmd.EndWrapUp(ANA))
    assert script.centre.acd.roster[ANA].state is S.READY


def test_work_chosen_during_a_call_follows_it() -> None:
    script = arrives(Script(rules()).tell(cmd.Ready(BO)), C1).tell(
        cmd.AgentAnswered(Offer(C1, 1, BO)), CARDS, cmd.CallerHungUp(C1), cmd.EndWrapUp(BO)
    )
    bo = script.centre.acd.roster[BO]
    assert (bo.state, bo.reason) == (S.READY, "card_pre")
    arrives(script, C2)
    assert offered(script, C2) is None


def test_what_was_missed_is_kept_with_when_and_why_and_the_telephone() -> None:
    script = arrives(Script(rules()).tell(cmd.SignIn(ANA, "u1"), cmd.Ready(ANA)), C1)
    script.tell(cmd.AgentRinging(Offer(C1, 1, ANA))).at(15)
    missed = Missed(C1, Instant(MONDAY + 15), OfferEnd.NO_ANSWER, Device.FREE)
    assert script.centre.acd.roster[ANA].missed == (missed,)
    script.tell(cmd.SignOut(ANA))
    assert script.centre.acd.roster[ANA].missed == ()


def test_of_what_was_missed_the_latest_are_kept_and_a_failure_of_ours_is_none() -> None:
    script = arrives(Script(rules()).tell(cmd.Ready(ANA)), C1)
    for attempt in range(1, 2 * MISSED_KEPT):
        end = cmd.LegEnd.FAILED if attempt == 1 else cmd.LegEnd.BUSY
        script.tell(cmd.AgentLegEnded(Offer(C1, attempt, ANA), end), cmd.Ready(ANA))
        script.at(attempt * 6)
    missed = script.centre.acd.roster[ANA].missed
    assert len(missed) == MISSED_KEPT
    assert {each.why for each in missed} == {OfferEnd.BUSY}


def test_a_caller_who_leaves_while_it_rings_was_missed_by_nobody() -> None:
    script = arrives(Script(rules(agents=(agent(CY),))).tell(cmd.Ready(CY)), C3)
    script.tell(cmd.CallerHungUp(C3))
    assert script.centre.acd.roster[CY].missed == ()
