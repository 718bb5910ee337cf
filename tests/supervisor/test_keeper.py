"""One part and its keeper: small programs instead of Asterisk."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.home import Home
from telephony.supervisor.keeper import Keeper, PartState
from telephony.supervisor.part import Part
from tests.homes import prepared

LIVES = ("sleep", "60")


async def _at_once() -> bool:
    return True


async def _never() -> bool:
    return False


def _part(*argv: str, up: Callable[[], object] = _at_once) -> Part:
    return Part("part", argv, up, leaves_within=1.0)  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with prepared(tmp_path / "home") as home:
        yield home


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    clock = asyncio.get_running_loop().time
    began = clock()
    yield lambda: clock() - began


async def test_a_part_that_cannot_live_is_tried_ever_more_slowly(home: Home) -> None:
    told: list[str] = []
    keeper = Keeper(_part("sh", "-c", "echo no licence; exit 4"), home, told.append)
    with _timed() as elapsed:
        async with asyncio.TaskGroup() as group:
            group.create_task(keeper.keep())
            while keeper.restarts < 3:
                await asyncio.sleep(0.02)  # noqa: TID251
            await keeper.stop()
    assert elapsed() >= 0.5  # at once, and after half a second
    assert "ended with status 4 (no licence); starting again at once" in told[0]
    assert "in 0.5 s" in told[1]


async def test_what_a_killed_part_said_last_is_not_told_as_the_cause(home: Home) -> None:
    told: list[str] = []
    said = home.path / "said"
    script = f"echo all is well; touch {said}; exec sleep 60"
    keeper = Keeper(_part("sh", "-c", script), home, told.append)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        while not said.exists():
            await asyncio.sleep(0.02)  # noqa: TID251
        assert keeper.process is not None
        os.kill(keeper.process.pid, signal.SIGKILL)
        while keeper.restarts < 1:
            await asyncio.sleep(0.02)  # noqa: TID251
        await keeper.stop()
    assert "was killed by SIGKILL; starting again at once" in told[0]


async def test_what_a_crashing_part_said_last_is_told(home: Home) -> None:
    told: list[str] = []
    keeper = Keeper(_part("sh", "-c", "echo assertion failed; kill -ABRT $$"), home, told.append)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        while keeper.restarts < 1:
            await asyncio.sleep(0.02)  # noqa: TID251
        await keeper.stop()
    assert "was killed by SIGABRT (assertion failed)" in told[0]


async def test_stopping_does_not_wait_for_the_back_off(home: Home) -> None:
    keeper = Keeper(_part("false"), home, lambda _: None)
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        while keeper.state is not PartState.PAUSING:
            await asyncio.sleep(0.02)  # noqa: TID251
        await keeper.stop()


async def test_a_restart_that_was_asked_for_ends_the_back_off(home: Home) -> None:
    flag = home.path / "flag"
    script = f"test -e {flag} && exec sleep 60"
    keeper = Keeper(_part("sh", "-c", script), home, lambda _: None)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        while keeper.restarts < 4:
            await asyncio.sleep(0.02)  # noqa: TID251
        flag.touch()
        with _timed() as elapsed:
            await keeper.restart()
        assert elapsed() < 1.9  # two seconds was the pause
        await keeper.stop()


async def test_a_part_that_does_not_come_up_is_started_again(home: Home) -> None:
    told: list[str] = []
    keeper = Keeper(_part(*LIVES, up=_never), home, told.append)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        while keeper.restarts < 1:
            await asyncio.sleep(0.02)  # noqa: TID251
        await keeper.stop()
    assert "does not come up" in told[0]


async def test_a_part_that_hangs_is_started_again(home: Home) -> None:
    told: list[str] = []
    asked = 0

    async def answers_twice() -> bool:
        nonlocal asked
        asked += 1
        if asked > 2:
            await asyncio.Event().wait()
        return True

    part = Part("part", LIVES, answers_twice, 1.0, silent_for=0.1, attended_every=0.02)
    keeper = Keeper(part, home, told.append)
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        while keeper.restarts < 1:
            await asyncio.sleep(0.02)  # noqa: TID251
        await keeper.stop()
    assert "has not answered for 0.1 s" in told[0]
    assert asked >= 3


async def test_a_program_that_cannot_be_started_does_not_end_the_others(home: Home) -> None:
    told: list[str] = []
    broken = Keeper(_part("/no/such/program"), home, told.append)
    other = Keeper(Part("other", LIVES, _at_once, 1.0), home, told.append)
    async with asyncio.TaskGroup() as group:
        for keeper in (broken, other):
            group.create_task(keeper.keep())
        await other.is_up.wait()
        while not told:
            await asyncio.sleep(0.02)  # noqa: TID251
        assert other.process is not None
        await other.stop()
        await broken.stop()
    assert "No such file or directory" in told[0]


async def test_a_part_waits_for_what_it_needs(home: Home) -> None:
    need = Keeper(Part("need", LIVES, _at_once, 1.0), home, lambda _: None)
    keeper = Keeper(_part(*LIVES), home, lambda _: None, needs=(need,))
    async with asyncio.TaskGroup() as group:
        group.create_task(keeper.keep())
        await asyncio.sleep(0.1)  # noqa: TID251  # time enough to do it wrong
        assert keeper.process is None
        group.create_task(need.keep())
        await keeper.is_up.wait()
        await keeper.stop()
        await need.stop()


async def test_a_lost_runtime_directory_is_no_reason_to_adopt(home: Home) -> None:
    first = Keeper(_part(*LIVES), home, lambda _: None)
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(first.keep())
        await first.is_up.wait()
        assert first.process is not None
        old = first.process.identity
        shutil.rmtree(home.run.readlink())  # its sockets are gone with it
        home.prepare()
        second = Keeper(_part(*LIVES), home, lambda _: None)
        assert not await second.find()
        assert not old.is_alive()
        await first.stop()
        keeping.cancel()
