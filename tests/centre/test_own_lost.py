"""A telephone is lost while its agent calls a citizen back: they never hear nothing."""

import pytest

from telephony.acd.effects import DropLeg
from telephony.acd.model import AgentState, CallId, Device, Instant, Offer, Phone
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.effects import AttemptEnd, LineState, OwnEnd
from telephony.centre.own_lost import CALLED_AGAIN, RING_AGAIN, TOLD_WITHIN
from telephony.centre.seat_phones import AGAIN_AFTER, MOST, WAITED_FOR
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import TollRules
from tests.acd.invariants import assert_sound
from tests.builders import ANA, BO, C1, MONDAY, agent, rules
from tests.script import Script

S = AgentState
D = Device
P = Phone
DIAL = CallId(f"own-{int(MONDAY)}.1")
MINE, AGAIN, THIRD = (Offer(DIAL, number, ANA) for number in (1, 3, 4))
CITIZENS = f"x.{DIAL}.2"
OWED, WHO = "ob-c9", "key-of-a-citizen"
TO_MUSIC = fx.Gather(DIAL, (), (CITIZENS,))
TOGETHER = fx.Join(DIAL, (AGAIN.leg, CITIZENS))
TOLD = fx.PlayOutside(DIAL, 2, 1, CALLED_AGAIN)


def page(device: Device) -> cmd.DeviceChanged:
    return cmd.DeviceChanged(ANA, device, P.BROWSER)


def phone(device: Device) -> cmd.DeviceChanged:
    return cmd.DeviceChanged(ANA, device, P.DESK)


def desk(*, desk_phone: bool = False) -> Script:
    """Ana and Bo at a break; Ana has a page, and perhaps a telephone beside it."""
    of = rules(
        agents=(agent(ANA), agent(BO)),
        always_open=True,
        tolls=TollRules(("0942",), 5),
        extensions={"town": "0942-00-0120"},
    )
    script = Script(of, phones=False)
    script.tell(page(D.FREE), phone(D.FREE if desk_phone else D.GONE))
    return script.tell(cmd.Pause(ANA, "折り返し"), cmd.Pause(BO, "休憩")).ignore()


def talking(*, desk_phone: bool = False) -> Script:
    """Ana talks on her page to a citizen whom she has called back, since ten seconds."""
    script = desk(desk_phone=desk_phone).tell(cmd.CallBack(ANA, OWED, None, WHO))
    script.tell(cmd.AgentAnswered(MINE), page(D.IN_USE), cmd.ExternalAnswered(DIAL, 2))
    return script.at(10).ignore()


def lost(script: Script) -> Script:
    return sound(script.tell(cmd.PhoneLost(MINE)))


def sound(script: Script) -> Script:
    assert_sound(script.centre, script.now)
    return script


def state(script: Script) -> tuple[S, str | None]:
    ana = script.centre.acd.roster[ANA]
    return ana.state, ana.reason


def line(script: Script) -> LineState:
    return script.centre.lines[1].state


def rung(script: Script) -> list[fx.RingOwn]:
    return [each for each in script._seen if isinstance(each, fx.RingOwn)]


def ends(script: Script) -> tuple[list[OwnEnd], list[AttemptEnd]]:
    closed = [each.end for each in script.news if isinstance(each, fx.OwnCallClosed)]
    tried = [each.result for each in script.news if isinstance(each, fx.AttemptEnded)]
    return closed, tried


# -- the telephone is back ------------------------------------------------------------------------


def test_the_citizen_hears_music_and_the_desk_phone_rings_at_once() -> None:
    script = lost(talking(desk_phone=True))
    assert script._seen[:2] == [TO_MUSIC, DropLeg(MINE)]
    assert rung(script) == [fx.RingOwn(AGAIN, WAITED_FOR, OWED, "", P.DESK)]
    assert (state(script), line(script)) == ((S.HOLD, "phone_lost"), LineState.HOLD)
    script.at(15).ignore().tell(cmd.AgentAnswered(AGAIN))
    assert script._seen[-1] == TOGETHER
    assert (state(script), line(script)) == ((S.TALKING, "callback"), LineState.OUTBOUND)
    sound(script).at(100).tell(cmd.ExternalEnded(DIAL, 2, LegEnd.HUNG_UP))
    assert ends(script) == ([OwnEnd.HUNG_UP], [AttemptEnd.ANSWERED])
    assert state(script) == (S.WRAP_UP, None)
    sound(script)


