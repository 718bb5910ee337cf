"""Real Asterisk, real Redis, a stand-in for the controller: starting, dying, stopping."""

import asyncio
import os
import signal
import sys

import pytest

from telephony.runtime.programs import find
from telephony.supervisor import control, notes
from telephony.supervisor.keeper import Keeper
from telephony.supervisor.parts import redis_part
from tests.docker.deployed import DOCKER, seconds, unit
from tests.homes import prepared
from tests.ports import a_base
from tests.supervisor.instance import STARTS_WITHIN, Instance

pytestmark = pytest.mark.asterisk


def systemds_patience() -> asyncio.Timeout:
    """The time that it has to end before systemd kills it."""
    service = unit(DOCKER / "systemd" / "madoguchi.service")["Service"]
    return asyncio.timeout(seconds(service["TimeoutStopSec"][0]))


async def test_it_starts_and_ctrl_c_leaves_no_process_behind(one: Instance) -> None:
    supervisor = await one.up()
    line = await supervisor.ready()
    assert f"0942000100 at sip:0942000100@127.0.0.1:{one.base + 2}" in line
    pids = await one.pids()
    assert set(pids) == {"asterisk", "redis", "controller"}
    assert set(pids.values()) < set(one.processes())

    async with systemds_patience():
        assert await supervisor.interrupt() == 0
    assert one.processes() == []

    clock = asyncio.get_running_loop().time
    began = clock()
    await (await one.up()).ready()
    sys.stdout.write(f"second start: {clock() - began:.1f} s\n")


async def test_ctrl_c_waits_for_nobody_who_hangs(one: Instance) -> None:
    home, base = str(one.home.path), str(one.base)
    options = ("--home", home, "--port-base", base)
    supervisor = await one.up(sys.executable, "-m", "telephony", "up", *options)
    await supervisor.ready()
    hanging = {"controller", "standby", "desk"}
    pids = await one.until(lambda now: hanging < now.keys())
    for part in hanging:
        os.kill(pids[part], signal.SIGSTOP)
    async with systemds_patience():
        assert await supervisor.interrupt() == 0
    assert one.processes() == []


async def test_two_instances_side_by_side(one: Instance, other: Instance) -> None:
    first, second = await one.up(), await other.up()
    await asyncio.gather(first.ready(), second.ready())
    assert set((await one.pids()).values()).isdisjoint((await other.pids()).values())
    await first.interrupt()
    assert (await other.status())["ready"]


async def test_whatever_is_killed_comes_back_and_the_rest_stays(one: Instance) -> None:
    await (await one.up()).ready()
    for part in ("controller", "redis", "asterisk"):
        before = await one.pids()
        os.kill(before[part], signal.SIGKILL)
        after = await one.until(lambda now, was=before: len(now) == 3 and now != was)  # type: ignore[misc]
        assert {name for name in after if after[name] != before[name]} == {part}


async def test_a_dead_controllers_lease_is_released_for_the_next(one: Instance) -> None:
    await (await one.up()).ready()
    first = await one.status()
    os.kill((await one.pids())["controller"], signal.SIGKILL)
    await one.until(lambda pids: "controller" not in pids)
    # The stand-in's lease lasts an hour, and its successor ends if it does not get it.
    await one.until(lambda pids: "controller" in pids)
    second = await one.status()
    assert second["controller"]["epoch"] == first["controller"]["epoch"] + 1
    told = next(p for p in await control.parts(one.home) if p["name"] == "controller")
    assert told["restarts"] == 1


async def test_restart_replaces_one_part_and_returns_when_it_is_up(one: Instance) -> None:
    await (await one.up()).ready()
    before = await one.pids()
    await control.restart(one.home, "controller")
    after = await one.pids()
    assert {name for name in after if after[name] != before[name]} == {"controller"}
    with pytest.raises(control.NoSuchPart, match="controller"):
        await control.restart(one.home, "kitchen")


async def test_the_next_up_adopts_what_a_killed_one_left(one: Instance) -> None:
    first = await one.up()
    await first.ready()
    before = await one.pids()
    first.process.kill()
    await first.ends()
    assert set(before.values()) <= set(one.processes())  # the lines are still served

    second = await one.up()
    await second.ready()
    after = await one.pids()
    assert {name for name in after if after[name] == before[name]} == {"asterisk", "redis"}

    os.kill(after["asterisk"], signal.SIGKILL)  # it is watched although it is nobody's child
    new = await one.until(lambda pids: pids.get("asterisk", 0) not in (0, after["asterisk"]))
    assert new["redis"] == after["redis"]
    assert await second.interrupt() == 0
    assert one.processes() == []


