"""Effects on their way to Asterisk: in order within a lane, side by side across lanes.

A lane is a caller's channel, an agent's telephone, or a leg to the outside. Ringing an agent need
not wait until the caller has been moved to the music; but a telephone is not rung before the leg
that it had was hung up, or it would be engaged by ourselves.
"""

import asyncio
from asyncio import TaskGroup
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

import structlog

from telephony.acd import effects as acd_fx
from telephony.ari.errors import AriError, AriGoneError, AriNoBridgeError
from telephony.calls.performer import Performer, PrepareBridge, Task, consequence
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import external_leg

log = structlog.get_logger(__name__)

UNDROPPED: Final = 100  # legs; their ids are never used again
DIALS = acd_fx.Ring | fx.DialOut | fx.RingOwn | fx.RingAgain | fx.DialOwn | fx.DialBack
JOINS = acd_fx.Connect | fx.ConnectExternal | fx.Join | fx.Gather | fx.Park


class Outbox:
    """Carries out effects as they are released. A failed one comes back as a fact."""

    def __init__(
        self,
        performer: Performer,
        group: TaskGroup,
        submit: Callable[[cmd.Command], None],
        in_doubt: Callable[[], None],
    ) -> None:
        self._performer = performer
        self._group = group
        self._submit = submit
        self._in_doubt = in_doubt  # told when a request may or may not have been carried out
        self._lanes: dict[str, deque[Task]] = {}
        self._about: Counter[str] = Counter()  # channels, and how many effects are about each
        self._in_flight: set[str] = set()
        # Legs whose hang-up was refused, or had no answer: it may arrive whenever the way to
        # Asterisk is mended.
        self._undropped: deque[str] = deque(maxlen=UNDROPPED)

    @property
    def backlog(self) -> int:
        """How many effects wait or are under way."""
        return sum(len(lane) for lane in self._lanes.values())

    @property
    def in_flight(self) -> frozenset[str]:
        """Channels that were asked for, and that Asterisk may not have yet."""
        return frozenset(self._in_flight)

    @property
    def joining(self) -> frozenset[str]:
        """Calls whose two ends are being put together, or will be, or that are put to the music."""
        waiting = (effect for lane in self._lanes.values() for effect in lane)
        return frozenset(channel_of(each) for each in waiting if isinstance(each, JOINS))

    def busy(self, channel: str) -> bool:
        """Something about this channel waits or is under way."""
        return channel in self._about

    def hangs_up(self, leg: str) -> bool:
        """This leg to an agent is being hung up, or will be, or may be."""
        if leg in self._undropped:
            return True
        waiting = (effect for lane in self._lanes.values() for effect in lane)
        return any(isinstance(each, acd_fx.DropLeg) and each.offer.leg == leg for each in waiting)

    def notice(self, effects: list[fx.Effect]) -> None:
        """Legs that will be dialled once these effects are released."""
        for effect in effects:
            if isinstance(effect, DIALS):
                self._in_flight.add(channel_of(effect))

    def put(self, effect: fx.Work) -> None:
        """Carry it out after everything put into its lane before."""
        self._line_up(effect)
        if isinstance(effect, acd_fx.Ring):  # in the caller's lane: never after they are forgotten
            self._line_up(PrepareBridge(effect.offer.call))

    def _line_up(self, effect: Task) -> None:
        name = lane_of(effect)
        self._about[channel_of(effect)] += 1
        lane = self._lanes.get(name)
        if lane is not None:
            lane.append(effect)
            return
        self._lanes[name] = deque([effect])
        self._group.create_task(self._drain(name))

    async def _drain(self, name: str) -> None:
        lane = self._lanes[name]
        if not isinstance(lane[0], acd_fx.Ring):
            await asyncio.sleep(0)  # noqa: TID251 -- ringing goes first: making a request takes time
        while lane:
            await self._perform(lane[0])
            self._is_done(lane.popleft())
        del self._lanes[name]

    def _is_done(self, effect: Task) -> None:
        channel = channel_of(effect)
        self._about[channel] -= 1
        if not self._about[channel]:
            del self._about[channel]

    async def _perform(self, effect: Task) -> None:
        try:
            await self._performer.perform(effect)
        except AriError as error:
            gone = isinstance(error, AriGoneError) and not isinstance(error, AriNoBridgeError)
            if isinstance(effect, acd_fx.DropLeg) and not gone:
                self._undropped.append(effect.offer.leg)
            if not gone:
                log.warning("request_failed", effect=effect, error=error, status=error.status)
                self._in_doubt()
            fact = consequence(effect, error)
            if fact is not None:
                self._submit(fact)
        finally:
            if isinstance(effect, DIALS):
                self._in_flight.discard(channel_of(effect))


def lane_of(effect: Task) -> str:
    """What the effect must stay in order with."""
    match effect:
        case (
            acd_fx.Ring(offer) | acd_fx.PickUp(offer) | acd_fx.DropLeg(offer)
            | fx.RingOwn(offer) | fx.RingAgain(offer)
        ):  # fmt: skip
            return f"PJSIP/{offer.agent}"
        case _:
            return channel_of(effect)


def channel_of(effect: Task) -> str:
    """The channel that it is about; of a talk, the caller's."""
    match effect:
        case (
            acd_fx.Ring(offer) | acd_fx.PickUp(offer) | acd_fx.DropLeg(offer)
            | fx.RingOwn(offer) | fx.RingAgain(offer)
        ):  # fmt: skip
            return offer.leg
        case (
            fx.DialOut(call, attempt) | fx.DialOwn(call, attempt) | fx.DialBack(call, attempt)
            | fx.PlayOutside(call, attempt) | fx.DropExternal(call, attempt)
        ):  # fmt: skip
            return external_leg(call, attempt)
        case acd_fx.Connect(offer):
            return offer.call
        case _:
            return effect.call
