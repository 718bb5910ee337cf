"""The agents: what each is doing, and whether they can be offered a call.

An agent is free when ready, with a telephone that is free, and not resting. They rest for
`retry_after` seconds after an offer that was busy, declined or did not arrive, so that a broken
telephone is not rung in a loop. Idle time runs from the end of the last wrap-up: a pause does
not reset it, a missed offer does not, signing out does.

Who signed in at the desk (`person`) ends their own wrap-up; of anybody else it ends by itself.
Reserve and work between calls hold until the agent pauses or leaves: a call in between changes
nothing about them.
"""

from collections import Counter
from typing import Final

from telephony.acd import effects as fx
from telephony.acd.board import Board
from telephony.acd.deadlines import Deadlines
from telephony.acd.errors import Rejected
from telephony.acd.model import (
    MISSED,
    AcdRules,
    Afterwards,
    Agent,
    AgentId,
    AgentRules,
    AgentState,
    CallId,
    Device,
    Instant,
    Missed,
    Offer,
    OfferEnd,
    Phone,
    QueueId,
    QueueRules,
    Work,
)
from telephony.acd.staffing import Paces
from telephony.acd.transitions import Trigger, after

IN_CALL: Final = frozenset({AgentState.TALKING, AgentState.HOLD})
AWAY: Final = frozenset({AgentState.PAUSED, AgentState.SIGNED_OUT})
SIGNED_IN: Final = "signed_in"  # the reason of a pause: at the desk, and nothing chosen yet
MISSED_KEPT: Final = 8  # of one agent
PHONE_LOST: Final = "phone_lost"  # the reason of a hold, and of the pause if it does not come back


