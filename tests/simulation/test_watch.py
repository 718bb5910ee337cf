"""The watch sees each sort of fault; a run whose core were at fault would end there."""

from collections.abc import Sequence

import pytest

from telephony.acd import effects as acd_fx
from telephony.acd.model import AgentState, CallId, Instant, Offer, OfferEnd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import Outcome, Party
from telephony.simulation.watch import InvariantBroken, Watch
from tests.builders import ANA, BO, C1, C2, MONDAY, rules

FIRST, SECOND = Offer(C1, 1, ANA), Offer(C1, 2, BO)
OTHER = Offer(C2, 1, ANA)


def opened(call: CallId) -> fx.Effect:
    return fx.CallOpened(call, 1, "0942000100", MONDAY)


def closed(call: CallId) -> fx.Effect:
    return fx.CallClosed(call, Outcome.ANSWERED, None, 0, 0, 0, Party.CALLER, MONDAY)


def queued(call: CallId) -> fx.Effect:
    return fx.CallNoted(call, "queued", MONDAY, {})


def ended(offer: Offer, how: OfferEnd = OfferEnd.NO_ANSWER) -> fx.Effect:
    return acd_fx.OfferEnded(offer, how, MONDAY)


ANSWERED = OfferEnd.ANSWERED
BEGUN = (opened(C1), queued(C1))
TALK = (*BEGUN, acd_fx.Ring(FIRST, 15.0), ended(FIRST, ANSWERED), acd_fx.Connect(FIRST))


def heard(effects: Sequence[fx.Effect], each_after: float = 1.0) -> Watch:
    watch = Watch(15.0, lambda call: ("general", "", 0.0))
    for n, effect in enumerate(effects):
        watch.hear(effect, Instant(MONDAY + n * each_after))
    return watch


@pytest.mark.parametrize(
    ("effects", "told"),
    [
        ((opened(C1), opened(C1)), "I1: c1 is opened twice"),
        ((opened(C1), closed(C1), closed(C1)), "I1: c1 is closed and was not open"),
        (
            (*BEGUN, opened(C2), queued(C2), acd_fx.Ring(FIRST, 15.0), acd_fx.Ring(OTHER, 15.0)),
            "I2: ana",
        ),
        (
            (*TALK, opened(C2), queued(C2), acd_fx.Ring(OTHER, 15.0)),
            "I2: ana is offered c2 and has c1",
        ),
        ((*BEGUN, acd_fx.Ring(FIRST, 15.0), acd_fx.Ring(SECOND, 15.0)), "I3: c1 is offered twice"),
        ((*TALK, acd_fx.Ring(SECOND, 15.0)), "I3: c1 is offered while it talks"),
        ((*TALK, acd_fx.Connect(SECOND)), "I3: c1 talks to two agents"),
        ((*BEGUN, ended(FIRST)), "is not live"),
        ((*BEGUN, opened(C2), queued(C2), acd_fx.Ring(OTHER, 15.0)), "I4: c2 overtakes ['c1']"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_seen(effects: Sequence[fx.Effect], told: str) -> None:
    with pytest.raises(InvariantBroken, match=told.replace("[", r"\[")):
        heard(effects)


def test_an_agent_stuck_in_an_offer_is_seen() -> None:
    moves = [acd_fx.AgentMoved(ANA, s, None, C1, MONDAY) for s in (AgentState.OFFERED, "ready")]  # type: ignore[arg-type]
    heard(moves, each_after=17.0)
    with pytest.raises(InvariantBroken, match="I9: ana was offered a call for 18 s"):
        heard(moves, each_after=18.0)


@pytest.mark.parametrize(
    ("effects", "told"),
    [
        ((opened(C1),), "I1: 1 calls have no terminal record"),
        (TALK[1:], "I3: an offer or a talk outlives its call"),
        ((acd_fx.AgentMoved(ANA, AgentState.OFFERED, None, C1, MONDAY),), "I9: ana"),
    ],
)
def test_what_is_left_over_is_seen(effects: Sequence[fx.Effect], told: str) -> None:
    with pytest.raises(InvariantBroken, match=told):
        heard(effects).settled(Centre(rules()), MONDAY)


def test_a_sound_talk_is_sound() -> None:
    heard((*TALK, closed(C1))).settled(Centre(rules()), MONDAY)
