"""Closing time: K23 and K28 to K30. Scripts begin at 7:13:20; the office closes at 7:30."""

from dataclasses import replace
from typing import Any, Final

import pytest

from ivr_flows.opening.book import always_open
from ivr_flows.opening.model import Calendar, Hours, LinesFrom, Rule
from telephony.acd.effects import AgentMoved
from telephony.acd.model import AgentState, CallId, Instant, Offer
from telephony.calls import codec
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.closing import EDGE
from telephony.centre.effects import LineState, Outcome, OverflowReason
from telephony.centre.model import CentreRules, Stage
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, C1, C2, C3, GENERAL, MONDAY, flow, queue, rules
from tests.script import Script

CLOSES: Final = 1000.0  # seconds from the beginning of a script to 7:30:00
TWENTY: Final = 400.0  # to 7:20:00
OFFICE: Final = Calendar(base=(Rule("平日", (Hours(7 * 60, 7 * 60 + 30),)),) * 7)
SIX_THEN_THREE: Final = Calendar(
    base=(
        Rule(
            "平日",
            (Hours(7 * 60, 7 * 60 + 30),),
            (LinesFrom(0, 6), LinesFrom(7 * 60 + 20, 3)),
        ),
    )
    * 7
)


def office(calendar: Calendar = OFFICE, **changes: Any) -> CentreRules:
    return rules(
        of=flow(
            "gate",
            gate={"kind": "hours", "open": "menu", "closed": "sorry"},
            menu={
                "kind": "menu", "prompt": "main_menu", "choices": {"1": "desk"},
                "otherwise": "desk",
            },
            desk={"kind": "hours", "open": "general", "closed": "sorry"},
            sorry={"kind": "say", "prompt": ["closed", "calendar:next"], "then": "bye"},
            bye={"kind": "hang_up"},
        ),
        queues=(queue(GENERAL, announce_after=60.0, wrap_up_for=5.0),),
        calendar=calendar,
        **changes,
    )  # fmt: skip


def arrives(call: CallId) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", None)


def wait_at(script: Script, call: CallId) -> None:
    """Through the menu into the queue."""
    script.tell(arrives(call), cmd.KeyPressed(call, "1"))


def lines(script: Script) -> list[str]:
    return [line.state.value for line in script.centre.lines.all()]


def overtime(script: Script) -> list[float]:
    return [each.at - each.closed_at for each in script.news if isinstance(each, fx.OvertimeWorked)]


# -- K28 to K30 -------------------------------------------------------------------------------


def test_k28_a_call_in_the_menu_at_closing_is_served_to_its_end() -> None:
    script = Script(office()).tell(cmd.SignIn(ANA, "u1"))
    script.at(CLOSES - 2).tell(arrives(C1))
    script.at(CLOSES + 1).tell(cmd.KeyPressed(C1, "1"))
    offer = Offer(C1, 1, ANA)
    script.at(CLOSES + 14 * 60).tell(cmd.Ready(ANA))
    script.tell(cmd.AgentRinging(offer), cmd.AgentAnswered(offer))
    script.at(CLOSES + 26 * 60).tell(cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.outcome, record.waited) == (Outcome.ANSWERED, 14 * 60 - 1.0)
    assert overtime(script) == [26 * 60.0]
    script.at(CLOSES + 26 * 60 + 30).tell(cmd.EndWrapUp(ANA))
    assert overtime(script) == [26 * 60.0, 26 * 60 + 30.0]


def test_k29_whoever_comes_a_second_later_hears_when_it_opens_next() -> None:
    script = Script(office()).at(CLOSES + 1).tell(arrives(C1))
    said = ("word:next", "month:11", "day:16", "weekday:4", "word:forenoon", "hour:7")
    script.expect(fx.AnswerCall(C1), fx.Play(C1, 1, ("closed", *said, "word:from_then")))
    script.tell(cmd.PlaybackEnded(C1, 1), cmd.CallerHungUp(C1))
    assert [record.outcome for record in script.closed()] == [Outcome.CLOSED]


