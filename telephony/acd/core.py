"""The queue core: who is offered which call, and what becomes of the offer.

Theory of operation
-------------------
`settle` runs at the end of every step and offers until nobody free can take anybody waiting.
Everything else only changes who is free and who waits.

An entry keeps its place while it is offered. It loses it in `answered` (somebody talks to the
caller) and in `leave` (the caller is gone, or leaves the queue by rule), and nowhere else: an
offer that fails, for whatever reason, costs the caller nothing.

A transfer is an offer to one named agent, made at once. Should it fail, the call goes back to
its queue with the rank it had, which is before everybody who came later.

An agent in reserve is offered what no first choice takes, once it is ripe (`board`). When the
first entry of a bucket ripens is a deadline, which is armed only while somebody in reserve is free
there.

While offers are `withheld`, because Asterisk does not do its work, `settle` offers nothing and
everything else goes on; what the board has noted meanwhile is matched when they are not any more.
"""

from collections.abc import Iterable

from telephony.acd import effects as fx
from telephony.acd.board import Board
from telephony.acd.deadlines import Deadlines, Key
from telephony.acd.errors import Rejected
from telephony.acd.model import (
    AcdRules,
    Afterwards,
    Agent,
    AgentId,
    CallId,
    Device,
    Entry,
    Instant,
    Offer,
    OfferEnd,
    Phone,
    QueueId,
)
from telephony.acd.roster import IN_CALL, Roster, is_free
from telephony.acd.staffing import Estimate, estimate


