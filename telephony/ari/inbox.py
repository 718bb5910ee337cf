"""The bounded queue between what Asterisk tells and who acts on it.

It never drops silently: an event that does not fit is refused, and the reader then gives up the
connection, so that the loss shows as `Disconnected` and is made good by asking Asterisk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from telephony.ari.events import AriEvent

CAPACITY: Final = 10_000
_NEARLY: Final = 0.5  # of the capacity: from here on no new call should be let in
_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Connected:
    """Events flow from here on; whatever happened before must be asked for."""


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Something is in doubt and must be asked for; of the connection it says nothing."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """Events are being lost until the next `Connected`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another controller has our application now; nothing follows."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Asterisk was asked what it has, and answered before whatever follows."""

    found: object  # for whoever asked


Marker = Connected | LookAgain | Compared | Disconnected | Replaced
Item = AriEvent | Marker


class Inbox:
    """Events in order of arrival, with markers where the connection came and went."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._items: deque[Item] = deque()
        self._closed = False
        self._replaced = False
        self._looking = False  # a LookAgain waits
        self._filled = asyncio.Event()
        self._eased = asyncio.Event()
        self._eased.set()

    @property
    def backlog(self) -> int:
        """How many items wait to be acted on."""
        return len(self._items)

    @property
    def replaced(self) -> bool:
        """Another controller has the application, whether or not that was acted on yet."""
        return self._replaced

    @property
    def nearly_full(self) -> bool:
        """Whether the engine is so far behind that it should let no new call in."""
        return len(self._items) >= self._capacity * _NEARLY

    def put(self, event: AriEvent) -> bool:
        """Take an event; False when there is no room."""
        if len(self._items) >= self._capacity:
            return False
        self.mark(event)
        return True

    def mark(self, item: Item) -> None:
        """Take a marker, which always finds room.

        What waits before `Replaced` is no longer ours to act on. To look once for all doubts is
        enough.
        """
        if isinstance(item, Replaced):
            self._items.clear()
            self._replaced = True
        if isinstance(item, LookAgain):
            if self._looking:
                return
            self._looking = True
        self._items.append(item)
        self._filled.set()
        if self.nearly_full:
            self._eased.clear()

    def close(self) -> None:
        """Nothing more will come; what is there can still be taken."""
        self._closed = True
        self._filled.set()

    async def batch(self, limit: int = _BATCH) -> list[Item]:
        """Whatever is ready, at least one item; nothing once closed and emptied."""
        await self._filled.wait()
        taken = [self._items.popleft() for _ in range(min(limit, len(self._items)))]
        self._looking = self._looking and not any(isinstance(i, LookAgain) for i in taken)
        if not self._items and not self._closed:
            self._filled.clear()
        if not self.nearly_full:
            self._eased.set()
        return taken

    async def eased(self) -> None:
        """Wait until there is room enough to be worth reconnecting."""
        await self._eased.wait()

    async def __aiter__(self) -> AsyncIterator[Item]:
        while items := await self.batch(1):
            yield items[0]
