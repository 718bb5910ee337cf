"""A stream of news in a list: ids that grow, the oldest dropped, readers who wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from telephony.link.news import BEGINNING, News, NewsAway, decode
from telephony.simulation.shell.link import Link

T = TypeVar("T")
KEPT: Final = 20_000


class FakeNews:
    """The stream of one site. `away` makes everything fail, `stalled` never answers."""

    def __init__(self, link: Link | None = None, kept: int = KEPT) -> None:
        self._link = link
        self._kept = kept
        self._next = 1
        self._entries: list[tuple[int, str]] = []
        self._more = asyncio.Event()
        self.away = False
        self.stalled = False

    @property
    def told(self) -> list[News]:
        """Everything that is still there, in order."""
        return [decode(text) for _, text in self._entries]

    def forget(self, *, also_ids: bool = False) -> None:
        """Everything is dropped, as by an operator; or lost, as with a server's disk."""
        self._entries = []
        if also_ids:
            self._next = 1

    async def tell(self, news: Sequence[str]) -> None:
        """Append them in order."""
        await self._ask("tell", lambda: self._tell(news))

    async def _tell(self, news: Sequence[str]) -> None:
        await self._answer()
        for text in news:
            self._entries.append((self._next, text))
            self._next += 1
        del self._entries[: -self._kept]
        self._more.set()
        self._more = asyncio.Event()

    async def read(self, after: str, wait: float) -> list[tuple[str, str]]:
        """What is after this id, as soon as there is something."""
        await self._answer()
        if not (found := self._after(after)):
            try:
                async with asyncio.timeout(wait):
                    await self._more.wait()
            except TimeoutError:
                return []
            await self._answer()
            found = self._after(after)
        return found

    async def last(self) -> str:
        """The latest id."""
        await self._answer()
        return _id(self._entries[-1][0]) if self._entries else BEGINNING

    async def holds(self, id_: str) -> bool:
        """It was not dropped."""
        await self._answer()
        return id_ == BEGINNING or any(_id(number) == id_ for number, _ in self._entries)

    def _after(self, id_: str) -> list[tuple[str, str]]:
        seen = int(id_.partition("-")[0])
        return [(_id(number), text) for number, text in self._entries if number > seen]

    async def _answer(self) -> None:
        if self.stalled:
            await asyncio.Event().wait()
        if self.away:
            raise NewsAway("no answer")

    async def _ask(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        return await (serve() if self._link is None else self._link.carry(name, serve))


def _id(number: int) -> str:
    return f"{number}-0"
