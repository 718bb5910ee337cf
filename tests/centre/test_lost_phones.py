"""A telephone is lost in a talk: the caller never hears nothing, and is never dropped."""

import pytest

from telephony.acd.effects import Connect, DropLeg, Ring
from telephony.acd.model import AgentId, AgentState, Device, Offer, Phone
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import Outcome
from telephony.centre.model import Call, Stage
from telephony.centre.seat_phones import MOST, PEACE, WAITED_FOR
from telephony.centre.snapshot import restore, take
from tests.acd.invariants import assert_sound
from tests.builders import ANA, BO, C1, C2, MONDAY, agent, rules
from tests.script import Script

S = AgentState
D = Device
P = Phone
FIRST, SECOND, THIRD = (Offer(C1, number, ANA) for number in (1, 2, 3))


def page(device: Device) -> cmd.DeviceChanged:
    return cmd.DeviceChanged(ANA, device, P.BROWSER)


def phone(device: Device) -> cmd.DeviceChanged:
    return cmd.DeviceChanged(ANA, device, P.DESK)


def talking(*, desk_phone: bool = False, held: bool = False) -> Script:
    """Ana talks on her page, since ten seconds."""
    script = Script(rules(agents=(agent(ANA), agent(BO))), phones=False)
    script.tell(page(D.FREE), phone(D.FREE if desk_phone else D.GONE), cmd.Ready(ANA))
    script.tell(cmd.CallArrived(C1, "0942000100", "key"))
    assert script._seen[-1] == Ring(FIRST, 15.0, P.BROWSER)
    script.tell(cmd.AgentAnswered(FIRST), page(D.IN_USE))
    if held:
        script.tell(cmd.Hold(ANA))
    return script.at(10).ignore()


def call_of(script: Script) -> Call:
    return script.centre.visits.calls[C1]


def state(script: Script, who: AgentId = ANA) -> tuple[S, str | None]:
    return script.centre.acd.roster[who].state, script.centre.acd.roster[who].reason


def sound(script: Script) -> Script:
    assert_sound(script.centre, script.now)
    return script


def lost(script: Script) -> Script:
    """Its dead leg ends, and with it what Asterisk says of the page."""
    script.tell(cmd.PhoneLost(FIRST))
    return sound(script)


def rung(script: Script) -> list[fx.RingAgain]:
    return [each for each in script._seen if isinstance(each, fx.RingAgain)]


# -- which telephone rings ----------------------------------------------------------------------


