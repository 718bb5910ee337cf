"""Attended transfer (取次転送) and the conference of three, while a citizen is on the line.

Theory of operation
-------------------
The agent asks a colleague, the supervisor or a city extension while the caller hears music. Three
channels, one room (the call's bridge): whoever is not in it hears music. `Meeting` says who is.
The agent may change it, hand the caller over, or end the consultation.

Anybody may leave at any moment. One rule decides who stays, whatever the meeting:

* the caller leaves: it is over for all;
* the agent leaves, by any means, and the target has answered: caller and target are together.
  Has the target not answered, the caller waits again, before everybody who came later;
* the target leaves, or is not reached: caller and agent stay as they were, on hold or talking.
"""

from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, Instant, Offer
from telephony.centre import effects as fx
from telephony.centre.effects import LineState
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Consult, Meeting, Stage
from telephony.centre.outside import Outside
from telephony.centre.own import OwnCalls
from telephony.centre.talking import Talking
from telephony.centre.tolls import Dialled, dialable

CONSULT: Final = "consult"  # the reason of both agents' states
CONFERENCE: Final = "conference"
WITH_CALLER: Final = frozenset({Meeting.CALLER, Meeting.ALL})


class Consults:
    """Every consultation is of a call that an agent talks to."""

    def __init__(self, floor: Floor, talking: Talking, outside: Outside, own: OwnCalls) -> None:
        self._floor = floor
        self._talking = talking
        self._outside = outside
        self._own = own

    # -- what agents ask for -------------------------------------------------------------

    def begin(self, agent_id: AgentId, target: str, now: Instant) -> None:
        """Put the caller on hold and ring the target. Raises Rejected."""
        call = self._talking.may_hand_on(agent_id)
        if self._floor.acd.withheld:
            raise Rejected("今は電話を鳴らせません (no telephone can be rung at present)")
        number = self._floor.rules.extensions.get(target)
        if number is None:
            self._own.check_colleague(agent_id, AgentId(target))
            self._rest(call, agent_id, now)
            self._ring(call, AgentId(target), now)
        else:
            line = self._outside.line_for(call, target, number, now)
            self._rest(call, agent_id, now)
            self._dial(call, target, number, line, now)
        self._floor.note(call, "consulted", now, agent=agent_id, target=target)

    def _rest(self, call: Call, agent: AgentId, now: Instant) -> None:
        if call.stage is Stage.TALKING:
            self._talking.hold(agent, now)
        self._meets(call, Meeting.NOBODY, now)

    def _ring(self, call: Call, target: AgentId, now: Instant) -> None:
        colleague = self._floor.acd.roster[target]
        call.attempts += 1
        offer = Offer(call.id, call.attempts, target)
        call.consult = Consult(target, offer=offer)
        self._floor.acd.roster.called(colleague, offer, CONSULT, now)
        ring_for = self._floor.rules.own_ring_for
        self._floor.set(call, "consult", now + ring_for)
        shown, waits = call.connected.agent, call.connected.leg
        self._floor.out.append(fx.RingOwn(offer, ring_for, shown, waits, colleague.phone))

    def _dial(self, call: Call, target: str, number: str, line: int, now: Instant) -> None:
        agent = call.connected.agent
        self._floor.note_dialled(Dialled(now, target, agent))
        call.attempts += 1
        call.external, call.external_line = call.attempts, line
        call.consult = Consult(target)
        self._floor.lines.move(line, LineState.DIALLING, now, call.id, agent)
        ring_for = self._floor.rules.external_ring_for
        self._floor.set(call, "consult", now + ring_for)
        waits = call.connected.leg
        self._floor.out.append(
            fx.DialOwn(call.id, call.external, dialable(number), ring_for, waits)
        )

    def swap(self, agent: AgentId, now: Instant) -> None:
        """Talk to the other one of the two, who hears music until then."""
        call, consult = self._answered_for(agent)
        before = consult.meeting
        meeting = Meeting.TARGET if before in WITH_CALLER else Meeting.CALLER
        self._meets(call, meeting, now)
        self.gather(call, before)

    def conference(self, agent: AgentId, now: Instant) -> None:
        """All three hear each other."""
        call, consult = self._answered_for(agent)
        before = consult.meeting
        self._meets(call, Meeting.ALL, now)
        self._floor.note(call, "conference", now, agent=agent)
        self.gather(call, before)

    def complete(self, agent: AgentId, now: Instant) -> None:
        """The agent leaves; caller and target go on."""
        call, _ = self._answered_for(agent)
        self._hand_over(call, now)

    def end(self, agent: AgentId, now: Instant) -> None:
        """Back to the caller, whatever the target does."""
        call, _ = self._of(agent)
        self._drop(call, now)
        if call.stage is Stage.HOLD:
            self._talking.resume(agent, now)

    def _of(self, agent: AgentId) -> tuple[Call, Consult]:
        offer = self._floor.acd.roster[agent].offer
        call = self._floor.calls.get(offer.call) if offer is not None else None
        if call is None or call.consult is None or call.offer != offer:
            raise Rejected("取次中ではありません (you are not consulting anybody)")
        return call, call.consult

    def _answered_for(self, agent: AgentId) -> tuple[Call, Consult]:
        call, consult = self._of(agent)
        if consult.meeting is Meeting.NOBODY:
            raise Rejected("相手がまだ出ていません (they have not answered yet)")
        return call, consult

    # -- what happens --------------------------------------------------------------------

    def answered(self, call: Call, now: Instant) -> None:
        """The target is up."""
        consult = call.consulting
        if consult.meeting is not Meeting.NOBODY:
            return
        self._floor.deadlines.cancel(("consult", call.id))
        if consult.offer is not None:
            roster = self._floor.acd.roster
            roster.answers_colleague(roster[consult.offer.agent], now)
        elif call.external_line is not None:
            agent = call.connected.agent
            self._floor.lines.move(call.external_line, LineState.OUTBOUND, now, call.id, agent)
        self._meets(call, Meeting.TARGET, now)
        self.gather(call)

    def target_gone(self, call: Call, why: str, now: Instant) -> None:
        """Caller and agent stay as they were."""
        self._floor.note(call, "consult_ended", now, target=call.consulting.target, reason=why)
        self._drop(call, now)
        if call.stage is Stage.HOLD:  # nobody is in the room but the agent, who hears it ring
            self._floor.out.append(fx.Gather(call.id, (call.connected.leg,), ()))

    def agent_gone(self, call: Call, now: Instant) -> bool:
        """The agent has left: whether the caller has somebody all the same."""
        if call.consulting.meeting is Meeting.NOBODY:
            self._drop(call, now)
            return False
        self._hand_over(call, now)
        return True

    def over(self, call: Call, now: Instant) -> None:
        """The caller has left."""
        self._drop(call, now)

    # -- within --------------------------------------------------------------------------

    def _hand_over(self, call: Call, now: Instant) -> None:
        consult, former = call.consulting, call.connected
        self._floor.note(call, "transfer", now, agent=former.agent, target=consult.target)
        call.transfers += 1
        self._floor.deadlines.cancel(("consult", call.id))
        self._floor.acd.hung_up(former, now)
        self._floor.out.append(acd_fx.DropLeg(former))
        there = self.target_leg(call)
        call.consult, call.offer, call.page_left = None, consult.offer, None
        if consult.offer is None:
            self._goes_on_outside(call, now)
        else:
            self._goes_on_with(call, consult.offer, now)
        self._floor.advance(call)
        self._floor.out.append(fx.Gather(call.id, (call.id, there), ()))

    def _goes_on_with(self, call: Call, offer: Offer, now: Instant) -> None:
        rules = self._floor.rules.acd
        queue = None if call.queue is None else rules.queues.get(call.queue)
        roster = self._floor.acd.roster
        roster.takes_over(roster[offer.agent], queue, now)
        self._floor.enter(call, Stage.TALKING, now)
        call.handed_at = now
        self._floor.note(call, "connected", now, agent=offer.agent)
        self._floor.note_served(call, offer.agent, now)

    def _goes_on_outside(self, call: Call, now: Instant) -> None:
        call.put_through = True
        self._floor.enter(call, Stage.OUTSIDE, now)
        self._floor.note(call, "connected_outside", now)

    def _drop(self, call: Call, now: Instant) -> None:
        """The target is in it no more."""
        consult, call.consult = call.consulting, None
        self._floor.deadlines.cancel(("consult", call.id))
        roster = self._floor.acd.roster
        if consult.offer is None:
            self._outside.drop(call, now)
        else:
            self._floor.out.append(acd_fx.DropLeg(consult.offer))
            if roster.has(consult.offer):
                roster.put_down(roster[consult.offer.agent], now)
        if call.offer is not None and roster.has(call.offer):
            with_caller = consult.meeting in WITH_CALLER
            roster.meets(roster[call.offer.agent], None, talks=with_caller, now=now)

    def _meets(self, call: Call, meeting: Meeting, now: Instant) -> None:
        """Who hears whom, as the records and the screens have it."""
        if call.consult is not None:
            call.consult.meeting = meeting
        talks = meeting in WITH_CALLER
        stage = Stage.TALKING if talks else Stage.HOLD
        if call.stage is not stage:
            self._floor.enter(call, stage, now)
        reason = CONFERENCE if meeting is Meeting.ALL else CONSULT
        roster = self._floor.acd.roster
        roster.meets(roster[call.connected.agent], reason, talks=talks, now=now)

    def gather(self, call: Call, before: Meeting = Meeting.NOBODY) -> None:
        """Those who are to hear each other in one room; who was in it and is not to be, out."""
        now, aside = self.room(call)
        out = tuple(leg for leg in self._rooms(call)[before] if leg in aside)
        self._floor.out.append(fx.Gather(call.id, now, out))

    def room(self, call: Call) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who is to hear each other, and who is to hear music meanwhile."""
        rooms = self._rooms(call)
        now = rooms[call.consulting.meeting]
        return now, tuple(leg for leg in rooms[Meeting.ALL] if leg not in now)

    def _rooms(self, call: Call) -> dict[Meeting, tuple[str, ...]]:
        agent, target = call.connected.leg, self.target_leg(call)
        return {
            Meeting.NOBODY: (agent,),
            Meeting.TARGET: (agent, target),
            Meeting.CALLER: (call.id, agent),
            Meeting.ALL: (call.id, agent, target),
        }

    @staticmethod
    def target_leg(call: Call) -> str:
        """The channel of whoever is consulted."""
        offer = call.consulting.offer
        return offer.leg if offer is not None else fx.external_leg(call.id, call.external)
