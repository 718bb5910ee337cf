"""Which channel is which leg of which call."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from telephony.acd.effects import Ring
from telephony.acd.model import CallId, Offer
from telephony.centre import effects as fx
from telephony.centre.core import Centre
from telephony.centre.effects import external_leg
from telephony.centre.model import OTHER_LEG, OwnStage, Stage

SPARE: Final = 1000  # legs whose end nobody tells before we ask: a dial that failed has no event


@dataclass(frozen=True, slots=True)
class CallerLeg:
    """The citizen's channel; its id is the call's."""

    call: CallId


@dataclass(frozen=True, slots=True)
class AgentLeg:
    """The channel of an offer."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class ExternalLeg:
    """A channel to somebody outside."""

    call: CallId
    attempt: int

    @property
    def channel(self) -> str:
        """The id of the channel."""
        return external_leg(self.call, self.attempt)


Leg = CallerLeg | AgentLeg | ExternalLeg


class Legs:
    """Every channel we know, by id. Ids are computed when a leg is wanted, and never parsed."""

    def __init__(self) -> None:
        self._legs: dict[str, Leg] = {}
        self._leaving: set[str] = set()
        self._enough = SPARE

    def get(self, channel: str) -> Leg | None:
        """The leg this channel is, if it is ours."""
        return self._legs.get(channel)

    def note(self, effects: list[fx.Effect]) -> None:
        """Know the legs that these effects will make, before the first event about them."""
        for effect in effects:
            match effect:
                case fx.CallOpened(call):
                    self._legs[call] = CallerLeg(call)
                case Ring(offer):
                    self._legs[offer.leg] = AgentLeg(offer)
                case fx.RingOwn(offer) | fx.RingAgain(offer):
                    self._legs[offer.leg] = AgentLeg(offer)
                case (
                    fx.DialOut(call, attempt)
                    | fx.DialOwn(call, attempt)
                    | fx.DialBack(call, attempt)
                ):
                    self._legs[external_leg(call, attempt)] = ExternalLeg(call, attempt)
                case _:
                    pass

    def forget(self, channel: str) -> None:
        """The channel is gone, and will be heard of no more."""
        self._legs.pop(channel, None)
        self._leaving.discard(channel)

    def hangs_up(self, channel: str) -> None:
        """One side asked for its end: what sounds on it is cut from now on."""
        if channel in self._legs:
            self._leaving.add(channel)

    def listens(self, channel: str) -> bool:
        """Whether somebody is on it who could hear a sound."""
        return channel in self._legs and channel not in self._leaving

    @property
    def crowded(self) -> bool:
        """So many more than there were that most must be gone: time to look which live."""
        return len(self._legs) > self._enough

    def keep(self, live: Collection[str], centre: Centre) -> None:
        """Forget what neither lives nor ought to: its end was lost, or it never began."""
        if not self._legs:
            return
        wanted = dict(live_legs(centre))
        self._legs = {
            channel: leg
            for channel, leg in self._legs.items()
            if channel in live or channel in wanted
        }
        self._leaving &= self._legs.keys()
        self._enough = 2 * len(self._legs) + SPARE

    def learn(self, centre: Centre) -> None:
        """Know the legs of a centre that was restored."""
        self._legs.update(live_legs(centre))


def live_legs(centre: Centre) -> Iterator[tuple[str, Leg]]:
    """The legs that ought to live, by channel."""
    for call in centre.visits.calls.values():
        if call.stage is not Stage.ASKING:
            yield call.id, CallerLeg(call.id)
        if call.external_line is not None:
            leg = ExternalLeg(call.id, call.external)
            yield external_leg(call.id, call.external), leg
    for own in centre.own.calls.values():
        if own.line is not None and own.stage is not OwnStage.FETCHING:
            outside = ExternalLeg(own.id, OTHER_LEG)
            yield outside.channel, outside
    for agent in centre.acd.roster.all():
        if agent.offer is not None and not is_lost(centre, agent.offer):
            yield agent.offer.leg, AgentLeg(agent.offer)


def is_lost(centre: Centre, offer: Offer) -> bool:
    """The telephone of this talk is gone, and none of the seat is being rung instead."""
    call = centre.visits.calls.get(offer.call) or centre.own.calls.get(offer.call)
    lost = None if call is None or call.offer != offer else call.lost
    return lost is not None and not lost.rings
