"""The callers' side as a whole: who handles a caller in which part of their visit."""

from typing import Final

from ivr_flows import engine
from telephony.acd import effects as acd_fx
from telephony.acd.model import AgentId, CallId, Instant, Offer, QueueId
from telephony.centre import effects as fx
from telephony.centre.commands import CallArrived, LegEnd
from telephony.centre.consult import Consults
from telephony.centre.effects import LineState, Outcome, Party
from telephony.centre.floor import Floor
from telephony.centre.model import Call, Handover, Stage, Talk
from telephony.centre.outcome import outcome_of
from telephony.centre.outside import Outside
from telephony.centre.own import OwnCalls
from telephony.centre.talking import Talking
from telephony.centre.tolls import Dialled, dialable
from telephony.centre.waiting import Waiting
from telephony.centre.walking import Leave, Walking

FAX_TONES: Final = 2


class Visits:
    """Each caller walks through a flow, waits, talks, or is put through; and leaves."""

    def __init__(self, floor: Floor, own: OwnCalls) -> None:
        self._floor = floor
        self.walking = Walking(floor, self._leave_flow)
        self.waiting = Waiting(floor, self.walking.enter_node, self.walking.visit)
        self.talking = Talking(floor, self.waiting)
        self.outside = Outside(floor, self.walking.give, self.waiting)
        self.consults = Consults(floor, self.talking, self.outside, own)

    @property
    def calls(self) -> dict[CallId, Call]:
        """Every call that is not over."""
        return self._floor.calls

    def arrive(self, new: CallArrived, now: Instant) -> None:
        """A new caller, or one who is found in the middle of a talk."""
        found = self.walking.arrive(new, now)
        if found is not None and new.talking is not None:
            self.talking.talk_found(found, new.talking, now, together=not new.apart)

    def _leave_flow(self, call: Call, leave: Leave, now: Instant) -> None:
        if call.aside and isinstance(leave, engine.Enqueue):
            self.waiting.back_in_line(call, now)
            return
        if call.aside:  # whoever is called back, or leaves, does not wait any more
            self.waiting.step_out(call, now)
        match leave:
            case engine.Enqueue(queue, head_start, skill):
                self.waiting.join(call, QueueId(queue), head_start, skill or "", now)
            case engine.Transfer(number, announce, ask):
                overflowed = Handover(number, announce, ask) if announce else None
                self.outside.dial(call, number, now, overflowed)
            case engine.HangUp():
                self._floor.hang_up(call, Party.SYSTEM, now)
            case engine.Request():
                pass  # noted

    def hand_on(self, agent: AgentId, target: str, now: Instant) -> None:
        """To a colleague by seat, or to a city extension by name; unannounced."""
        number = self._floor.rules.extensions.get(target)
        if number is None:
            self.talking.transfer(agent, AgentId(target), now)
            return
        call = self.talking.may_hand_on(agent)
        line = self.outside.line_for(call, target, number, now)
        offer = self.talking.let_go(call, agent, target, now)
        call.handed_out = True
        self.outside.begin(call, Dialled(now, target, agent), dialable(number), line)
        self._floor.out.append(acd_fx.DropLeg(offer))

    # -- legs of ours ----------------------------------------------------------------------

    def leg_up(self, offer: Offer, now: Instant) -> None:
        """An agent's telephone is up."""
        call = self.calls.get(offer.call)
        if call is not None and call.consult is not None and call.consult.offer == offer:
            self.consults.answered(call, now)
        else:
            self.talking.answered(offer, now)

    def leg_ended(self, offer: Offer, end: LegEnd, now: Instant) -> None:
        """An agent's leg is gone."""
        call = self.calls.get(offer.call)
        if call is not None and call.consult is not None:
            if call.consult.offer == offer:
                self.consults.target_gone(call, end, now)
                return
            if call.offer == offer:
                if self.consults.agent_gone(call, now):
                    return
                end = LegEnd.LOST  # the caller is not hung up on: somebody else serves them
        self.talking.agent_leg_ended(offer, end, now)

    def phone_lost(self, offer: Offer, now: Instant) -> None:
        """An agent's leg is dead, though it has not ended."""
        call = self.calls.get(offer.call)
        if call is None or call.stage not in {Stage.TALKING, Stage.HOLD}:
            return
        if call.consult is not None and call.consult.offer == offer:
            self.consults.target_gone(call, "phone_lost", now)
        elif call.offer == offer and not (call.consult and self.consults.agent_gone(call, now)):
            self.talking.lost.lost(call, now)

    def leave_consult(self, agent: AgentId, now: Instant) -> bool:
        """Whoever is consulted hangs up or declines; whether this agent is."""
        offer = self._floor.acd.roster[agent].offer
        call = self.calls.get(offer.call) if offer is not None else None
        if call is None or call.consult is None or call.consult.offer != offer:
            return False
        self.consults.target_gone(call, LegEnd.HUNG_UP, now)
        return True

    def outside_up(self, call: Call, attempt: int, now: Instant) -> None:
        """The outside party of this attempt is up."""
        if call.consults_outside(attempt):
            self.consults.answered(call, now)
        else:
            self.outside.answered(call, attempt, now)

    def outside_ended(self, call: Call, attempt: int, end: LegEnd, now: Instant) -> None:
        """The outside party of this attempt is gone, or was never reached."""
        if call.consults_outside(attempt):
            self.consults.target_gone(call, end, now)
        else:
            self.outside.ended(call, attempt, now)

    # -- the end of it ---------------------------------------------------------------------

    def fax_tone_heard(self, call: Call, now: Instant) -> None:
        """A machine calls again and again and presses no key: its line is freed.

        One tone may be a whistle; a fax machine repeats its own each 3.5 s.
        """
        if call.stage not in {Stage.MENU, Stage.WAITING}:
            return
        call.fax_tones += 1
        if call.fax_tones >= FAX_TONES:
            self._floor.note(call, "fax", now)
            self._floor.stop(call)
            self._floor.acd.leave(call.id, now)
            self._floor.hang_up(call, Party.SYSTEM, now)

    def ended(self, call: Call, now: Instant, lost: bool = False) -> None:
        """The caller's channel is gone: close the record, free what they held."""
        if self.outside.asks(call) and not lost:
            self.outside.ask(call, now)
        elif call.stage is not Stage.ASKING:  # told of twice
            self._ended(call, now, lost)

    def asked(self, call: Call, now: Instant) -> None:
        """Whoever took an overflowed call has said what came of it, or nothing in time."""
        self._ended(call, now, lost=False)

    def _ended(self, call: Call, now: Instant, lost: bool) -> None:
        at = now if call.left_at is None else call.left_at
        self.outside.tell_result(call, now)
        self._floor.acd.leave(call.id, now)
        if call.consult is not None:
            self.consults.over(call, now)
        if call.offer is not None and self._floor.acd.hung_up(call.offer, now):
            self._floor.out.append(acd_fx.DropLeg(call.offer))
        if call.offer is not None:
            talk = Talk(call.offer.agent, call.caller, "", call.id, now)
            self._floor.talks[talk.agent] = talk
        self.outside.drop(call, now)
        self._floor.cancel(call)
        by = call.hung_up_by or (Party.SYSTEM if lost else Party.CALLER)
        outcome = outcome_of(call, lost)
        if call.left_at is None:
            self._floor.enter(call, Stage.ENDING, now)
        del self._floor.calls[call.id]
        self._floor.out.append(fx.Forget(call.id))
        if call.left_at is None:
            self._floor.lines.move(call.line, LineState.IDLE, now)
        reason = call.overflow if outcome is Outcome.OVERFLOWED else None
        self._floor.out.append(
            fx.CallClosed(call.id, outcome, reason, call.waited, call.talked, call.held, by, at)
        )
