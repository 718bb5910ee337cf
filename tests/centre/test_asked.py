"""Requests that come twice, late or out of order."""

from itertools import permutations

import pytest

from telephony.acd.errors import Rejected
from telephony.acd.model import AgentState, CallId, Offer
from telephony.calls import codec
from telephony.centre import commands as cmd
from telephony.centre.asked import CLIENTS, KEYS
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, MONDAY, rules
from tests.script import Script


def stamped(key: str = "", seq: int = 0, client: str = "page") -> cmd.Stamp:
    return cmd.Stamp(key, client if seq else "", seq)


def paused(key: str, why: str = "休憩") -> cmd.Pause:
    return cmd.Pause(ANA, why, stamped(key))


def state(script: Script) -> tuple[AgentState, str | None]:
    ana = script.centre.acd.roster[ANA]
    return ana.state, ana.reason


def test_f3_a_request_that_comes_again_is_granted_again_and_done_once() -> None:
    script = Script(rules()).tell(cmd.Ready(ANA), paused("k1"), cmd.Ready(ANA)).ignore()
    script.tell(paused("k1")).expect()
    assert state(script) == (AgentState.READY, None)


def test_f3_a_double_click_on_hang_up_does_not_end_the_next_call() -> None:
    script = Script(rules()).tell(cmd.Ready(ANA))
    hang_up = cmd.EndCall(ANA, stamped("k1"))
    script.tell(cmd.CallArrived(CallId("c1"), "0942000100", None))
    script.tell(cmd.AgentAnswered(Offer(CallId("c1"), 1, ANA)), hang_up)
    script.tell(cmd.CallerHungUp(CallId("c1")), cmd.EndWrapUp(ANA))
    script.tell(cmd.CallArrived(CallId("c2"), "0942000100", None))
    script.tell(cmd.AgentAnswered(Offer(CallId("c2"), 1, ANA))).ignore()
    script.tell(hang_up).expect()
    assert script.centre.acd.roster[ANA].state == "talking"


def test_f3_each_agent_has_their_own_keys() -> None:
    script = Script(rules()).tell(paused("k1"), cmd.Pause(BO, "休憩", stamped("k1")))
    assert script.centre.acd.roster[BO].state == "paused"


def test_f3_a_key_stands_for_one_request_only() -> None:
    script = Script(rules()).tell(paused("k1"))
    script.refuse(paused("k1", "研修"), "another request")
    script.refuse(cmd.Ready(ANA, stamped("k1")), "another request")
    assert state(script) == (AgentState.PAUSED, "休憩")


def test_f3_what_was_refused_is_judged_anew() -> None:
    script = Script(rules()).refuse(cmd.EndWrapUp(ANA, stamped("k1", 1)), "wrap")
    script.tell(cmd.Ready(ANA, stamped("k1", 1)))
    assert state(script) == (AgentState.READY, None)


def test_f3_what_is_remembered_is_bounded_and_the_latest_stays() -> None:
    script = Script(rules())
    for number in range(1, 10 * KEYS):
        script.tell(cmd.Ready(ANA, stamped(f"k{number}", number, f"page{number % 9}")))
    (granted,) = take(script.centre).asked
    assert list(granted.keys) == [f"k{number}" for number in range(9 * KEYS, 10 * KEYS)]
    assert len(granted.clients) == CLIENTS
    script.tell(paused("last")).tell(cmd.Ready(ANA)).tell(paused("last"))
    assert state(script) == (AgentState.READY, None)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_c6_of_clicks_that_overtake_each_other_the_last_one_wins(order: tuple[int, ...]) -> None:
    clicks: list[cmd.Request] = [
        cmd.Pause(ANA, "休憩", stamped("a", 1)),
        cmd.Ready(ANA, stamped("b", 2)),
        cmd.Pause(ANA, "研修", stamped("c", 3)),
    ]
    script = Script(rules()).tell(cmd.Ready(ANA))
    latest = -1
    for click in order:
        if click < latest:
            script.refuse(clicks[click], "a later request")
        else:
            script.tell(clicks[click])
            latest = click
    assert state(script) == (AgentState.PAUSED, "研修")


def test_c6_another_client_counts_for_itself() -> None:
    script = Script(rules()).tell(cmd.Ready(ANA, stamped("a", 7)))
    script.tell(cmd.Pause(ANA, "休憩", stamped("b", 1, "phone")))
    assert state(script) == (AgentState.PAUSED, "休憩")


def test_f3_the_next_leader_knows_what_was_granted() -> None:
    script = Script(rules()).tell(cmd.Ready(ANA, stamped("a", 5)), paused("k1"), cmd.Ready(ANA))
    kept = codec.decode_snapshot(codec.encode_snapshot(take(script.centre)))
    again = restore(rules(), kept)
    assert again.handle(paused("k1"), MONDAY) == []
    with pytest.raises(Rejected, match="a later request"):
        again.handle(cmd.SignOut(ANA, stamped("b", 4)), MONDAY)


def test_f3_a_snapshot_from_before_has_granted_nothing() -> None:
    script = Script(rules()).tell(paused("k1"))
    told = codec.encode_snapshot(take(script.centre)).decode()
    start = told.index(',"asked":')
    old = codec.decode_snapshot((told[:start] + "}").encode())
    assert old.asked == []


def test_f3_a_stamp_comes_back_from_the_journal_and_may_be_missing_there() -> None:
    command = paused("k1")
    assert codec.decode(codec.encode(command)) == command
    told = codec.encode(cmd.Ready(ANA))
    del told["stamp"]
    assert codec.decode(told) == cmd.Ready(ANA)
