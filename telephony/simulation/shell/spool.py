"""A spool in a list, fenced and emptied like the one on a disk; it can be full."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from telephony.calls.journal import StaleEpoch
from telephony.calls.owed import Owed
from telephony.calls.spool import SpoolFailed
from telephony.simulation.shell.link import Link

T = TypeVar("T")


class FakeSpool:
    """The spool of one home, whatever controllers come and go."""

    def __init__(self, link: Link | None = None) -> None:
        self._link = link
        self.kept: list[Owed] = []
        self.mark = 0
        self.full = False
        self.rounds = 0

    async def newest(self) -> int:
        """The newest epoch that has led here."""
        return await self._ask("newest", self._newest)

    async def _newest(self) -> int:
        return self.mark

    async def begin(self, epoch: int) -> list[Owed]:
        """Shut out every older leader; what they left."""
        return await self._ask("begin", lambda: self._begin(epoch))

    async def _begin(self, epoch: int) -> list[Owed]:
        self._hold(epoch)
        self.mark = epoch
        return list(self.kept)

    async def append(self, owed: Sequence[Owed]) -> None:
        """Keep them, or refuse."""
        await self._ask("append", lambda: self._append(owed))

    async def _append(self, owed: Sequence[Owed]) -> None:
        if self.full:
            raise SpoolFailed("no room")
        self._hold(max(each.epoch for each in owed))
        self.rounds += 1
        self.kept += owed

    async def clear(self) -> None:
        """SQL has all of it."""
        await self._ask("clear", self._clear)

    async def _clear(self) -> None:
        self.kept = []

    async def _ask(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        return await (serve() if self._link is None else self._link.carry(name, serve))

    def _hold(self, epoch: int) -> None:
        if epoch < self.mark:
            raise StaleEpoch(f"epoch {epoch} is behind {self.mark}")
