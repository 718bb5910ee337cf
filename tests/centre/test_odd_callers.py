"""Callers who are no citizens: a forwarding that comes back to us (A8), a fax machine."""

import pytest

from telephony.acd.effects import AgentMoved, DropLeg, OfferEnded, Ring
from telephony.acd.model import AgentState, CallId, Offer, OfferEnd
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Party
from telephony.centre.tolls import TollRules
from tests.builders import ANA, C1, MONDAY, flow, rules
from tests.script import Script

MENU = {"kind": "menu", "prompt": "main_menu", "choices": {"1": "booking"}, "otherwise": "general"}


def arrives(call: CallId, *, ours: bool = False) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", None, ours=ours)


@pytest.mark.parametrize("ours", [False, True])
def test_a8_nothing_is_dialled_for_a_caller_who_shows_our_own_number(ours: bool) -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    gate = TollRules(("0942",), 2)
    script = Script(rules(of=flow("out", out=out), numbers={"hall": "0942-00-0110"}, tolls=gate))
    script.tell(arrives(C1, ours=ours))
    assert (C1 in script.centre.acd.entries) is ours
    refused = [each for each in script.news if isinstance(each, fx.CallNoted)]
    assert [each.detail.get("reason") for each in refused if each.event == "transfer_refused"] == (
        ["loop"] if ours else []
    )


def test_a_fax_machine_in_a_menu_is_let_go_at_its_second_tone() -> None:
    script = Script(rules(of=flow("menu", menu=MENU)))
    script.tell(arrives(C1)).ignore().tell(cmd.FaxToneHeard(C1)).expect()
    script.tell(cmd.FaxToneHeard(C1)).expect(fx.StopPlay(C1, 1), fx.HangUp(C1))
    assert [each.event for each in script.news if isinstance(each, fx.CallNoted)] == ["fax"]
    script.tell(cmd.FaxToneHeard(C1)).expect()  # on its way out already
    script.tell(cmd.CallerHungUp(C1))
    assert script.closed()[0].hung_up_by is Party.SYSTEM
    assert script.centre.lines.all()[0].state is LineState.IDLE


def test_a_fax_machine_that_an_agent_is_rung_for_frees_the_agent_too() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1))
    offer = Offer(C1, 1, ANA)
    script.tell(cmd.AgentRinging(offer)).ignore().tell(cmd.FaxToneHeard(C1), cmd.FaxToneHeard(C1))
    script.expect(
        DropLeg(offer),
        OfferEnded(offer, OfferEnd.WITHDRAWN, MONDAY),
        AgentMoved(ANA, AgentState.READY, None, None, MONDAY),
        fx.HangUp(C1),
    )
    assert script.centre.acd.roster[ANA].state == "ready"


def test_tones_in_a_talk_end_nothing() -> None:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(Offer(C1, 1, ANA))).ignore()
    script.tell(*[cmd.FaxToneHeard(C1)] * 5).expect()
    assert script.centre.acd.roster[ANA].state == "talking"


def test_the_tone_of_a_call_that_is_over_is_nothing() -> None:
    script = Script(rules())
    script.tell(cmd.FaxToneHeard(C1)).expect()
    assert not [each for each in script.news if isinstance(each, Ring)]
