"""What must happen when: deadlines as data, ordered by instant."""

import heapq
from collections.abc import Iterator

from telephony.acd.model import Instant

Key = tuple[str, str]  # what is due, and for whom


class Deadlines:
    """One deadline for each key. A cancelled one stays in the heap until it surfaces."""

    def __init__(self, due: dict[Key, Instant] | None = None) -> None:
        self._due: dict[Key, Instant] = dict(due or {})
        self._heap = [(at, key) for key, at in self._due.items()]
        heapq.heapify(self._heap)

    def set(self, key: Key, at: Instant) -> None:
        """Arm the deadline, replacing an earlier one of the same key."""
        self._due[key] = at
        heapq.heappush(self._heap, (at, key))

    def cancel(self, key: Key) -> None:
        """Forget the deadline; one that is not armed is forgotten already."""
        self._due.pop(key, None)
        if len(self._heap) > 64 + 4 * len(self._due):  # mostly cancelled: sweep
            self._heap = [(at, key) for key, at in self._due.items()]
            heapq.heapify(self._heap)

    def next(self) -> Instant | None:
        """The earliest armed instant."""
        while self._heap:
            at, key = self._heap[0]
            if self._due.get(key) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def pop(self, now: Instant) -> Key | None:
        """Take the earliest deadline that has passed; ties fall to the key."""
        at = self.next()
        if at is None or at > now:
            return None
        key = heapq.heappop(self._heap)[1]
        del self._due[key]
        return key

    def __iter__(self) -> Iterator[tuple[Key, Instant]]:
        return iter(sorted(self._due.items()))
