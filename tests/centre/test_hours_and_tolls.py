"""What the hour of the day decides, and how often the outside may be dialled."""

from dataclasses import replace
from typing import Final

from ivr_flows.hours import DAY, Span, WeeklyHours
from telephony.acd.effects import Ring
from telephony.acd.model import CallId, Instant, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import Outcome
from telephony.centre.model import CentreRules
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import Dialled, TollRules
from tests.builders import ANA, C1, C2, C3, flow, rules
from tests.script import Script

HOUR: Final = 3600.0
WEDNESDAY: Final = 2  # scripts begin on one, at 7:13:20
UNTIL_HALF_PAST: Final = 1000.0  # seconds from there to 7:30:00
OFFICE: Final = WeeklyHours(
    "office", (Span(WEDNESDAY * DAY + 7 * 60, WEDNESDAY * DAY + 7 * 60 + 30),)
)


def office() -> CentreRules:
    """Open from 7:00 to 7:30; whoever calls later is told so."""
    return rules(
        of=flow(
            "gate",
            gate={"kind": "hours", "table": "office", "open": "general", "closed": "sorry"},
            sorry={"kind": "say", "prompt": "closed", "then": "bye"},
            bye={"kind": "hang_up"},
        ),
        hours={"office": OFFICE},
    )


def arrives(call: CallId) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", None)


def test_the_last_second_is_open_and_the_next_is_closed() -> None:
    script = Script(office()).at(UNTIL_HALF_PAST - 0.5).tell(arrives(C1))
    script.expect(fx.AnswerCall(C1), fx.Park(C1))
    script.at(UNTIL_HALF_PAST).tell(arrives(C2))
    script.expect(fx.AnswerCall(C2), fx.Play(C2, 1, ("closed",)))
    script.tell(cmd.PlaybackEnded(C2, 1), cmd.CallerHungUp(C2))
    (record,) = script.closed()
    assert record.outcome is Outcome.CLOSED


def test_b6_whoever_waits_at_closing_time_is_served_to_the_end() -> None:
    script = Script(office()).at(900).tell(arrives(C1)).ignore()
    script.at(UNTIL_HALF_PAST + HOUR).tell(cmd.Ready(ANA))
    offer = Offer(C1, 1, ANA)
    assert script.centre.acd.entries[C1].offer == offer
    script.tell(cmd.AgentAnswered(offer)).at(UNTIL_HALF_PAST + HOUR + 60)
    script.tell(cmd.CallerHungUp(C1))
    (record,) = script.closed()
    assert (record.outcome, record.talked) == (Outcome.ANSWERED, 60.0)


def test_e6_a_clock_that_is_set_moves_the_calendar_and_no_deadline() -> None:
    script = Script(office()).tell(cmd.Ready(ANA), arrives(C1)).ignore()
    due = script.centre.next_deadline()
    script.tell(cmd.ClockStepped(HOUR)).expect()
    assert script.centre.next_deadline() == due
    script.tell(arrives(C2)).expect(fx.AnswerCall(C2), fx.Play(C2, 1, ("closed",)))


def test_the_outside_is_dialled_so_often_in_any_hour_and_no_more() -> None:
    out = {"kind": "transfer", "number": "hall", "otherwise": "general"}
    script = Script(
        rules(
            of=flow("out", out=out), numbers={"hall": "0942000110"}, tolls=TollRules(("0942",), 2)
        )
    )
    for at, call in ((0.0, C1), (1800.0, C2)):
        script.at(at).tell(arrives(call))
        assert _dialled(script) == 1
        script.tell(cmd.ExternalEnded(call, 1), cmd.CallerHungUp(call)).ignore()
    script.at(HOUR - 1).tell(arrives(C3))
    assert _dialled(script) == 0
    assert any(isinstance(n, fx.CallNoted) and n.detail.get("reason") for n in script.news)
    script.tell(cmd.CallerHungUp(C3)).ignore()
    script.at(HOUR + 1).tell(arrives(CallId("c4")))  # the first one is over an hour ago
    assert _dialled(script) == 1


def test_what_the_flow_itself_names_is_limited_by_all_calls_alone_as_the_next_leader_knows() -> (
    None
):
    desk = {
        "kind": "menu", "prompt": "main_menu", "choices": {"1": "hall", "2": "desk"},
        "timeout": 5.0, "retries": 1, "otherwise": "general",
    }  # fmt: skip
    of = flow(
        "menu",
        menu=desk,
        hall={"kind": "transfer", "number": "hall", "otherwise": "general"},
        desk={"kind": "transfer", "number": "desk", "otherwise": "general"},
    )
    numbers = {"hall": "0942000110", "desk": "0942000111"}
    script = Script(rules(of=of, numbers=numbers, tolls=TollRules(("0942",), 3, 1, 9, 1)))
    for at, call, key, dialled in (
        (0.0, C1, "1", 1), (60.0, C2, "1", 1), (120.0, C3, "2", 1), (180.0, CallId("c4"), "2", 0),
        (HOUR + 1, CallId("c5"), "1", 1),
    ):  # fmt: skip
        script.at(at).tell(arrives(call)).ignore().tell(cmd.KeyPressed(call, key))
        assert _dialled(script) == dialled, (at, key)
        script.tell(cmd.CallerHungUp(call)).ignore()
        script.centre = restore(script.centre.rules, take(script.centre))


def test_what_a_former_version_kept_of_calls_outside_still_counts() -> None:
    centre = Script(rules()).centre
    kept = replace(take(centre), dialled_at=[Instant(5.0)], dialled_to=[])
    assert restore(centre.rules, kept).floor.dialled == [Dialled(Instant(5.0), "")]


def _dialled(script: Script) -> int:
    seen, script._seen = script._seen, []
    assert not any(isinstance(each, Ring) for each in seen)
    return sum(isinstance(each, fx.DialOut) for each in seen)
