"""Who finds every line taken: the busy tone, or a channel beyond the lines and a treatment."""

from ivr_flows.schema import Flow
from telephony.acd.model import CallId, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import LineState, Outcome, OverflowReason, Refusal
from telephony.centre.model import Stage
from telephony.centre.snapshot import restore, take
from telephony.centre.tolls import TollRules
from tests.builders import ANA, BOOKING, C1, C2, C3, GENERAL, flow, queue, rules
from tests.script import Script

BUSY = OverflowReason.ALL_LINES_BUSY


def paths() -> Flow:
    """A message and an offer; the town hall, which is told; another queue."""
    return flow(
        offer={
            "kind": "menu", "prompt": "queue_full", "choices": {"1": "wish"},
            "retries": 0, "otherwise": "bye",
        },
        wish={"kind": "request", "what": "callback", "then": "bye"},
        hall={
            "kind": "transfer", "number": "hall", "otherwise": "offer",
            "overflow": {"announce": ["please_wait"]},
        },
        bye={"kind": "hang_up"},
    )  # fmt: skip


def crowded(to: str | None = "offer", beyond: int = 1, lines: int = 2) -> Script:
    """Every line taken by somebody who waits, and so many channels beyond them."""
    script = Script(
        rules(
            of=paths(),
            queues=(queue(GENERAL), queue(BOOKING)),
            lines=tuple(range(1, lines + 1)),
            overflow_lines=tuple(range(lines + 1, lines + 1 + beyond)),
            busy_exit=to,
            numbers={"hall": "0942-00-0110"},
            extensions={"hall": "0942-00-0110"},
            tolls=TollRules(("0942",), 9),
        )
    )
    for number in range(lines):
        script.tell(arrives(CallId(f"w{number}")))
    return script.ignore()


def arrives(call: CallId) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", f"key of {call}")


def line_of(script: Script, call: CallId) -> int:
    return script.centre.visits.calls[call].line


def outcomes(script: Script) -> list[tuple[Outcome, OverflowReason | None]]:
    return [(each.outcome, each.overflow_reason) for each in script.closed()]


def test_they_hear_a_message_and_the_one_after_them_the_busy_tone() -> None:
    script = crowded().tell(arrives(C1))
    script.expect(fx.AnswerCall(C1), fx.Play(C1, 1, ("queue_full",)))
    assert line_of(script, C1) == 3
    script.tell(arrives(C2)).expect(fx.RefuseCall(C2, Refusal.BUSY))
    script.tell(cmd.CallerHungUp(C1), arrives(C3))
    assert line_of(script, C3) == 3  # it is free again
    assert outcomes(script) == [(Outcome.OVERFLOWED, BUSY)] * 2


def test_1_asks_for_a_callback() -> None:
    script = crowded().tell(arrives(C1), cmd.KeyPressed(C1, "1"))
    noted = [each.event for each in script.news if isinstance(each, fx.CallNoted)]
    assert "requested" in noted
    script.tell(cmd.CallerHungUp(C1))
    assert outcomes(script) == [(Outcome.OVERFLOWED, BUSY)]


def test_with_two_channels_another_line_takes_the_call_and_is_told() -> None:
    script = crowded("hall", beyond=2).tell(arrives(C1))
    call = script.centre.visits.calls[C1]
    assert (call.line, call.external_line, call.stage) == (3, 4, Stage.DIALLING)
    script.tell(cmd.ExternalAnswered(C1, call.external))
    played = [each for each in script._seen if isinstance(each, fx.PlayOutside)]
    assert [each.prompts for each in played] == [("please_wait",)]
    script.tell(cmd.ExternalKey(C1, call.external, "1"), cmd.CallerHungUp(C1))
    assert outcomes(script) == [(Outcome.OVERFLOWED, BUSY)]
    assert all(line.state is LineState.IDLE for line in script.centre.lines.all() if line.overflow)


def test_with_one_channel_there_is_none_for_the_other_line_and_the_flow_goes_on() -> None:
    script = crowded("hall", beyond=1).tell(arrives(C1))
    script.expect(fx.AnswerCall(C1), fx.Play(C1, 1, ("queue_full",)))


def test_in_another_queue_they_wait_like_everybody_and_who_is_answered_has_not_overflowed() -> None:
    script = crowded("booking").tell(arrives(C1))
    assert script.centre.acd.entries[C1].queue == BOOKING
    for number in range(2):
        script.tell(cmd.CallerHungUp(CallId(f"w{number}")))
    script.ignore().tell(cmd.Ready(ANA), cmd.AgentAnswered(Offer(C1, 1, ANA)))
    script.tell(cmd.CallerHungUp(C1))
    assert outcomes(script) == [(Outcome.ANSWERED, None)]


def test_nobody_else_gets_a_channel_beyond_the_lines() -> None:
    script = crowded(beyond=2)
    script.tell(cmd.CallerHungUp(CallId("w0")), arrives(C1))
    assert line_of(script, C1) == 1
    script.tell(cmd.SignIn(ANA, "p1"), cmd.Pause(ANA, "折り返し"))
    script.refuse(cmd.CallBack(ANA, "ob-c9", None, "a key"), "回線")
    script.refuse(cmd.CallUp(ANA, "hall"), "no line is free")


def test_a_flood_is_refused_before_it_is_spoken_to() -> None:
    script = crowded()
    script.tell(cmd.CallArrived(C1, "0942000100", None, admitted=False))
    script.expect(fx.RefuseCall(C1, Refusal.CONGESTION))


def test_the_next_leader_and_another_configuration_know_which_line_is_which() -> None:
    script = crowded().tell(arrives(C1))
    same = restore(script.centre.rules, take(script.centre))
    assert (same.lines.free(), same.lines.overflow()) == (None, None)
    same.handle(cmd.CallerHungUp(C1), script.now)
    assert (same.lines.free(), same.lines.overflow()) == (None, 3)
    script = crowded().tell(arrives(C1))
    without = rules(of=paths(), lines=(1, 2), digest="another")
    fewer = restore(without, take(script.centre))
    fewer.handle(cmd.CallerHungUp(C1), script.now)  # it goes with its call
    assert (fewer.lines.free(), fewer.lines.overflow()) == (None, None)
    script = crowded().tell(arrives(C1))
    more = restore(rules(of=paths(), lines=(1, 2, 3), digest="more"), take(script.centre))
    more.handle(cmd.CallerHungUp(C1), script.now)
    assert more.lines.free() == 3
