"""Callers who talk to an agent: the answer, hold, transfer, and the end of it."""

from typing import Final

from telephony.acd import effects as acd_fx
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, Instant, Offer
from telephony.acd.roster import IN_CALL
from telephony.centre import effects as fx
from telephony.centre.commands import LegEnd
from telephony.centre.effects import Party
from telephony.centre.floor import Floor
from telephony.centre.lost import LostPhones
from telephony.centre.model import Call, Stage
from telephony.centre.outcome import offer_end
from telephony.centre.seat_phones import PHONE_IS_LOST
from telephony.centre.waiting import Waiting

JOIN_WITHIN: Final = 3.0  # seconds in which Asterisk has put two together, or has refused it
SEEN_WITHIN: Final = 1.0  # seconds until a colleague can know that a caller was handed to them
MOST_TRANSFERS: Final = 10  # of one call: it goes round, and whoever has it must end that


class Talking:
    """From the moment an offered leg is up until the agent is out of the call."""

    def __init__(self, floor: Floor, waiting: Waiting) -> None:
        self._floor = floor
        self._waiting = waiting
        self.lost = LostPhones(floor, waiting)

    def answered(self, offer: Offer, now: Instant) -> None:
        """The offered leg is up."""
        known = self._floor.calls.get(offer.call)
        if known is not None and known.lost is not None and known.offer == offer:
            self.lost.answered(known, now)
            return
        if self._floor.acd.answered(offer, now) is None:
            return
        call = self._floor.calls[offer.call]
        self._floor.cancel(call)
        call.offer, call.overdue = offer, False
        self._floor.enter(call, Stage.TALKING, now)
        call.answered = True
        self._floor.note_served(call, offer.agent, now)
        self._floor.advance(call)

    def agent_leg_ended(self, offer: Offer, end: LegEnd, now: Instant) -> None:
        """The agent's leg is gone: an offer not taken, a call that is over, or a broken phone."""
        call = self._floor.calls.get(offer.call)
        if call is None or call.offer != offer:
            self._floor.acd.not_answered(offer, offer_end(end), now)
            self._waiting.check_overdue(offer.call, now)
        elif call.lost is not None:
            self.lost.leg_ended(call, end, now)
        elif call.stage is Stage.HOLD and end is LegEnd.HUNG_UP:
            self.lost.put_down(call, now)
        elif self._floor.acd.hung_up(offer, now):
            if end is LegEnd.HUNG_UP and not self._was_handed_on(call, now):
                self._floor.hang_up(call, Party.AGENT, now)
            elif end is LegEnd.NOT_JOINED and now - call.stage_since <= JOIN_WITHIN:
                self._never_talked(call, now)
            else:
                self._waiting.take_back(call, end, now)

    @staticmethod
    def _was_handed_on(call: Call, now: Instant) -> bool:
        """Just now: whoever hangs up in this moment has not seen yet that the caller is theirs."""
        return call.handed_at is not None and now - call.handed_at <= SEEN_WITHIN

    def _never_talked(self, call: Call, now: Instant) -> None:
        """An agent had picked up, but neither heard the other: no talk, no answer, still waiting.

        What lasted longer than a request may take had been a talk, whose ends came apart.
        """
        talked, silent = call.talked, now - call.stage_since
        self._floor.out.append(fx.Unpark(call.id))  # they may hear the music still: not twice
        self._waiting.take_back(call, LegEnd.NOT_JOINED, now)
        call.talked = talked
        if not talked:  # nor with anybody before
            call.answered = False
            call.waited += silent

    def talk_found(self, call: Call, offer: Offer, now: Instant, *, together: bool) -> None:
        """Somebody has answered for them though we heard of no answer: nothing may part them."""
        rules = self._floor.rules.acd.agents.get(offer.agent)
        if rules is None:
            return
        call.queue = call.queue or next(iter(rules.queues), None)
        if call.queue is None:
            return
        self._floor.cancel(call)
        if call.offer is not None and self._floor.acd.hung_up(call.offer, now):
            self._floor.out.append(acd_fx.DropLeg(call.offer))
        self._floor.acd.found_talking(offer, call.queue, now)
        call.offer, call.overdue, call.playing = offer, False, False
        call.lost = None
        call.attempts = max(call.attempts, offer.attempt)
        self._floor.enter(call, Stage.TALKING, now)
        call.answered = call.wanted_person = True
        if not together:
            self._floor.out.append(acd_fx.Connect(offer))
        self._floor.note(call, "found_talking", now, agent=offer.agent)
        self._floor.advance(call)

    def hold(self, agent: AgentId, now: Instant) -> None:
        """The caller hears music."""
        call = self._talking_to(agent)
        self._floor.acd.roster.within_call(self._floor.acd.roster[agent], "hold", now)
        self._floor.enter(call, Stage.HOLD, now)
        self._floor.note(call, "hold", now, agent=agent)
        self._floor.out.append(fx.Park(call.id))

    def resume(self, agent: AgentId, now: Instant) -> None:
        """Caller and agent hear each other again."""
        call = self._talking_to(agent)
        offer = self._floor.acd.roster.within_call(self._floor.acd.roster[agent], "resume", now)
        self._floor.enter(call, Stage.TALKING, now)
        self._floor.note(call, "resumed", now, agent=agent)
        self._floor.out.append(acd_fx.Connect(offer))

    def transfer(self, agent: AgentId, target: AgentId, now: Instant) -> None:
        """The caller is offered to the target at once; failing that, to the queue again."""
        call = self.may_hand_on(agent)
        self._floor.acd.check_target(target)
        offer = self.let_go(call, agent, target, now)
        self._waiting.wait(call, now)
        self._floor.out.append(acd_fx.DropLeg(offer))
        self._floor.acd.direct(self._waiting.entry(call, now), target, now)

    def may_hand_on(self, agent: AgentId) -> Call:
        """The caller of an agent who may hand them on; raises Rejected."""
        call = self._talking_to(agent)
        if call.transfers >= MOST_TRANSFERS:
            raise Rejected("this caller was handed on often enough: serve them yourself")
        return call

    def let_go(self, call: Call, agent: AgentId, target: str, now: Instant) -> Offer:
        """The agent is out of the call; the leg that must be dropped."""
        call.transfers += 1
        offer = call.connected
        self._floor.note(call, "transfer", now, agent=agent, target=target)
        self._floor.acd.hung_up(offer, now)
        call.offer = call.page_left = None
        return offer

    def end(self, agent: AgentId, now: Instant) -> None:
        """The agent hangs up by request."""
        call = self._talking_to(agent)
        offer = call.connected
        self._floor.acd.hung_up(offer, now)
        self._floor.out.append(acd_fx.DropLeg(offer))
        self._floor.hang_up(call, Party.AGENT, now)

    def _talking_to(self, agent: AgentId) -> Call:
        """The call of an agent who is in one; raises Rejected."""
        who = self._floor.acd.roster[agent]
        if who.state not in IN_CALL or who.offer is None:
            raise Rejected(f"{agent} is not in a call")
        call = self._floor.calls.get(who.offer.call)
        if call is None:
            raise Rejected(
                "自分でかけた通話は保留・転送できません "
                "(a call of your own can be neither held nor handed on)"
            )
        if call.lost is not None:
            raise Rejected(PHONE_IS_LOST)
        if call.consult is not None:
            raise Rejected(
                "取次中です。切り替え・三者通話・転送・取次をやめる、のどれかを選んでください "
                "(you are consulting: swap, confer, hand over, or end the consultation)"
            )
        return call
