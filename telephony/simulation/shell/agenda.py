"""What people do later, on no controller's time, until they go home."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any


class Agenda:
    """Timers and tasks of the world outside: they run on, whichever process is stopped."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._group: asyncio.TaskGroup | None = None
        self._over = False

    def begin(self, group: asyncio.TaskGroup) -> None:
        """From now on."""
        self._group = group

    def end(self) -> None:
        """Nobody does anything any more."""
        self._over = True

    def after(self, seconds: float, act: Callable[..., None], *args: Any) -> None:
        """Do it then."""
        if not self._over:
            loop = asyncio.get_running_loop()
            loop.call_later(seconds, act, *args, context=self._context)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside everything else."""
        assert self._group is not None
        self._group.create_task(work, context=self._context.copy())
