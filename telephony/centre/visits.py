"""The callers' side: arriving, walking through a flow, waiting, talking, leaving."""

from datetime import datetime
from typing import Final

from ivr_flows import engine
from ivr_flows.schema import Collect
from telephony.acd import effects as acd_fx
from telephony.acd.core import Acd
from telephony.acd.deadlines import Deadlines
from telephony.acd.errors import Rejected
from telephony.acd.model import AgentId, CallId, Entry, Instant, Offer, OfferEnd, QueueId
from telephony.acd.roster import IN_CALL
from telephony.centre import effects as fx
from telephony.centre.commands import CallArrived, LegEnd
from telephony.centre.effects import LineState, Outcome, OverflowReason, Party, Refusal
from telephony.centre.lines import Lines
from telephony.centre.model import Call, CentreRules, Stage
from telephony.centre.tolls import dialable, refusal

LINE_STATE: Final = {
    Stage.MENU: LineState.MENU,
    Stage.WAITING: LineState.WAITING,
    Stage.TALKING: LineState.TALKING,
    Stage.HOLD: LineState.HOLD,
    Stage.DIALLING: LineState.WAITING,
    Stage.OUTSIDE: LineState.TALKING,
}
LAST_PLACE: Final = 99  # the highest number that is recorded
DEADLINES: Final = ("listen", "menu", "max_wait", "announce", "external")


