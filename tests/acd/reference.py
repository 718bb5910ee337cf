"""What the indexed matching must equal: the rules of who is offered what, by plain scanning.

Slow and obvious on purpose: every entry is held against every agent, again for each offer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from telephony.acd.model import (
    Agent,
    AgentId,
    AgentRules,
    AgentState,
    CallId,
    Device,
    Entry,
    Instant,
)

Pair = tuple[CallId, AgentId]


@dataclass(frozen=True, slots=True)
class Free:
    """An agent who can be offered a call, and since when they wait for one."""

    rules: AgentRules
    idle_since: Instant
    reserve: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is, and what makes a caller ripe for the reserve."""

    now: Instant
    reserve_after: float
    scarce: bool = False  # lines are: everybody is ripe

    def ripe(self, entry: Entry) -> bool:
        """Whether an agent in reserve may have it."""
        return self.scarce or by_rank(entry)[0] + self.reserve_after <= self.now


def offers(
    entries: Iterable[Entry],
    agents: Iterable[Agent],
    rules: Mapping[AgentId, AgentRules],
    moment: Moment,
) -> list[Pair]:
    """Who must be offered which call now, in order."""
    waiting = sorted((e for e in entries if e.offer is None), key=by_rank)
    free = [
        Free(rules[agent.id], agent.idle_since, agent.reserve)
        for agent in agents
        if can_take(agent)
    ]
    made: list[Pair] = []
    while (found := first_match(waiting, free, moment)) is not None:
        entry, who = found
        waiting.remove(entry)
        free.remove(who)
        made.append((entry.call, who.rules.agent))
    return made


def first_match(
    waiting: list[Entry], free: list[Free], moment: Moment
) -> tuple[Entry, Free] | None:
    """The entry that is served next among those whom somebody can serve, and by whom."""
    for entry in waiting:
        able = [
            agent
            for agent in free
            if serves(agent.rules, entry) and (not agent.reserve or moment.ripe(entry))
        ]
        if able:
            return entry, min(able, key=lambda agent: by_turn(agent, entry))
    return None


def by_rank(entry: Entry) -> tuple[float, CallId]:
    """The longest wait first, a head start counting as seconds waited."""
    return entry.entered_at - entry.head_start, entry.call


def by_turn(agent: Free, entry: Entry) -> tuple[bool, bool, Instant, AgentId]:
    """First choices first, the longest idle first, but whoever let this caller down comes last."""
    return (
        agent.rules.agent in entry.tried,
        agent.reserve,
        agent.idle_since,
        agent.rules.agent,
    )


def serves(agent: AgentRules, entry: Entry) -> bool:
    """The agent is of the queue, and has the skill if one is asked for."""
    return entry.queue in agent.queues and (not entry.skill or entry.skill in agent.skills)


def can_take(agent: Agent) -> bool:
    """Ready, with a free telephone, and not resting."""
    return agent.state is AgentState.READY and agent.device is Device.FREE and not agent.resting
