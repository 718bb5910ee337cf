"""Every pair of agent state and trigger: what follows, or a refusal that changes nothing."""

from itertools import product
from typing import Final, get_args

import pytest

from telephony.acd.errors import Rejected
from telephony.acd.model import AgentState, Device, Offer
from telephony.acd.transitions import Trigger, after
from telephony.centre import commands as cmd
from telephony.centre.effects import LineMoved
from tests.acd.runs import tell
from tests.builders import ANA, BO, C1, MONDAY, rules
from tests.script import Script

S = AgentState
TRIGGERS: Final[tuple[Trigger, ...]] = get_args(Trigger)
# One row a state, written by hand from the rules; "-" is a refusal.
EXPECTED: Final = """
           ready pause  sign_out   offer   answer  withdraw miss_out hold resume  hang_up finish
signed_out ready paused signed_out -       -       -        -        -    -       -       -
ready      ready paused signed_out offered -       -        -        -    -       -       -
paused     ready paused signed_out -       -       -        -        -    -       -       -
offered    -     paused signed_out -       talking ready    paused   -    -       -       -
talking    -     -      -          -       -       -        -        hold -       wrap_up -
hold       -     -      -          -       -       -        -        -    talking wrap_up -
wrap_up    ready paused signed_out -       -       -        -        -    -       -       ready

           call    called  put_down
signed_out -       -       -
ready      talking offered -
paused     talking offered -
offered    -       -       paused
talking    -       -       paused
hold       -       -       paused
wrap_up    -       -       -
"""


def table() -> dict[tuple[str, str], str]:
    found = {}
    for part in EXPECTED.strip().split("\n\n"):
        heading, *rows = (line.split() for line in part.splitlines())
        for row in rows:
            for trigger, following in zip(heading, row[1:], strict=True):
                found[row[0], trigger] = following
    return found


@pytest.mark.parametrize(("state", "trigger"), [*product(AgentState, TRIGGERS)])
def test_what_follows_is_what_the_table_says(state: AgentState, trigger: Trigger) -> None:
    following = table()[state.value, trigger]
    if following == "-":
        with pytest.raises(Rejected, match=f"an agent who is {state} cannot"):
            after(state, trigger)
    else:
        assert after(state, trigger) == following


