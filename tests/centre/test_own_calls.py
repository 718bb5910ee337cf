"""Calls that an agent begins, and callers whom an agent hands to a city extension."""

import pytest

from telephony.acd.effects import AgentMoved, Connect, DropLeg, Ring
from telephony.acd.model import AgentId, AgentState, CallId, Device, Instant, Offer, Work
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome, OwnEnd, OwnKind
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BO, C1, C2, MONDAY, agent, rules
from tests.script import Script

S = AgentState
OWN = CallId(f"own-{int(MONDAY)}.1")
MINE, OTHERS = Offer(OWN, 1, ANA), Offer(OWN, 2, BO)
TOWN = {"town": "0942-00-0120", "premium": "0990-00-0120"}


def desk(**more: object) -> Script:
    """Ana ready, Bo at a break, a town hall that may be called three times an hour."""
    tolls = TollRules(("0942", "0990"), 3)
    given: dict[str, object] = {"extensions": TOWN, "tolls": tolls} | more
    script = Script(rules(**given))  # type: ignore[arg-type]
    return script.tell(cmd.Ready(ANA), cmd.Pause(BO, "休憩")).ignore()


def state(script: Script, who: AgentId) -> tuple[S, str | None]:
    return script.centre.acd.roster[who].state, script.centre.acd.roster[who].reason


def own_records(script: Script) -> list[fx.OwnCallClosed]:
    return [each for each in script.news if isinstance(each, fx.OwnCallClosed)]


def line(script: Script) -> tuple[LineState, str | None]:
    found = script.centre.lines[1]
    return found.state, found.call


def talking(script: Script) -> Script:
    """Ana and Bo."""
    return script.tell(cmd.CallUp(ANA, BO), cmd.AgentAnswered(MINE), cmd.AgentAnswered(OTHERS))


# -- to a colleague -----------------------------------------------------------------------------


def test_ones_own_telephone_rings_first_then_the_colleagues_then_both_hear_each_other() -> None:
    script = desk().tell(cmd.CallUp(ANA, BO))
    script.expect(
        AgentMoved(ANA, S.TALKING, "internal", OWN, MONDAY), fx.RingOwn(MINE, 30.0, BO, "")
    )
    script.at(2).tell(cmd.AgentAnswered(MINE))
    script.expect(
        AgentMoved(BO, S.OFFERED, "internal", OWN, Instant(MONDAY + 2)),
        fx.RingOwn(OTHERS, 30.0, ANA, MINE.leg),
    )
    script.at(5).tell(cmd.AgentAnswered(OTHERS))
    script.expect(
        AgentMoved(BO, S.TALKING, "internal", OWN, Instant(MONDAY + 5)),
        fx.Join(OWN, (MINE.leg, OTHERS.leg)),
    )
    assert script.centre.next_deadline() is None


@pytest.mark.parametrize("leaves", [MINE, OTHERS])
def test_whoever_hangs_up_both_are_what_they_were_without_wrap_up(leaves: Offer) -> None:
    script = talking(desk()).at(60).tell(cmd.AgentLegEnded(leaves, cmd.LegEnd.HUNG_UP))
    assert state(script, ANA) == (S.READY, None)
    assert state(script, BO) == (S.PAUSED, "休憩")
    (record,) = own_records(script)
    assert (record.kind, record.agent, record.target) == (OwnKind.INTERNAL, ANA, BO)
    assert (record.end, record.answered_at, record.at) == (OwnEnd.HUNG_UP, MONDAY, MONDAY + 60)
    assert script.closed() == []  # no citizen's


def test_it_ends_by_request_of_either_and_nothing_is_left() -> None:
    for who in (ANA, BO):
        script = talking(desk()).ignore().tell(cmd.EndCall(who))
        assert script.centre.own.calls == {}
        drops = [e for e in script._seen if isinstance(e, DropLeg | fx.Forget)]
        assert drops == [DropLeg(MINE), DropLeg(OTHERS), fx.Forget(OWN)]


