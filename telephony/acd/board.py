"""The index of who waits and who is free.

An entry stands in one bucket, its queue and what it asks for: a skill, one agent, or nothing. An
agent stands in every bucket they can serve: each of their queues, without a skill, with each of
theirs, and by their own name where the queue knows who served a caller last. The order of a list
is the queue's strategy: smaller penalties first, then what the strategy counts, then idle time. So
the best entry for a free agent and the best agent for an entry are at the head of a list, and a
match costs the number of buckets touched, never agents times entries.

Of all that an agent could be asked for in a queue, callers ask for little: with fifty skills most
pairs of queue and skill never occur. Only buckets that were expected, or asked for once, are kept.

An agent in reserve is free too, but stands in lists of their own: they are found only for an
entry that is ripe (it has waited `reserve_after` seconds, or lines are scarce) and that no first
choice takes. A head start counts as seconds waited here as well, so whoever is ripe ranks before
whoever is not, and the head of a list tells for all of it.

Between two calls of `match` no entry waits in a bucket where somebody is free for it: only buckets
that were touched since can hold a match, or ripen later.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from telephony.acd.model import (
    ONLY,
    AgentId,
    AgentRules,
    CallId,
    Entry,
    Instant,
    QueueId,
    QueueRules,
    Strategy,
)

Bucket = tuple[QueueId, str]
Rank = tuple[float, CallId]
Turn = tuple[int, int, Instant, AgentId]  # penalty, what the strategy counts, idle since
_T = TypeVar("_T", Rank, Turn)


@dataclass(frozen=True, slots=True)
class Place:
    """An agent at one queue: what their turn is by, and what they can be asked for."""

    queue: QueueId
    agent: AgentRules
    penalty: int
    order: int  # 0 but in a fixed order
    by_calls: bool
    by_name: bool  # the queue knows who served a caller last

    def turn(self, idle_since: Instant, calls: int) -> Turn:
        """Who has less comes first."""
        counted = calls if self.by_calls else self.order
        return (self.penalty, counted, idle_since, self.agent.agent)

    def serves(self, wants: str) -> bool:
        """Whether an entry that wants this can be theirs."""
        if wants == "" or wants in self.agent.skills:
            return True
        return self.by_name and wants == ONLY + self.agent.agent


def place(agent: AgentRules, queue: QueueId, rules: QueueRules | None) -> Place:
    """The agent's place at this queue."""
    strategy = rules.strategy if rules is not None else Strategy.LONGEST_IDLE
    return Place(
        queue,
        agent,
        agent.penalty(queue),
        agent.order if strategy is Strategy.FIXED_ORDER else 0,
        strategy is Strategy.FEWEST_CALLS,
        rules is not None and rules.sticky_for > 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Idle:
    """An agent who can be offered a call."""

    places: Mapping[QueueId, Place]
    since: Instant
    calls: int
    reserve: bool


class Board:
    """Waiting entries by rank, free agents by idle time, both by bucket."""

    def __init__(
        self, reserve_after: float = 0.0, queues: Mapping[QueueId, QueueRules] | None = None
    ) -> None:
        self.scarce = False  # lines are: every entry is ripe
        self._queues = queues or {}
        self._reserve_after = reserve_after
        self._reserve: defaultdict[Bucket, list[Turn]] = defaultdict(list)
        self._waiting: defaultdict[Bucket, list[Rank]] = defaultdict(list)
        self._free: defaultdict[Bucket, list[Turn]] = defaultdict(list)
        self._order: defaultdict[QueueId, list[Rank]] = defaultdict(list)
        self._entries: dict[CallId, Entry] = {}
        self._places: dict[AgentId, tuple[AgentRules, dict[QueueId, Place]]] = {}
        self._buckets: dict[AgentId, list[tuple[Place, tuple[Bucket, ...]]]] = {}
        self._idle: dict[AgentId, _Idle] = {}
        self._idle_at: defaultdict[QueueId, set[AgentId]] = defaultdict(set)
        self._asked: defaultdict[QueueId, list[str]] = defaultdict(list)  # what for, so far
        self._touched: set[Bucket] = set()

    # -- places in the queue: kept while an entry is offered -----------------------------

    def join(self, entry: Entry) -> None:
        """Give the entry its place in its queue."""
        self._entries[entry.call] = entry
        insort(self._order[entry.queue], entry.rank)

    def leave(self, entry: Entry) -> None:
        """The entry gives up its place for good."""
        self.withhold(entry)
        if self._entries.pop(entry.call, None) is not None:
            _remove(self._order[entry.queue], entry.rank)

    def length(self, queue: QueueId) -> int:
        """How many callers have a place in the queue."""
        return len(self._order[queue])

    def position(self, entry: Entry) -> int:
        """The caller's place, 1 is next."""
        return bisect_left(self._order[entry.queue], entry.rank) + 1

    def somebody_free(self, queue: QueueId, skill: str) -> bool:
        """A first choice is free for such an entry."""
        bucket = (queue, skill)
        self.expect(*bucket)
        return bool(self._free[bucket])

    def first(self, queue: QueueId) -> Entry | None:
        """The entry that is served next, offered or not."""
        order = self._order[queue]
        return self._entries[order[0][1]] if order else None

    # -- who can be matched now ----------------------------------------------------------

    def present(self, entry: Entry) -> None:
        """The entry may be offered."""
        bucket = (entry.queue, entry.wants)
        self.expect(*bucket)
        insort(self._waiting[bucket], entry.rank)
        self._touched.add(bucket)

    def withhold(self, entry: Entry) -> None:
        """The entry may not be offered (it is being offered, or has left)."""
        bucket = (entry.queue, entry.wants)
        _remove(self._waiting[bucket], entry.rank)
        if self._reserve.get(bucket):  # whoever is next ripens later
            self._touched.add(bucket)

    def free(
        self, agent: AgentRules, idle_since: Instant, *, calls: int = 0, reserve: bool = False
    ) -> None:
        """The agent, who has had so many calls, can be offered one."""
        places = self._places_of(agent)
        self._idle[agent.agent] = _Idle(places, idle_since, calls, reserve)
        free = self._reserve if reserve else self._free
        for there, buckets in self._buckets_of(agent.agent, places):
            self._idle_at[there.queue].add(agent.agent)
            turn = there.turn(idle_since, calls)
            for bucket in buckets:
                insort(free[bucket], turn)
            self._touched.update(buckets)

    def occupy(self, agent: AgentId) -> None:
        """The agent cannot be offered a call any more."""
        idle = self._idle.pop(agent)
        free = self._reserve if idle.reserve else self._free
        for there, buckets in self._buckets_of(agent, idle.places):
            self._idle_at[there.queue].remove(agent)
            turn = there.turn(idle.since, idle.calls)
            for bucket in buckets:
                _remove(free[bucket], turn)
            if idle.reserve:
                self._touched.update(buckets)

    def _places_of(self, agent: AgentRules) -> Mapping[QueueId, Place]:
        """Where the agent stands: reckoned once, because it is asked with every call."""
        known = self._places.get(agent.agent)
        if known is None or known[0] is not agent:
            places = {queue: place(agent, queue, self._queues.get(queue)) for queue in agent.queues}
            known = self._places[agent.agent] = (agent, places)
            self._buckets.pop(agent.agent, None)
        return known[1]

    def _buckets_of(
        self, agent: AgentId, places: Mapping[QueueId, Place]
    ) -> list[tuple[Place, tuple[Bucket, ...]]]:
        """Of each place of theirs, the buckets that are kept."""
        known = self._buckets.get(agent)
        if known is None:
            known = self._buckets[agent] = [
                (
                    there,
                    tuple((queue, wants) for wants in self._asked[queue] if there.serves(wants)),
                )
                for queue, there in places.items()
            ]
        return known

    def expect(self, queue: QueueId, wants: str) -> None:
        """Somebody may ask for this there: whoever can serve it is kept in order for it.

        Best before anybody is free: it costs as much as there are free agents in the queue.
        """
        if wants in self._asked[queue]:
            return
        bucket = (queue, wants)
        self._asked[queue].append(wants)
        self._buckets.clear()
        for agent in self._idle_at[queue]:
            idle = self._idle[agent]
            if idle.places[queue].serves(wants):
                free = self._reserve if idle.reserve else self._free
                free[bucket].append(idle.places[queue].turn(idle.since, idle.calls))
        self._free[bucket].sort()
        self._reserve[bucket].sort()

    def touch(self, bucket: Bucket) -> None:
        """Something may have ripened here."""
        self._touched.add(bucket)

    def note_scarce(self, scarce: bool) -> None:
        """Lines begin or cease to be scarce."""
        if scarce is not self.scarce:
            self.scarce = scarce
            self._touched.update(bucket for bucket, free in self._reserve.items() if free)

    def match(self, now: Instant) -> tuple[Entry, AgentId] | None:
        """The longest waiting entry that somebody can take, and the longest idle who can.

        First choices come before the reserve; but somebody who had the entry before and did not
        take it comes after everybody who did not. None when nothing more can be matched.
        """
        heads = [
            self._waiting[bucket][0]
            for bucket in self._touched
            if self._waiting[bucket]
            and (self._free[bucket] or (self._is_ripe(bucket, now) and self._reserve[bucket]))
        ]
        if not heads:
            return None
        entry = self._entries[min(heads)[1]]
        bucket = (entry.queue, entry.wants)
        free = [*self._free[bucket]] if entry.tried else self._free[bucket][:1]
        if self._is_ripe(bucket, now):
            free += self._reserve[bucket] if entry.tried else self._reserve[bucket][:1]
        fresh = (turn[-1] for turn in free if turn[-1] not in entry.tried)
        return entry, next(fresh, free[0][-1])

    def ripening(self) -> Iterator[tuple[Bucket, Instant | None]]:
        """Every bucket touched since the last time, and when it must be looked at again."""
        touched, self._touched = self._touched, set()
        for bucket in touched:
            waits = self._waiting[bucket] and self._reserve[bucket] and not self.scarce
            yield bucket, self._ripe_at(bucket) if waits else None

    def _is_ripe(self, bucket: Bucket, now: Instant) -> bool:
        return self.scarce or self._ripe_at(bucket) <= now

    def _ripe_at(self, bucket: Bucket) -> Instant:
        """When the entry that is served next there may be offered to the reserve."""
        return Instant(self._waiting[bucket][0][0] + self._reserve_after)


def _remove(ordered: list[_T], item: _T) -> None:
    at = bisect_left(ordered, item)
    if at < len(ordered) and ordered[at] == item:
        del ordered[at]
