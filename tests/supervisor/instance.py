"""An instance under test: its supervisor is a process of its own, as in life."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.home import Home
from telephony.link.client import Link, NoController
from telephony.supervisor import control, notes
from tests.homes import forget_runtime
from tests.ports import a_base

STARTS_WITHIN = 180.0  # seconds; beside much other work on two cores 65 were too few


@dataclass
class Supervisor:
    """One `up` and what it printed."""

    process: asyncio.subprocess.Process
    printed: list[str] = field(default_factory=list)

    async def ready(self) -> str:
        """Read until the ready line."""
        return await self.says("ready 受付中")

    async def says(self, words: str) -> str:
        """Read until a line with these words."""
        assert self.process.stdout is not None
        async with asyncio.timeout(STARTS_WITHIN):
            async for line in self.process.stdout:
                self.printed.append(line.decode().rstrip())
                if words in self.printed[-1]:
                    return self.printed[-1]
        raise AssertionError("\n".join(["it ended:", *self.printed]))

    async def ends(self) -> int:
        """Read to the end; its status."""
        said, _ = await self.process.communicate()
        self.printed.extend(said.decode().splitlines())
        assert self.process.returncode is not None
        return self.process.returncode

    async def interrupt(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return await self.ends()


@dataclass(frozen=True)
class Instance:
    """A home, a port base, and the supervisors started on them."""

    home: Home
    base: int
    started: list[Supervisor] = field(default_factory=list)

    async def up(self, *command: str) -> Supervisor:
        """Start a supervisor; with no command, one with the stand-in for a controller."""
        process = await asyncio.create_subprocess_exec(
            *(command or self.command(self.base)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.started.append(Supervisor(process))
        return self.started[-1]

    def command(self, base: int) -> tuple[str, ...]:
        """The supervisor with the stand-in."""
        program = str(Path(__file__).with_name("standing_in.py"))
        return sys.executable, program, str(self.home.path), str(base)

    async def pids(self) -> dict[str, int]:
        """The process of every part that is up."""
        return {p["name"]: p["pid"] for p in await control.parts(self.home) if p["state"] == "up"}

    async def until(self, holds: Callable[[dict[str, int]], bool]) -> dict[str, int]:
        """Wait until the parts' processes are so."""
        pids: dict[str, int] = {}
        async with asyncio.timeout(STARTS_WITHIN):
            while not holds(pids):
                await asyncio.sleep(0.05)  # noqa: TID251  # somebody else's process
                pids = await self.pids()
        return pids

    async def status(self) -> dict[str, Any]:
        """What the controller tells, once it does."""
        async with asyncio.timeout(STARTS_WITHIN):
            while True:
                try:
                    return await Link(self.home.controller_socket).status()
                except NoController:
                    await asyncio.sleep(0.05)  # noqa: TID251

    def processes(self) -> list[int]:
        """Every process that works in this home or was told of it, ours excepted."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._has(pid)]

    def _has(self, pid: int) -> bool:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            where = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            return False
        home = str(self.home.path)
        return pid != os.getpid() and (home.encode() in words or where.startswith(home))


@contextlib.asynccontextmanager
async def instance(home: Path) -> AsyncIterator[Instance]:
    """A place for an instance; nothing of it is left at the end."""
    with a_base() as base:
        made = Instance(Home.at(home), base)
        try:
            yield made
        finally:
            for supervisor in made.started:
                if supervisor.process.returncode is None:
                    supervisor.process.terminate()
                    await supervisor.ends()
            for part in ("controller-1", "controller-2", "desk", "asterisk", "redis"):
                if home.exists() and (left := notes.living(made.home, part)):
                    os.kill(left.pid, signal.SIGKILL)
            forget_runtime(made.home)