def test_nobody_in_it_is_offered_a_caller_and_soon_after_they_are() -> None:
    script = talking(desk()).tell(cmd.CallArrived(C1, "0942000100", None))
    assert script.centre.acd.entries[C1].offer is None
    script.tell(cmd.EndCall(ANA))
    assert script.centre.acd.entries[C1].offer is None  # the telephone is hardly down
    script.at(5)
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, ANA)


def test_a_card_worker_is_back_at_the_cards() -> None:
    script = desk().tell(cmd.Ready(ANA, None, True, Work.CARD_POST))
    talking(script).tell(cmd.EndCall(ANA))
    assert state(script, ANA) == (S.READY, "card_post")


def test_what_was_chosen_meanwhile_follows_it() -> None:
    script = talking(desk()).tell(cmd.SignOut(ANA), cmd.Ready(BO), cmd.EndCall(ANA))
    assert state(script, ANA) == (S.SIGNED_OUT, None)
    assert state(script, BO) == (S.READY, None)


def test_a_colleague_who_does_not_answer_is_left_in_peace_after_a_while() -> None:
    script = desk().tell(cmd.CallUp(ANA, BO), cmd.AgentAnswered(MINE)).at(30)
    assert (state(script, ANA), state(script, BO)) == ((S.READY, None), (S.PAUSED, "休憩"))
    (record,) = own_records(script)
    assert (record.end, record.answered_at) == (OwnEnd.NO_ANSWER, None)
    assert script.centre.acd.roster[BO].missed == ()  # of a citizen's call nothing was missed


@pytest.mark.parametrize("declines", [cmd.Pause(BO, "離席"), cmd.SignOut(BO), cmd.EndCall(BO)])
def test_a_colleague_may_decline(declines: cmd.Request) -> None:
    script = desk().tell(cmd.CallUp(ANA, BO), cmd.AgentAnswered(MINE), declines)
    assert script.centre.own.calls == {}
    assert state(script, ANA) == (S.READY, None)
    assert script.centre.acd.roster[BO].offer is None


def test_a_colleague_who_is_called_away_meanwhile_is_busy() -> None:
    script = desk().tell(cmd.CallUp(ANA, BO), cmd.Ready(BO))
    script.tell(cmd.CallArrived(C1, "0942000100", None))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, BO)
    script.tell(cmd.AgentAnswered(MINE))
    assert own_records(script)[0].end is OwnEnd.BUSY
    assert script.centre.acd.entries[C1].offer == Offer(C1, 1, BO)


def test_an_own_telephone_that_nobody_picks_up_calls_nobody() -> None:
    script = desk().tell(cmd.CallUp(ANA, BO)).at(30)
    assert own_records(script)[0].end is OwnEnd.CANCELLED
    assert state(script, BO) == (S.PAUSED, "休憩")
    script.ignore().tell(cmd.AgentAnswered(MINE)).expect(DropLeg(MINE))  # late


@pytest.mark.parametrize(
    ("request_", "because"),
    [
        (cmd.CallUp(ANA, ANA), "call themselves"),
        (cmd.CallUp(ANA, "nobody"), "no seat or extension"),
        (cmd.CallUp(ANA, "premium"), "toll gate"),
        (cmd.CallUp(AgentId("di"), BO), "no agent"),
    ],
)
def test_whom_nobody_can_call(request_: cmd.Request, because: str) -> None:
    desk().refuse(request_, because)


def test_who_cannot_be_called_and_who_cannot_call() -> None:
    script = desk().tell(cmd.SignOut(BO)).refuse(cmd.CallUp(ANA, BO), "cannot be called")
    script.refuse(cmd.CallUp(BO, ANA), "wrap-up before you call")
    script.tell(cmd.Pause(BO, "休憩"), cmd.DeviceChanged(BO, Device.GONE))
    script.refuse(cmd.CallUp(ANA, BO), "cannot be called")
    script.refuse(cmd.CallUp(BO, ANA), "your own telephone")
    script.tell(cmd.CallArrived(C1, "0942000100", None))
    script.refuse(cmd.CallUp(ANA, "town"), "wrap-up before you call")
    script.tell(cmd.CallerHungUp(C1), cmd.AsteriskJudged(False))
    script.refuse(cmd.CallUp(ANA, "town"), "no telephone")


