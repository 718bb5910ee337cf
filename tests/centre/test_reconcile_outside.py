"""What follows from what Asterisk has, for a caller who is put through to outside."""

from typing import Final

from telephony.acd.effects import AgentMoved, DropLeg
from telephony.acd.model import AgentState
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import Outcome
from telephony.centre.tolls import TollRules
from tests.builders import ANA, C1, flow, rules
from tests.centre.test_reconcile import OFFER, arrives, finds, has
from tests.script import Script

LEG: Final = fx.external_leg(C1, 1)
OUT: Final = {"kind": "transfer", "number": "hall", "otherwise": "general"}


def dialling() -> Script:
    """A caller at the music while the city hall's telephone rings."""
    script = Script(
        rules(
            of=flow("out", out=OUT),
            numbers={"hall": "0942-00-0110"},
            tolls=TollRules(("0942",), 2),
        )
    )
    return script.tell(arrives(C1)).ignore()


def test_a_caller_who_waits_for_outside_is_put_to_the_music_again() -> None:
    rings = has(LEG, up=False, ringing=True)
    script = dialling().tell(finds(has(C1), rings)).expect(fx.Park(C1))
    script.tell(finds(has(C1, bridge=fx.MUSIC), rings)).expect()
    script.tell(finds(has(C1), has(LEG))).expect(fx.Park(C1), fx.ConnectExternal(C1, 1))


def test_who_talks_to_outside_is_joined_with_them_again() -> None:
    script = dialling().tell(cmd.ExternalAnswered(C1, 1)).ignore()
    apart = finds(has(C1, bridge=fx.MUSIC), has(LEG))
    script.tell(apart).expect(fx.ConnectExternal(C1, 1))
    on_their_way = cmd.Reconciled(apart.channels, apart.asked_at, apart.up_since, (C1,))
    script.tell(on_their_way).expect()
    script.tell(finds(has(C1, bridge="talk"), has(LEG, bridge="talk"))).expect()


def test_whoever_could_not_be_joined_with_an_agent_hears_the_music_afresh() -> None:
    """They may not have left its bridge: put there again without leaving, they hear nothing."""
    script = Script(rules())
    script.tell(cmd.Ready(ANA), arrives(C1), cmd.AgentAnswered(OFFER)).ignore()
    script.at(2).tell(cmd.AgentLegEnded(OFFER, cmd.LegEnd.NOT_JOINED))
    script.expect(
        AgentMoved(ANA, AgentState.WRAP_UP, None, C1, script.now),
        fx.Unpark(C1),
        DropLeg(OFFER),
        fx.Park(C1),
    )
    (closed,) = script.tell(cmd.CallerHungUp(C1)).closed()
    assert (closed.outcome, closed.talked) == (Outcome.ABANDONED, 0.0)
