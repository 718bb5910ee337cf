"""An event loop that lives in virtual time: when nothing is ready it jumps to the next timer.

Above the seams there is no thread, executor or socket, so a whole day of the shell can run in
moments and always the same way. Whoever breaks that rule is refused here by name.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any, NoReturn, ParamSpec, TypeVar, TypeVarTuple
from weakref import WeakSet

from telephony.simulation.shell.process import CURRENT, Process

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class NotVirtual(Exception):
    """The code under test reached for a thread, an executor or a socket."""


class Stalled(Exception):
    """Everything waits for something that can never happen: no timer is set."""


class _NoSelector(selectors.SelectSelector):
    """Nobody may look at a file descriptor."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        raise NotVirtual("select")


def _refuse(name: str) -> Callable[..., NoReturn]:
    def refused(*_args: object, **_kwargs: object) -> NoReturn:
        raise NotVirtual(name)

    return refused


class _Soon(asyncio.Handle):
    """asyncio's handle without what only its debugging needs: a simulation is made of these."""

    __slots__ = ()

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: VirtualLoop,
        context: Context | None,
    ) -> None:
        self._context = copy_context() if context is None else context
        self._loop = loop
        self._callback: Callable[..., object] | None = callback
        self._args = args
        self._cancelled = False
        self._repr = self._source_traceback = None


class _Timer(_Soon, asyncio.TimerHandle):
    """The loop keeps its instant beside it, so that a heap compares numbers."""

    __slots__ = ()

    _when: float

    def cancel(self) -> None:
        """It is dropped when its time comes."""
        self._cancelled = True
        self._callback, self._args = None, ()

    def when(self) -> float:
        """When it is due."""
        return self._when


class _Stoppable(_Timer):
    """What belongs to a process that may be stopped: then it waits until that goes on."""

    __slots__ = ("process",)

    process: Process

    def _run(self) -> None:
        if self.process.stopped:
            self.process.hold(self._again)
        else:
            super()._run()

    def _again(self) -> None:
        self._loop._ready.append(self)


class VirtualLoop(asyncio.SelectorEventLoop):
    """`loop.time()` starts at 0 and moves only by jumping to timers.

    What is due at the same instant runs in the order in which it was set.
    """

    # What asyncio's own loop keeps, and `_run_once` works on.
    _ready: deque[asyncio.Handle]
    _stopping: bool
    _clock_resolution: float
    _asyncgens: WeakSet[AsyncGenerator[Any, Any]]

    def __init__(self) -> None:
        super().__init__(_NoSelector())
        self._now = 0.0
        self._timers: list[tuple[float, int, _Timer]] = []
        self._set = 0  # how many timers were

    def time(self) -> float:
        return self._now

    def _asyncgen_finalizer_hook(self, agen: AsyncGenerator[Any, Any]) -> None:
        """Of what nobody closed nothing runs: the moment would be the garbage collector's."""
        self._asyncgens.discard(agen)

    def sleep_through(self, seconds: float) -> None:
        """Time goes on while everything stands still, as on a machine that was suspended."""
        self._now += seconds

    def pass_at_once(self, seconds: float) -> bool:
        """Let so much time pass if nothing is due in it; whoever asks goes on as if it had waited.

        That spares two timers, a future and three turns of the loop, which is most of what a
        request costs in a simulation; and what happens, and when, is the same.
        """
        timers, until = self._timers, self._now + seconds
        while timers and timers[0][2]._cancelled:
            heappop(timers)
        if self._ready or (timers and timers[0][0] < until + self._clock_resolution):
            return False
        self._now = until
        return True

    def _run_once(self) -> None:
        """One turn: without a selector to ask, which would cost more than most callbacks do."""
        ready, timers = self._ready, self._timers
        while timers and timers[0][2]._cancelled:
            heappop(timers)
        if not ready and not self._stopping:
            if not timers:
                raise Stalled("nothing is ready and no timer is set")
            self._now = max(self._now, timers[0][0])
        until = self._now + self._clock_resolution
        while timers and timers[0][0] < until:
            ready.append(heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As ever; what belongs to a stopped process waits until that goes on."""
        process = CURRENT.get() if context is None else context.get(CURRENT)
        if process is None or not process.may_stop:
            handle = _Soon(callback, args, self, context)
        else:
            handle = _Stoppable(callback, args, self, context)
            handle.process = process
        self._ready.append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As ever; what belongs to a stopped process waits until that goes on."""
        process = CURRENT.get() if context is None else context.get(CURRENT)
        if process is None or not process.may_stop:
            timer = _Timer(callback, args, self, context)
        else:
            timer = _Stoppable(callback, args, self, context)
            timer.process = process
        timer._when = when
        self._set += 1
        heappush(self._timers, (when, self._set, timer))
        return timer

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As ever."""
        return self.call_at(self._now + delay, callback, *args, context=context)


_IO = (
    "sock_",
    "connect_",
    "create_",
    "subprocess_",
    "add_",
    "start_tls",
    "send",
    "getaddr",
    "getname",
)
_HARMLESS = {"create_future", "create_task", "add_signal_handler"}
_THREADS = {"call_soon_threadsafe", "run_in_executor"}


def _outside() -> set[str]:
    """Every public method of a loop that reaches for a socket, a process or a thread."""
    public = {name for name in dir(asyncio.SelectorEventLoop) if name.startswith(_IO)}
    return public - _HARMLESS | _THREADS


for _name in _outside():
    setattr(VirtualLoop, _name, _refuse(_name))


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def virtually(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Let an asynchronous test run in virtual time."""

    @functools.wraps(test)
    def in_virtual_time(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return in_virtual_time
