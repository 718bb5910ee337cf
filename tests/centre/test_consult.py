"""Attended transfer and the conference: who hears whom, and who stays when somebody leaves (B8)."""

from itertools import product

import pytest

from telephony.acd.effects import DropLeg
from telephony.acd.model import AgentId, AgentState, Device, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome
from telephony.centre.model import Call, Meeting, Stage
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import TollRules
from tests.acd.invariants import assert_sound
from tests.builders import ANA, BO, C1, C2, CY, MONDAY, agent, rules
from tests.script import Script

S = AgentState
M = Meeting
TOWN = "town"
HERS, HIS = Offer(C1, 1, ANA), Offer(C1, 2, BO)
THEIRS = fx.external_leg(C1, 2)
RINGS_FOR = 30.0


def desk() -> Script:
    """Ana talks to a caller, Bo is at a break, a town hall may be called."""
    script = Script(
        rules(
            agents=(agent(ANA), agent(BO), agent(CY)),
            extensions={TOWN: "0942-00-0120"},
            tolls=TollRules(("0942",), 3),
        )
    )
    script.tell(cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", "key"))
    script.tell(cmd.AgentAnswered(HERS), cmd.Pause(BO, "lunch"))
    return script.at(10).ignore()


def asked(meeting: Meeting, target: str) -> Script:
    """The consultation has come so far."""
    script = desk().tell(cmd.AskAside(ANA, target))
    if meeting is not M.NOBODY:
        script.tell(cmd.AgentAnswered(HIS) if target == BO else cmd.ExternalAnswered(C1, 2))
    if meeting is M.CALLER:
        script.tell(cmd.Swap(ANA))
    if meeting is M.ALL:
        script.tell(cmd.Confer(ANA))
    sound(script)
    return script.at(20).ignore()


def sound(script: Script) -> None:
    assert_sound(script.centre, script.now)


def state(script: Script, who: AgentId) -> tuple[S, str | None]:
    return script.centre.acd.roster[who].state, script.centre.acd.roster[who].reason


def call_of(script: Script) -> Call:
    return script.centre.visits.calls[C1]


def dropped(script: Script) -> set[str]:
    legs = {each.offer.leg for each in script._seen if isinstance(each, DropLeg)}
    outside = (each for each in script._seen if isinstance(each, fx.DropExternal))
    return legs | {fx.external_leg(each.call, each.attempt) for each in outside}


def together(script: Script) -> set[str]:
    """Who was put into the room last."""
    gathered = [each for each in script._seen if isinstance(each, fx.Gather)]
    return set(gathered[-1].legs) if gathered else set()


def last(script: Script) -> fx.Effect:
    return script._seen[-1]


def second_line(script: Script) -> LineState:
    return script.centre.lines[2].state


def target_leg(target: str) -> str:
    return HIS.leg if target == BO else THEIRS


# -- how it goes ------------------------------------------------------------------------------


def test_the_caller_hears_music_while_the_colleague_is_asked() -> None:
    script = desk().tell(cmd.AskAside(ANA, BO))
    assert fx.Park(C1) in script._seen
    assert last(script) == fx.RingOwn(HIS, RINGS_FOR, ANA, HERS.leg)
    assert (state(script, ANA), state(script, BO)) == (
        (S.HOLD, "consult"), (S.OFFERED, "consult"),
    )  # fmt: skip
    sound(script)
    script.ignore().tell(cmd.AgentAnswered(HIS))
    assert last(script) == fx.Gather(C1, (HERS.leg, HIS.leg), ())
    assert state(script, BO) == (S.TALKING, "consult")
    sound(script)


def test_from_one_to_the_other_and_all_three_and_back() -> None:
    script = asked(M.TARGET, BO).tell(cmd.Swap(ANA))
    assert last(script) == fx.Gather(C1, (C1, HERS.leg), (HIS.leg,))
    assert state(script, ANA) == (S.TALKING, "consult")
    script.tell(cmd.Confer(ANA))
    assert last(script) == fx.Gather(C1, (C1, HERS.leg, HIS.leg), ())
    assert state(script, ANA) == (S.TALKING, "conference")
    script.tell(cmd.Swap(ANA))
    assert last(script) == fx.Gather(C1, (HERS.leg, HIS.leg), (C1,))
    assert state(script, ANA) == (S.HOLD, "consult")
    sound(script)


@pytest.mark.parametrize("meeting", [M.TARGET, M.CALLER, M.ALL])
def test_it_is_handed_over_to_a_colleague(meeting: Meeting) -> None:
    script = asked(meeting, BO).tell(cmd.HandOver(ANA))
    assert together(script) == {C1, HIS.leg}
    assert dropped(script) == {HERS.leg}
    assert (state(script, ANA), state(script, BO)) == ((S.WRAP_UP, None), (S.TALKING, None))
    assert (call_of(script).offer, call_of(script).consult) == (HIS, None)
    sound(script)
    script.at(60).tell(cmd.AgentLegEnded(HIS, cmd.LegEnd.HUNG_UP), cmd.CallerHungUp(C1))
    assert state(script, BO) == (S.WRAP_UP, None)
    (record,) = script.closed()
    assert record.outcome is Outcome.ANSWERED
    script.at(200)
    assert state(script, BO) == (S.PAUSED, "lunch")  # what he was before


def test_it_is_handed_over_to_the_city() -> None:
    script = asked(M.TARGET, TOWN).tell(cmd.HandOver(ANA))
    assert together(script) == {C1, THEIRS}
    assert state(script, ANA) == (S.WRAP_UP, None)
    assert call_of(script).stage is Stage.OUTSIDE
    assert second_line(script) is LineState.OUTBOUND
    sound(script)
    script.tell(cmd.CallerHungUp(C1))
    assert second_line(script) is LineState.IDLE
    sound(script)


@pytest.mark.parametrize("target", [BO, TOWN])
@pytest.mark.parametrize("meeting", list(M))
def test_it_is_given_up_and_the_caller_is_back(meeting: Meeting, target: str) -> None:
    script = asked(meeting, target).tell(cmd.EndConsult(ANA))
    assert dropped(script) == {target_leg(target)}
    assert state(script, ANA) == (S.TALKING, None)
    assert state(script, BO) == (S.PAUSED, "lunch")
    assert (call_of(script).stage, call_of(script).offer) == (Stage.TALKING, HERS)
    sound(script)
    script.at(25).tell(cmd.Hold(ANA), cmd.Resume(ANA))  # a call like any other


# -- who stays: every row of the table in docs/call-flow.md -------------------------------------

LEAVES: dict[str, cmd.Command] = {
    "hang-up": cmd.AgentLegEnded(HERS, cmd.LegEnd.HUNG_UP),
    "cut": cmd.AgentLegEnded(HERS, cmd.LegEnd.LOST),
    "silence": cmd.PhoneLost(HERS),
}


@pytest.mark.parametrize(("meeting", "target"), list(product(M, [BO, TOWN])))
def test_b8_the_caller_leaves_and_it_is_over_for_all(meeting: Meeting, target: str) -> None:
    script = asked(meeting, target).tell(cmd.CallerHungUp(C1))
    assert script.centre.visits.calls == {}
    assert dropped(script) == {HERS.leg, target_leg(target)}
    assert fx.Forget(C1) in script._seen
    assert (state(script, ANA), state(script, BO)) == (
        (S.WRAP_UP, None), (S.PAUSED, "lunch"),
    )  # fmt: skip
    assert [line.call for line in script.centre.lines.all() if line.call] == []
    sound(script)


@pytest.mark.parametrize("how", LEAVES)
@pytest.mark.parametrize(
    ("meeting", "target"), list(product([M.TARGET, M.CALLER, M.ALL], [BO, TOWN]))
)
def test_b8_the_agent_leaves_and_caller_and_target_are_together(
    meeting: Meeting, target: str, how: str
) -> None:
    script = asked(meeting, target).tell(LEAVES[how])
    assert together(script) == {C1, target_leg(target)}
    assert fx.HangUp(C1) not in script._seen
    assert state(script, ANA)[0] is S.WRAP_UP
    assert state(script, BO) == ((S.TALKING, None) if target == BO else (S.PAUSED, "lunch"))
    sound(script)


@pytest.mark.parametrize("how", ["hang-up", "cut"])
@pytest.mark.parametrize("target", [BO, TOWN])
def test_b8_the_agent_leaves_before_anybody_has_answered_and_the_caller_waits_first(
    target: str, how: str
) -> None:
    script = asked(M.NOBODY, target).tell(cmd.CallArrived(C2, "0942000100", None), LEAVES[how])
    assert fx.HangUp(C1) not in script._seen
    assert target_leg(target) in dropped(script)
    assert call_of(script).stage is Stage.WAITING
    assert script.centre.acd.board.position(script.centre.acd.entries[C1]) == 1
    assert state(script, BO) == (S.PAUSED, "lunch")
    sound(script)


@pytest.mark.parametrize("target", [BO, TOWN])
def test_a_lost_telephone_before_anybody_has_answered_is_waited_for(target: str) -> None:
    script = asked(M.NOBODY, target).tell(LEAVES["silence"])
    assert call_of(script).stage is Stage.LOST
    assert state(script, ANA) == (S.HOLD, "phone_lost")
    sound(script)


@pytest.mark.parametrize(("meeting", "target"), list(product(M, [BO, TOWN])))
def test_b8_the_target_leaves_and_caller_and_agent_stay_as_they_were(
    meeting: Meeting, target: str
) -> None:
    gone: cmd.Command = cmd.ExternalEnded(C1, 2)
    if target == BO:
        gone = cmd.AgentLegEnded(HIS, cmd.LegEnd.HUNG_UP)
    script = asked(meeting, target).tell(gone)
    talks = meeting in {M.CALLER, M.ALL}
    assert state(script, ANA) == (S.TALKING if talks else S.HOLD, None)
    assert call_of(script).stage is (Stage.TALKING if talks else Stage.HOLD)
    assert state(script, BO) == (S.PAUSED, "lunch")
    assert not {C1, HERS.leg} & dropped(script)
    sound(script)
    if not talks:
        script.tell(cmd.Resume(ANA))
    assert call_of(script).stage is Stage.TALKING


@pytest.mark.parametrize("how", [cmd.PhoneLost(HIS), cmd.EndCall(BO)])
@pytest.mark.parametrize("meeting", [M.TARGET, M.CALLER, M.ALL])
def test_a_colleague_may_hang_up_or_lose_the_telephone(meeting: Meeting, how: cmd.Command) -> None:
    script = asked(meeting, BO).tell(how)
    assert dropped(script) == {HIS.leg}
    assert state(script, BO) == (S.PAUSED, "lunch")
    assert call_of(script).offer == HERS
    sound(script)


@pytest.mark.parametrize("declines", [cmd.Pause(BO, "lunch"), cmd.SignOut(BO), cmd.EndCall(BO)])
def test_a_colleague_may_decline(declines: cmd.Request) -> None:
    script = asked(M.NOBODY, BO).tell(declines)
    assert dropped(script) == {HIS.leg}
    assert (state(script, ANA), call_of(script).consult) == ((S.HOLD, None), None)
    sound(script)


@pytest.mark.parametrize("target", [BO, TOWN])
def test_whoever_does_not_answer_is_left_in_peace_and_the_caller_stays_on_hold(
    target: str,
) -> None:
    script = asked(M.NOBODY, target).at(10 + RINGS_FOR)
    assert dropped(script) == {target_leg(target)}
    assert state(script, ANA) == (S.HOLD, None)
    assert last(script) == fx.Gather(C1, (HERS.leg,), ())  # she does not hear it ring
    sound(script)


# -- what is refused ----------------------------------------------------------------------------


def test_what_belongs_to_a_plain_talk_is_refused_meanwhile() -> None:
    script = asked(M.TARGET, BO)
    for request in (cmd.Hold(ANA), cmd.Resume(ANA), cmd.Transfer(ANA, CY), cmd.EndCall(ANA),
                    cmd.AskAside(ANA, CY)):  # fmt: skip
        script.refuse(request, "取次中です")
    for request in (cmd.Hold(BO), cmd.Transfer(BO, CY)):
        script.refuse(request, "取次中です")
    sound(script)


def test_nobody_is_handed_to_somebody_who_has_not_answered() -> None:
    script = asked(M.NOBODY, BO)
    for request in (cmd.HandOver(ANA), cmd.Swap(ANA), cmd.Confer(ANA)):
        script.refuse(request, "まだ出ていません")


def test_who_consults_nobody_and_whom_nobody_can_be() -> None:
    script = desk()
    for request in (cmd.HandOver(ANA), cmd.Swap(ANA), cmd.Confer(ANA), cmd.EndConsult(ANA),
                    cmd.Swap(BO)):  # fmt: skip
        script.refuse(request, "取次中ではありません")
    script.refuse(cmd.AskAside(ANA, ANA), "自分の席")
    script.refuse(cmd.AskAside(ANA, "nowhere"), "席も内線もありません")
    script.refuse(cmd.AskAside(BO, ANA), "not in a call")
    script.tell(cmd.DeviceChanged(BO, Device.GONE))
    script.refuse(cmd.AskAside(ANA, BO), "今出られません")
    assert state(script, ANA) == (S.TALKING, None)


# -- after a restart ----------------------------------------------------------------------------


def live(*legs: str, up: bool = True, bridge: str = f"b.{C1}") -> tuple[cmd.LiveChannel, ...]:
    seats = {HERS.leg: ANA, HIS.leg: BO}
    return tuple(
        cmd.LiveChannel(leg, up, not up, None if leg == C1 else bridge, seats.get(leg, ""))
        for leg in legs
    )


def looked(script: Script, *channels: cmd.LiveChannel) -> Script:
    return script.tell(cmd.Reconciled(channels, script.now, MONDAY))


@pytest.mark.parametrize("target", [BO, TOWN])
def test_a_restart_goes_on_with_it(target: str) -> None:
    before = asked(M.TARGET, target)
    script = Script(before.centre.rules, phones=False)
    script.centre = restore(before.centre.rules, take(before.centre))
    looked(script.at(30), *live(C1, HERS.leg, target_leg(target)))
    assert call_of(script).consulting.meeting is M.TARGET
    assert dropped(script) == set()
    sound(script)


def test_an_answer_that_was_missed_counts() -> None:
    script = looked(asked(M.NOBODY, BO).at(25), *live(C1, HERS.leg, HIS.leg))
    assert call_of(script).consulting.meeting is M.TARGET
    sound(script)


def test_who_has_left_meanwhile_has_left() -> None:
    script = looked(asked(M.TARGET, BO).at(25), *live(C1, HERS.leg))
    assert (call_of(script).consult, call_of(script).offer) == (None, HERS)
    sound(script)
    script = looked(asked(M.TARGET, BO).at(25), *live(C1, HIS.leg))
    assert call_of(script).offer == HIS
    assert state(script, BO) == (S.TALKING, None)
    sound(script)


def test_times_are_counted_to_the_right_account() -> None:
    """10 s of talk, 10 s on hold, 5 s with all three, and the rest with Bo."""
    script = asked(M.TARGET, BO).tell(cmd.Confer(ANA)).at(25).tell(cmd.HandOver(ANA))
    script.at(45).tell(cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.talked, record.held) == (35.0, 10.0)
    assert record.at == Instant(MONDAY + 45)
