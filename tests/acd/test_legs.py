"""No leg we ask for is forgotten: it ends by itself, or we end it (I7), whatever happens."""

from collections.abc import Iterable

from hypothesis import given, settings

from telephony.acd.effects import Connect, DropLeg, OfferEnded, Ring
from telephony.acd.model import CallId, Offer
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import external_leg
from tests.acd.runs import Move, Step, close, hard_rules, moves, open_up, play
from tests.examples import examples

RULES = hard_rules()


def life_of(run: list[Move]) -> list[Step]:
    """From the first agent who is ready until the last caller has gone."""
    centre = Centre(RULES)
    steps = [*open_up(centre), *play(centre, run)]
    return [*steps, *close(centre, steps[-1].at)]


def left(steps: Iterable[Step]) -> set[str]:
    """Legs that were asked for and of which nobody has heard, or made, the end."""
    legs: set[str] = set()
    for step in steps:
        match step.command:
            case cmd.AgentLegEnded(offer):
                legs.discard(offer.leg)
            case cmd.ExternalEnded(call, attempt):
                legs.discard(external_leg(call, attempt))
            case cmd.Reconciled(channels):
                legs &= {channel.id for channel in channels}
            case _:
                pass
        for effect in step.effects or []:
            _follow(effect, legs)
    return legs


def _follow(effect: fx.Effect, legs: set[str]) -> None:
    match effect:
        case Ring(offer) | fx.RingAgain(offer) | fx.RingOwn(offer):
            legs.add(offer.leg)
        case DropLeg(offer):
            legs.discard(offer.leg)
        case fx.DialOut(call, attempt) | fx.DialOwn(call, attempt) | fx.DialBack(call, attempt):
            legs.add(external_leg(call, attempt))
        case fx.DropExternal(call, attempt):
            legs.discard(external_leg(call, attempt))
        case _:
            pass


@given(moves())
@settings(max_examples=examples(200))
def test_when_the_last_caller_has_gone_no_leg_is_left(run: list[Move]) -> None:
    assert left(life_of(run)) == set()


@given(moves())
@settings(max_examples=examples(100))
def test_no_leg_is_asked_for_twice(run: list[Move]) -> None:
    asked: set[tuple[CallId, str]] = set()
    for step in life_of(run):
        for effect in step.effects or []:
            match effect:
                case fx.CallOpened(call):
                    asked = {each for each in asked if each[0] != call}  # ids come back in tests
                case Ring(offer) | fx.RingAgain(offer) | fx.RingOwn(offer):
                    assert (offer.call, offer.leg) not in asked
                    asked.add((offer.call, offer.leg))
                case fx.DialOut(call, attempt):
                    assert (call, external_leg(call, attempt)) not in asked
                    asked.add((call, external_leg(call, attempt)))
                case _:
                    pass


@given(moves())
@settings(max_examples=examples(200))
def test_every_offer_ends_once_and_only_an_answered_one_is_connected(run: list[Move]) -> None:
    live: set[Offer] = set()
    answered: set[Offer] = set()
    aside: set[Offer] = set()  # rung in a talk: no offers of a waiting call
    for step in life_of(run):
        answered |= {offer for offer in aside if _is_up(offer, step.command)}
        for effect in step.effects or []:
            match effect:
                case Ring(offer):
                    assert not {o for o in live if o.agent == offer.agent or o.call == offer.call}
                    live.add(offer)
                    answered.discard(offer)
                case fx.RingAgain(offer):
                    answered = {o for o in answered if o.agent != offer.agent}  # theirs was lost
                    aside.add(offer)
                case fx.RingOwn(offer):
                    answered.discard(offer)
                    aside.add(offer)
                case OfferEnded(offer, end):
                    live.remove(offer)
                    answered |= {offer} if end == "answered" else set()
                case Connect(offer):
                    assert offer in answered
                case _:
                    pass
    assert live == set()


def _is_up(offer: Offer, command: cmd.Command) -> bool:
    """Whether this told that the leg was answered."""
    match command:
        case cmd.AgentAnswered(told):
            return told == offer
        case cmd.Reconciled(channels):
            return any(channel.id == offer.leg and channel.up for channel in channels)
        case _:
            return False
