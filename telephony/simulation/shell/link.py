"""The way between controllers and one server: how long it takes, and what gets lost on it.

A request that is under way is carried out whether or not its sender lives to hear the answer:
that is what makes a crash between request and answer different from one before or after both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from telephony.simulation.shell.process import CURRENT, Process

T = TypeVar("T")
RESENT_EVERY: Final = 0.2


class Way(Protocol):
    """Whatever stands between those who ask and a server."""

    async def carry(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        """Ask the server for this."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What happens to one request."""

    there: float = 0.0  # seconds until the server has it
    back: float = 0.0
    refused: Exception | None = None  # the server's answer instead of doing it
    lost: bool = False  # it is done, and the answer is lost


@dataclass(slots=True, eq=False)
class Link:
    """One server's link. `away` makes the error of whoever gets no answer."""

    away: Callable[[str], Exception]
    passage: Callable[[str], Passage | None]  # None: at once, and nobody is looking
    patience: float  # seconds until whoever asks gives up
    dead: bool = False  # nobody listens: whoever asks is refused at once
    stalled: bool = False  # it answers once it goes on
    cut_off: set[str] = field(default_factory=set)  # hosts that do not reach it for a while
    step: Callable[[Process], None] = lambda process: None  # told at each stage of a request
    world: Context = field(default_factory=copy_context)

    async def carry(self, name: str, serve: Callable[[], Awaitable[T]]) -> T:
        """Ask the server for this."""
        process = CURRENT.get()
        if process is None:  # nobody's: a test, or somebody who watches
            return await serve()
        if process.dead:
            raise self.away(f"{name}: killed")
        passage = self.passage(name)
        if passage is None and not self._cut(process):
            return await serve()
        return await self._travel(name, process, passage or Passage(), serve)

    async def _travel(
        self, name: str, process: Process, passage: Passage, serve: Callable[[], Awaitable[T]]
    ) -> T:
        loop = asyncio.get_running_loop()
        self.step(process)
        work = loop.create_task(self._serve(process, passage, serve), context=self.world.copy())
        work.add_done_callback(_seen)
        try:
            async with asyncio.timeout(self.patience):
                answer = await asyncio.shield(work)
        except TimeoutError:
            raise self.away(f"{name}: no answer in time") from None
        self.step(process)
        if passage.lost:
            raise self.away(f"{name}: carried out, reply lost")
        return answer

    async def _serve(
        self, process: Process, passage: Passage, serve: Callable[[], Awaitable[T]]
    ) -> T:
        await asyncio.sleep(passage.there)
        await self._through(process)
        if passage.refused is not None:
            raise passage.refused
        answer = await serve()
        self.step(process)
        await asyncio.sleep(passage.back)
        await self._through(process)
        return answer

    async def _through(self, process: Process) -> None:
        """What was sent is sent again until it arrives, as TCP does."""
        if self.dead:
            raise self.away("nobody listens")
        while self.stalled or process.host in self.cut_off:  # noqa: ASYNC110 -- knobs, no event
            await asyncio.sleep(RESENT_EVERY)
        if self.dead:
            raise self.away("nobody listens")

    def _cut(self, process: Process) -> bool:
        return self.dead or self.stalled or process.host in self.cut_off


def _seen(work: asyncio.Task[Any]) -> None:
    """Whoever asked may be dead by now: then nobody else looks at what became of it."""
    if not work.cancelled():
        work.exception()
