"""What must happen when: deadlines as data, ordered by instant."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from telephony.acd.model import Instant

Key = tuple[str, str]  # what is due, and for whom


class Deadlines:
    """One deadline for each key.

    A sorted list, not a heap: most deadlines are cancelled, and a heap that must now and then be
    swept of ten thousand cancelled ones keeps a caller waiting while it is.
    """

    def __init__(self, due: dict[Key, Instant] | None = None) -> None:
        self._due: dict[Key, Instant] = dict(due or {})
        self._order = sorted((at, key) for key, at in self._due.items())

    def set(self, key: Key, at: Instant) -> None:
        """Arm the deadline, replacing an earlier one of the same key."""
        self.cancel(key)
        self._due[key] = at
        insort(self._order, (at, key))

    def cancel(self, key: Key) -> None:
        """Forget the deadline; one that is not armed is forgotten already."""
        at = self._due.pop(key, None)
        if at is not None:
            del self._order[bisect_left(self._order, (at, key))]

    def at(self, key: Key) -> Instant | None:
        """When this deadline is due, if it is armed."""
        return self._due.get(key)

    def next(self) -> Instant | None:
        """The earliest armed instant."""
        return self._order[0][0] if self._order else None

    def pop(self, now: Instant) -> Key | None:
        """Take the earliest deadline that has passed; ties fall to the key."""
        at = self.next()
        if at is None or at > now:
            return None
        key = self._order.pop(0)[1]
        del self._due[key]
        return key

    def __iter__(self) -> Iterator[tuple[Key, Instant]]:
        return iter(sorted(self._due.items()))
