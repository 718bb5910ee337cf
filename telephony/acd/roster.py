"""The agents: what each is doing, and whether they can be offered a call.

An agent is free when ready, with a telephone that is free, and not resting. They rest for
`retry_after` seconds after an offer that was busy, declined or did not arrive, so that a broken
telephone is not rung in a loop. Idle time runs from the end of the last wrap-up: a pause does
not reset it, a missed offer does not, signing out does.
"""

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
    Offer,
    OfferEnd,
)
from telephony.acd.transitions import Trigger, after

IN_CALL: Final = frozenset({AgentState.TALKING, AgentState.HOLD})


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
                agent.afterwards = Afterwards(AgentState.SIGNED_OUT)
            self._agents[agent.id] = agent
            if is_free(agent):
                self._board.free(self._rules_of(agent), agent.idle_since)

    # -- what agents ask for -------------------------------------------------------------

    def ready(self, agent: Agent, now: Instant) -> None:
        """Take calls. Whoever is being given one does so; what was to follow it is revoked."""
        if agent.state is AgentState.OFFERED or agent.state in IN_CALL:
            agent.afterwards = None
            return
        following = after(agent.state, "ready")
        agent.misses = 0
        if agent.state is AgentState.WRAP_UP:
            self._end_wrap_up(agent, Afterwards(following), now)
        elif agent.state is not AgentState.READY:
            self.enter(agent, following, now)

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

    # -- what happens to them ------------------------------------------------------------

    def offered(self, agent: Agent, offer: Offer, now: Instant) -> None:
        """The agent's telephone is about to ring."""
        self.enter(agent, after(agent.state, "offer"), now, call=offer.call)
        agent.offer = offer

    def answered(self, agent: Agent, wrap_up_for: float, now: Instant) -> None:
        """The agent talks to the caller of their offer."""
        agent.misses = 0
        agent.wrap_up_for = wrap_up_for
        self.enter(agent, after(agent.state, "answer"), now, call=agent.call)

    def found_talking(self, agent: Agent, offer: Offer, wrap_up_for: float, now: Instant) -> None:
        """The agent is in a talk, whatever we believed: the telephone network is right."""
        agent.offer, agent.misses, agent.wrap_up_for = offer, 0, wrap_up_for
        self._deadlines.cancel(("wrap_up", agent.id))
        self.enter(agent, AgentState.TALKING, now, call=offer.call)

    def withdrawn(self, agent: Agent, now: Instant) -> None:
        """The offer ended through no doing of the agent's."""
        agent.offer = None
        self.enter(agent, after(agent.state, "withdraw"), now)

    def missed(self, agent: Agent, end: OfferEnd, now: Instant) -> None:
        """The agent, or their telephone, did not take the offer."""
        agent.offer = None
        if end is not OfferEnd.FAILED:
            agent.misses += 1
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
        self._deadlines.set(("wrap_up", agent.id), Instant(now + agent.wrap_up_for))

    def device_changed(self, agent: Agent, device: Device) -> None:
        """What the telephone of the seat can do.

        That it is in use while a leg of ours is on it says nothing about anybody else.
        """
        if device is Device.IN_USE and agent.offer is not None:
            return
        was_free = is_free(agent)
        agent.device = device
        self._index(agent, was_free)

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
        was_free = is_free(agent)
        if was_free:
            self._board.occupy(self._rules_of(agent), agent.idle_since)
        if agent.state is AgentState.SIGNED_OUT:
            agent.idle_since = now
        agent.state, agent.reason, agent.since, agent.call = state, reason, now, call
        self._index(agent, was_free=False)
        self._out.append(fx.AgentMoved(agent.id, state, reason, call, now))

    def _end_wrap_up(self, agent: Agent, then: Afterwards, now: Instant) -> None:
        assert agent.call is not None  # wrap-up is always of a call
        self._deadlines.cancel(("wrap_up", agent.id))
        self._out.append(fx.WrapUpEnded(agent.id, agent.call, now - agent.since, now))
        agent.afterwards = None
        agent.idle_since = now
        self.enter(agent, then.state, now, then.reason)

    def _index(self, agent: Agent, was_free: bool) -> None:
        free = is_free(agent)
        if free and not was_free:
            self._board.free(self._rules_of(agent), agent.idle_since)
        elif was_free and not free:
            self._board.occupy(self._rules_of(agent), agent.idle_since)

    def _rules_of(self, agent: Agent) -> AgentRules:
        """An agent who is no longer configured serves no queue."""
        return self._rules.agents.get(agent.id) or AgentRules(agent.id, ())


def is_free(agent: Agent) -> bool:
    """The agent can be offered a call now."""
    return agent.state is AgentState.READY and agent.device is Device.FREE and not agent.resting
