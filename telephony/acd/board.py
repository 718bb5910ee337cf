"""The index of who waits and who is free.

An entry stands in one bucket, its queue and the skill it asks for. An agent stands in every
bucket they can serve: each of their queues, without a skill and with each of theirs. So the best
entry for a free agent and the best agent for an entry are at the head of a list, and a match
costs the number of buckets touched, never agents times entries.

Between two calls of `match` no entry waits in a bucket where somebody is free: only buckets that
were touched since can hold a match.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from typing import TypeVar

from telephony.acd.model import AgentId, AgentRules, CallId, Entry, Instant, QueueId

Bucket = tuple[QueueId, str]
Rank = tuple[float, CallId]
_T = TypeVar("_T", Rank, tuple[Instant, AgentId])


class Board:
    """Waiting entries by rank, free agents by idle time, both by bucket."""

    def __init__(self) -> None:
        self._waiting: defaultdict[Bucket, list[Rank]] = defaultdict(list)
        self._free: defaultdict[Bucket, list[tuple[Instant, AgentId]]] = defaultdict(list)
        self._order: defaultdict[QueueId, list[Rank]] = defaultdict(list)
        self._entries: dict[CallId, Entry] = {}
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

    def first(self, queue: QueueId) -> Entry | None:
        """The entry that is served next, offered or not."""
        order = self._order[queue]
        return self._entries[order[0][1]] if order else None

    # -- who can be matched now ----------------------------------------------------------

    def present(self, entry: Entry) -> None:
        """The entry may be offered."""
        bucket = (entry.queue, entry.skill)
        insort(self._waiting[bucket], entry.rank)
        self._touched.add(bucket)

    def withhold(self, entry: Entry) -> None:
        """The entry may not be offered (it is being offered, or has left)."""
        _remove(self._waiting[entry.queue, entry.skill], entry.rank)

    def free(self, agent: AgentRules, idle_since: Instant) -> None:
        """The agent can be offered a call."""
        for bucket in buckets(agent):
            insort(self._free[bucket], (idle_since, agent.agent))
            self._touched.add(bucket)

    def occupy(self, agent: AgentRules, idle_since: Instant) -> None:
        """The agent cannot be offered a call."""
        for bucket in buckets(agent):
            _remove(self._free[bucket], (idle_since, agent.agent))

    def match(self) -> tuple[Entry, AgentId] | None:
        """The longest waiting entry that somebody can take, and the longest idle who can.

        Somebody who had the entry before and did not take it comes after everybody who did
        not. None when nothing more can be matched.
        """
        heads = [
            self._waiting[bucket][0]
            for bucket in self._touched
            if self._waiting[bucket] and self._free[bucket]
        ]
        if not heads:
            self._touched.clear()
            return None
        entry = self._entries[min(heads)[1]]
        free = self._free[entry.queue, entry.skill]
        fresh = (agent for _, agent in free if agent not in entry.tried)
        return entry, next(fresh, free[0][1])


def buckets(agent: AgentRules) -> list[Bucket]:
    """Every bucket the agent can serve."""
    return [(queue, skill) for queue in agent.queues for skill in ("", *sorted(agent.skills))]


def _remove(ordered: list[_T], item: _T) -> None:
    at = bisect_left(ordered, item)
    if at < len(ordered) and ordered[at] == item:
        del ordered[at]
