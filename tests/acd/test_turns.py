"""Whose turn it is: skills, idle time, and who had the caller before."""

from telephony.acd.model import AgentId, AgentState, CallId, Offer
from telephony.centre.commands import (
    AgentAnswered,
    AgentLegEnded,
    CallArrived,
    CallerHungUp,
    EndWrapUp,
    KeyPressed,
    LegEnd,
    Ready,
)
from tests.builders import ANA, BO, C1, C2, CY, GENERAL, agent, flow, queue, rules
from tests.script import Script

ASKS = flow(
    "menu",
    menu={
        "kind": "menu",
        "prompt": "main_menu",
        "choices": {"1": "english", "2": "urgent", "3": "general"},
        "otherwise": "general",
    },
    english={"kind": "enqueue", "queue": "general", "skill": "en"},
    urgent={"kind": "enqueue", "queue": "general", "head_start": 60.0},
)


def centre() -> Script:
    """Ana speaks English, Bo and Cy do not; callers choose 1 English, 2 urgent, 3 anybody."""
    people = (agent(ANA, "en"), agent(BO), agent(CY))
    return Script(rules(agents=people, of=ASKS))


def calls(script: Script, call: CallId, key: str) -> None:
    script.tell(CallArrived(call, "0942000100", None), KeyPressed(call, key))


def offered(script: Script, call: CallId) -> AgentId | None:
    entry = script.centre.acd.entries[call]
    return entry.offer.agent if entry.offer is not None else None


def test_whoever_asks_for_a_skill_waits_for_it_although_others_are_free() -> None:
    script = centre().tell(Ready(BO))
    calls(script, C1, "1")
    assert offered(script, C1) is None
    script.at(5).tell(Ready(ANA))
    assert offered(script, C1) == ANA


def test_whoever_waits_for_a_skill_holds_up_nobody_behind_them() -> None:
    script = centre().tell(Ready(BO))
    calls(script, C1, "1")
    script.at(1)
    calls(script, C2, "3")
    assert (offered(script, C1), offered(script, C2)) == (None, BO)


def test_somebody_with_a_skill_takes_any_call_and_the_longest_wait_first() -> None:
    script = centre()
    calls(script, C1, "3")
    script.at(1)
    calls(script, C2, "1")
    script.at(2).tell(Ready(ANA))
    assert (offered(script, C1), offered(script, C2)) == (ANA, None)


def test_a_head_start_is_overtaken_by_whoever_waited_longer_than_it() -> None:
    script = centre()
    calls(script, C1, "3")
    script.at(61)
    calls(script, C2, "2")
    script.tell(Ready(BO))
    assert offered(script, C1) == BO  # one second ahead still
    other = centre()
    calls(other, C1, "3")
    other.at(59)
    calls(other, C2, "2")
    other.tell(Ready(BO))
    assert offered(other, C2) == BO


def test_idle_time_runs_from_the_end_of_wrap_up() -> None:
    script = centre().tell(Ready(ANA)).at(1).tell(Ready(BO))
    calls(script, C1, "3")
    script.tell(AgentAnswered(Offer(C1, 1, ANA)))
    script.at(10).tell(CallerHungUp(C1)).at(20).tell(EndWrapUp(ANA))
    calls(script, C2, "3")
    assert offered(script, C2) == BO
    assert script.centre.acd.roster[ANA].idle_since > script.centre.acd.roster[BO].idle_since


def test_a_missed_offer_costs_no_idle_time() -> None:
    script = centre().tell(Ready(ANA)).at(1).tell(Ready(BO))
    calls(script, C1, "3")
    script.tell(AgentLegEnded(Offer(C1, 1, ANA), LegEnd.NO_ANSWER))
    assert offered(script, C1) == BO
    calls(script, C2, "3")
    assert offered(script, C2) == ANA


def test_a_caller_comes_to_the_same_agent_again_only_after_every_other_one_who_is_ready() -> None:
    script = centre().tell(Ready(ANA)).at(1).tell(Ready(BO)).at(2).tell(Ready(CY))
    calls(script, C1, "3")
    order = []
    for attempt in range(1, 5):
        who = offered(script, C1)
        assert who is not None
        order.append(who)
        script.tell(AgentLegEnded(Offer(C1, attempt, who), LegEnd.DECLINED)).at(2 + 2 * attempt)
    assert order == [ANA, BO, CY, ANA]


def test_who_had_a_caller_is_kept_in_order_so_that_equal_centres_have_equal_snapshots() -> None:
    script = centre().tell(Ready(BO)).at(1).tell(Ready(ANA)).at(2).tell(Ready(CY))
    calls(script, C1, "3")
    for attempt, who in enumerate((BO, ANA, CY), start=1):
        script.tell(AgentLegEnded(Offer(C1, attempt, who), LegEnd.DECLINED)).at(2 + attempt)
    assert script.centre.acd.entries[C1].tried == (BO, ANA, CY)


def test_when_everybody_has_had_a_caller_a_new_round_begins_in_the_same_order() -> None:
    script = centre().tell(Ready(ANA)).at(1).tell(Ready(BO)).at(2).tell(Ready(CY))
    calls(script, C1, "3")
    order = []
    for attempt in range(1, 7):
        who = offered(script, C1)
        assert who is not None
        order.append(who)
        script.tell(AgentLegEnded(Offer(C1, attempt, who), LegEnd.DECLINED)).at(2 + 2 * attempt)
    assert order == [ANA, BO, CY, ANA, BO, CY]


def test_each_way_of_not_answering_is_told_apart() -> None:
    for end in (LegEnd.BUSY, LegEnd.DECLINED, LegEnd.NO_ANSWER, LegEnd.UNREACHABLE):
        script = centre().tell(Ready(BO))
        for miss in range(3):
            script.at(6.0 * miss)
            if miss == 0:
                calls(script, C1, "3")
            script.tell(AgentLegEnded(Offer(C1, miss + 1, BO), end))
        bo = script.centre.acd.roster[BO]
        assert (bo.state, bo.reason) == (AgentState.PAUSED, f"missed_{end}")


def test_an_answer_wipes_out_earlier_misses() -> None:
    script = Script(rules(agents=(agent(BO),), queues=(queue(GENERAL),), of=ASKS))
    script.tell(Ready(BO))
    calls(script, C1, "3")
    for attempt in (1, 2):
        script.tell(AgentLegEnded(Offer(C1, attempt, BO), LegEnd.BUSY)).at(6.0 * attempt)
    assert script.centre.acd.roster[BO].misses == 2
    script.tell(AgentAnswered(Offer(C1, 3, BO)))
    assert script.centre.acd.roster[BO].misses == 0
