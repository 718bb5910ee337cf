"""Calls that an agent begins: to a colleague, a city extension, or a citizen who is called back.

Theory of operation
-------------------
The agent's own telephone is rung first, then the other end; then both are in one bridge. Whoever
leaves ends it for both; only a telephone of ours that is lost while somebody outside is on the line
is waited for (`own_lost`). It is no citizen's call: it has no flow and no queue, and a record of
another kind; only a talk with a citizen is followed by wrap-up. Both agents in it are in a state of
their own (`roster`), so neither is offered anybody. A leg to an extension holds a line from the
request on, one to a citizen (`callbacks`) from the dialling on, and either passes the toll gate.
"""

from collections.abc import Callable, Iterable
from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.errors import Rejected
from telephony.acd.model import Agent, AgentId, AgentState, CallId, Device, Instant, Offer, Phone
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.effects import AttemptEnd, LineState, OwnEnd, OwnKind
from telephony.centre.floor import Floor
from telephony.centre.model import OTHER_LEG, OWN_LEG, OwnCall, OwnStage
from telephony.centre.own_lost import OwnLost
from telephony.centre.seat_phones import PHONE_IS_LOST
from telephony.centre.tolls import Dialled, dialable, one_too_many

CALLABLE = (AgentState.READY, AgentState.PAUSED)
AFTER_LOSS: Final = frozenset({OwnStage.LOST, OwnStage.LEAVING})
WRAP_UP_FOR: Final = 5.0  # seconds, of somebody who serves no queue
RESULTS: Final = {
    LegEnd.BUSY: AttemptEnd.BUSY,
    LegEnd.DECLINED: AttemptEnd.BUSY,
    LegEnd.FAILED: AttemptEnd.FAILED,
    LegEnd.LOST: AttemptEnd.FAILED,
    LegEnd.NOT_JOINED: AttemptEnd.FAILED,
}  # whoever is merely not there has not answered