class Roster:
    """Every agent of the site by id, indexed on the board while free."""

    def __init__(
        self, rules: AcdRules, board: Board, deadlines: Deadlines, out: list[fx.Effect]
    ) -> None:
        self._rules = rules
        self._board = board
        self._deadlines = deadlines
        self._out = out
        self._agents = {agent: Agent(agent) for agent in rules.agents}
        self.staffed: Counter[QueueId] = Counter()  # who works at each queue, at a call or not
        self._working: set[AgentId] = set()
        self.paces = Paces()

    def __getitem__(self, agent: AgentId) -> Agent:
        try:
            return self._agents[agent]
        except KeyError:
            raise Rejected(f"there is no agent {agent}") from None

    def find(self, agent: AgentId) -> Agent | None:
        """The agent, if there is one of this name."""
        return self._agents.get(agent)

    def all(self) -> list[Agent]:
        """Every agent, in the order of the site directory."""
        return list(self._agents.values())

    def has(self, offer: Offer) -> bool:
        """The agent is being offered this, or has answered it. No agent of ours has not."""
        agent = self._agents.get(offer.agent)
        return agent is not None and agent.offer == offer

    def restore(self, agents: list[Agent]) -> None:
        """Take over the agents of a snapshot.

        One who is no longer configured ends what they are in the middle of, and no more.
        """
        for agent in agents:
            if agent.id not in self._agents:
                if agent.call is None and not agent.resting:
                    continue
                agent.afterwards, agent.person = Afterwards(AgentState.SIGNED_OUT), None
                if agent.state is AgentState.WRAP_UP:
                    self._end_by_itself(agent, agent.since)
            self._agents[agent.id] = agent
            self._count(agent)
            if is_free(agent):
                self._to_board(agent)

    # -- what agents ask for -------------------------------------------------------------

    def sign_in(self, agent: Agent, person: str, now: Instant) -> None:
        """Somebody sits down at the desk. What goes on there goes on; asked again, nothing does."""
        if agent.person == person:
            return
        if agent.person is not None:
            raise Rejected("somebody else is signed in there: they must sign out first")
        agent.person = person
        if agent.state is AgentState.WRAP_UP:
            self._deadlines.cancel(("wrap_up", agent.id))
        elif agent.state is AgentState.READY or agent.state in AWAY:
            self.enter(agent, after(agent.state, "pause"), now, SIGNED_IN)

    def ready(
        self, agent: Agent, now: Instant, *, reserve: bool = False, work: Work | None = None
    ) -> None:
        """Take calls. Whoever is being given one does so; what was to follow it is revoked."""
        busy = agent.state is AgentState.OFFERED or agent.state in IN_CALL
        following = agent.state if busy else after(agent.state, "ready")
        changed = self._choose(agent, reserve, work)
        if busy:
            agent.afterwards = None
            if agent.before is not None:
                agent.before = Afterwards(AgentState.READY)
                self._count(agent)
            return
        agent.misses = 0
        if agent.state is AgentState.WRAP_UP:
            self._end_wrap_up(agent, Afterwards(following), now)
        elif agent.state is not AgentState.READY or changed:
            self.enter(agent, following, now)

    def _choose(self, agent: Agent, reserve: bool, work: Work | None) -> bool:
        """What they do between calls; whether that is something new."""
        if (agent.reserve, agent.work) == (reserve, work):
            return False
        if is_free(agent):
            self._board.occupy(agent.id)
        agent.reserve, agent.work = reserve, work
        if is_free(agent):
            self._to_board(agent)
        return True

    def step_back(self, agent: Agent, then: Afterwards, now: Instant) -> None:
        """Pause or sign out; after the present call if there is one."""
        if agent.state in IN_CALL:
            agent.afterwards = then
            return
        trigger: Trigger = "pause" if then.state is AgentState.PAUSED else "sign_out"
        after(agent.state, trigger)
        if agent.state is AgentState.WRAP_UP:
            self._end_wrap_up(agent, then, now)
        elif (agent.state, agent.reason) != (then.state, then.reason):
            self.enter(agent, then.state, now, then.reason)

    def put_off(self, agent: Agent, imposed: Afterwards) -> bool:
        """Let it follow their call and wrap-up, unless they chose something themselves.

        False for whoever has neither, and takes calls: it is to be done at once.
        """
        if is_away(agent):
            return True
        if agent.state not in IN_CALL and agent.state is not AgentState.WRAP_UP:
            return False
        agent.afterwards = agent.afterwards or imposed
        return True

    def finish(self, agent: Agent, now: Instant) -> None:
        """Wrap-up is over; what was asked for during the call takes effect."""
        following = after(agent.state, "finish")
        self._end_wrap_up(agent, agent.afterwards or Afterwards(following), now)

    def within_call(self, agent: Agent, trigger: Trigger, now: Instant) -> Offer:
        """Hold or resume; the answered offer the agent is in."""
        following = after(agent.state, trigger)
        assert agent.offer is not None  # every call of an agent began with an offer
        self.enter(agent, following, now, call=agent.call)
        return agent.offer

    def without_phone(self, agent: Agent, now: Instant) -> None:
        """Their telephone is lost; they stay with the caller, who hears music."""
        self.enter(agent, AgentState.HOLD, now, PHONE_LOST, agent.call)

    def has_phone_again(
        self, agent: Agent, held: bool, now: Instant, reason: str | None = None
    ) -> None:
        """They are back, as they were; `reason` is that of a call of their own."""
        state = AgentState.HOLD if held else AgentState.TALKING
        self.enter(agent, state, now, reason, agent.call)

    def meets(self, agent: Agent, reason: str | None, *, talks: bool, now: Instant) -> None:
        """Beside the caller there is somebody else: whether they talk to the caller, and why."""
        state = AgentState.TALKING if talks else AgentState.HOLD
        if (agent.state, agent.reason) != (state, reason):
            self.enter(agent, state, now, reason, agent.call)

    # -- calls of their own --------------------------------------------------------------

    def calls(self, agent: Agent, offer: Offer, reason: str, now: Instant) -> None:
        """The agent calls somebody; their own telephone is about to ring."""
        self._away(agent, offer, after(agent.state, "call"), reason, now)

    def called(self, agent: Agent, offer: Offer, reason: str, now: Instant) -> None:
        """A colleague calls the agent."""
        self._away(agent, offer, after(agent.state, "called"), reason, now)

    def answers_colleague(self, agent: Agent, now: Instant) -> None:
        """The agent has answered a colleague."""
        self.enter(agent, after(agent.state, "answer"), now, agent.reason, agent.call)

    def put_down(self, agent: Agent, now: Instant) -> None:
        """A call of their own is over. A moment without an offer, for the telephone as well."""
        following = Afterwards(after(agent.state, "put_down"))
        then = agent.afterwards or agent.before or following
        agent.offer = agent.before = agent.afterwards = None
        agent.resting = True
        self._deadlines.set(("rest", agent.id), Instant(now + self._rules.retry_after))
        self.enter(agent, then.state, now, then.reason)

    def takes_over(self, agent: Agent, queue: QueueRules | None, now: Instant) -> None:
        """A colleague has left them the caller; after it they are what they were before."""
        agent.afterwards, agent.before = agent.afterwards or agent.before, None
        agent.misses = 0
        agent.calls += 1
        if queue is not None:
            agent.served, agent.served_since = queue.name, now
            agent.wrap_up_for = queue.wrap_up_for
        self.enter(agent, AgentState.TALKING, now, call=agent.call)

    def called_back(self, agent: Agent, wrap_up_for: float, now: Instant) -> None:
        """A talk with a citizen whom the agent had called is over: wrap-up, as after any other.

        After that they are what they were before it.
        """
        agent.afterwards, agent.before = agent.afterwards or agent.before, None
        agent.wrap_up_for, agent.called_back = wrap_up_for, True
        self.hung_up(agent, now)

    def _away(
        self, agent: Agent, offer: Offer, state: AgentState, reason: str, now: Instant
    ) -> None:
        agent.before = Afterwards(agent.state, agent.reason)
        self.enter(agent, state, now, reason, offer.call)
        self._choose_phone(agent)
        agent.offer = offer

    # -- what happens to them ------------------------------------------------------------

    def offered(self, agent: Agent, offer: Offer, now: Instant) -> None:
        """The agent's telephone is about to ring."""
        self.enter(agent, after(agent.state, "offer"), now, call=offer.call)
        self._choose_phone(agent)
        agent.offer = offer

    def answered(self, agent: Agent, queue: QueueRules, now: Instant) -> None:
        """The agent talks to the caller of their offer."""
        agent.misses = 0
        agent.calls += 1
        agent.served, agent.served_since = queue.name, now
        wrap_up_for = queue.wrap_up_for
        agent.wrap_up_for = wrap_up_for
        self.enter(agent, after(agent.state, "answer"), now, call=agent.call)

    def found_talking(self, agent: Agent, offer: Offer, wrap_up_for: float, now: Instant) -> None:
        """The agent is in a talk, whatever we believed: the telephone network is right."""
        agent.offer, agent.misses, agent.wrap_up_for = offer, 0, wrap_up_for
        agent.called_back = False
        self._deadlines.cancel(("wrap_up", agent.id))
        self.enter(agent, AgentState.TALKING, now, call=offer.call)

    def withdrawn(self, agent: Agent, now: Instant) -> None:
        """The offer ended through no doing of the agent's."""
        agent.offer = None
        self.enter(agent, after(agent.state, "withdraw"), now)

    def missed(self, agent: Agent, end: OfferEnd, now: Instant) -> None:
        """The agent, or their telephone, did not take the offer."""
        if end is not OfferEnd.FAILED:
            agent.misses += 1
            assert agent.call is not None  # the one that was offered
            missed = Missed(agent.call, now, end, agent.device)
            agent.missed = (*agent.missed, missed)[-MISSED_KEPT:]
        agent.offer = None
        if agent.misses >= self._rules.pause_after_misses:
            self.enter(agent, after(agent.state, "miss_out"), now, f"{MISSED}{end}")
            return
        if end is not OfferEnd.NO_ANSWER:
            agent.resting = True
            self._deadlines.set(("rest", agent.id), Instant(now + self._rules.retry_after))
        self.enter(agent, after(agent.state, "withdraw"), now)

    def rested(self, agent: Agent) -> None:
        """The rest after a failed offer is over."""
        was_free = is_free(agent)
        agent.resting = False
        self._index(agent, was_free)

    def hung_up(self, agent: Agent, now: Instant) -> None:
        """The call is over for this agent, whoever ended it."""
        agent.offer = None
        self.enter(agent, after(agent.state, "hang_up"), now, call=agent.call)
        if agent.person is None:
            self._end_by_itself(agent, now)

    def device_changed(self, agent: Agent, device: Device, phone: Phone) -> None:
        """What a telephone of the seat can do; while a browser is registered, it is the one.

        That it is in use while a leg of ours is on it says nothing about anybody else.
        """
        if device is Device.IN_USE and agent.offer is not None:
            return
        was_free = is_free(agent)
        if device is Device.GONE and phone is Phone.DESK:
            agent.answers = True  # perhaps another one is put there
        if phone is Phone.BROWSER:
            agent.browser = device
        else:
            agent.desk = device
        self._choose_phone(agent)
        self._index(agent, was_free)

    def _choose_phone(self, agent: Agent) -> None:
        """The one that rings next; what an offer is on already stays what it is."""
        has_browser = agent.browser is not Device.GONE
        agent.device = agent.browser if has_browser else agent.desk
        if agent.offer is None:
            agent.phone = Phone.BROWSER if has_browser else Phone.DESK

    # -- states --------------------------------------------------------------------------

    def enter(
        self,
        agent: Agent,
        state: AgentState,
        now: Instant,
        reason: str | None = None,
        call: CallId | None = None,
    ) -> None:
        """Begin a state, tell of it, and keep the index true."""
        if is_free(agent):
            self._board.occupy(agent.id)
        if agent.state is AgentState.SIGNED_OUT:
            agent.idle_since = now
        if state in AWAY:
            agent.reserve, agent.work = False, None
        if state is AgentState.SIGNED_OUT:
            agent.person, agent.missed, agent.calls = None, (), 0
        if state is AgentState.READY:
            reason = agent.work
        reason = None if reason is None else str(reason)  # as it is in a snapshot, too
        agent.state, agent.reason, agent.since, agent.call = state, reason, now, call
        self._count(agent)
        self._index(agent, was_free=False)
        self._out.append(fx.AgentMoved(agent.id, state, reason, call, now))

    def works(self, agent: AgentId) -> bool:
        """They are at their desk, at a call or not."""
        return agent in self._working

    def _count(self, agent: Agent) -> None:
        """Whoever calls somebody out of a break is on their break."""
        works = not is_away(agent)
        if works is (agent.id in self._working):
            return
        (self._working.add if works else self._working.discard)(agent.id)
        for queue in self._rules_of(agent).queues:
            self.staffed[queue] += 1 if works else -1

    def _end_by_itself(self, agent: Agent, since: Instant) -> None:
        self._deadlines.set(("wrap_up", agent.id), Instant(since + agent.wrap_up_for))

    def _end_wrap_up(self, agent: Agent, then: Afterwards, now: Instant) -> None:
        assert agent.call is not None  # wrap-up is always of a call
        self._deadlines.cancel(("wrap_up", agent.id))
        ended = fx.WrapUpEnded(agent.id, agent.call, now - agent.since, now, agent.called_back)
        self._out.append(ended)
        if agent.served is not None:
            self.paces.note(agent.served, now - agent.served_since)
            agent.served = None
        agent.afterwards, agent.called_back = None, False
        agent.idle_since = now
        self.enter(agent, then.state, now, then.reason)

    def _index(self, agent: Agent, was_free: bool) -> None:
        free = is_free(agent)
        if free and not was_free:
            self._to_board(agent)
        elif was_free and not free:
            self._board.occupy(agent.id)

    def _to_board(self, agent: Agent) -> None:
        self._board.free(
            self._rules_of(agent), agent.idle_since, calls=agent.calls, reserve=agent.reserve
        )

    def _rules_of(self, agent: Agent) -> AgentRules:
        """An agent who is no longer configured serves no queue."""
        return self._rules.agents.get(agent.id) or AgentRules(agent.id, ())


def is_away(agent: Agent) -> bool:
    """On a break or signed out, also while a colleague calls them out of it."""
    return (agent.state if agent.before is None else agent.before.state) in AWAY


def is_free(agent: Agent) -> bool:
    """The agent can be offered a call now."""
    return agent.state is AgentState.READY and agent.device is Device.FREE and not agent.resting
