"""A controller's process in a simulation: it can be killed, or stopped and continued.

A task belongs to the process whose context it was started in, and so does every timer it sets.
While a process is stopped nothing of it runs, as after SIGSTOP; what had come due meanwhile runs
in its order when it goes on. Whoever kills it leaves it no moment to tidy up: servers hear nothing
more from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from typing import Any, Final, TypeVar

T = TypeVar("T")
CURRENT: Final[ContextVar[Process | None]] = ContextVar("process", default=None)


class Killed(Exception):
    """A dead process asks for nothing."""


class Process:
    """Everything that runs under one process id."""

    def __init__(self, name: str, host: str = "", *, may_stop: bool = True) -> None:
        self.name = name
        self.may_stop = may_stop  # or nothing keeps account of what would have to wait
        self.host = host or name  # what a cut cable cuts off
        self.dead = False
        self.stopped = False
        self._held: list[Callable[[], None]] = []
        self._context = copy_context()
        self._context.run(CURRENT.set, self)
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run this as part of the process."""
        task = asyncio.get_running_loop().create_task(work, context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard, context=self._context)
        return task

    def stop(self) -> None:
        """SIGSTOP."""
        self.stopped = True

    def go_on(self) -> None:
        """SIGCONT: everything that came due meanwhile is due now."""
        self.stopped = False
        held, self._held = self._held, []
        for again in held:
            again()

    def kill(self) -> None:
        """SIGKILL: from now on nobody hears of it."""
        self.dead = True
        self.go_on()  # only so that its tasks can be cleared away
        for task in list(self._tasks):
            task.cancel()

    def hold(self, again: Callable[[], None]) -> None:
        """Do this when the process goes on."""
        self._held.append(again)