def test_k30_the_last_agent_stays_until_the_last_call_is_served() -> None:
    script = Script(office()).tell(cmd.Ready(ANA), cmd.Ready(BO), cmd.Pause(ANA, "x"))
    script.tell(cmd.Pause(BO, "x")).at(CLOSES - 5)
    wait_at(script, C1)
    script.at(CLOSES + 300).tell(cmd.SignOut(BO))
    assert script.centre.closing.asked_to_stay(script.now) == [ANA]
    script.refuse(cmd.SignOut(ANA), because="あと1件")
    script.ignore().tell(cmd.SignOut(ANA, released_by="u9"))
    moved = AgentMoved(ANA, AgentState.SIGNED_OUT, "released u9", None, script.now)
    script.expect(moved)


def test_k30_whoever_is_not_among_the_last_goes_when_they_like() -> None:
    script = Script(office()).tell(cmd.Ready(ANA), cmd.Ready(BO)).at(CLOSES - 5)
    wait_at(script, C1)
    first = script.centre.acd.entries[C1].offer
    assert first is not None
    script.tell(cmd.AgentRinging(first), cmd.AgentAnswered(first)).at(CLOSES + 60)
    assert script.centre.closing.asked_to_stay(script.now) == []
    script.tell(cmd.SignOut(BO), cmd.SignOut(ANA))  # Ana finishes her call first
    assert script.centre.acd.roster[ANA].state is AgentState.TALKING
    script.tell(cmd.CallerHungUp(C1)).at(CLOSES + 70)
    assert script.centre.acd.roster[ANA].state is AgentState.SIGNED_OUT


def test_k30_with_more_calls_than_agents_everybody_stays() -> None:
    script = Script(office()).tell(cmd.Ready(ANA), cmd.Ready(BO)).at(CLOSES - 5)
    wait_at(script, C1)
    wait_at(script, C2)
    for call in (C1, C2):
        offer = script.centre.acd.entries[call].offer
        assert offer is not None
        script.tell(cmd.AgentRinging(offer), cmd.AgentAnswered(offer))
    wait_at(script, C3)
    script.at(CLOSES + 1).refuse(cmd.SignOut(ANA), because="3 calls that came in time are left")
    assert script.centre.closing.asked_to_stay(script.now) == [ANA, BO]
    script.tell(cmd.CallerHungUp(C3), cmd.SignOut(ANA), cmd.SignOut(BO))


def test_before_closing_and_before_opening_everybody_may_leave() -> None:
    script = Script(office()).tell(cmd.Ready(ANA))
    wait_at(script, C1)
    script.tell(cmd.SignOut(ANA))
    early = Script(office()).at(24 * 3600 - 800).tell(cmd.Ready(ANA), arrives(C1))  # 7:00 is ahead
    early.tell(cmd.SignOut(ANA))


def test_callers_who_hear_that_it_is_closed_keep_nobody() -> None:
    script = Script(office()).tell(cmd.Ready(ANA)).at(CLOSES + 5).tell(arrives(C1))
    assert script.centre.closing.needed(script.now) == 0
    script.tell(cmd.SignOut(ANA))


# -- who waits --------------------------------------------------------------------------------


def test_who_waits_at_closing_is_told_that_they_are_served_once() -> None:
    script = Script(office()).at(CLOSES - 30)
    wait_at(script, C1)
    script.ignore().at(CLOSES).expect(fx.Play(C1, 2, ("still_served",)))
    script.tell(cmd.PlaybackEnded(C1, 2)).at(CLOSES + 60)
    script.expect(fx.Play(C1, 3, ("position_intro", "position:1", "position_outro")))


def test_who_joins_the_queue_after_closing_is_told_at_once() -> None:
    script = Script(office()).at(CLOSES - 1).tell(arrives(C1)).at(CLOSES + 10)
    script.tell(cmd.KeyPressed(C1, "1")).ignore().at(CLOSES + 11)
    script.expect(fx.Play(C1, 2, ("still_served",)))


def test_nobody_is_told_while_a_telephone_rings_for_them() -> None:
    script = Script(office()).tell(cmd.Ready(ANA)).at(CLOSES - 1)
    wait_at(script, C1)
    script.ignore().at(CLOSES).expect()


# -- lines ------------------------------------------------------------------------------------


