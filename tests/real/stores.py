"""What may happen to the stores of a running instance: Redis, and SQL in a file."""

import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.real.centre import Centre, Status
from tests.real.waiting import pause, until, until_true


@asynccontextmanager
async def locked(database: Path) -> AsyncIterator[None]:
    """Another process has begun to write, and does not end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def without_redis(c: Centre) -> AsyncIterator[None]:
    """Killed, and not started again before the block ends: who would do so is stopped."""
    pid = (await c.instance.pids())["redis"]
    supervisor = c.supervisor.process
    supervisor.send_signal(signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        await until(lambda: ended(pid), "redis is gone")
        yield
    finally:
        supervisor.send_signal(signal.SIGCONT)
    await c.instance.until(lambda pids: pids.get("redis", pid) != pid)
    await until_true(c.status, lambda status: not journal_is_away(status), "the journal is back")


@asynccontextmanager
async def silent_redis(c: Centre) -> AsyncIterator[None]:
    """It takes connections and answers nobody; who would start another is stopped with it."""
    pid = (await c.instance.pids())["redis"]
    supervisor = c.supervisor.process
    supervisor.send_signal(signal.SIGSTOP)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        supervisor.send_signal(signal.SIGCONT)


async def roll_back(c: Centre, seconds: float) -> None:
    """Redis dies, and comes back with the files that it had so many seconds before."""
    files = c.instance.home.redis / "appendonlydir"
    with tempfile.TemporaryDirectory(prefix="older-") as folder:
        older = Path(folder) / "files"
        shutil.copytree(files, older)
        await pause(seconds)
        async with without_redis(c):
            shutil.rmtree(files)
            shutil.copytree(older, files)


def ended(pid: int) -> bool:
    """Gone, or dead and not buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] == "Z"
    except FileNotFoundError:
        return True


def journal_is_away(status: Status) -> bool:
    """The leader goes on from memory."""
    return bool(status["controller"]["journal_away"])


def all_is_written(status: Status) -> bool:
    """Journal and SQL have everything, and the spool nothing."""
    told = status["controller"]
    away = told["journal_away"] or told["records_away"]
    return not (away or told["records_behind"] or told["records_spooled"])