class Acd:
    """Entries, agents and offers. Effects are appended to `out`; deadlines are shared."""

    def __init__(self, rules: AcdRules, deadlines: Deadlines, out: list[fx.Effect]) -> None:
        self.rules = rules
        self.entries: dict[CallId, Entry] = {}
        self.withheld = False  # nobody is offered: a telephone could not be rung
        self.board = Board(rules.reserve_after, rules.queues)
        self.roster = Roster(rules, self.board, deadlines, out)
        self._deadlines = deadlines
        self._out = out

    def restore(
        self, entries: Iterable[Entry], agents: list[Agent], *, withheld: bool = False
    ) -> None:
        """Take over the entries and agents of a snapshot, into an empty core."""
        self.withheld = withheld
        for entry in entries:
            self.entries[entry.call] = entry
            self.board.join(entry)
            if entry.offer is None:
                self.board.present(entry)
        self.roster.restore(agents)

    # -- callers -------------------------------------------------------------------------

    def enqueue(self, entry: Entry, now: Instant) -> None:
        """A caller starts to wait."""
        self.entries[entry.call] = entry
        self.board.join(entry)
        if entry.choosy:
            self._ask_less(entry, now)
        self.board.present(entry)

    def _ask_less(self, entry: Entry, now: Instant) -> None:
        """What has been asked for long enough is not asked for any more; when the rest will be."""
        rules = self.rules.queues[entry.queue]
        waiting_since = entry.rank[0]
        if entry.sticky is not None:
            until = entry.entered_at + rules.sticky_for
            if now < until and self._may_wait_for(entry, entry.sticky):
                self._deadlines.set(("relax", entry.call), Instant(until))
                return
            entry.sticky = None
        if entry.skill and not entry.relaxed and rules.relax_after is not None:
            until = waiting_since + rules.relax_after
            entry.relaxed = now >= until
            if not entry.relaxed:
                self._deadlines.set(("relax", entry.call), Instant(until))

    def _may_wait_for(self, entry: Entry, agent: AgentId) -> bool:
        """They work, serve the queue, have the skill, and have not let this caller down."""
        rules = self.rules.agents.get(agent)
        if rules is None or entry.queue not in rules.queues or not self.roster.works(agent):
            return False
        return agent not in entry.tried and (not entry.skill or entry.skill in rules.skills)

    def relax(self, entry: Entry, now: Instant) -> None:
        """Look again at what is asked for; whoever is being offered is looked at afterwards."""
        self._deadlines.cancel(("relax", entry.call))
        if entry.offer is not None:
            return
        self.board.withhold(entry)
        self._ask_less(entry, now)
        self.board.present(entry)

    def full(self, queue: QueueId) -> bool:
        """The queue takes nobody more."""
        most = self.rules.queues[queue].max_length
        return most is not None and self.board.length(queue) >= most

    def estimate(self, queue: QueueId, ahead: int) -> Estimate | None:
        """How long somebody waits with so many before them; None where nobody works."""
        handling = self.roster.paces.handling(queue)
        return estimate(ahead, self.roster.staffed[queue], handling)

    def leave(self, call: CallId, now: Instant) -> Entry | None:
        """The caller no longer waits: gone, or out by rule. An offer is withdrawn."""
        entry = self.entries.pop(call, None)
        if entry is None:
            return None
        if entry.offer is not None:
            agent = self.roster[entry.offer.agent]
            self._withdraw(entry, now)
            self.roster.withdrawn(agent, now)
        self._forget_wish(entry)
        self.board.leave(entry)
        return entry

    def check_target(self, target: AgentId) -> None:
        """Raise Rejected when a call cannot be handed to this agent now."""
        if self.withheld:
            raise Rejected("no telephone can be rung at present")
        if not is_free(self.roster[target]):
            raise Rejected(f"{target} is not free")

    def direct(self, entry: Entry, target: AgentId, now: Instant) -> None:
        """Offer the call to this one agent, who is free (`check_target`)."""
        self.entries[entry.call] = entry
        self.board.join(entry)
        self._offer(entry, self.roster[target], now)

    # -- agents --------------------------------------------------------------------------

    def step_back(self, agent: Agent, then: Afterwards, now: Instant) -> None:
        """The agent pauses or signs out; a caller who rings at their desk keeps the place."""
        ringing = self._live(agent.offer) if agent.offer else None
        self.roster.step_back(agent, then, now)
        if ringing is not None:
            agent.offer = None
            self._withdraw(ringing, now)
            self._present(ringing, now)

    def hung_up(self, offer: Offer, now: Instant) -> bool:
        """The call is over for the agent who answered this offer; False when it was already."""
        if not self.roster.has(offer) or self.roster[offer.agent].state not in IN_CALL:
            return False
        self.roster.hung_up(self.roster[offer.agent], now)
        return True

    def device_changed(self, agent_id: AgentId, device: Device, phone: Phone, now: Instant) -> None:
        """Fact: what a telephone of the agent's seat can do; one that is gone rings no more."""
        if agent_id not in self.rules.agents:
            return
        agent = self.roster[agent_id]
        self.roster.device_changed(agent, device, phone)
        ringing = self._live(agent.offer) if agent.offer is not None else None
        closed = phone is agent.phone is Phone.BROWSER and device is Device.GONE
        if closed and ringing is not None:
            self._out.append(fx.DropLeg(ringing.attempt))
            self.not_answered(ringing.attempt, OfferEnd.UNREACHABLE, now)

    # -- offers --------------------------------------------------------------------------

    def ringing(self, offer: Offer) -> None:
        """Fact: the agent's telephone rings."""
        if (entry := self._live(offer)) is not None:
            entry.ringing = True
            self._deadlines.cancel(("reach", offer.call))

    def pick_up(self, agent: Agent, now: Instant) -> None:
        """The agent wants their telephone to answer. Whether it can, only trying it tells."""
        entry = self._live(agent.offer) if agent.offer is not None else None
        if entry is None or not entry.ringing:
            raise Rejected("鳴っている電話はありません (nothing rings at this seat)")
        if not agent.answers:
            raise Rejected(
                "この電話機は画面から応答できません。受話器を取ってください "
                "(this telephone does not answer from the page: lift the handset)"
            )
        self._deadlines.set(("answer", entry.call), Instant(now + self.rules.answer_within))
        self._out.append(fx.PickUp(entry.attempt))

    def _still_rings(self, entry: Entry, now: Instant) -> None:
        self.roster[entry.attempt.agent].answers = False
        self._out.append(fx.NotPickedUp(entry.attempt, now))

    def answered(self, offer: Offer, now: Instant) -> Entry | None:
        """Fact: the offered leg is up. None when nobody is there for it any more."""
        entry = self._live(offer)
        if entry is None:
            if not self.roster.has(offer):
                self._out.append(fx.DropLeg(offer))
            return None
        self._forget_wish(entry)
        self.board.leave(entry)
        del self.entries[offer.call]
        self._close(entry, OfferEnd.ANSWERED, now)
        self.roster.answered(self.roster[offer.agent], self.rules.queues[entry.queue], now)
        self._out.append(fx.Connect(offer))
        return entry

    def found_talking(self, offer: Offer, queue: QueueId, now: Instant) -> None:
        """Fact: agent and caller are in a talk not heard of so far; what else they had ends."""
        answered = self._live(offer)
        if answered is not None:
            self._close(answered, OfferEnd.ANSWERED, now)
        entry = self.leave(offer.call, now)
        agent = self.roster[offer.agent]
        elsewhere = self._live(agent.offer) if agent.offer else None
        if elsewhere is not None:
            self._withdraw(elsewhere, now)
            self._present(elsewhere, now)
        rules = self.rules.queues.get(entry.queue if entry else queue)
        wrap_up_for = rules.wrap_up_for if rules else 0.0
        self.roster.found_talking(agent, offer, wrap_up_for, now)

    def not_answered(self, offer: Offer, end: OfferEnd, now: Instant) -> None:
        """Fact: the offered leg ended without an answer. A late one is absorbed."""
        if (entry := self._live(offer)) is not None:
            if end is OfferEnd.FAILED:  # it may ring all the same: its reply was lost
                self._out.append(fx.DropLeg(offer))
            self._close(entry, end, now)
            entry.tried = tuple(dict.fromkeys((*entry.tried, offer.agent)))
            self._present(entry, now)
            self.roster.missed(self.roster[offer.agent], end, now)

    def _present(self, entry: Entry, now: Instant) -> None:
        """Back among those who may be offered."""
        if entry.choosy:
            self._forget_wish(entry)
            self._ask_less(entry, now)
        self.board.present(entry)

    def _forget_wish(self, entry: Entry) -> None:
        if entry.choosy:
            self._deadlines.cancel(("relax", entry.call))

    # -- time ----------------------------------------------------------------------------

    def expire(self, key: Key, now: Instant) -> bool:
        """Act on a deadline that has passed; False when it is not one of ours."""
        match key:
            case ("wrap_up", agent):
                self.roster.finish(self.roster[AgentId(agent)], now)
            case ("rest", agent):
                self.roster.rested(self.roster[AgentId(agent)])
            case ("answer", call):
                self._still_rings(self.entries[CallId(call)], now)
            case ("relax", call):
                self.relax(self.entries[CallId(call)], now)
            case ("ripe", bucket):
                queue, _, skill = bucket.partition("/")
                self.board.touch((QueueId(queue), skill))
            case ("reach", call) if self.withheld:
                # Nobody has heard yet whether it rings: a new leader is about to ask.
                self._deadlines.set(key, Instant(now + self.rules.reach_for))
            case ("ring" | "reach", call):
                self._ring_out(self.entries[CallId(call)], now)
            case _:
                return False
        return True

    def settle(self, now: Instant) -> None:
        """Offer until nobody free can take anybody waiting."""
        if self.withheld:
            return
        while (found := self.board.match(now)) is not None:
            entry, agent = found
            self.board.withhold(entry)
            if agent in entry.tried:  # everybody free has had it: a new round
                entry.tried = ()
            self._offer(entry, self.roster[agent], now)
        for (queue, skill), at in self.board.ripening():
            key = ("ripe", f"{queue}/{skill}")
            if at is None:
                self._deadlines.cancel(key)
            else:
                self._deadlines.set(key, at)

    def _offer(self, entry: Entry, agent: Agent, now: Instant) -> None:
        entry.attempts += 1
        offer = Offer(entry.call, entry.attempts, agent.id)
        entry.offer, entry.ringing = offer, False
        self.roster.offered(agent, offer, now)
        ring_for = self.rules.queues[entry.queue].ring_for
        self._deadlines.set(("ring", entry.call), Instant(now + ring_for))
        self._deadlines.set(("reach", entry.call), Instant(now + self.rules.reach_for))
        self._out.append(fx.Ring(offer, ring_for, agent.phone))

    def _ring_out(self, entry: Entry, now: Instant) -> None:
        offer = entry.attempt
        if self.withheld:  # perhaps the telephone was never rung: nobody at it is to blame
            self.not_answered(offer, OfferEnd.FAILED, now)
            return
        self._out.append(fx.DropLeg(offer))
        end = OfferEnd.NO_ANSWER if entry.ringing else OfferEnd.UNREACHABLE
        self.not_answered(offer, end, now)

    def _withdraw(self, entry: Entry, now: Instant) -> None:
        self._out.append(fx.DropLeg(entry.attempt))
        self._close(entry, OfferEnd.WITHDRAWN, now)

    def _close(self, entry: Entry, end: OfferEnd, now: Instant) -> None:
        self._deadlines.cancel(("ring", entry.call))
        self._deadlines.cancel(("reach", entry.call))
        self._deadlines.cancel(("answer", entry.call))
        self._out.append(fx.OfferEnded(entry.attempt, end, now))
        entry.offer = None

    def _live(self, offer: Offer) -> Entry | None:
        entry = self.entries.get(offer.call)
        return entry if entry is not None and entry.offer == offer else None
