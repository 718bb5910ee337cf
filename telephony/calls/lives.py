"""Which controllers of a home live: each holds a file of its own locked, with its name in it.

The kernel unlocks the file when the process ends, whoever started it and in whatever container,
but not while it is only stopped. So the lease of one that died is given up by the other of the
pair, or by its own next life, also where no supervisor does that. What the dead one had still
under way, its epoch shuts out.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

import structlog

from config.clockwork import attempts
from telephony.calls.lease import Lease, LeaseAway

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = 0.1  # seconds between two looks at the other's file
LOOKS: Final = 10  # somebody may look at our file in the very moment in which we want it


@asynccontextmanager
async def living(path: Path, name: str, lease: Lease) -> AsyncIterator[None]:
    """Show that we live while the block lasts, and give up what our last life still holds.

    Whoever cannot show it goes on all the same: its lease would run out by itself.
    """
    with path.open("a+", encoding="utf-8") as file:
        try:
            former = await _signed(file, name)
        except OSError as trouble:  # a full disk, or somebody who fell asleep while looking
            log.warning("life_not_shown", error=trouble)
        else:
            with suppress(LeaseAway):
                await lease.release(former)
        yield


@asynccontextmanager
async def burying(path: Path, lease: Lease) -> AsyncIterator[None]:
    """While the block lasts, give up what the other of the pair holds whenever it has ended."""
    async with asyncio.TaskGroup() as group:
        work = group.create_task(_bury(path, lease))
        try:
            yield
        finally:
            work.cancel()


async def _bury(path: Path, lease: Lease) -> None:
    buried: str | None = None
    async for _ in attempts(LOOK_EVERY):
        dead = ended(path)
        if dead is not None and dead != buried:
            try:
                await lease.release(dead)
            except LeaseAway:
                continue
        buried = dead


def ended(path: Path) -> str | None:
    """The name of whoever held this file last, once its process is no more."""
    try:
        with path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return file.read() or None
    except OSError:  # it lives; or nobody was ever there
        return None


async def _signed(file: TextIO, name: str) -> str:
    """The file is ours and bears our name; whose it bore before."""
    async for _ in attempts(LOOK_EVERY, LOOKS):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
    else:
        raise BlockingIOError(file.name)
    file.seek(0)
    former = file.read()
    file.truncate(0)
    file.write(name)
    file.flush()
    return former
