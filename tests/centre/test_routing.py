"""Who is offered a caller: strategies, penalties, a skill that is let go, whoever served them."""

import pytest

from telephony.acd.model import AgentId, AgentRules, CallId, Offer, Strategy
from telephony.centre import commands as cmd
from telephony.centre.snapshot import restore, take
from tests.builders import ANA, BO, BOOKING, C1, C2, C3, CY, GENERAL, flow, queue, rules
from tests.script import Script

ENGLISH = {"kind": "enqueue", "queue": "general", "skill": "en"}


def member(name: AgentId, *skills: str, penalty: int = 0, order: int = 0) -> AgentRules:
    return AgentRules(name, (GENERAL,), frozenset(skills), (penalty,), order)


def desk(*agents: AgentRules, start: str = "general", **of_queue: object) -> Script:
    """Everybody ready, the first one for longest."""
    made = rules(
        agents=agents,
        queues=(queue(GENERAL, wrap_up_for=0.0, **of_queue), queue(BOOKING)),
        of=flow(start, english=ENGLISH),
    )
    script = Script(made)
    for at, each in enumerate(agents):
        script.at(at).tell(cmd.Ready(each.agent))
    return script.at(10)


def arrives(call: CallId, who: str | None = None) -> cmd.CallArrived:
    return cmd.CallArrived(call, "0942000100", who)


def offered(script: Script, call: CallId) -> AgentId | None:
    offer = script.centre.acd.entries[call].offer
    return None if offer is None else offer.agent


def served(script: Script, call: CallId, who: str | None = None) -> AgentId:
    """They call, and have talked to somebody."""
    script.tell(arrives(call, who))
    offer = script.centre.acd.entries[call].offer
    assert offer is not None
    script.tell(cmd.AgentAnswered(offer), cmd.CallerHungUp(call), cmd.EndWrapUp(offer.agent))
    return offer.agent


@pytest.mark.parametrize(
    ("strategy", "turns"),
    [
        (Strategy.LONGEST_IDLE, [ANA, BO, CY, ANA]),
        (Strategy.FIXED_ORDER, [CY, CY, CY, CY]),
        (Strategy.FEWEST_CALLS, [ANA, BO, CY, ANA]),
    ],
)
def test_each_strategy_by_its_word(strategy: Strategy, turns: list[AgentId]) -> None:
    three = (member(ANA, order=3), member(BO, order=2), member(CY, order=1))
    script = desk(*three, strategy=strategy)
    assert [served(script, CallId(f"c{nth}")) for nth in range(4)] == turns


def test_fewest_calls_are_those_since_they_signed_in() -> None:
    script = desk(member(ANA), member(BO), strategy=Strategy.FEWEST_CALLS)
    assert [served(script, CallId(f"c{nth}")) for nth in range(3)] == [ANA, BO, ANA]
    script.tell(cmd.SignOut(BO), cmd.SignOut(ANA), cmd.Ready(BO)).at(20).tell(cmd.Ready(ANA))
    assert served(script, C1) == BO  # nobody has had one today: the longest idle
    assert served(script, C2) == ANA
    kept = restore(script.centre.rules, take(script.centre)).acd.roster
    assert [agent.calls for agent in kept.all()] == [1, 1]


def test_who_has_a_penalty_is_asked_only_when_nobody_else_is_free() -> None:
    script = desk(member(ANA, penalty=1), member(BO))
    script.tell(arrives(C1), arrives(C2))
    assert (offered(script, C1), offered(script, C2)) == (BO, ANA)


def test_a_penalty_is_of_one_queue() -> None:
    ana = AgentRules(ANA, (GENERAL, BOOKING), penalties=(5, 0))
    bo = AgentRules(BO, (GENERAL, BOOKING), penalties=(0, 5))
    for start, first in (("general", BO), ("booking", ANA)):
        script = Script(rules(agents=(ana, bo), of=flow(start)))
        script.tell(cmd.Ready(ANA), cmd.Ready(BO), arrives(C1))
        assert offered(script, C1) == first


# -- a skill that is let go ---------------------------------------------------------------------


def test_after_a_while_whoever_has_not_the_skill_will_do() -> None:
    script = desk(member(ANA), member(BO, "en"), start="english", relax_after=20.0)
    script.tell(cmd.Pause(BO, "休憩"), arrives(C1))
    assert offered(script.at(29.9), C1) is None
    assert offered(script.at(30), C1) == ANA


