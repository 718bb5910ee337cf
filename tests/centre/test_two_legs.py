"""Two answered legs of one call: the one that talks stays, the other one's agent is let go."""

from telephony.acd.effects import DropLeg
from telephony.acd.model import Instant, Offer
from telephony.centre import commands as cmd
from tests.builders import ANA, BO, C1, MONDAY, rules
from tests.script import Script

ANAS, BOS = Offer(C1, 1, ANA), Offer(C1, 2, BO)


def handed_over() -> Script:
    script = Script(rules())
    script.tell(cmd.Ready(ANA), cmd.CallArrived(C1, "0942000100", None))
    script.tell(cmd.AgentAnswered(ANAS)).at(5).tell(cmd.Ready(BO), cmd.Transfer(ANA, BO))
    return script.at(8).tell(cmd.AgentAnswered(BOS)).ignore()


def up(leg: str, seat: str = "", bridge: str | None = None) -> cmd.LiveChannel:
    return cmd.LiveChannel(leg, True, False, bridge, seat)


def finds(*channels: cmd.LiveChannel) -> cmd.Reconciled:
    return cmd.Reconciled(channels, Instant(MONDAY + 19), Instant(0.0))


def test_b3_a_leg_that_would_not_end_does_not_take_the_talk_from_whoever_has_it() -> None:
    script = handed_over().at(20)
    script.tell(finds(up(C1, bridge="b"), up(ANAS.leg, ANA), up(BOS.leg, BO, "b"))).expect()
    assert script.centre.visits.calls[C1].offer == BOS
    assert script.centre.acd.roster[BO].state == "talking"


def test_b3_whoever_is_found_instead_of_another_lets_that_one_go() -> None:
    script = handed_over().at(20)
    script.tell(finds(up(C1, bridge="b"), up(ANAS.leg, ANA, "b")))
    assert script.centre.visits.calls[C1].offer == ANAS
    assert script.centre.acd.roster[BO].state == "wrap_up"
    assert DropLeg(BOS) in script._seen