def test_such_a_call_is_neither_held_nor_handed_on() -> None:
    script = talking(desk())
    for request in (cmd.Hold(ANA), cmd.Resume(BO), cmd.Transfer(ANA, AgentId("town"))):
        script.refuse(request, "neither held nor handed on")
    script.refuse(cmd.CallUp(ANA, "town"), "wrap-up before")


# -- to the outside -----------------------------------------------------------------------------


def test_a_city_extension_holds_a_line_from_the_request_on() -> None:
    script = desk().tell(cmd.CallUp(ANA, "town"))
    assert line(script) == (LineState.DIALLING, OWN)
    script.ignore().tell(cmd.AgentAnswered(MINE))
    script.expect(fx.DialOwn(OWN, 2, "0942000120", 30.0, MINE.leg))
    script.tell(cmd.ExternalAnswered(OWN, 2)).expect(fx.Join(OWN, (MINE.leg, f"x.{OWN}.2")))
    assert line(script) == (LineState.OUTBOUND, OWN)
    assert state(script, ANA) == (S.TALKING, "outbound")
    script.at(90).tell(cmd.ExternalEnded(OWN, 2))
    assert line(script) == (LineState.IDLE, None)
    (record,) = own_records(script)
    assert (record.kind, record.target, record.end) == ("outbound", "town", OwnEnd.HUNG_UP)
    assert script.centre.next_deadline() == MONDAY + 95  # Ana's rest


def test_without_a_line_or_above_the_hours_count_nobody_is_called() -> None:
    busy = desk(lines=(1,)).tell(cmd.CallArrived(C1, "0942000100", None), cmd.Pause(ANA, "x"))
    busy.refuse(cmd.CallUp(ANA, "town"), "no line")
    script = desk()
    for _ in range(3):
        script.tell(cmd.CallUp(ANA, "town"), cmd.EndCall(ANA))
    script.refuse(cmd.CallUp(ANA, "town"), "toll gate")
    script.at(3600).tell(cmd.CallUp(ANA, "town"))


def test_an_extension_that_is_not_reached_frees_line_and_agent() -> None:
    for ends in (cmd.ExternalEnded(OWN, 2), None):
        script = desk().tell(cmd.CallUp(ANA, "town"), cmd.AgentAnswered(MINE))
        script.at(30) if ends is None else script.tell(ends)
        assert own_records(script)[0].end is OwnEnd.NO_ANSWER
        assert (line(script)[0], state(script, ANA)[0]) == (LineState.IDLE, S.READY)


# -- after a time in which events may have been lost --------------------------------------------


def found(*channels: tuple[str, bool, str | None]) -> cmd.Reconciled:
    live = tuple(cmd.LiveChannel(name, up, not up, where) for name, up, where in channels)
    return cmd.Reconciled(live, Instant(MONDAY + 100), MONDAY)


def test_a_call_that_goes_on_goes_on_and_is_brought_together_again() -> None:
    script = talking(desk()).at(100).ignore()
    script.tell(found((MINE.leg, True, f"b.{OWN}"), (OTHERS.leg, True, f"b.{OWN}"))).expect()
    script.tell(found((MINE.leg, True, None), (OTHERS.leg, True, f"b.{OWN}")))
    script.expect(fx.Join(OWN, (MINE.leg, OTHERS.leg)))


def test_a_leg_that_is_gone_ends_it_and_one_that_came_up_was_answered() -> None:
    script = talking(desk()).at(100).tell(found((OTHERS.leg, True, None)))
    assert own_records(script)[0].end is OwnEnd.HUNG_UP
    script = (
        desk()
        .tell(cmd.CallUp(ANA, BO))
        .at(20)
        .tell(
            cmd.Reconciled(
                (cmd.LiveChannel(MINE.leg, True, False, None),), Instant(MONDAY + 20), MONDAY
            )
        )
    )
    assert state(script, BO) == (S.OFFERED, "internal")
    script = desk().tell(cmd.CallUp(ANA, "town"), cmd.AgentAnswered(MINE)).at(20)
    up = tuple(cmd.LiveChannel(n, True, False, None) for n in (MINE.leg, f"x.{OWN}.2"))
    script.tell(cmd.Reconciled(up, Instant(MONDAY + 20), MONDAY))
    assert line(script)[0] is LineState.OUTBOUND


