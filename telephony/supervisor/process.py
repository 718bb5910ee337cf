"""One running process, ours or adopted: hearing its end, and ending it."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from telephony.supervisor.identity import Identity, identify

FROM_OUTSIDE: Final = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
KILLED_WITHIN: Final = 2.0  # seconds; only a process stuck in the kernel takes longer


class Process:
    """Watched through a pidfd, which no other process can ever take over."""

    def __init__(self, pidfd: int, identity: Identity, child: subprocess.Popen[bytes] | None):
        self.identity = identity
        self._pidfd = pidfd
        self._child = child
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.began_at = self._loop.time()
        self._loop.add_reader(pidfd, self._end_was_heard)

    @property
    def pid(self) -> int:
        """Its number, while it lives."""
        return self.identity.pid

    @property
    def adopted(self) -> bool:
        """Whether somebody else started it."""
        return self._child is None

    @property
    def lived(self) -> float:
        """Seconds since we have had it."""
        return self._loop.time() - self.began_at

    @property
    def fell(self) -> bool:
        """Whether it ended of itself, as far as is known: nobody tells how an adopted one did."""
        code = self._child.returncode if self._child else None
        return code is not None and -code not in FROM_OUTSIDE

    async def ended(self) -> str:
        """Wait for its end; how it ended, in words."""
        await self._ended.wait()
        return _in_words(None if self._child is None else self._child.returncode)

    async def end(self, patience: float) -> None:
        """Ask it to go, and after `patience` seconds make it."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience):
                await self._ended.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KILLED_WITHIN):
                    await self._ended.wait()

    def _signal(self, number: signal.Signals) -> None:
        if not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError):  # it is faster than the news of it
                signal.pidfd_send_signal(self._pidfd, number)

    def _end_was_heard(self) -> None:
        self._loop.remove_reader(self._pidfd)
        if self._child is not None:
            # Until it is reaped the group's number is still its own: whom it left behind goes too.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._child.wait()
        os.close(self._pidfd)
        self._ended.set()


def spawn(argv: Sequence[str], log: Path, cwd: Path) -> Process:
    """Start a process that needs nothing of us: its own group, its own file to write to."""
    with log.open("ab") as file:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=cwd,
            process_group=0,
        )
    return Process(os.pidfd_open(child.pid), identify(child.pid), child)


def adopt(identity: Identity) -> Process | None:
    """Watch a process that somebody else started, if it is still that one."""
    try:
        pidfd = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return None
    # Only after the descriptor is ours can the pid not change hands any more.
    if identity.is_alive():
        return Process(pidfd, identity, None)
    os.close(pidfd)
    return None


def _in_words(code: int | None) -> str:
    if code is None:
        return "ended"
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with status {code}"
