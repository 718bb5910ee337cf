"""A telephone that is lost while its agent talks to somebody outside whom they called.

As in a caller's talk (`lost`): whoever is outside hears music, and whichever telephone of the seat
is there is rung, until one is answered or `WAITED_FOR` seconds have passed.

What follows then differs, since it was we who called. There is no queue for them to go back to:
they hear that they are called again, and are owed it as before (`AttemptEnd.BROKEN_OFF` is no
contact). To whom nothing is owed, because they had rung us, hear to ring again. A city extension
is merely ended.
"""

from collections.abc import Callable
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.model import Afterwards, Agent, AgentState, Device, Instant, Offer, Phone
from telephony.acd.roster import PHONE_LOST
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.effects import LineState, OwnKind
from telephony.centre.floor import Floor
from telephony.centre.lost import (
    AGAIN_AFTER,
    MOST,
    WAITED_FOR,
    is_taken_by_page,
    losses,
    there,
)
from telephony.centre.model import OTHER_LEG, Lost, OwnCall, OwnStage

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
        self._put_down = put_down
        self._end = end

    def lost(self, call: OwnCall, now: Instant) -> None:
        """The agent's own leg is dead."""
        agent = self._floor.acd.roster[call.agent]
        call.losses = losses(call.losses, now - call.stage_since)
        call.lost = Lost(now, held=False, page=agent.phone is Phone.BROWSER)
        self._enter(call, OwnStage.LOST, LineState.HOLD, now)
        self._floor.out.append(fx.Gather(call.id, (), (call.outside,)))
        self._floor.out.append(acd_fx.DropLeg(call.offer))
        self._floor.acd.roster.without_phone(agent, now)
        if call.losses > MOST:
            self.expired(call, now)
            return
        self._floor.deadlines.set(("own", call.id), Instant(now + WAITED_FOR))
        self._ring(call, agent, now)

    def _ring(self, call: OwnCall, agent: Agent, now: Instant) -> None:
        assert call.lost is not None
        phone = there(agent, call.lost, call.page_left)
        if phone is None or self._floor.acd.withheld:
            return
        call.attempts += 1
        call.offer = agent.offer = Offer(call.id, call.attempts, agent.id)
        agent.phone, call.lost.rings = phone, True
        left = call.lost.since + WAITED_FOR - now
        self._floor.out.append(fx.RingOwn(call.offer, left, call.target, "", phone))

    def answered(self, call: OwnCall, now: Instant) -> None:
        """A telephone of the seat is up: they talk as before."""
        if call.lost is None or not call.lost.rings:
            return
        call.lost, call.page_left = None, None
        self._forget(call)
        agent = self._floor.acd.roster[call.agent]
        self._enter(call, OwnStage.TALKING, LineState.OUTBOUND, now)
        self._floor.acd.roster.has_phone_again(agent, held=False, now=now, reason=call.kind)
        self._floor.out.append(fx.Join(call.id, (call.offer.leg, call.outside)))

    def leg_ended(self, call: OwnCall, end: LegEnd, now: Instant) -> None:
        """It was not answered, or could not be rung; the dead leg's own end tells nothing new."""
        if call.lost is None or not call.lost.rings:
            return
        call.lost.rings = False
        if end is LegEnd.FAILED:  # it may ring all the same: its reply was lost
            self._floor.out.append(acd_fx.DropLeg(call.offer))
        self._floor.deadlines.set(("own_again", call.id), Instant(now + AGAIN_AFTER))

    def again(self, call: OwnCall, now: Instant) -> None:
        """Perhaps it can be rung by now."""
        if call.lost is not None and not call.lost.rings:
            self._ring(call, self._floor.acd.roster[call.agent], now)

    def phone_changed(self, call: OwnCall, agent: Agent, phone: Phone, now: Instant) -> None:
        """A telephone of the agent's seat came or went."""
        if phone is Phone.BROWSER and agent.browser is Device.GONE:
            call.page_left = now
        if call.lost is None:
            return
        if not call.lost.rings:
            self._ring(call, agent, now)
        elif is_taken_by_page(agent, phone, call.lost, call.page_left):
            self._floor.out.append(acd_fx.DropLeg(call.offer))
            self._ring(call, agent, now)

    def expired(self, call: OwnCall, now: Instant) -> None:
        """Nobody has come back."""
        self._forget(call)
        agent = self._floor.acd.roster[call.agent]
        if agent.afterwards is None:
            agent.afterwards = Afterwards(AgentState.PAUSED, PHONE_LOST)
        call.lost = None
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

    def _forget(self, call: OwnCall) -> None:
        for kind in ("own", "own_again"):
            self._floor.deadlines.cancel((kind, call.id))