class OwnCalls:
    """Every such call that is not over."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.calls: dict[CallId, OwnCall] = {}
        self.made = 0  # ever, so that each has an id of its own
        self.over: Callable[[OwnCall, AttemptEnd, Instant], None] = lambda *_: None
        self.lost = OwnLost(floor, self._put_down, self._left)

    def restore(self, calls: Iterable[OwnCall], made: int) -> None:
        """Take over those of a snapshot."""
        self.calls = {call.id: call for call in calls}
        self.made = made

    def of(self, agent: AgentId) -> OwnCall | None:
        """The one that this agent is in, at either end."""
        offer = self._floor.acd.roster[agent].offer
        return self.calls.get(offer.call) if offer is not None else None

    # -- what agents ask for -------------------------------------------------------------

    def begin(self, agent_id: AgentId, target: str, now: Instant) -> None:
        """Ring the agent's own telephone. Raises Rejected."""
        self.check_caller(self._floor.acd.roster[agent_id])
        number = self._floor.rules.extensions.get(target)
        if number is None:
            self.check_colleague(agent_id, AgentId(target))
        to = Dialled(now, target, agent_id)
        line = None if number is None else self._floor.line_outside(number, to)
        kind = OwnKind.INTERNAL if number is None else OwnKind.OUTBOUND
        self.ring(agent_id, kind, target, now, line)

    def ring(
        self, agent_id: AgentId, kind: OwnKind, target: str, now: Instant, line: int | None = None
    ) -> OwnCall:
        """Begin one that nothing speaks against: the agent's own telephone rings."""
        self.made += 1
        offer = Offer(CallId(f"own-{int(now)}.{self.made}"), OWN_LEG, agent_id)
        call = OwnCall(offer.call, kind, agent_id, target, offer, OwnStage.FETCHING, now, now)
        self.calls[call.id] = call
        if line is not None:
            self._take_line(call, line, target, now)
        self._floor.acd.roster.calls(self._floor.acd.roster[agent_id], offer, kind, now)
        self._ring(call, offer, target, now)
        return call

    def _take_line(self, call: OwnCall, line: int, name: str, now: Instant) -> None:
        call.line = line
        self._floor.note_dialled(Dialled(now, name, call.agent))
        self._floor.lines.move(line, LineState.DIALLING, now, call.id, call.agent)

    def check_caller(self, agent: Agent, *, wrapping: bool = False) -> None:
        """Raise Rejected where this agent cannot call anybody now."""
        if self._floor.acd.withheld:
            raise Rejected("今は電話を鳴らせません (no telephone can be rung at present)")
        if agent.state not in CALLABLE and not wrapping:
            raise Rejected(
                "通話中・後処理中は発信できません "
                "(finish the present call and its wrap-up before you call somebody)"
            )
        if agent.device is not Device.FREE:
            raise Rejected("電話機が使えません (your own telephone is in use, or not there)")

    def check_colleague(self, agent: AgentId, target: AgentId) -> None:
        """Raise Rejected where this colleague cannot be rung by that agent now."""
        colleague = self._floor.acd.roster.find(target)
        if colleague is None or target not in self._floor.rules.acd.agents:
            raise Rejected(
                f"{target} という席も内線もありません (there is no seat or extension {target})"
            )
        if target == agent:
            raise Rejected("自分の席には発信できません (nobody can call themselves)")
        if not _can_be_called(colleague):
            raise Rejected(f"{target} は今出られません ({target} cannot be called now)")

    def hang_up(self, call: OwnCall, now: Instant) -> None:
        """One of the two ends it by request. Raises Rejected where nobody can hear them."""
        if call.lost is not None:
            raise Rejected(PHONE_IS_LOST)
        self._end(call, OwnEnd.HUNG_UP if call.answered_at else OwnEnd.CANCELLED, now)

    # -- what happens --------------------------------------------------------------------

    def answered(self, call: OwnCall, offer: Offer, now: Instant) -> None:
        """A telephone of ours is up."""
        if offer == call.offer and call.stage is OwnStage.FETCHING:
            self._fetch_other(call, now)
        elif offer == call.offer and call.lost is not None:
            self.lost.answered(call, now)
        elif offer == call.other and call.stage is OwnStage.RINGING:
            self._floor.acd.roster.answers_colleague(self._floor.acd.roster[offer.agent], now)
            self._together(call, now)
        elif offer not in (call.offer, call.other):
            self._floor.out.append(acd_fx.DropLeg(offer))

    def _fetch_other(self, call: OwnCall, now: Instant) -> None:
        self._enter(call, OwnStage.RINGING, now)
        if call.kind is OwnKind.CALLBACK:
            self._dial_citizen(call, now)
            return
        number = self._floor.rules.extensions.get(call.target)
        if call.line is not None:
            ring_for = self._floor.rules.external_ring_for
            self._floor.deadlines.set(("own", call.id), Instant(now + ring_for))
            dial = fx.DialOwn(call.id, OTHER_LEG, dialable(number or ""), ring_for, call.offer.leg)
            self._floor.out.append(dial)
            return
        colleague = self._floor.acd.roster.find(AgentId(call.target))
        if colleague is None or not _can_be_called(colleague):
            self._end(call, OwnEnd.BUSY, now)
            return
        call.other = Offer(call.id, OTHER_LEG, colleague.id)
        self._floor.acd.roster.called(colleague, call.other, call.kind, now)
        self._ring(call, call.other, call.agent, now)

    def _dial_citizen(self, call: OwnCall, now: Instant) -> None:
        """On a line that is not one of the callers' last; others may have come or dialled since."""
        line = self._floor.line_to_spare()
        to = Dialled(now, call.caller, call.agent)
        if line is None or one_too_many(to, self._floor.rules.tolls, self._floor.dialled):
            self._end(call, OwnEnd.CANCELLED, now)
            return
        self._take_line(call, line, call.caller, now)
        ring_for = self._floor.rules.callbacks.ring_for
        self._floor.deadlines.set(("own", call.id), Instant(now + ring_for))
        waits = call.offer.leg
        self._floor.out.append(
            fx.DialBack(call.id, OTHER_LEG, call.obligation, call.of_call, ring_for, waits)
        )

    def external_answered(self, call: OwnCall, now: Instant) -> None:
        """The other end outside is up."""
        if call.stage is OwnStage.RINGING and call.line is not None:
            self._floor.lines.move(call.line, LineState.OUTBOUND, now, call.id, call.agent)
            self._together(call, now)

    def leg_ended(self, call: OwnCall, now: Instant, other: LegEnd = LegEnd.HUNG_UP) -> None:
        """Whichever it was: nobody is left to talk to. `other` is how the far end went."""
        if other is LegEnd.NOT_JOINED and _talks_outside(call):
            self.lost.lost(call, now)  # they are there, and the agent is not heard
            return
        if call.answered_at is not None:
            end = OwnEnd.HUNG_UP
        else:
            end = OwnEnd.CANCELLED if call.stage is OwnStage.FETCHING else OwnEnd.NO_ANSWER
        self._end(call, end, now, RESULTS.get(other, AttemptEnd.NO_ANSWER))

    def own_leg_ended(self, call: OwnCall, now: Instant, end: LegEnd = LegEnd.HUNG_UP) -> None:
        """A telephone of ours is down; before anybody outside has answered they are given up."""
        if call.stage in AFTER_LOSS:
            self.lost.leg_ended(call, end, now)
        elif end is LegEnd.LOST and _talks_outside(call):
            self.lost.lost(call, now)
        elif call.kind is OwnKind.CALLBACK and call.answered_at is None:
            self.hang_up(call, now)
        else:
            self.leg_ended(call, now)

    def phone_lost(self, offer: Offer, now: Instant) -> None:
        """The agent's own leg is dead, though it has not ended."""
        call = self.calls[offer.call]
        if offer == call.offer and _talks_outside(call):
            self.lost.lost(call, now)

    def phone_changed(self, agent_id: AgentId, phone: Phone, now: Instant) -> None:
        """A telephone of a seat came or went."""
        agent = self._floor.acd.roster.find(agent_id)
        call = self.calls.get(agent.offer.call) if agent and agent.offer else None
        if agent is not None and call is not None and call.offer == agent.offer:
            self.lost.phone_changed(call, agent, phone, now)

    def due(self, call_id: CallId, now: Instant) -> None:
        """Nobody has answered, come back or heard us out for long enough."""
        call = self.calls[call_id]
        if call.stage is OwnStage.LOST:
            self.lost.expired(call, now)
        else:
            self.leg_ended(call, now, LegEnd.NO_ANSWER)

    # -- within --------------------------------------------------------------------------

    def _ring(self, call: OwnCall, offer: Offer, shown: str, now: Instant) -> None:
        ring_for = self._floor.rules.own_ring_for
        self._floor.deadlines.set(("own", call.id), Instant(now + ring_for))
        waits = call.offer.leg if offer != call.offer else ""
        phone = self._floor.acd.roster[offer.agent].phone
        self._floor.out.append(fx.RingOwn(offer, ring_for, shown, waits, phone))

    def _together(self, call: OwnCall, now: Instant) -> None:
        call.answered_at = now
        self._floor.deadlines.cancel(("own", call.id))
        self._enter(call, OwnStage.TALKING, now)
        self._floor.out.append(join(call))

    def _enter(self, call: OwnCall, stage: OwnStage, now: Instant) -> None:
        call.stage, call.stage_since = stage, now

    def _left(self, call: OwnCall, now: Instant) -> None:
        self._end(call, OwnEnd.PHONE_LOST, now)

    def _end(
        self, call: OwnCall, end: OwnEnd, now: Instant, result: AttemptEnd = AttemptEnd.CANCELLED
    ) -> None:
        del self.calls[call.id]
        for kind in ("own", "own_again"):
            self._floor.deadlines.cancel((kind, call.id))
        if call.stage is OwnStage.LEAVING:  # whoever has hung up now was about to be
            end = OwnEnd.PHONE_LOST
        for offer in (call.offer, call.other):
            if offer is None:
                continue
            self._floor.out.append(acd_fx.DropLeg(offer))
            if self._floor.acd.roster.has(offer):
                self._put_down(call, self._floor.acd.roster[offer.agent], now)
        if call.line is not None:
            self._floor.out.append(fx.DropExternal(call.id, OTHER_LEG))
            self._floor.lines.move(call.line, LineState.IDLE, now)
        self._floor.out.append(fx.Forget(call.id))
        self._floor.out.append(
            fx.OwnCallClosed(
                call.id,
                call.kind,
                call.agent,
                call.target,
                call.began_at,
                call.answered_at,
                end,
                now,
            )
        )
        if call.kind is OwnKind.CALLBACK:
            self.over(call, _what_came_of_it(call, end, result), now)

    def _put_down(self, call: OwnCall, agent: Agent, now: Instant) -> None:
        roster = self._floor.acd.roster
        if call.kind is not OwnKind.CALLBACK or call.answered_at is None:
            roster.put_down(agent, now)
            return
        rules = self._floor.rules.acd
        mine = rules.agents[agent.id].queues if agent.id in rules.agents else ()
        queue = next((rules.queues[each] for each in mine if each in rules.queues), None)
        roster.called_back(agent, WRAP_UP_FOR if queue is None else queue.wrap_up_for, now)