async def test_a_second_up_on_the_same_home_is_refused(one: Instance) -> None:
    await (await one.up()).ready()
    late = await one.up()
    assert await late.ends() == 1
    assert f"(pid {one.started[0].process.pid}) runs on {one.home.path}" in late.printed[-1]


async def test_another_spelling_of_its_home_does_not_harm_what_runs(one: Instance) -> None:
    supervisor = await one.up()
    await supervisor.ready()
    runtime, pids = one.home.runtime(), await one.pids()
    program, base = one.command(one.base)[:2], str(one.base)
    (one.home.path.parent / "link").symlink_to(one.home.path)
    for spelling in (one.home.path / ".." / one.home.path.name, one.home.path.parent / "link"):
        late = await one.up(*program, str(spelling), base)
        assert await late.ends() == 1
        assert f"(pid {supervisor.process.pid}) runs on {one.home.path}" in late.printed[-1]
    assert one.home.runtime() == runtime
    assert await one.pids() == pids
    assert await supervisor.interrupt() == 0
    assert one.processes() == []


async def test_what_was_started_under_another_spelling_is_adopted(one: Instance) -> None:
    first = await one.up()
    await first.ready()
    before = await one.pids()
    first.process.kill()
    await first.ends()
    (one.home.path.parent / "link").symlink_to(one.home.path)
    for note in (one.home.path / "parts").glob("*.json"):
        note.write_text(note.read_text().replace('/home"', '/link"'))
    second = await one.up()
    await second.ready()
    after = await one.pids()
    assert {name for name in after if after[name] == before[name]} == {"asterisk", "redis"}
    await second.interrupt()
    assert one.processes() == []


async def test_a_stranger_with_the_noted_pid_is_left_in_peace(one: Instance) -> None:
    first = await one.up()
    await first.ready()
    await first.interrupt()
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    folder = one.home.path / "parts"
    (folder / "asterisk.json").write_text(
        f'{{"identity": {{"pid": {stranger.pid}, "started": 1, "boot": "another"}},'
        f' "home": "{one.home.path}", "runtime": "{one.home.runtime()}"}}'
    )
    second = await one.up()
    await second.ready()
    await second.interrupt()
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


@pytest.mark.parametrize("after", ["asterisk", "health"])
async def test_ctrl_c_while_it_starts_leaves_nothing_either(one: Instance, after: str) -> None:
    supervisor = await one.up()
    if after == "asterisk":
        await _appears(one, after)
    else:
        await supervisor.says(after)
    assert await supervisor.interrupt() == 0
    assert one.processes() == []


async def test_the_operators_own_redis_is_used_and_left_alone(
    one: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with prepared(one.home.path.parent / "elsewhere") as elsewhere:
        theirs = Keeper(redis_part(elsewhere, find()), elsewhere, lambda _: None)
        async with asyncio.TaskGroup() as group:
            group.create_task(theirs.keep())
            await theirs.is_up.wait()
            monkeypatch.setenv("MADOGUCHI_REDIS_URL", f"unix://{elsewhere.redis_socket}")
            supervisor = await one.up()
            await supervisor.ready()
            assert set(await one.pids()) == {"asterisk", "controller"}
            await supervisor.interrupt()
            assert theirs.process is not None
            await theirs.stop()


async def test_another_port_base_is_what_the_next_up_serves(one: Instance) -> None:
    first = await one.up()
    await first.ready()
    before = await one.pids()
    first.process.kill()
    await first.ends()
    with a_base() as base:
        second = await one.up(*one.command(base))
        assert f"127.0.0.1:{base + 2}" in await second.ready()
        after = await one.pids()
        assert after["asterisk"] != before["asterisk"]
        assert after["redis"] == before["redis"]
        await second.interrupt()


async def _appears(one: Instance, part: str) -> None:
    async with asyncio.timeout(STARTS_WITHIN):
        while notes.living(one.home, part) is None:
            await asyncio.sleep(0.005)  # noqa: TID251