def test_while_the_page_is_a_telephone_it_is_rung_and_else_the_desk_phone() -> None:
    script = Script(rules(agents=(agent(ANA),)), phones=False)
    script.tell(phone(D.FREE), cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", None))
    assert script._seen[-1] == Ring(FIRST, 15.0, P.DESK)
    script.tell(cmd.CallerHungUp(C1), page(D.FREE), cmd.CallArrived(C2, "0942000100", None))
    assert script._seen[-1] == Ring(Offer(C2, 1, ANA), 15.0, P.BROWSER)
    script.tell(cmd.CallerHungUp(C2), page(D.GONE))
    script.tell(cmd.CallArrived(C1, "0942000100", None))
    assert script._seen[-1] == Ring(FIRST, 15.0, P.DESK)
    sound(script)


def test_a_page_that_is_closed_while_it_rings_sends_the_caller_on_at_once() -> None:
    script = Script(rules(agents=(agent(ANA), agent(BO))), phones=False)
    script.tell(page(D.FREE), cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", None))
    script.tell(cmd.DeviceChanged(BO, D.FREE), cmd.Ready(BO)).ignore()
    script.tell(page(D.GONE))
    assert DropLeg(FIRST) in script._seen
    assert script._seen[-1] == Ring(Offer(C1, 2, BO), 15.0, P.DESK)
    sound(script)


# -- the telephone is back ------------------------------------------------------------------------


def test_the_caller_hears_music_and_the_desk_phone_rings_at_once() -> None:
    script = lost(talking(desk_phone=True))
    assert script._seen[:2] == [fx.Park(C1), DropLeg(FIRST)]
    assert rung(script) == [fx.RingAgain(SECOND, WAITED_FOR, P.DESK)]
    assert state(script) == (S.HOLD, "phone_lost")
    script.at(15).ignore().tell(cmd.AgentAnswered(SECOND))
    assert script._seen[-1] == Connect(SECOND)
    assert state(script) == (S.TALKING, None)
    assert (call_of(script).stage, call_of(script).offer) == (Stage.TALKING, SECOND)
    sound(script).at(100)
    assert call_of(script).stage is Stage.TALKING


def test_a_page_that_was_loaded_again_is_rung_as_soon_as_it_is_back() -> None:
    script = lost(talking())
    script.tell(cmd.AgentLegEnded(SECOND, cmd.LegEnd.UNREACHABLE))  # not registered
    script.tell(page(D.GONE)).at(11).ignore()
    script.tell(page(D.FREE))
    assert rung(script) == [fx.RingAgain(THIRD, WAITED_FOR - 1, P.BROWSER)]
    script.tell(cmd.AgentAnswered(THIRD))
    assert script._seen[-1] == Connect(THIRD)
    sound(script)


def test_a_page_takes_it_from_the_desk_phone_that_rings() -> None:
    script = lost(talking(desk_phone=True)).tell(page(D.GONE)).at(12).ignore()
    script.tell(page(D.FREE))
    assert script._seen == [DropLeg(SECOND), fx.RingAgain(THIRD, WAITED_FOR - 2, P.BROWSER)]
    script.tell(cmd.AgentLegEnded(SECOND, cmd.LegEnd.HUNG_UP))  # what was dropped is not news
    script.tell(cmd.AgentAnswered(THIRD))
    assert state(script) == (S.TALKING, None)
    sound(script)


def test_a_dead_page_that_is_free_once_its_leg_is_dropped_is_not_taken_for_back() -> None:
    """Its cable is pulled: nobody has told Asterisk that it is no telephone any more."""
    script = lost(talking(desk_phone=True)).ignore().tell(page(D.FREE))
    assert script._seen == []
    script.tell(cmd.AgentLegEnded(SECOND, cmd.LegEnd.BUSY)).at(12)
    assert rung(script) == [fx.RingAgain(THIRD, WAITED_FOR - 2, P.DESK)]
    script.ignore().tell(page(D.GONE), page(D.FREE))  # its cable is in its place again
    fourth = Offer(C1, 4, ANA)
    assert script._seen == [DropLeg(THIRD), fx.RingAgain(fourth, WAITED_FOR - 2, P.BROWSER)]
    sound(script)


def test_a_page_that_was_loaded_again_before_anybody_noticed_is_rung_at_once() -> None:
    script = lost(talking(desk_phone=True).tell(page(D.GONE), page(D.FREE)).at(11.5))
    assert rung(script) == [fx.RingAgain(SECOND, WAITED_FOR, P.BROWSER)]


def test_a_socket_that_was_cut_long_before_makes_no_dead_page_alive() -> None:
    script = talking(desk_phone=True).tell(page(D.GONE), page(D.FREE)).at(60)
    script = lost(script.ignore()).ignore().tell(page(D.FREE))
    assert script._seen == []


def test_of_the_page_of_whoever_had_them_before_nothing_is_told() -> None:
    """Ana's page goes as Bo takes over; his, whose cable is pulled, is no less dead for that."""
    there = (cmd.DeviceChanged(BO, D.FREE, each) for each in (P.BROWSER, P.DESK))
    script = talking().tell(*there, cmd.Ready(BO), cmd.AskAside(ANA, BO))
    his = Offer(C1, 2, BO)
    script.tell(cmd.AgentAnswered(his), cmd.DeviceChanged(BO, D.IN_USE, P.BROWSER), page(D.GONE))
    script.tell(cmd.HandOver(ANA)).at(15).ignore().tell(cmd.PhoneLost(his))
    assert [each.phone for each in rung(script)] == [P.DESK]
    sound(script)


def test_a_telephone_that_could_not_be_rung_is_tried_again() -> None:
    script = lost(talking(desk_phone=True))
    script.tell(cmd.AgentLegEnded(SECOND, cmd.LegEnd.BUSY)).ignore().at(11.9)
    assert rung(script) == []
    script.at(12)
    assert len(rung(script)) == 1
    sound(script)


def test_it_rings_once_telephones_can_be_rung_again() -> None:
    """Asterisk does not do its work for a while; no telephone comes or goes meanwhile."""
    script = talking(desk_phone=True).tell(cmd.AsteriskJudged(well=False))
    lost(script).at(15).tell(cmd.AsteriskJudged(well=True))
    assert rung(script) == []
    script.at(16)
    assert rung(script) == [fx.RingAgain(SECOND, WAITED_FOR - 6, P.DESK)]
    sound(script)


def test_whoever_was_on_hold_stays_on_hold() -> None:
    script = lost(talking(desk_phone=True, held=True))
    script.tell(cmd.AgentAnswered(SECOND))
    assert (state(script), call_of(script).stage) == ((S.HOLD, None), Stage.HOLD)
    assert not any(isinstance(each, Connect) for each in script._seen)
    script.tell(cmd.Resume(ANA))
    assert script._seen[-1] == Connect(SECOND)
    sound(script)


# -- a handset that is put down on hold -----------------------------------------------------------


def on_hold_at_the_desk() -> Script:
    script = Script(rules(agents=(agent(ANA), agent(BO))), phones=False)
    script.tell(phone(D.FREE), cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", None))
    script.tell(cmd.AgentAnswered(FIRST), phone(D.IN_USE), cmd.Hold(ANA))
    return script.at(10).ignore()


def test_a_handset_put_down_on_hold_hangs_up_on_nobody_and_rings() -> None:
    """Whoever is used to office telephones puts it down while the caller hears the music."""
    script = on_hold_at_the_desk().tell(cmd.AgentLegEnded(FIRST, cmd.LegEnd.HUNG_UP))
    assert script.closed() == []
    script.tell(phone(D.FREE))
    assert rung(script) == [fx.RingAgain(SECOND, WAITED_FOR, P.DESK)]
    assert fx.Park(C1) not in script._seen  # they hear it already
    script.ignore().tell(cmd.AgentAnswered(SECOND), phone(D.IN_USE))
    assert (state(script), call_of(script).stage) == ((S.HOLD, None), Stage.HOLD)
    script.tell(cmd.Resume(ANA))
    assert script._seen[-1] == Connect(SECOND)
    sound(script)


def test_whoever_does_not_lift_it_again_loses_the_caller_to_somebody_else() -> None:
    script = on_hold_at_the_desk().tell(cmd.AgentLegEnded(FIRST, cmd.LegEnd.HUNG_UP))
    script.tell(phone(D.FREE)).at(10 + WAITED_FOR)
    assert (call_of(script).stage, call_of(script).resumed) == (Stage.WAITING, True)
    assert script.centre.acd.roster[ANA].afterwards is not None
    sound(script)


def test_on_hold_the_call_is_ended_by_request() -> None:
    script = on_hold_at_the_desk().tell(cmd.EndCall(ANA))
    script.tell(cmd.AgentLegEnded(FIRST, cmd.LegEnd.HUNG_UP), phone(D.FREE))
    assert rung(script) == []
    assert fx.HangUp(C1) in script._seen
    sound(script)


# -- it does not come back ------------------------------------------------------------------------


def test_after_a_while_the_caller_is_first_and_told_so_and_the_agent_gets_nobody() -> None:
    script = lost(talking()).tell(page(D.GONE))
    script.tell(cmd.CallArrived(C2, "0942000100", None)).ignore()
    script.at(10 + WAITED_FOR)
    assert call_of(script).stage is Stage.WAITING
    assert call_of(script).resumed
    assert any(isinstance(each, fx.Play) and each.call == C1 for each in script._seen)
    entries = script.centre.acd.entries
    assert script.centre.acd.board.position(entries[C1]) == 1
    sound(script)
    script.tell(cmd.DeviceChanged(BO, D.FREE), cmd.Ready(BO))
    assert entries[C1].offer is not None
    assert entries[C2].offer is None
    script.at(100).tell(page(D.FREE))
    assert state(script) == (S.PAUSED, "phone_lost")
    sound(script)


def test_whoever_hears_music_already_is_not_put_to_it_again() -> None:
    """They would hear nothing: neither when the telephone is lost, nor when it stays so."""
    script = lost(talking(held=True)).tell(page(D.GONE))
    assert call_of(script).stage is Stage.LOST
    script.at(10 + WAITED_FOR)
    assert call_of(script).stage is Stage.WAITING
    assert fx.Park(C1) not in script._seen


def test_nobody_is_rung_for_ever() -> None:
    script, offer = talking(), FIRST
    for _ in range(MOST):
        script.tell(cmd.PhoneLost(offer))
        offer = call_of(script).connected
        script.tell(cmd.AgentAnswered(offer))
    script.tell(cmd.PhoneLost(offer))
    assert call_of(script).stage is Stage.WAITING
    sound(script)


def test_a_long_talk_outlives_any_number_of_reloads() -> None:
    script, offer = talking(), FIRST
    for number in range(1, 3 * MOST):
        script.at(10 + number * PEACE).tell(cmd.PhoneLost(offer))
        offer = call_of(script).connected
        script.tell(cmd.AgentAnswered(offer))
        assert call_of(script).stage is Stage.TALKING
    sound(script)


def test_the_caller_may_leave_meanwhile() -> None:
    script = lost(talking(desk_phone=True)).tell(cmd.CallerHungUp(C1))
    assert DropLeg(SECOND) in script._seen
    assert state(script)[0] is S.WRAP_UP
    (record,) = script.closed()
    assert record.outcome is Outcome.ANSWERED
    sound(script).at(200)


# -- what changes nothing -------------------------------------------------------------------------


@pytest.mark.parametrize("device", [D.GONE, D.FREE, D.IN_USE])
def test_a_cut_socket_alone_changes_nothing(device: Device) -> None:
    script = talking().tell(page(device))
    assert script._seen == []
    assert (state(script), call_of(script).offer) == ((S.TALKING, None), FIRST)
    sound(script)


def test_late_news_of_a_leg_that_is_no_more() -> None:
    script = lost(talking(desk_phone=True)).tell(cmd.AgentAnswered(SECOND)).ignore()
    script.tell(cmd.PhoneLost(FIRST), cmd.AgentLegEnded(FIRST, cmd.LegEnd.LOST))
    assert script._seen == []
    script.tell(cmd.PhoneLost(Offer(C2, 1, BO)))
    assert script._seen == []
    sound(script)


def test_meanwhile_the_agent_can_do_nothing_with_the_caller() -> None:
    script = lost(talking())
    for request in (cmd.Hold(ANA), cmd.Resume(ANA), cmd.EndCall(ANA), cmd.AskAside(ANA, BO)):
        script.refuse(request, "電話機がつながっていません")


def test_a_restart_goes_on_waiting_and_hears_of_what_was_missed() -> None:
    before = lost(talking(desk_phone=True)).at(12)
    script = Script(before.centre.rules, phones=False)
    script.centre = restore(before.centre.rules, take(before.centre))
    channels = (
        cmd.LiveChannel(C1, True, False, "waiting"),
        cmd.LiveChannel(SECOND.leg, True, False, None, ANA),
    )
    script.at(13).tell(cmd.Reconciled(channels, script.now, MONDAY))
    assert (state(script), call_of(script).offer) == ((S.TALKING, None), SECOND)
    sound(script)


def test_a_restart_does_not_take_the_dead_leg_for_an_answer() -> None:
    script = lost(talking()).at(12).ignore()
    channels = (
        cmd.LiveChannel(C1, True, False, "waiting"),
        cmd.LiveChannel(FIRST.leg, True, False, None, ANA),
    )
    script.tell(cmd.Reconciled(channels, script.now, MONDAY))
    assert call_of(script).stage is Stage.LOST
    sound(script)