def join(call: OwnCall) -> fx.Join:
    """Both ends in one bridge."""
    other = call.other.leg if call.other is not None else call.outside
    return fx.Join(call.id, (call.offer.leg, other))


def own_legs(call: OwnCall) -> tuple[str, ...]:
    """The channels that ought to live, the one that was asked for last comes last."""
    if call.stage is OwnStage.FETCHING:
        return (call.offer.leg,)
    if call.stage in AFTER_LOSS:
        rings = call.lost is not None and call.lost.rings
        return (call.outside, call.offer.leg) if rings else (call.outside,)
    return join(call).legs


def _what_came_of_it(call: OwnCall, end: OwnEnd, result: AttemptEnd) -> AttemptEnd:
    """Of calling a citizen back; `result` is how the far end went."""
    if end is OwnEnd.PHONE_LOST:
        return AttemptEnd.BROKEN_OFF
    if call.answered_at is not None:
        return AttemptEnd.ANSWERED
    return AttemptEnd.CANCELLED if end is OwnEnd.CANCELLED else result


def _talks_outside(call: OwnCall) -> bool:
    return call.stage is OwnStage.TALKING and call.line is not None


def _can_be_called(agent: Agent) -> bool:
    return agent.state in CALLABLE and agent.device is Device.FREE
