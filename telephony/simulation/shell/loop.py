"""An event loop that lives in virtual time: when nothing is ready it jumps to the next timer.

Above the seams there is no thread, executor or socket, so a whole day of the shell can run in
moments and always the same way. Whoever breaks that rule is refused here by name.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from heapq import heappop
from typing import Any, NoReturn, ParamSpec, TypeVar, TypeVarTuple

from telephony.simulation.shell.process import CURRENT, Due

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class NotVirtual(Exception):
    """The code under test reached for a thread, an executor or a socket."""


class Stalled(Exception):
    """Everything waits for something that can never happen: no timer is set."""


class _JumpingSelector(selectors.SelectSelector):
    """Never looks at a file descriptor; waiting is only a step of the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stalled("nothing is ready and no timer is set")
        self.now += max(0.0, timeout)
        return []


def _refuse(name: str) -> Callable[..., NoReturn]:
    def refused(*_args: object, **_kwargs: object) -> NoReturn:
        raise NotVirtual(name)

    return refused


class VirtualLoop(asyncio.SelectorEventLoop):
    """`loop.time()` starts at 0 and moves only by jumping to timers."""

    # What asyncio's own loop keeps, and `_run_once` works on.
    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _stopping: bool
    _clock_resolution: float
    _timer_cancelled_count: int

    def __init__(self) -> None:
        self._jumps = _JumpingSelector()
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.now

    def _run_once(self) -> None:
        """One turn: without a selector to ask, which would cost more than most callbacks do."""
        ready, timers = self._ready, self._scheduled
        while timers and timers[0]._cancelled:
            self._drop(timers)
        if not ready and not self._stopping:
            if not timers:
                raise Stalled("nothing is ready and no timer is set")
            self._jumps.now = max(self._jumps.now, timers[0].when())
        until = self._jumps.now + self._clock_resolution
        while timers and timers[0].when() < until:
            ready.append(self._drop(timers))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _drop(self, timers: list[asyncio.TimerHandle]) -> asyncio.TimerHandle:
        timer = heappop(timers)
        timer._scheduled = False  # type: ignore[attr-defined]  # or cancelling it would count it
        if timer._cancelled:
            self._timer_cancelled_count -= 1
        return timer

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """As ever; what belongs to a stopped process waits until that goes on."""
        process = CURRENT.get() if context is None else context.get(CURRENT)
        if process is None or not process.may_stop or isinstance(callback, Due):
            return super().call_soon(callback, *args, context=context)
        due = Due(process, callback, args, context)
        due.handle = super().call_soon(due, context=context)
        return due.handle

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
            return super().call_at(when, callback, *args, context=context)
        due = Due(process, callback, args, context)
        due.handle = timer = super().call_at(when, due, context=context)
        return timer


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
