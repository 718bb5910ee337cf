"""Processes: how their end is heard, and that only the right one is ever touched."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.supervisor.identity import identify
from telephony.supervisor.process import adopt, spawn

DEAF = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); "
DEAF += "time.sleep(60)"


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


async def test_the_end_of_a_child_is_told_in_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert await spawn(["sh", "-c", "exit 3"], log, tmp_path).ended() == "ended with status 3"
    assert await spawn(["sh", "-c", "kill -9 $$"], log, tmp_path).ended() == "was killed by SIGKILL"


async def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn([sys.executable, "-c", DEAF], log, tmp_path)
    while not log.read_text():
        await asyncio.sleep(0.02)  # noqa: TID251  # until it is deaf
    await process.end(patience=0.2)
    assert await process.ended() == "was killed by SIGKILL"


async def test_whom_a_part_leaves_behind_goes_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    process = spawn(["sh", "-c", f"sleep 60 & echo $! > {note}"], tmp_path / "log", tmp_path)
    await process.ended()
    left = int(note.read_text())
    async with asyncio.timeout(5):
        while _is_alive(left):
            await asyncio.sleep(0.02)  # noqa: TID251


async def test_an_adopted_process_is_heard_and_ended(stranger: subprocess.Popen[bytes]) -> None:
    process = adopt(identify(stranger.pid))
    assert process is not None
    assert process.adopted
    await process.end(patience=2)
    assert await process.ended() == "ended"


async def test_the_same_pid_with_another_start_is_a_stranger(
    stranger: subprocess.Popen[bytes],
) -> None:
    identity = identify(stranger.pid)
    assert adopt(replace(identity, started=identity.started - 1)) is None
    assert adopt(replace(identity, boot="another")) is None
    assert stranger.poll() is None


async def test_a_process_that_only_waits_to_be_reaped_is_dead(
    stranger: subprocess.Popen[bytes],
) -> None:
    identity = identify(stranger.pid)
    stranger.kill()
    os.waitid(os.P_PID, stranger.pid, os.WEXITED | os.WNOWAIT)
    assert not identity.is_alive()
    assert adopt(identity) is None


def _is_alive(pid: int) -> bool:
    try:
        return identify(pid).is_alive()
    except ProcessLookupError:
        return False