def agent_who_is(state: AgentState) -> Script:
    """Ana in this state, Bo ready to take over, one caller where the state needs one."""
    script = Script(rules())
    way: dict[AgentState, list[cmd.Command]] = {
        S.SIGNED_OUT: [],
        S.READY: [cmd.Ready(ANA)],
        S.PAUSED: [cmd.Pause(ANA, "休憩")],
        S.OFFERED: [cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", None)],
    }
    way[S.TALKING] = [*way[S.OFFERED], cmd.AgentAnswered(Offer(C1, 1, ANA))]
    way[S.HOLD] = [*way[S.TALKING], cmd.Hold(ANA)]
    way[S.WRAP_UP] = [*way[S.TALKING], cmd.CallerHungUp(C1)]
    script.tell(*way[state], cmd.Ready(BO)).ignore()
    assert script.centre.acd.roster[ANA].state is state
    return script


REQUESTS: Final[dict[str, cmd.Request]] = {
    "ready": cmd.Ready(ANA),
    "pause": cmd.Pause(ANA, "離席"),
    "imposed": cmd.Pause(ANA, "microphone_gone", imposed=True),
    "sign_out": cmd.SignOut(ANA),
    "end_wrap_up": cmd.EndWrapUp(ANA),
    "hold": cmd.Hold(ANA),
    "resume": cmd.Resume(ANA),
    "transfer": cmd.Transfer(ANA, BO),
    "end_call": cmd.EndCall(ANA),
}
# What an agent is after asking; "=" is granted with nothing to see yet, "-" a refusal.
ASKED: Final = """
            ready  pause   imposed sign_out   end_wrap_up hold resume  transfer end_call
signed_out  ready  paused  =       =          -           -    -       -        -
ready       =      paused  paused  signed_out -           -    -       -        -
paused      ready  paused  =       signed_out -           -    -       -        -
offered     =      paused  paused  signed_out -           -    -       -        -
talking     =      =       =       =          -           hold -       wrap_up  wrap_up
hold        =      =       =       =          -           -    talking wrap_up  wrap_up
wrap_up     ready  paused  =       signed_out ready       -    -       -        -
"""


def asked() -> dict[tuple[str, str], str]:
    heading, *rows = (line.split() for line in ASKED.strip().splitlines())
    return {
        (row[0], request): following
        for row in rows
        for request, following in zip(heading, row[1:], strict=True)
    }


@pytest.mark.parametrize(("state", "request_"), [*product(AgentState, REQUESTS)])
def test_what_an_agent_may_ask_for_in_each_state(state: AgentState, request_: str) -> None:
    script = agent_who_is(state)
    following = asked()[state.value, request_]
    step = tell(script.centre, REQUESTS[request_], MONDAY)
    if following == "-":
        assert step.effects is None
    else:
        expected = state.value if following == "=" else following
        assert script.centre.acd.roster[ANA].state == expected


@pytest.mark.parametrize(("asks", "then"), [("pause", S.PAUSED), ("sign_out", S.SIGNED_OUT)])
def test_what_is_asked_for_during_a_call_follows_its_wrap_up_unless_revoked(
    asks: str, then: AgentState
) -> None:
    script = agent_who_is(S.TALKING)
    script.tell(REQUESTS[asks], cmd.CallerHungUp(C1)).at(31)
    assert script.centre.acd.roster[ANA].state is then
    script = agent_who_is(S.TALKING)
    script.tell(REQUESTS[asks], cmd.Ready(ANA), cmd.CallerHungUp(C1)).at(31)
    assert script.centre.acd.roster[ANA].state is S.READY


@pytest.mark.parametrize("state", [S.OFFERED, S.TALKING, S.HOLD, S.WRAP_UP])
def test_what_is_imposed_ends_no_wrap_up_and_follows_it(state: AgentState) -> None:
    script = agent_who_is(state).tell(REQUESTS["imposed"])
    agent = script.centre.acd.roster[ANA]
    if state is not S.OFFERED:
        script.tell(*([] if state is S.WRAP_UP else [cmd.CallerHungUp(C1)]))
        assert agent.state is S.WRAP_UP
        script.tell(REQUESTS["end_wrap_up"])
    assert (agent.state, agent.reason) == (S.PAUSED, "microphone_gone")


def test_what_is_imposed_takes_nothing_from_what_they_chose() -> None:
    script = agent_who_is(S.PAUSED).tell(REQUESTS["imposed"])
    assert script.centre.acd.roster[ANA].reason == "休憩"
    script = agent_who_is(S.TALKING).tell(REQUESTS["sign_out"], REQUESTS["imposed"])
    script.tell(cmd.CallerHungUp(C1), REQUESTS["end_wrap_up"])
    assert script.centre.acd.roster[ANA].state is S.SIGNED_OUT


@pytest.mark.parametrize("state", list(AgentState))
def test_d1_every_fact_is_absorbed_in_every_state(state: AgentState) -> None:
    for offer in (Offer(C1, 1, ANA), Offer(C1, 2, ANA), Offer(C1, 1, BO)):
        for end in cmd.LegEnd:
            script = agent_who_is(state)
            facts: list[cmd.Command] = [
                cmd.AgentRinging(offer),
                cmd.AgentLegEnded(offer, end),
                cmd.AgentAnswered(offer),
            ]
            for fact in (*facts, *reversed(facts)):
                assert tell(script.centre, fact, MONDAY).effects is not None


@pytest.mark.parametrize("device", list(Device))
def test_a_telephone_says_nothing_about_the_state_of_its_agent(device: Device) -> None:
    for state in AgentState:
        script = agent_who_is(state)
        script.tell(cmd.DeviceChanged(ANA, device))
        assert script.centre.acd.roster[ANA].state is state
        assert not [each for each in script.news if isinstance(each, LineMoved)]