def test_whoever_has_it_comes_first_until_then_and_a_rank_is_kept() -> None:
    script = desk(member(BO, "en"), start="english", relax_after=20.0)
    script.tell(arrives(C1))
    assert offered(script, C1) == BO
    entry = script.centre.acd.entries[C1]
    rank = entry.rank
    script.tell(cmd.AgentLegEnded(entry.attempt, cmd.LegEnd.DECLINED)).at(31)
    assert (entry.relaxed, entry.rank) == (True, rank)


def test_the_next_leader_lets_it_go_at_the_same_moment() -> None:
    script = desk(member(ANA), member(BO, "en"), start="english", relax_after=20.0)
    script.tell(cmd.Pause(BO, "休憩"), arrives(C1)).at(20)
    script.centre = restore(script.centre.rules, take(script.centre))
    assert offered(script.at(29.9), C1) is None
    assert offered(script.at(30), C1) == ANA
    script.tell(cmd.CallerHungUp(C1))
    assert script.centre.deadlines.at(("relax", C1)) is None


# -- whoever served them last -------------------------------------------------------------------


def sticky(*agents: AgentRules) -> Script:
    return desk(*(agents or (member(ANA), member(BO))), sticky_for=20.0)


def test_the_same_citizen_comes_to_the_same_agent_who_may_be_waited_for() -> None:
    script = sticky()
    assert served(script, C1, "k") == ANA
    assert served(script, C2, "k") == ANA  # although Bo has been idle for longer
    script.tell(arrives(C3, "other"), cmd.AgentAnswered(Offer(C3, 1, BO)))
    script.tell(arrives(CallId("c4"), "third"))
    script.tell(cmd.AgentAnswered(Offer(CallId("c4"), 1, ANA)))
    script.tell(arrives(CallId("c5"), "k"), cmd.CallerHungUp(C3), cmd.EndWrapUp(BO))
    assert offered(script, CallId("c5")) is None  # Bo is free, and Ana has her
    assert offered(script.at(29.9), CallId("c5")) is None
    assert offered(script.at(30), CallId("c5")) == BO


def test_they_are_waited_for_no_longer_than_they_are_there() -> None:
    script = sticky()
    assert served(script, C1, "k") == ANA
    script.tell(cmd.Pause(ANA, "休憩"), arrives(C2, "k"))
    assert offered(script, C2) == BO


def test_one_who_did_not_take_the_call_is_not_waited_for() -> None:
    script = sticky()
    assert served(script, C1, "k") == ANA
    script.tell(arrives(C2, "k"))
    script.tell(cmd.AgentLegEnded(Offer(C2, 1, ANA), cmd.LegEnd.DECLINED))
    assert offered(script, C2) == BO


def test_a_day_later_nobody_is_remembered_nor_is_anybody_without_a_number() -> None:
    script = sticky()
    assert served(script, C1, "k") == ANA
    assert served(script, C2) == BO
    script.at(24 * 3600.0 + 11)
    assert served(script, C3, "k") == ANA  # the longest idle
    assert served(script, CallId("c4"), None) == BO
    assert set(script.centre.floor.served) == {"k"}


def test_who_has_not_the_skill_is_not_waited_for() -> None:
    script = desk(member(ANA), member(BO, "en"), start="english", sticky_for=20.0)
    script.centre.floor.served.clear()
    assert served(script, C1, "k") == BO
    script.tell(arrives(C2, "k"))
    assert offered(script, C2) == BO


def test_the_next_leader_remembers_them_and_ends_the_waiting() -> None:
    script = sticky()
    assert served(script, C1, "k") == ANA
    script.tell(arrives(C2, "x"), arrives(C3, "k"))
    assert offered(script, C2) == BO
    assert offered(script, C3) == ANA
    script.tell(cmd.AgentAnswered(Offer(C3, 1, ANA)), arrives(CallId("c4"), "k"))
    script.tell(cmd.CallerHungUp(C2))
    script.centre = restore(script.centre.rules, take(script.centre))
    assert script.centre.floor.served_by("k", script.now) == ANA
    assert script.centre.acd.entries[CallId("c4")].wants == "@ana"
    assert offered(script.at(30), CallId("c4")) == BO


def test_no_queue_that_wants_it_nobody_is_remembered() -> None:
    script = desk(member(ANA))
    assert served(script, C1, "k") == ANA
    assert script.centre.floor.served == {}
