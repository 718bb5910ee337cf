"""A telephone that is lost while its agent talks to somebody outside whom they called.

As in a caller's talk (`lost`): whoever is outside hears music, and whichever telephone of the seat
is there is rung (`seat_phones`).

What follows when nobody has answered differs, since it was we who called. There is no queue for
them to go back to: they hear that they are called again, and are owed it as before
(`AttemptEnd.BROKEN_OFF` is no contact). To whom nothing is owed, because they had rung us, hear to
ring again. A city extension is merely ended.
"""

from collections.abc import Callable
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import Agent, Instant, Offer, Phone
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.effects import LineState, OwnKind
from telephony.centre.floor import Floor
from telephony.centre.model import OTHER_LEG, OwnCall, OwnStage
from telephony.centre.seat_phones import SeatPhones

TOLD_WITHIN: Final = 20.0  # seconds, after which the line is not kept for an announcement
CALLED_AGAIN: Final = ("broken_off_called_again",)
RING_AGAIN: Final = ("broken_off_ring_again",)


class OwnLost:
    """Citizens and city extensions whose agent has lost their telephone."""

    def __init__(
        self,
        floor: Floor,
        put_down: Callable[[OwnCall, Agent, Instant], None],
        end: Callable[[OwnCall, Instant], None],
    ) -> None:
        self._floor = floor
        self._phones = SeatPhones[OwnCall](floor, _ring_own, "own", "own_again")
        self._put_down = put_down
        self._end = end

    def lost(self, call: OwnCall, now: Instant) -> None:
        """The agent's own leg is dead."""
        agent = self._floor.acd.roster[call.agent]
        self._phones.begin(call, now, dead_page=agent.phone is Phone.BROWSER)
        self._enter(call, OwnStage.LOST, LineState.HOLD, now)
        self._floor.out.append(fx.Gather(call.id, (), (call.outside,)))
        if not self._phones.ring_instead(call, agent, now):
            self.expired(call, now)

    def answered(self, call: OwnCall, now: Instant) -> None:
        """A telephone of the seat is up: they talk as before."""
        if call.lost is None or not call.lost.rings:
            return
        self._phones.is_back(call)
        agent = self._floor.acd.roster[call.agent]
        self._enter(call, OwnStage.TALKING, LineState.OUTBOUND, now)
        self._floor.acd.roster.has_phone_again(agent, held=False, now=now, reason=call.kind)
        self._floor.out.append(fx.Join(call.id, (call.offer.leg, call.outside)))

    def leg_ended(self, call: OwnCall, end: LegEnd, now: Instant) -> None:
        """Of the telephone that was rung."""
        self._phones.leg_ended(call, end, now)

    def again(self, call: OwnCall, now: Instant) -> None:
        """Perhaps it can be rung by now."""
        self._phones.again(call, self._floor.acd.roster[call.agent], now)

    def phone_changed(self, call: OwnCall, agent: Agent, phone: Phone, now: Instant) -> None:
        """A telephone of the agent's seat came or went."""
        self._phones.changed(call, agent, phone, now)

    def expired(self, call: OwnCall, now: Instant) -> None:
        """Nobody has come back."""
        agent = self._floor.acd.roster[call.agent]
        self._phones.give_up(call, agent)
        self._floor.out.append(acd_fx.DropLeg(call.offer))
        self._put_down(call, agent, now)
        self._enter(call, OwnStage.LEAVING, LineState.OUTBOUND, now)
        if call.kind is not OwnKind.CALLBACK:
            self._end(call, now)
            return
        call.playback += 1
        said = CALLED_AGAIN if call.obligation else RING_AGAIN
        self._floor.out.append(fx.PlayOutside(call.id, OTHER_LEG, call.playback, said))
        self._floor.deadlines.set(("own", call.id), Instant(now + TOLD_WITHIN))

    def told(self, call: OwnCall, playback: int, now: Instant) -> None:
        """They have heard it."""
        if call.stage is OwnStage.LEAVING and call.playback == playback:
            self._end(call, now)

    def _enter(self, call: OwnCall, stage: OwnStage, state: LineState, now: Instant) -> None:
        call.stage, call.stage_since = stage, now
        assert call.line is not None  # nobody else is kept
        self._floor.lines.move(call.line, state, now, call.id, call.agent)


def _ring_own(call: OwnCall, offer: Offer, left: float, phone: Phone) -> fx.RingOwn:
    return fx.RingOwn(offer, left, call.target, "", phone)