def test_k23_fewer_lines_take_fewer_calls_and_touch_none_that_is_there() -> None:
    script = Script(office(SIX_THEN_THREE))
    calls = [CallId(f"c{number}") for number in range(1, 8)]
    for call in calls[:4]:
        wait_at(script, call)
    script.at(TWENTY)
    assert lines(script) == ["waiting"] * 4 + ["closed"] * 2
    assert len(script.centre.floor.calls) == 4
    script.tell(arrives(calls[4]))  # the fifth
    (busy,) = script.closed()
    assert (busy.outcome, busy.overflow_reason) == (
        Outcome.OVERFLOWED, OverflowReason.ALL_LINES_BUSY,
    )  # fmt: skip
    script.tell(cmd.CallerHungUp(calls[0]))
    assert lines(script) == ["closed", *["waiting"] * 3, *["closed"] * 2]
    script.tell(cmd.CallerHungUp(calls[1]))
    assert lines(script).count("idle") == 1
    script.at(CLOSES)  # closed: every line may hear so
    assert lines(script) == ["idle", "idle", "waiting", "waiting", "idle", "idle"]


def test_a_restored_centre_goes_on_with_as_many_lines() -> None:
    script = Script(office(SIX_THEN_THREE))
    calls = [CallId(f"c{number}") for number in range(1, 7)]
    for call in calls[:4]:
        wait_at(script, call)
    script.at(TWENTY)
    kept = codec.decode_snapshot(codec.encode_snapshot(take(script.centre)))
    again = restore(script.centre.rules, kept)
    for centre in (script.centre, again):
        effects = centre.handle(cmd.CallerHungUp(calls[3]), Instant(MONDAY + TWENTY + 1))
        moved = [each.state for each in effects if isinstance(each, fx.LineMoved)]
        assert moved == [LineState.IDLE, LineState.CLOSED]


@pytest.mark.parametrize(
    "change", [{"calendar": OFFICE}, {"calendar": always_open()}, {"always_open": True}]
)
def test_another_calendar_is_looked_at_when_it_is_taken_over(change: dict[str, Any]) -> None:
    script = Script(office(SIX_THEN_THREE)).at(TWENTY)
    assert lines(script).count("closed") == 3
    changed = replace(script.centre.rules, digest="other", **change)
    again = restore(changed, take(script.centre))
    again.handle(cmd.Woken(), Instant(MONDAY + TWENTY + 1))
    assert [line.state.value for line in again.lines.all()] == ["idle"] * 6


@pytest.mark.parametrize("step", [900.0, -600.0])
def test_a_clock_that_is_set_moves_the_lines_too(step: float) -> None:
    script = Script(office(SIX_THEN_THREE))
    script.at(TWENTY + 60 if step < 0 else TWENTY - 600)
    before = lines(script).count("closed")
    script.tell(cmd.ClockStepped(step))
    assert (before, lines(script).count("closed")) == ((3, 0) if step < 0 else (0, 3))


def test_a_centre_that_never_closes_sets_no_deadline() -> None:
    script = Script(office(OFFICE, always_open=True))
    assert script.centre.next_deadline() is None
    assert Script(rules()).centre.next_deadline() is None


# -- another calendar is taken up -------------------------------------------------------------


def test_another_calendar_has_its_lines_and_its_edges_at_once() -> None:
    script = Script(office(always_open())).at(TWENTY - 60)
    assert script.centre.deadlines.at(EDGE) is None
    script.tell(cmd.TakeUpCalendar(SIX_THEN_THREE, "later"))
    assert script.centre.deadlines.at(EDGE) == Instant(MONDAY + TWENTY)
    script.at(TWENTY)
    assert lines(script).count("closed") == 3
    script.tell(cmd.TakeUpCalendar(always_open(), "latest"))
    assert lines(script).count("closed") == 0
    assert script.centre.deadlines.at(EDGE) is None


def test_one_that_has_closed_by_now_serves_who_waits_and_tells_them() -> None:
    script = Script(office()).at(TWENTY)
    wait_at(script, C1)
    script.ignore()
    shorter = Calendar(base=(Rule("平日", (Hours(7 * 60, 7 * 60 + 15),)),) * 7)
    script.tell(cmd.TakeUpCalendar(shorter, "shorter"))
    script.expect(fx.Play(C1, 2, ("still_served",)))
    script.tell(cmd.Ready(ANA), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    assert script.centre.closing.needed(script.now) == 1
    assert script.centre.visits.calls[C1].stage is Stage.TALKING