class Visits:
    """Every call that is not over, and what happens to each."""

    def __init__(
        self, rules: CentreRules, acd: Acd, lines: Lines, deadlines: Deadlines, out: list[fx.Effect]
    ) -> None:
        self.calls: dict[CallId, Call] = {}
        self.clock_offset = 0.0
        self.dialled_at: list[Instant] = []
        self._rules = rules
        self._acd = acd
        self._lines = lines
        self._deadlines = deadlines
        self._out = out

    # -- arriving ------------------------------------------------------------------------

    def arrive(self, new: CallArrived, now: Instant) -> None:
        """Give the caller a line and start the flow, or turn them away."""
        if new.call in self.calls:
            return
        at = now if new.arrived_at is None else min(new.arrived_at, now)
        line = self._lines.free() if new.admitted else None
        self._out.append(fx.CallOpened(new.call, line, new.dialled, at))
        if line is None:
            self._turn_away(new, now)
            return
        position, actions = self._first_node(new.plain, now)
        call = Call(new.call, line, at, Stage.MENU, now, position)
        self.calls[call.id] = call
        self._lines.move(line, LineState.MENU, now, call.id)
        if new.talking is not None:
            self.talk_found(call, new.talking, now)
            return
        self._out.append(fx.AnswerCall(call.id))
        if new.dialled not in self._rules.numbers_dialled:
            self._note(call, "unknown_number", now)
        self._set(call, "menu", now + self._rules.max_menu_time)
        self._follow(call, position, actions, now)

    def _first_node(self, plain: bool, now: Instant) -> engine.Move:
        flow, civil, hours = self._rules.flow, self._civil(now), self._rules.hours
        if plain:
            return engine.enter(flow, flow.person, civil, hours)
        return engine.start(flow, civil, hours)

    def _turn_away(self, new: CallArrived, now: Instant) -> None:
        if new.admitted:
            refusal_, outcome = Refusal.BUSY, Outcome.OVERFLOWED
            reason: OverflowReason | None = OverflowReason.ALL_LINES_BUSY
        else:
            refusal_, outcome, reason = Refusal.CONGESTION, Outcome.REFUSED, None
        self._out.append(fx.RefuseCall(new.call, refusal_))
        self._out.append(fx.CallClosed(new.call, outcome, reason, 0.0, 0.0, 0.0, Party.SYSTEM, now))

    # -- in the flow ---------------------------------------------------------------------

    def give(self, call: Call, given: engine.Input, now: Instant) -> None:
        """One input of the caller to their place in the flow."""
        rules = self._rules
        position, actions = engine.step(
            rules.flow, call.position, given, self._civil(now), rules.hours
        )
        self._follow(call, position, actions, now)

    def resume_flow(self, call: Call, now: Instant) -> None:
        """The same node again, its prompt from the start."""
        rules = self._rules
        if call.position.node not in rules.flow.nodes:  # the flow changed while we were away
            self.give_up_flow(call, now)
            return
        position, actions = engine.resume(rules.flow, call.position, self._civil(now), rules.hours)
        self._follow(call, position, actions, now)

    def give_up_flow(self, call: Call, now: Instant) -> None:
        """Plain handling: to a person, without asking any more."""
        self._enter_node(call, self._rules.flow.person, now)

    def _enter_node(self, call: Call, node: str, now: Instant) -> None:
        self._stop(call)
        self._set(call, "menu", now + self._rules.max_menu_time)
        self._enter(call, Stage.MENU, now)
        rules = self._rules
        position, actions = engine.enter(rules.flow, node, self._civil(now), rules.hours)
        self._follow(call, position, actions, now)

    def _follow(  # noqa: C901 -- one arm each
        self, call: Call, position: engine.Position, actions: list[engine.Action], now: Instant
    ) -> None:
        call.position = position
        for action in actions:
            match action:
                case engine.Play(prompts):
                    self._play(call, prompts)
                case engine.Stop():
                    self._stop(call)
                case engine.Listen(seconds):
                    self._listen(call, seconds, now)
                case engine.Chose(node, key):
                    call.menu_path.append(key)
                    self._note(call, "key", now, node=node, key=key)
                    self._advance(call)
                case engine.CheckCollected(field, length):
                    accept = self._accepted_at(position.node)
                    self._out.append(fx.CheckKeys(call.id, field, length, accept))
                case engine.Enqueue(queue, head_start, skill):
                    self._join(call, QueueId(queue), head_start, skill or "", now)
                case engine.Transfer(number):
                    self._dial(call, number, now)
                case engine.HangUp():
                    self._hang_up(call, Party.SYSTEM, now)

    def _accepted_at(self, node: str) -> str:
        collect = self._rules.flow.nodes.get(node)
        return collect.accept if isinstance(collect, Collect) else "digits"

    def _listen(self, call: Call, seconds: float | None, now: Instant) -> None:
        if seconds is None:
            self._deadlines.cancel(("listen", call.id))
        else:
            self._set(call, "listen", now + seconds)

    def _play(self, call: Call, prompts: tuple[str, ...]) -> None:
        call.playback += 1
        call.playing = True
        self._out.append(fx.Play(call.id, call.playback, prompts))

    def _stop(self, call: Call) -> None:
        if call.playing:
            call.playing = False
            self._out.append(fx.StopPlay(call.id, call.playback))

    # -- waiting -------------------------------------------------------------------------

    def _join(
        self, call: Call, queue: QueueId, head_start: float, skill: str, now: Instant
    ) -> None:
        call.queue, call.head_start, call.skill = queue, head_start, skill
        call.wanted_person = True
        if self._acd.full(queue):
            self._leave_queue(call, OverflowReason.QUEUE_FULL, now)
            return
        if call.entered_at is None:
            call.entered_at = now
        self._note(call, "queued", now, queue=queue)
        self._advance(call)
        self._wait(call, now)
        self._acd.enqueue(self._entry(call, now))

    def _wait(self, call: Call, now: Instant) -> None:
        assert call.queue is not None
        self._deadlines.cancel(("listen", call.id))
        self._deadlines.cancel(("menu", call.id))
        self._stop(call)
        self._enter(call, Stage.WAITING, now)
        self._out.append(fx.Park(call.id))
        rules = self._rules.acd.queues[call.queue]
        self._set(call, "announce", now + rules.announce_after)
        if rules.max_wait is not None:
            self._set(call, "max_wait", now + rules.max_wait)

    def _entry(self, call: Call, now: Instant) -> Entry:
        assert call.queue is not None
        entered_at = now if call.entered_at is None else call.entered_at
        return Entry(call.id, call.queue, entered_at, call.head_start, call.skill, call.attempts)

    def announce(self, call: Call, now: Instant) -> None:
        """Tell a waiting caller their place; not while a telephone rings for them."""
        entry = self._acd.entries.get(call.id)
        if entry is None:
            return
        if entry.offer is None and not call.playing:
            place = self._acd.board.position(entry)
            known = ("position_intro", f"position:{place}", "position_outro")
            self._play(call, known if place <= LAST_PLACE else ("please_wait",))
        every = self._rules.acd.queues[entry.queue].announce_every
        self._set(call, "announce", now + every)

    def announce_again(self, call: Call, now: Instant) -> None:
        """The caller asks for their place; one that is being told begins anew."""
        self._stop(call)
        self.announce(call, now)

    def waited_too_long(self, call: Call, now: Instant) -> None:
        """The longest wait has passed. A telephone that rings for them is given its chance."""
        entry = self._acd.entries.get(call.id)
        if entry is None:
            return
        if entry.offer is None:
            self._leave_queue(call, OverflowReason.MAX_WAIT, now)
        else:
            call.overdue = True

    def _leave_queue(self, call: Call, reason: OverflowReason, now: Instant) -> None:
        assert call.queue is not None
        call.overflow, call.overdue = reason, False
        self._acd.leave(call.id, now)
        self._cancel(call)
        self._note(call, "left_queue", now, reason=reason)
        if call.stage is Stage.WAITING:
            self._out.append(fx.Unpark(call.id))
        node = self._rules.exits.get(call.queue, {}).get(reason)
        if node is None:
            self._hang_up(call, Party.SYSTEM, now)
        else:
            self._enter_node(call, node, now)

    # -- offers --------------------------------------------------------------------------

    def offered(self, offer: Offer) -> None:
        """A telephone begins to ring for the caller: no announcement may delay them."""
        call = self.calls[offer.call]
        call.attempts = offer.attempt
        self._stop(call)

    def answered(self, offer: Offer, now: Instant) -> None:
        """The offered leg is up."""
        if self._acd.answered(offer, now) is None:
            return
        call = self.calls[offer.call]
        self._cancel(call)
        call.offer, call.overdue = offer, False
        self._enter(call, Stage.TALKING, now)
        call.answered = True
        self._advance(call)

    def agent_leg_ended(self, offer: Offer, end: LegEnd, now: Instant) -> None:
        """The agent's leg is gone: an offer not taken, a call that is over, or a broken phone."""
        call = self.calls.get(offer.call)
        if call is None or call.offer != offer:
            self._acd.not_answered(offer, offer_end(end), now)
            self.check_overdue(offer.call, now)
        elif self._acd.hung_up(offer, now):
            if end is LegEnd.HUNG_UP:
                self._hang_up(call, Party.AGENT, now)
            else:
                self._return(call, end, now)

    def talk_found(self, call: Call, offer: Offer, now: Instant) -> None:
        """Asterisk has them talking though we heard of no answer: nothing may part them."""
        rules = self._rules.acd.agents.get(offer.agent)
        if rules is None:
            return
        call.queue = call.queue or next(iter(rules.queues), None)
        if call.queue is None:
            return
        self._cancel(call)
        self._acd.found_talking(offer, call.queue, now)
        call.offer, call.overdue, call.playing = offer, False, False
        call.attempts = max(call.attempts, offer.attempt)
        self._enter(call, Stage.TALKING, now)
        call.answered = call.wanted_person = True
        self._note(call, "found_talking", now, agent=offer.agent)
        self._advance(call)

    def check_overdue(self, call_id: CallId, now: Instant) -> None:
        """An offer failed; somebody who has waited longest leaves the queue now."""
        call = self.calls.get(call_id)
        if call is not None and call.overdue:
            self.waited_too_long(call, now)

    def _return(self, call: Call, end: LegEnd, now: Instant) -> None:
        """Back to the queue with the rank they had: never silence, never a drop."""
        self._note(call, "returned", now, reason=end, agent=call.connected.agent)
        self._out.append(acd_fx.DropLeg(call.connected))
        call.offer = None
        self._wait(call, now)
        self._acd.enqueue(self._entry(call, now))

    # -- what an agent asks for ----------------------------------------------------------

    def hold(self, agent: AgentId, now: Instant) -> None:
        """The caller hears music."""
        call = self._talking_to(agent)
        self._acd.roster.within_call(self._acd.roster[agent], "hold", now)
        self._enter(call, Stage.HOLD, now)
        self._note(call, "hold", now, agent=agent)
        self._out.append(fx.Park(call.id))

    def resume(self, agent: AgentId, now: Instant) -> None:
        """Caller and agent hear each other again."""
        call = self._talking_to(agent)
        offer = self._acd.roster.within_call(self._acd.roster[agent], "resume", now)
        self._enter(call, Stage.TALKING, now)
        self._note(call, "resumed", now, agent=agent)
        self._out.append(acd_fx.Connect(offer))

    def transfer(self, agent: AgentId, target: AgentId, now: Instant) -> None:
        """The caller is offered to the target at once; failing that, to the queue again."""
        call = self._talking_to(agent)
        self._acd.check_target(target)
        offer = call.connected
        self._note(call, "transfer", now, agent=agent, target=target)
        self._acd.hung_up(offer, now)
        call.offer = None
        self._wait(call, now)
        self._out.append(acd_fx.DropLeg(offer))
        self._acd.direct(self._entry(call, now), target, now)

    def end(self, agent: AgentId, now: Instant) -> None:
        """The agent hangs up by request."""
        call = self._talking_to(agent)
        offer = call.connected
        self._acd.hung_up(offer, now)
        self._out.append(acd_fx.DropLeg(offer))
        self._hang_up(call, Party.AGENT, now)

    def _talking_to(self, agent: AgentId) -> Call:
        """The call of an agent who is in one; raises Rejected."""
        who = self._acd.roster[agent]
        if who.state not in IN_CALL or who.offer is None:
            raise Rejected(f"{agent} is not in a call")
        return self.calls[who.offer.call]

    # -- to the outside ------------------------------------------------------------------

    def _dial(self, call: Call, name: str, now: Instant) -> None:
        """Through the toll gate, on a free line; else the flow goes on."""
        number = dialable(self._rules.numbers.get(name, ""))
        refused = refusal(number, self._rules.tolls, self.dialled_at, now)
        line = self._lines.free()
        if refused or line is None:
            self._note(call, "transfer_refused", now, number=name, reason=refused or "no_line")
            self.give(call, engine.Failed(), now)
            return
        self.dialled_at = [*(at for at in self.dialled_at if at > now - 3600.0), now]
        call.attempts += 1
        call.external, call.external_line = call.attempts, line
        self._deadlines.cancel(("menu", call.id))
        self._enter(call, Stage.DIALLING, now)
        self._lines.move(line, LineState.DIALLING, now, call.id)
        self._set(call, "external", now + self._rules.external_ring_for)
        self._note(call, "dialled", now, number=name)
        self._out.append(fx.Park(call.id))
        ring_for = self._rules.external_ring_for
        self._out.append(fx.DialOut(call.id, call.external, number, ring_for))

    def external_answered(self, call: Call, attempt: int, now: Instant) -> None:
        """The outside party is up."""
        if call.stage is not Stage.DIALLING or call.external != attempt:
            self._out.append(fx.DropExternal(call.id, attempt))
            return
        assert call.external_line is not None
        self._deadlines.cancel(("external", call.id))
        self._lines.move(call.external_line, LineState.OUTBOUND, now, call.id)
        self._enter(call, Stage.OUTSIDE, now)
        call.put_through = True
        self._note(call, "connected_outside", now)
        self._out.append(fx.ConnectExternal(call.id, attempt))

    def external_ended(self, call: Call, attempt: int, now: Instant) -> None:
        """The outside party is gone, or was not reached."""
        if call.external != attempt:
            return
        stage = call.stage
        self._drop_external(call, now)
        if stage is Stage.DIALLING:
            self._enter(call, Stage.MENU, now)
            self._set(call, "menu", now + self._rules.max_menu_time)
            self._out.append(fx.Unpark(call.id))
            self.give(call, engine.Failed(), now)
        elif stage is Stage.OUTSIDE:
            self._hang_up(call, Party.SYSTEM, now)

    def _drop_external(self, call: Call, now: Instant) -> None:
        if call.external_line is None:
            return
        self._deadlines.cancel(("external", call.id))
        self._out.append(fx.DropExternal(call.id, call.external))
        self._lines.move(call.external_line, LineState.IDLE, now)
        call.external, call.external_line = 0, None

    # -- leaving -------------------------------------------------------------------------

    def _hang_up(self, call: Call, by: Party, now: Instant) -> None:
        call.hung_up_by = by
        self._cancel(call)
        self._enter(call, Stage.ENDING, now)
        self._out.append(fx.HangUp(call.id))

    def ended(self, call: Call, now: Instant, lost: bool = False) -> None:
        """The caller's channel is gone: close the record, free what they held."""
        self._acd.leave(call.id, now)
        if call.offer is not None and self._acd.hung_up(call.offer, now):
            self._out.append(acd_fx.DropLeg(call.offer))
        self._drop_external(call, now)
        self._cancel(call)
        by = call.hung_up_by or (Party.SYSTEM if lost else Party.CALLER)
        outcome = outcome_of(call, lost)
        self._enter(call, Stage.ENDING, now)
        del self.calls[call.id]
        self._out.append(fx.Forget(call.id))
        self._lines.move(call.line, LineState.IDLE, now)
        reason = call.overflow if outcome is Outcome.OVERFLOWED else None
        self._out.append(
            fx.CallClosed(call.id, outcome, reason, call.waited, call.talked, call.held, by, now)
        )

    # -- small things --------------------------------------------------------------------

    def _enter(self, call: Call, stage: Stage, now: Instant) -> None:
        """Begin a stage, and count the one that ends."""
        elapsed = now - call.stage_since
        if call.stage is Stage.TALKING:
            call.talked += elapsed
        elif call.stage is Stage.HOLD:
            call.held += elapsed
        elif call.stage is Stage.WAITING and not call.answered:
            call.waited += elapsed
        call.stage, call.stage_since = stage, now
        if stage is not Stage.ENDING:
            agent = call.offer.agent if call.offer is not None else None
            self._lines.move(call.line, LINE_STATE[stage], now, call.id, agent)

    def _set(self, call: Call, kind: str, at: float) -> None:
        self._deadlines.set((kind, call.id), Instant(at))

    def _cancel(self, call: Call) -> None:
        for kind in DEADLINES:
            self._deadlines.cancel((kind, call.id))

    def _note(self, call: Call, event: str, now: Instant, **detail: str | int | None) -> None:
        self._out.append(fx.CallNoted(call.id, event, now, detail))

    def _advance(self, call: Call) -> None:
        agent = call.offer.agent if call.offer is not None else None
        path = "/".join(call.menu_path)
        self._out.append(fx.CallAdvanced(call.id, path, call.queue, agent))

    def _civil(self, now: Instant) -> datetime:
        local = datetime.fromtimestamp(now + self.clock_offset, self._rules.timezone)
        return local.replace(tzinfo=None)


def outcome_of(call: Call, lost: bool) -> Outcome:
    """The one word for what became of the call. Having talked to somebody outranks all else."""
    if call.answered:
        return Outcome.ANSWERED
    if lost:
        return Outcome.LOST
    if call.overflow is not None:
        return Outcome.OVERFLOWED
    if call.position.closed:
        return Outcome.CLOSED
    informed = call.position.informed or call.put_through
    return Outcome.INFORMED if informed and not call.wanted_person else Outcome.ABANDONED


def offer_end(end: LegEnd) -> OfferEnd:
    """How an offer ended whose leg ended so before it was answered."""
    match end:
        case LegEnd.BUSY:
            return OfferEnd.BUSY
        case LegEnd.DECLINED | LegEnd.HUNG_UP:
            return OfferEnd.DECLINED
        case LegEnd.NO_ANSWER:
            return OfferEnd.NO_ANSWER
        case LegEnd.UNREACHABLE | LegEnd.LOST:
            return OfferEnd.UNREACHABLE
        case LegEnd.FAILED:
            return OfferEnd.FAILED