def test_a_seat_that_is_taken_away_in_the_middle_signs_out_after_it() -> None:
    script = talking(desk())
    smaller = restore(rules(agents=(agent(ANA),), extensions=TOWN), take(script.centre))
    smaller.handle(cmd.AgentLegEnded(MINE, cmd.LegEnd.HUNG_UP), Instant(MONDAY + 1))
    assert smaller.acd.roster[BO].state is S.SIGNED_OUT
    assert smaller.acd.roster[ANA].state is S.READY


# -- a caller who is handed out -----------------------------------------------------------------

CITIZENS = Offer(C1, 1, ANA)
TO_TOWN = cmd.Transfer(ANA, AgentId("town"))


def with_citizen(script: Script) -> Script:
    """Ana talks to somebody."""
    arrived = cmd.CallArrived(C1, "0942000100", None)
    return script.tell(arrived, cmd.AgentAnswered(CITIZENS)).ignore()


def test_a_caller_is_handed_to_the_town_hall_on_a_second_line() -> None:
    script = with_citizen(desk()).at(60).tell(TO_TOWN)
    at = Instant(MONDAY + 60)
    script.expect(
        AgentMoved(ANA, S.WRAP_UP, None, C1, at),
        fx.Park(C1),
        fx.DialOut(C1, 2, "0942000120", 30.0),
        DropLeg(CITIZENS),
    )
    assert [each.state for each in script.centre.lines.all()[:2]] == [
        LineState.WAITING,
        LineState.DIALLING,
    ]
    script.tell(cmd.ExternalAnswered(C1, 2)).expect(fx.ConnectExternal(C1, 2))
    script.at(120).tell(cmd.ExternalEnded(C1, 2), cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.outcome, record.talked) == (Outcome.ANSWERED, 60.0)


@pytest.mark.parametrize("ends", [cmd.ExternalEnded(C1, 2), None])
def test_not_reached_the_caller_is_first_in_the_queue_again(ends: cmd.Command | None) -> None:
    script = with_citizen(desk()).at(60).tell(TO_TOWN)
    script.tell(cmd.CallArrived(C2, "0942000100", None))
    script.at(90) if ends is None else script.tell(ends)
    assert (
        script.centre.acd.board.first(script.centre.acd.entries[C1].queue)
        is (script.centre.acd.entries[C1])
    )
    script.ignore().tell(cmd.EndWrapUp(ANA)) if ends else None
    offer = script.centre.acd.entries[C1].offer
    assert offer == Offer(C1, 3, ANA)
    script.ignore().tell(cmd.AgentAnswered(offer)).at(95)
    assert Connect(offer) in script._seen
    assert not [each for each in script._seen if isinstance(each, Ring) and each.offer.call == C1]


def test_what_may_not_be_dialled_leaves_the_caller_where_they_are() -> None:
    script = with_citizen(desk())
    script.refuse(cmd.Transfer(ANA, AgentId("premium")), "toll gate")
    script.refuse(cmd.Transfer(ANA, AgentId("nowhere")), "no agent")
    assert state(script, ANA)[0] is S.TALKING
    tight = with_citizen(desk(lines=(1,)))
    tight.refuse(TO_TOWN, "no line")


def test_somebody_who_shows_a_number_of_ours_is_not_dialled_for() -> None:
    script = desk().tell(cmd.CallArrived(C1, "0942000100", None, ours=True))
    script.tell(cmd.AgentAnswered(CITIZENS)).refuse(TO_TOWN, "number of ours")


def test_the_supervisor_is_a_seat_like_another() -> None:
    script = Script(rules(agents=(agent(ANA), agent(BO, queues=()))))
    script.tell(cmd.Ready(ANA), cmd.Ready(BO))
    with_citizen(script).tell(cmd.Transfer(ANA, BO))
    assert script.centre.acd.entries[C1].offer == Offer(C1, 2, BO)
