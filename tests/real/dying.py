"""Parts of an instance that die, and others that come in their place."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from telephony.link.client import NoController
from tests.real.centre import Centre
from tests.real.waiting import until, until_true

UP_WITHIN = 20.0


async def kill(c: Centre, part: str = "controller") -> int:
    """`kill -9`; its process id, and the part is gone when this returns."""
    pid = (await c.instance.pids())[part]
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not Path(f"/proc/{pid}/cwd").exists(), f"the {part} is gone")
    return pid


@asynccontextmanager
async def without_controllers(c: Centre) -> AsyncIterator[None]:
    """Both killed, and not started again before the block ends: who would do so is stopped."""
    pids = await c.instance.pids()
    supervisor = c.supervisor.process
    supervisor.send_signal(signal.SIGSTOP)
    try:
        for part in ("standby", "controller"):
            os.kill(pids[part], signal.SIGKILL)
        yield
    finally:
        supervisor.send_signal(signal.SIGCONT)
    await c.instance.until(lambda now: now.get("controller") not in {None, *pids.values()})
    await back(c)


async def back(c: Centre) -> None:
    """A controller takes calls."""
    await until_true(c.status, lambda status: bool(status["ready"]), "ready again", UP_WITHIN)


async def insist(c: Centre, seat: str, do: str, **given: str) -> None:
    """Ask until there is somebody to grant it."""
    async with asyncio.timeout(UP_WITHIN):
        while True:
            try:
                await c.ask(seat, do, **given)
            except NoController:
                continue
            return
