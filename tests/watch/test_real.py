"""The real Asterisk, stopped in the middle of calls: seen, told, and forgotten when it goes on."""

import os
import signal
import sys
from asyncio import create_subprocess_exec, subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import pytest
import pytest_asyncio

from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.waiting import until_true
from tests.sip import talk

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("watch"),
]

SEEN_WITHIN = 15.0  # seconds; our own limit is 2 s, and the machine may be slow
OF_ASTERISK = {"ari_slow", "sip_silent", "events_away", "task_processors"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of our own: the others must not find theirs stopped."""
    async with centre(tmp_path_factory.mktemp("watch")) as made:
        await made.instance.until(lambda pids: len(pids) == 5)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def c(running: Centre) -> AsyncIterator[Centre]:
    """The instance at rest, and at rest again afterwards."""
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process does nothing for the length of the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def alarms(c: Centre) -> set[str]:
    """The ids of those about Asterisk."""
    return {alarm["id"] for alarm in (await c.status())["alarms"]} & OF_ASTERISK


async def asked(c: Centre, path: str) -> tuple[int, str]:
    """The status and text on the health port of whoever leads."""
    async with aiohttp.ClientSession() as http:
        for port in (c.ports.health, c.ports.standby_health):
            url = f"http://127.0.0.1:{port}"
            async with http.get(f"{url}/metrics") as reply:
                leads = "madoguchi_leading 1.0" in await reply.text()
            if leads:
                async with http.get(f"{url}{path}") as reply:
                    return reply.status, await reply.text()
    raise AssertionError("nobody leads")


async def status_command(c: Centre) -> tuple[int | None, str]:
    """`madoguchi status` as an operator runs it."""
    words = (sys.executable, "-m", "telephony", "status", "--home", str(c.instance.home.path))
    process = await create_subprocess_exec(*words, stdout=subprocess.PIPE)
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def judgements(c: Centre) -> list[bool]:
    """What the core was told of Asterisk, in order."""
    return [each["well"] for each in await c.journal() if each["is"] == "AsteriskJudged"]


async def test_d7_a_stopped_asterisk_is_told_and_calls_survive_it(c: Centre) -> None:
    talking, leg = await c.talking("a01")
    await c.phone("a02")
    waiting = await c.call("0")
    await c.waiting(1)
    with stopped((await c.instance.pids())["asterisk"]):
        await until_true(
            lambda: alarms(c), lambda found: "ari_slow" in found, "an alarm", SEEN_WITHIN
        )
        assert not (await c.status())["ready"]
        assert (await asked(c, "/readyz"))[0] == 503
        metrics = (await asked(c, "/metrics"))[1]
        assert 'madoguchi_alarm{id="ari_slow"} 1.0' in metrics
        assert "madoguchi_offers_withheld 1.0" in metrics
        await c.ask("a02", "ready")  # a free agent and a waiting caller, and yet no offer
        assert (await c.agent("a02"))["state"] == "ready"
        status, said = await status_command(c)
        assert status == 1
        assert "!! ari_slow  since " in said
        assert "Asterisk の応答が遅れています" in said
    assert (await judgements(c))[0] is False
    rung = await c.phones["a02"].rings()
    await until_true(lambda: alarms(c), lambda found: not found, "no alarm", SEEN_WITHIN)
    await until_true(c.status, lambda status: bool(status["ready"]), "ready", SEEN_WITHIN)
    assert (await asked(c, "/readyz"))[0] == 200
    assert (await judgements(c))[-1] is True
    await rung.answer()
    await talk(waiting, rung)
    await talk(talking, leg)
    record = (await c.agent("a02"))["state"]
    assert record == "talking"


async def test_all_that_is_measured_of_a_healthy_asterisk_is_in_the_metrics(c: Centre) -> None:
    wanted = [
        f'madoguchi_sip_seconds{{port="{c.ports.trunk}"}} 0.',
        f'madoguchi_sip_seconds{{port="{c.ports.phones}"}} 0.',
        "madoguchi_ari_seconds 0.",
        "madoguchi_task_processor_depth ",
        "madoguchi_strangers_requests 0.0",
        f'madoguchi_disk_free_bytes{{folder="{c.instance.home.path}"}} ',
        "madoguchi_clock_offset_seconds ",
        "madoguchi_lease_away 0.0",
        "madoguchi_offers_withheld 0.0",
    ]
    (_, metrics) = await until_true(
        lambda: asked(c, "/metrics"),
        lambda answer: all(each in answer[1] for each in wanted),
        f"all of {wanted}",
    )
    assert 'madoguchi_alarm{id="sip_silent"} 0.0' in metrics
