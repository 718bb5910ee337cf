"""The way between controllers and one server: how long it takes, and what gets lost on it.

A request that is under way is carried out whether or not its sender lives to hear the answer:
that is what makes a crash between request and answer different from one before or after both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from types import coroutine
from typing import Any, Final, Generic, Protocol, TypeVar

from telephony.simulation.shell.loop import VirtualLoop
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
    undisturbed: bool = False  # nothing can be wrong with it, and nobody counts its steps


class Bell:
    """What a server lets those wait for who asked to be told."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def call(self) -> None:
        """It is there."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            _ring(each)

    async def wait(self, within: float) -> None:
        """Until it is called, but no longer than so many seconds."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()
        self._waiting.append(told)
        late = loop.call_later(within, _ring, told)
        try:
            await told
        finally:
            late.cancel()
            self._waiting = [each for each in self._waiting if each is not told]


def _ring(told: asyncio.Future[None]) -> None:
    if not told.done():
        told.set_result(None)


class Link:
    """One server's link."""

    def __init__(
        self,
        away: Callable[[str], Exception],
        passage: Callable[[str], Passage | None],
        patience: float,
        *,
        dead: bool = False,
        stalled: bool = False,
        step: Callable[[Process], None] = lambda process: None,
    ) -> None:
        """`away` makes the error of whoever gets no answer.

        `passage` is None for what is carried out at once, and nobody is looking; `step` is told at
        each stage of a request; `patience` is in seconds until whoever asks gives up.
        """
        self.away = away
        self.passage = passage
        self.patience = patience
        self.stalled = stalled  # it answers once it goes on
        self.cut_off: set[str] = set()  # hosts that do not reach it for a while
        self.resets = False  # what is given up before it arrived never arrives
        self.step = step
        self._dead = dead
        self._awaited: dict[asyncio.Future[Any], None] = {}  # in the order of asking
        self._world = copy_context()

    @property
    def dead(self) -> bool:
        """Nobody listens: whoever asks, or waits, is refused at once."""
        return self._dead

    @dead.setter
    def dead(self, now: bool) -> None:
        self._dead = now
        for answer in list(self._awaited) if now else []:
            _fail(answer, self.away("the connection broke"))

    async def carry(
        self, name: str, serve: Callable[[], Awaitable[T]], *, waits: bool = False
    ) -> T:
        """Ask the server for this; `waits` when it may answer much later, whatever happens then."""
        process = CURRENT.get()
        if process is None:  # nobody's: a test, or somebody who watches
            return await serve()
        if process.dead:
            raise self.away(f"{name}: killed")
        passage = self.passage(name)
        if passage is None and not waits and not self._cut(process):
            return await serve()
        if passage is not None and passage.undisturbed and not self._cut(process):
            return await self._hurry(name, process, passage, serve)
        return await self._travel(name, process, passage or Passage(), serve)

    async def _hurry(
        self, name: str, process: Process, passage: Passage, serve: Callable[[], Awaitable[T]]
    ) -> T:
        """As `_travel`, in one go for as long as nothing else happens meanwhile."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        if not loop.pass_at_once(passage.there):
            return await self._travel(name, process, passage, serve)
        serving = self._world.run(eagerly, serve())
        if serving.done() and (serving.exception() or loop.pass_at_once(passage.back)):
            return serving.result()
        request = _Request(process, passage, serve, loop.create_future())
        patience = self.patience - passage.there
        return await self._answered(name, request, patience, partial(self._begun, serving))

    async def _travel(
        self, name: str, process: Process, passage: Passage, serve: Callable[[], Awaitable[T]]
    ) -> T:
        self.step(process)
        loop = asyncio.get_running_loop()
        request = _Request(process, passage, serve, loop.create_future())
        return await self._answered(name, request, self.patience, self._sent)

    async def _answered(
        self,
        name: str,
        request: _Request[T],
        patience: float,
        begin: Callable[[_Request[T]], None],
    ) -> T:
        answer = request.answer
        self._awaited[answer] = None
        late = asyncio.get_running_loop().call_later(patience, self._given_up, name, answer)
        begin(request)
        try:
            result = await answer
        finally:
            late.cancel()
            del self._awaited[answer]
        self.step(request.process)
        if request.passage.lost:
            raise self.away(f"{name}: carried out, reply lost")
        return result

    def _sent(self, request: _Request[T]) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(request.passage.there, self._arrived, request, context=self._world)

    def _given_up(self, name: str, answer: asyncio.Future[T]) -> None:
        _fail(answer, self.away(f"{name}: no answer in time"))

    # No task where none is needed: two of three callbacks in a simulated day are requests.

    def _arrived(self, request: _Request[T]) -> None:
        if self._held_up(request, self._arrived):
            return
        if request.passage.refused is not None:
            _fail(request.answer, request.passage.refused)
            return
        self._begun(eagerly(request.serve()), request)

    def _begun(self, serving: asyncio.Future[T], request: _Request[T]) -> None:
        if serving.done():
            self._served(request, serving)
        else:
            serving.add_done_callback(partial(self._served, request), context=self._world)

    def _served(self, request: _Request[T], serving: asyncio.Future[T]) -> None:
        if serving.cancelled():  # with the whole loop
            request.answer.cancel()
            return
        fault = serving.exception()
        if isinstance(fault, Exception):
            _fail(request.answer, fault)
            return
        self.step(request.process)
        loop = asyncio.get_running_loop()
        loop.call_later(
            request.passage.back, self._returned, request, serving.result(), context=self._world
        )

    def _returned(self, request: _Request[T], result: T) -> None:
        again = partial(self._returned, result=result)
        if not self._held_up(request, again) and not request.answer.done():
            request.answer.set_result(result)

    def _held_up(self, request: _Request[T], again: Callable[[_Request[T]], None]) -> bool:
        """Whether it does not get through; what was sent is sent again, until it is reset."""
        if self.dead:
            _fail(request.answer, self.away("nobody listens"))
            return True
        if self.stalled or request.process.host in self.cut_off:
            if self.resets and not self.stalled and (request.answer.done() or request.process.dead):
                return True
            loop = asyncio.get_running_loop()
            loop.call_later(RESENT_EVERY, again, request, context=self._world)
            return True
        return False

    def _cut(self, process: Process) -> bool:
        return self.dead or self.stalled or process.host in self.cut_off


@dataclass(frozen=True, slots=True, eq=False)
class _Request(Generic[T]):
    """One that is under way."""

    process: Process
    passage: Passage
    serve: Callable[[], Awaitable[T]]
    answer: asyncio.Future[T]  # nobody may wait for it any more


def _fail(answer: asyncio.Future[T], fault: Exception) -> None:
    if not answer.done():
        answer.set_exception(fault)


def eagerly(work: Awaitable[T]) -> asyncio.Future[T]:
    """Begin it now; a task is made only when it has to wait, as `asyncio.eager_task_factory` does.

    Until then it is in no task, so it must not ask for its own.
    """
    loop = asyncio.get_running_loop()
    steps = work.__await__()
    begun: asyncio.Future[T] = loop.create_future()
    try:
        waits_for = next(steps)
    except StopIteration as done:
        begun.set_result(done.value)
    except Exception as fault:  # noqa: BLE001 -- whoever awaits it gets it
        begun.set_exception(fault)
    else:
        return loop.create_task(_go_on(steps, waits_for))
    return begun


@coroutine
def _go_on(steps: Generator[Any, None, T], waits_for: object) -> Generator[Any, Any, T]:
    yield waits_for  # cancelled here, it is with the whole loop: the steps are closed unheard
    return (yield from steps)
