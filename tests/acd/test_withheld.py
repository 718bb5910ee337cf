"""D7: while Asterisk does not do its work nobody is offered, and nobody loses anything by it."""

import pytest

from telephony.acd.effects import AgentMoved, DropLeg, OfferEnded, Ring, WrapUpEnded
from telephony.acd.model import AgentState, Device, Offer, OfferEnd
from telephony.calls import codec
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, C1, C2, GENERAL, rules
from tests.script import Script

NOT_WELL, WELL = cmd.AsteriskJudged(well=False), cmd.AsteriskJudged(well=True)


def arrives(call: str) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", "key")  # type: ignore[arg-type]


@pytest.fixture
def script() -> Script:
    """Ana takes calls."""
    return Script(rules()).tell(cmd.Ready(ANA)).ignore()


def rings(script: Script) -> list[Offer]:
    return [each.offer for each in script._seen if isinstance(each, Ring)]


def test_d7_a_caller_is_taken_and_queued_but_not_offered_until_it_is_well(script: Script) -> None:
    script.tell(NOT_WELL, arrives("c1")).expect(fx.AnswerCall(C1), fx.Park(C1))
    script.at(50).tell(cmd.Ready(BO)).expect(
        AgentMoved(BO, AgentState.READY, None, None, script._now)
    )
    script.at(60).tell(WELL)
    assert rings(script) == [Offer(C1, 1, ANA)]


def test_d7_those_who_waited_are_offered_in_their_order(script: Script) -> None:
    script.tell(NOT_WELL, arrives("c1")).at(1).tell(arrives("c2"), cmd.Ready(BO)).at(9).tell(WELL)
    assert rings(script) == [Offer(C1, 1, ANA), Offer(C2, 1, BO)]


def test_d7_an_agent_who_becomes_free_meanwhile_is_offered_the_longest_waiting() -> None:
    script = Script(rules(), phones=False).tell(NOT_WELL, cmd.Ready(ANA), arrives("c1"))
    script.at(5).tell(arrives("c2"), cmd.DeviceChanged(ANA, Device.FREE)).ignore()
    assert rings(script.at(30).tell(WELL)) == [Offer(C1, 1, ANA)]


def test_d7_a_phone_that_could_not_be_rung_counts_against_nobody(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.tell(arrives("c1")).tell(NOT_WELL).ignore()
    script.at(14).expect()
    script.at(15).expect(  # `ring_for` is over
        DropLeg(offer),
        OfferEnded(offer, OfferEnd.FAILED, script._now),
        AgentMoved(ANA, AgentState.READY, None, None, script._now),
    )
    assert script.centre.acd.roster[ANA].misses == 0
    assert script.centre.acd.entries[C1].offer is None


def test_a_new_leader_asks_before_a_telephone_is_given_up_that_may_ring(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.tell(arrives("c1"), NOT_WELL).ignore()
    script.at(6).expect()  # `reach_for` is over: whoever led died, and the next has just begun
    script.tell(cmd.AgentRinging(offer), WELL).ignore().at(14).expect()
    script.tell(cmd.AgentAnswered(offer))
    assert script.centre.acd.roster[ANA].state is AgentState.TALKING


def test_a_telephone_that_does_not_ring_is_given_up_once_it_was_asked(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.tell(arrives("c1"), NOT_WELL).at(6).tell(WELL).ignore().at(8)
    assert OfferEnded(offer, OfferEnd.UNREACHABLE, script._now) in script._seen


def test_d7_who_rings_already_can_still_answer(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.tell(arrives("c1"), cmd.AgentRinging(offer), NOT_WELL, cmd.AgentAnswered(offer))
    assert script.centre.acd.roster[ANA].state is AgentState.TALKING


def test_d7_a_call_cannot_be_handed_on_meanwhile(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.tell(cmd.Ready(BO), arrives("c1"), cmd.AgentAnswered(offer), NOT_WELL)
    script.refuse(cmd.Transfer(ANA, BO), because="no telephone can be rung at present")
    script.tell(WELL, cmd.Transfer(ANA, BO))
    assert rings(script)[-1] == Offer(C1, 2, BO)


def test_d7_wrap_up_ends_and_queues_fill_as_ever(script: Script) -> None:
    offer = Offer(C1, 1, ANA)
    script.tell(arrives("c1"), cmd.AgentAnswered(offer), NOT_WELL).at(60)
    script.tell(cmd.CallerHungUp(C1), arrives("c2")).ignore().at(90)
    script.expect(
        WrapUpEnded(ANA, C1, 30.0, script._now),
        AgentMoved(ANA, AgentState.READY, None, None, script._now),
    )
    assert script.centre.acd.board.length(GENERAL) == 1


def test_d7_a_new_leader_goes_on_withholding_until_it_has_judged_itself(script: Script) -> None:
    script.tell(NOT_WELL, arrives("c1"))
    kept = codec.decode_snapshot(codec.encode_snapshot(take(script.centre)))
    centre = restore(rules(), kept)
    assert centre.acd.withheld
    effects = centre.handle(WELL, script._now)
    assert [each.offer for each in effects if isinstance(each, Ring)] == [Offer(C1, 1, ANA)]


def test_a_snapshot_from_before_this_rule_withholds_nothing(script: Script) -> None:
    data = codec.encode_snapshot(take(script.centre)).replace(b',"offers_withheld":false', b"")
    assert b"withheld" not in data
    assert not restore(rules(), codec.decode_snapshot(data)).acd.withheld


def test_the_judgement_survives_the_journal() -> None:
    assert codec.decode(codec.encode(NOT_WELL)) == NOT_WELL
