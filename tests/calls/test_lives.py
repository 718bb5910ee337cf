"""Who died lets go of the lease although nobody supervises it; who is only stopped does not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telephony.calls.lease import Held
from telephony.calls.lives import burying, ended, living
from telephony.simulation.shell.lease import FakeLease
from telephony.simulation.shell.loop import virtually
from tests.calls.leading import later

FOREVER = 3600.0  # seconds; nothing here waits for a lease to run out
CHILD = """
import asyncio, sys
from pathlib import Path
from telephony.calls.lives import living
from telephony.simulation.shell.lease import FakeLease

async def main():
    async with living(Path(sys.argv[1]), sys.argv[2], FakeLease()):
        print("lives", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def a_life(path: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that shows that it lives."""
    argv = [sys.executable, "-c", CHILD, str(path), name]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "lives\n"
            yield child
        finally:
            kill(child)


def kill(child: subprocess.Popen[str]) -> None:
    """It is gone when this returns."""
    child.kill()
    child.wait()


async def leads(lease: FakeLease, name: str) -> Held:
    held = await lease.take(name, 0)
    assert held is not None
    return held


@virtually
async def test_the_lease_of_a_dead_leader_is_free_for_the_other(tmp_path: Path) -> None:
    lease, path = FakeLease(FOREVER), tmp_path / "lives"
    with a_life(path, "first") as first:
        await leads(lease, "first")
        async with burying(path, lease):
            await later(1.0)
            assert await lease.lapses_in() > 0
            kill(first)
            await later(1.0)
    assert (await leads(lease, "second")).epoch == 2


@virtually
async def test_each_death_under_the_same_name_counts(tmp_path: Path) -> None:
    """In a container each life has the same pid, so often the same name."""
    lease, path = FakeLease(FOREVER), tmp_path / "lives"
    async with burying(path, lease):
        for _ in range(2):
            with a_life(path, "7@container") as child:
                await leads(lease, "7@container")
                await later(1.0)
                kill(child)
                await later(1.0)
                assert await lease.lapses_in() == 0


@virtually
async def test_d4_a_stopped_leader_keeps_its_lease(tmp_path: Path) -> None:
    path = tmp_path / "lives"
    with a_life(path, "first") as first:
        os.kill(first.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, first.pid, os.WSTOPPED | os.WNOWAIT)
        assert ended(path) is None
        kill(first)
        assert ended(path) == "first"


@virtually
async def test_the_next_life_gives_up_what_the_last_one_held(tmp_path: Path) -> None:
    lease, path = FakeLease(FOREVER), tmp_path / "lives"
    with a_life(path, "first") as first:
        await leads(lease, "first")
        kill(first)
    async with living(path, "second", lease):
        assert await lease.lapses_in() == 0
        assert ended(path) is None
    assert ended(path) == "second"


@virtually
async def test_a_third_hand_is_left_alone(tmp_path: Path) -> None:
    lease, path = FakeLease(FOREVER), tmp_path / "lives"
    with a_life(path, "first"):
        pass
    await leads(lease, "somebody else")
    async with living(path, "second", lease):
        assert await lease.lapses_in() > 0


@virtually
async def test_f2_a_lease_that_is_away_is_given_up_when_it_is_back(tmp_path: Path) -> None:
    lease, path = FakeLease(FOREVER), tmp_path / "lives"
    with a_life(path, "first"):
        await leads(lease, "first")
    lease.away = True
    async with burying(path, lease):
        await later(1.0)
        lease.away = False
        assert await lease.lapses_in() > 0
        await later(1.0)
        assert await lease.lapses_in() == 0


@virtually
async def test_who_cannot_show_that_it_lives_works_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "lives"
    with a_life(path, "first"):
        async with living(path, "second", FakeLease()):
            assert ended(path) is None


def test_nobody_there_is_no_death(tmp_path: Path) -> None:
    assert ended(tmp_path / "lives") is None
