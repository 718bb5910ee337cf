"""What the indexed matching must equal: the rules of who is offered what, by plain scanning.

Slow and obvious on purpose: every entry is held against every agent, again for each offer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from telephony.acd.model import (
    Agent,
    AgentId,
    AgentRules,
    AgentState,
    CallId,
    Device,
    Entry,
    Instant,
    QueueId,
    QueueRules,
)

Pair = tuple[CallId, AgentId]


@dataclass(frozen=True, slots=True)
class Free:
    """An agent who can be offered a call, and since when they wait for one."""

    rules: AgentRules
    idle_since: Instant
    reserve: bool = False
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is, and what makes a caller ripe for the reserve."""

    now: Instant
    reserve_after: float
    scarce: bool = False  # lines are: everybody is ripe
    queues: Mapping[QueueId, QueueRules] = field(default_factory=dict)

    def asks(self, entry: Entry) -> str:
        """What will do for the entry now: one agent, a skill, or anybody of the queue ("")."""
        rules = self.queues[entry.queue]
        if entry.sticky is not None and self.now < entry.entered_at + rules.sticky_for:
            return f"@{entry.sticky}"
        relaxes = rules.relax_after is not None
        past = relaxes and self.now >= by_rank(entry)[0] + (rules.relax_after or 0.0)
        return "" if past or entry.relaxed else entry.skill  # once let go, let go for good

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
        Free(rules[agent.id], agent.idle_since, agent.reserve, agent.calls)
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
            if serves(agent.rules, entry, moment) and (not agent.reserve or moment.ripe(entry))
        ]
        if able:
            rules = moment.queues[entry.queue]
            return entry, min(able, key=lambda agent: by_turn(agent, entry, rules))
    return None


def by_rank(entry: Entry) -> tuple[float, CallId]:
    """The longest wait first, a head start counting as seconds waited."""
    return entry.entered_at - entry.head_start, entry.call


def by_turn(
    agent: Free, entry: Entry, rules: QueueRules
) -> tuple[bool, bool, int, int, Instant, AgentId]:
    """First choices first, by penalty and strategy; but whoever let this caller down comes last."""
    counts = {"longest_idle": 0, "fewest_calls": agent.calls, "fixed_order": agent.rules.order}
    penalties = dict(zip(agent.rules.queues, agent.rules.penalties, strict=False))
    return (
        agent.rules.agent in entry.tried,
        agent.reserve,
        penalties.get(entry.queue, 0),
        counts[rules.strategy],
        agent.idle_since,
        agent.rules.agent,
    )


def serves(agent: AgentRules, entry: Entry, moment: Moment) -> bool:
    """The agent is of the queue, and is or has what is asked for."""
    asked = moment.asks(entry)
    will_do = not asked or asked in agent.skills or asked == f"@{agent.agent}"
    return entry.queue in agent.queues and will_do


def can_take(agent: Agent) -> bool:
    """Ready, with a free telephone, and not resting."""
    return agent.state is AgentState.READY and agent.device is Device.FREE and not agent.resting