def test_a_page_that_was_loaded_again_is_rung_as_soon_as_it_is_back() -> None:
    script = lost(talking())
    script.tell(cmd.AgentLegEnded(AGAIN, LegEnd.UNREACHABLE), page(D.GONE)).at(11).ignore()
    script.tell(page(D.FREE))
    assert rung(script) == [fx.RingOwn(THIRD, WAITED_FOR - 1, OWED, "", P.BROWSER)]
    script.tell(cmd.AgentAnswered(THIRD))
    assert script._seen[-1] == fx.Join(DIAL, (THIRD.leg, CITIZENS))
    sound(script)


def test_a_leg_that_breaks_is_a_telephone_that_is_lost_and_one_that_hangs_up_is_not() -> None:
    script = talking(desk_phone=True).tell(cmd.AgentLegEnded(MINE, LegEnd.LOST))
    assert TO_MUSIC in script._seen
    script = talking(desk_phone=True).tell(cmd.AgentLegEnded(MINE, LegEnd.HUNG_UP))
    assert ends(script)[0] == [OwnEnd.HUNG_UP]
    sound(script)


def test_the_dead_legs_own_end_tells_nothing_new() -> None:
    script = lost(talking()).tell(page(D.GONE)).ignore()
    script.tell(cmd.AgentLegEnded(MINE, LegEnd.HUNG_UP), cmd.PhoneLost(MINE))
    assert script._seen == []
    sound(script)


def test_a_page_takes_it_from_the_desk_phone_that_rings() -> None:
    script = lost(talking(desk_phone=True)).tell(page(D.GONE)).at(12).ignore()
    script.tell(page(D.FREE))
    ring = fx.RingOwn(THIRD, WAITED_FOR - 2, OWED, "", P.BROWSER)
    assert script._seen == [DropLeg(AGAIN), ring]
    sound(script)


def test_a_telephone_that_could_not_be_rung_is_tried_again_and_let_go_where_it_may_ring() -> None:
    script = lost(talking(desk_phone=True)).ignore()
    script.tell(cmd.AgentLegEnded(AGAIN, LegEnd.FAILED)).expect(DropLeg(AGAIN))
    script.at(10 + AGAIN_AFTER)
    assert rung(script) == [fx.RingOwn(THIRD, WAITED_FOR - AGAIN_AFTER, OWED, "", P.DESK)]
    sound(script)


def test_nobody_can_hang_up_on_a_citizen_who_hears_music() -> None:
    lost(talking()).refuse(cmd.EndCall(ANA), "your telephone is lost")


# -- it does not come back ------------------------------------------------------------------------


def test_after_a_while_they_are_told_that_they_are_called_again_and_are_owed_it() -> None:
    script = lost(talking()).tell(page(D.GONE)).ignore()
    script.at(10 + WAITED_FOR).expect(DropLeg(AGAIN), *moved(script), TOLD)
    assert state(script) == (S.WRAP_UP, None)
    assert ends(script) == ([], [])
    sound(script)
    script.tell(cmd.PlaybackEnded(DIAL, 1))
    assert fx.DropExternal(DIAL, 2) in script._seen
    assert ends(script) == ([OwnEnd.PHONE_LOST], [AttemptEnd.BROKEN_OFF])
    assert line(script) is LineState.IDLE
    sound(script).at(100).tell(page(D.FREE))
    assert state(script) == (S.PAUSED, "phone_lost")


def moved(script: Script) -> list[fx.Effect]:
    """Where the agent went meanwhile is another line's business."""
    return [each for each in script._seen if type(each).__name__ == "AgentMoved"]


@pytest.mark.parametrize("hears", [True, False])
def test_an_announcement_whose_end_nobody_tells_does_not_keep_the_line(hears: bool) -> None:
    script = lost(talking()).at(10 + WAITED_FOR)
    if hears:
        script.at(10 + WAITED_FOR + TOLD_WITHIN)
    else:
        script.tell(cmd.ExternalEnded(DIAL, 2, LegEnd.HUNG_UP))
    assert ends(script) == ([OwnEnd.PHONE_LOST], [AttemptEnd.BROKEN_OFF])
    sound(script)


def test_what_they_were_told_holds_though_the_agent_had_said_that_all_was_done() -> None:
    script = talking().tell(cmd.AttemptResult(ANA, DIAL, AttemptEnd.REACHED))
    lost(script).at(10 + WAITED_FOR).tell(cmd.PlaybackEnded(DIAL, 1))
    assert ends(script)[1] == [AttemptEnd.BROKEN_OFF]
    script.tell(cmd.AttemptResult(ANA, DIAL, AttemptEnd.REACHED))  # unless they say so again
    assert ends(script)[1] == [AttemptEnd.BROKEN_OFF, AttemptEnd.REACHED]


