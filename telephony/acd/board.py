"""The index of who waits and who is free.

An entry stands in one bucket, its queue and the skill it asks for. An agent stands in every
bucket they can serve: each of their queues, without a skill and with each of theirs. So the best
entry for a free agent and the best agent for an entry are at the head of a list, and a match
costs the number of buckets touched, never agents times entries.

An agent in reserve is free too, but stands in lists of their own: they are found only for an
entry that is ripe (it has waited `reserve_after` seconds, or lines are scarce) and that no first
choice takes. A head start counts as seconds waited here as well, so whoever is ripe ranks before
whoever is not, and the head of a list tells for all of it.

Between two calls of `match` no entry waits in a bucket where somebody is free for it: only buckets
that were touched since can hold a match, or ripen later.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeVar

from telephony.acd.model import AgentId, AgentRules, CallId, Entry, Instant, QueueId

Bucket = tuple[QueueId, str]
Rank = tuple[float, CallId]
_T = TypeVar("_T", Rank, tuple[Instant, AgentId])


class Board:
    """Waiting entries by rank, free agents by idle time, both by bucket."""

    def __init__(self, reserve_after: float = 0.0) -> None:
        self.scarce = False  # lines are: every entry is ripe
        self._reserve_after = reserve_after
        self._reserve: defaultdict[Bucket, list[tuple[Instant, AgentId]]] = defaultdict(list)
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
        bucket = (entry.queue, entry.skill)
        _remove(self._waiting[bucket], entry.rank)
        if self._reserve.get(bucket):  # whoever is next ripens later
            self._touched.add(bucket)

    def free(self, agent: AgentRules, idle_since: Instant, *, reserve: bool = False) -> None:
        """The agent can be offered a call."""
        free = self._reserve if reserve else self._free
        for bucket in buckets(agent):
            insort(free[bucket], (idle_since, agent.agent))
            self._touched.add(bucket)

    def occupy(self, agent: AgentRules, idle_since: Instant, *, reserve: bool = False) -> None:
        """The agent cannot be offered a call."""
        free = self._reserve if reserve else self._free
        for bucket in buckets(agent):
            _remove(free[bucket], (idle_since, agent.agent))
            if reserve:
                self._touched.add(bucket)

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
        bucket = (entry.queue, entry.skill)
        free = [*self._free[bucket]] if entry.tried else self._free[bucket][:1]
        if self._is_ripe(bucket, now):
            free += self._reserve[bucket] if entry.tried else self._reserve[bucket][:1]
        fresh = (agent for _, agent in free if agent not in entry.tried)
        return entry, next(fresh, free[0][1])

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


def buckets(agent: AgentRules) -> list[Bucket]:
    """Every bucket the agent can serve."""
    return [(queue, skill) for queue in agent.queues for skill in ("", *sorted(agent.skills))]


def _remove(ordered: list[_T], item: _T) -> None:
    at = bisect_left(ordered, item)
    if at < len(ordered) and ordered[at] == item:
        del ordered[at]