def test_to_whom_nothing_is_owed_hears_to_ring_again() -> None:
    script = Script(rules(agents=(agent(ANA),), tolls=TollRules(("0942",), 5)), phones=False)
    script.tell(page(D.FREE), cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", WHO))
    script.tell(cmd.AgentAnswered(Offer(C1, 1, ANA)), cmd.CallerHungUp(C1), cmd.CallAgain(ANA))
    script.tell(cmd.AgentAnswered(MINE), cmd.ExternalAnswered(DIAL, 2)).at(5)
    lost(script).at(5 + WAITED_FOR)
    assert script._seen[-1] == fx.PlayOutside(DIAL, 2, 1, RING_AGAIN)
    sound(script)


def test_a_city_extension_is_kept_too_and_merely_ended() -> None:
    script = desk().tell(cmd.CallUp(ANA, "town"), cmd.AgentAnswered(MINE))
    script.tell(cmd.ExternalAnswered(DIAL, 2)).at(10).ignore()
    assert TO_MUSIC in lost(script)._seen
    script.at(10 + WAITED_FOR)
    assert not any(isinstance(each, fx.PlayOutside) for each in script._seen)
    assert ends(script) == ([OwnEnd.PHONE_LOST], [])
    assert state(script) == (S.PAUSED, "phone_lost")
    sound(script)


def test_nobody_is_rung_for_ever() -> None:
    script, offer = talking(), MINE
    for _ in range(MOST):
        script.tell(cmd.PhoneLost(offer))
        offer = script.centre.own.calls[DIAL].offer
        script.tell(cmd.AgentAnswered(offer))
    script.tell(cmd.PhoneLost(offer))
    assert script._seen[-1] == TOLD
    sound(script)


def test_a_citizen_who_hangs_up_at_the_music_has_been_answered() -> None:
    script = lost(talking()).tell(cmd.ExternalEnded(DIAL, 2, LegEnd.HUNG_UP))
    assert ends(script) == ([OwnEnd.HUNG_UP], [AttemptEnd.ANSWERED])
    assert DropLeg(AGAIN) in script._seen or DropLeg(MINE) in script._seen
    sound(script)


# -- another leader -------------------------------------------------------------------------------


def found(script: Script, *there: cmd.LiveChannel) -> cmd.Reconciled:
    return cmd.Reconciled(there, asked_at=script.now, up_since=MONDAY)


def live(name: str, bridge: str | None = None, *, up: bool = True) -> cmd.LiveChannel:
    return cmd.LiveChannel(name, up, not up, bridge)


CALLED_UP = live(CITIZENS, f"b.{DIAL}")
AT_MUSIC = live(CITIZENS, fx.MUSIC)


def test_a_leg_that_is_gone_in_a_gap_is_a_telephone_that_is_lost() -> None:
    script = talking(desk_phone=True)
    script.tell(found(script, CALLED_UP))
    assert TO_MUSIC in script._seen
    assert len(rung(script)) == 1
    sound(script)


def test_a_leader_who_follows_brings_them_to_the_music_once_and_finds_the_answer() -> None:
    script = lost(talking(desk_phone=True))
    script.centre = restore(script.centre.rules, take(script.centre))
    script.at(12).ignore().tell(found(script, CALLED_UP, live(AGAIN.leg, up=False)))
    script.expect(TO_MUSIC)
    script.at(13).tell(found(script, AT_MUSIC, live(AGAIN.leg, up=False))).expect()
    script.at(14).tell(found(script, AT_MUSIC, live(AGAIN.leg)))
    assert script._seen[-1] == TOGETHER
    sound(script)


def test_a_leader_who_follows_finds_that_they_have_gone() -> None:
    script = lost(talking(desk_phone=True)).at(12)
    script.tell(found(script, live(AGAIN.leg, up=False)))
    assert ends(script)[0] == [OwnEnd.HUNG_UP]
    sound(script)


def test_a_ring_that_is_nowhere_is_rung_again() -> None:
    script = lost(talking(desk_phone=True)).at(12).ignore()
    script.tell(found(script, AT_MUSIC)).at(Instant(12 + AGAIN_AFTER))
    assert len(rung(script)) == 1
    sound(script)
