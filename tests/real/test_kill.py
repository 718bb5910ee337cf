"""`kill -9` of the controller, with calls in every state: nobody is dropped or overtaken."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from telephony.calls.journal import SNAPSHOT, STREAM
from telephony.centre.talking import JOIN_WITHIN
from telephony.link.client import Link, NoController, Refused
from telephony.supervisor import control
from tests.real.centre import WRAP_UP, Centre, caller, centre
from tests.real.invariants import invariants
from tests.real.tones import hears
from tests.real.waiting import pause, until, until_true
from tests.sip import AnswerAfter, Talk, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

UP_WITHIN = 15.0
GAP = 100  # milliseconds of audio that a talking pair would miss
SAME = 0.05  # seconds: two clocks, read one after the other
MUSIC = -45.0  # dBov; music is louder than this, silence is not


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own: its controller dies a lot."""
    async with centre(tmp_path_factory.mktemp("kill"), ring_for=2 * UP_WITHIN) as made:
        yield made


@pytest.fixture(scope="module")
def deaths() -> Iterator[int]:
    """Counts them: each test kills once, and as a killed leader comes back to follow, in turn."""
    return count(1)


@pytest_asyncio.fixture(loop_scope="module")
async def k(running: Centre, deaths: Iterator[int]) -> AsyncIterator[Centre]:
    """The instance at rest with both its controllers, and at rest again afterwards."""
    await running.instance.until(lambda pids: "standby" in pids)
    running.begin()
    yield running
    await running.clear()
    await invariants(running)
    if next(deaths) % 2 == 0:
        # A second death of either is held back, unless a restart that was asked for is between.
        await control.restart(running.instance.home, "controller")
        await back(running)


async def kill(k: Centre) -> float:
    """The controller is gone when this returns; when it was killed."""
    pid = (await k.instance.pids())["controller"]
    at = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not Path(f"/proc/{pid}/cwd").exists(), "the controller is gone")
    return at


async def back(k: Centre) -> float:
    """Another controller takes calls; when that was seen."""
    await until_true(k.status, lambda status: bool(status["ready"]), "ready again", UP_WITHIN)
    return time.monotonic()


async def killed(k: Centre) -> float:
    """Killed, and replaced by another one."""
    at = await kill(k)
    tell(f"kill → ready: {await back(k) - at:.2f} s")
    return at


def tell(measured: str) -> None:
    """Seen with `pytest -s`."""
    print(measured)  # noqa: T201


async def insist(k: Centre, seat: str, do: str) -> None:
    """Ask until there is somebody to grant it."""
    async with asyncio.timeout(UP_WITHIN):
        while True:
            try:
                await k.ask(seat, do)
            except NoController:
                continue
            return


async def test_two_who_talk_notice_nothing(k: Centre) -> None:
    call, leg = await k.talking("a01")
    together = time.monotonic()
    await talk(call, leg)
    watched = Talk(call, leg)
    await killed(k)
    await talk(call, leg)
    assert await watched.lost_ms() < GAP
    assert (await k.agent("a01"))["state"] == "talking"
    assert (await k.status())["lines"][0]["agent"] == "a01"
    least = time.monotonic() - together
    await call.hang_up()
    await leg.ended
    record = await k.record(call)
    assert (record["outcome"], record["agent"]) == ("answered", "a01")
    most = time.monotonic() - (leg.answered.at or 0.0)
    assert least - SAME < record["talked"] < most + SAME
    await k.was("a01", "wrap_up")


async def test_who_waits_keeps_place_and_arrival_and_gets_the_next_agent(k: Centre) -> None:
    phone = await k.phone("a01", AnswerAfter())
    first = await k.call("0")
    await k.waiting(1)
    second = await k.call("0")
    await k.waiting(2)
    at = await killed(k)
    await k.ask("a01", "ready")
    taken = await phone.rings(within=UP_WITHIN)
    tell(f"kill → the offer that an agent asks for: {taken.invited_at - at:.2f} s")
    assert taken.caller == caller(first)
    await talk(first, taken)
    await first.hang_up()
    await k.agent_is("a01", "state", "wrap_up")
    await k.ask("a01", "wrap_up_done")
    assert (await phone.rings()).caller == caller(second)


async def test_an_agent_ready_in_a_leaders_first_moment_is_not_rung_twice(k: Centre) -> None:
    phone = await k.phone("a01", AnswerAfter())
    call = await k.call("0")
    await k.waiting(1)
    await kill(k)
    await insist(k, "a01", "ready")
    await talk(call, await phone.rings(within=UP_WITHIN))


@pytest.mark.parametrize("during", [True, False], ids=["while_nobody_leads", "afterwards"])
async def test_a_phone_that_rings_goes_on_ringing_and_is_answered(k: Centre, during: bool) -> None:
    phone = await k.ready("a01")
    call = await k.call("0")
    ringing = await phone.rings()
    await kill(k)
    if during:  # without a controller Asterisk lets nobody in: then it rings once more
        phone.policy = AnswerAfter()
        await ringing.answer()
    else:
        await back(k)
        assert not ringing.ended.happened
        await ringing.answer()
    await k.together("a01")
    await talk(call, phone.calls[-1])
    await call.hang_up()
    assert (await k.record(call))["outcome"] == "answered"


# Every menu of the flow, in two rounds because there are six lines: the keys that lead there,
# what is heard there, the key that goes on.
MENUS = {
    "on_the_way": [
        ("", "main_menu", "0"),
        ("1", "booking_menu", "0"),
        ("2", "bring_menu", "0"),
        ("5", "info_menu", "0"),
        ("76", "number_ask", "#"),
        ("7", "please_wait", "0"),
    ],
    "after_what_was_told": [
        ("22", "info_menu", "0"),
        ("23", "info_menu", "0"),
        ("3", "info_menu", "0"),
        ("48", "info_menu", "0"),  # a wrong key cuts the long words about a lost card short
        ("7#", "number_ask", "#"),
    ],
}


@pytest.mark.parametrize("places", MENUS.values(), ids=MENUS.keys())
async def test_whoever_is_in_a_menu_hears_its_prompt_again_from_the_start(
    k: Centre, places: list[tuple[str, str, str]]
) -> None:
    calls = [(await k.call(keys), stem, key) for keys, stem, key in places]
    async with asyncio.TaskGroup() as group:
        for call, stem, _ in calls:
            group.create_task(hears(call, stem, since=call.invited_at))
    await pause(1.0)  # every prompt is over: whoever hears it from now on hears it again
    at = await kill(k)
    await asyncio.gather(*(hears(call, stem, at, UP_WITHIN) for call, stem, _ in calls))
    await back(k)
    for call, _, key in calls:
        await call.send_key(key)
    await k.waiting(len(calls) - 1)


async def test_a_call_that_comes_while_nobody_leads_is_kept_and_reaches_the_flow(
    k: Centre,
) -> None:
    await kill(k)
    call = await k.call()
    await call.answered
    await hears(call, "greeting", since=call.invited_at, within=UP_WITHIN)
    await call.send_key("0")
    await k.waiting(1)
    await call.hang_up()
    assert (await k.record(call))["outcome"] == "abandoned"


async def test_a_call_that_comes_and_goes_while_nobody_leads_has_a_record(k: Centre) -> None:
    await kill(k)
    call = await k.call()
    await call.answered
    await call.hang_up()
    await back(k)
    assert (await k.record(call))["outcome"] == "abandoned"


async def test_a_pause_that_was_granted_just_before_is_a_pause_after(k: Centre) -> None:
    await k.ready("a01")
    await k.ask("a01", "pause", reason="lunch")
    await killed(k)
    agent = await k.agent("a01")
    assert (agent["state"], agent["reason"]) == ("paused", "lunch")


async def test_f3_what_is_asked_while_nobody_leads_is_granted_once_by_the_next(k: Centre) -> None:
    await k.ready("a01")
    await kill(k)
    link = Link(k.instance.home.controller_socket)
    await link.request("a01", "pause", reason="lunch", key="k1", within=UP_WITHIN)
    await link.request("a01", "ready")
    await link.request("a01", "pause", reason="lunch", key="k1")  # as if sent again, late
    assert (await k.agent("a01"))["state"] == "ready"
    await back(k)


async def test_who_is_on_hold_stays_there_and_comes_back(k: Centre) -> None:
    call, leg = await k.talking("a01")
    await k.ask("a01", "hold")
    await k.line_is(1, "hold")
    await killed(k)
    assert (await k.agent("a01"))["state"] == "hold"
    await pause(1.0)  # whoever is put to the music twice hears nothing any more
    await until(lambda: call.rms() > MUSIC, "the music goes on", within=5)
    await k.ask("a01", "resume")
    await talk(call, leg)


async def test_who_hung_up_meanwhile_is_gone_and_their_agent_wraps_up(k: Centre) -> None:
    call, leg = await k.talking("a01")
    since = time.monotonic()
    waiting = await k.call("0")
    await k.waiting(1)
    # Whom the next leader cannot join sooner than that may as well never have been together.
    await pause(since + JOIN_WITHIN + 0.2 - time.monotonic())
    await kill(k)
    call.hang_up()
    waiting.hang_up()
    await back(k)
    assert (await k.record(call))["outcome"] == "answered"
    assert (await k.record(waiting))["outcome"] == "abandoned"
    await leg.ended
    with pytest.raises(Refused):
        await k.ask("a01", "hold")


async def test_wrap_up_ends_when_it_should_have(k: Centre) -> None:
    call, _ = await k.talking("a01")
    await call.hang_up()
    await k.agent_is("a01", "state", "wrap_up")
    await killed(k)
    await k.agent_is("a01", "state", "ready")
    assert WRAP_UP - 0.1 < await k.wrapped_up(call) < UP_WITHIN


@pytest.mark.parametrize("settled", [True, False], ids=["in_talk", "just_answered"])
async def test_f2_a_talk_goes_on_when_a_new_leader_finds_no_journal(
    k: Centre, settled: bool
) -> None:
    call, taken = await k.talking("a01")
    if settled:
        await talk(call, taken)
    watched = Talk(call, taken)
    await kill(k)
    async with Redis(unix_socket_path=str(k.instance.home.redis_socket)) as redis:
        await redis.delete(STREAM, SNAPSHOT)
    await back(k)
    await talk(call, taken)
    await k.together("a01")
    assert not settled or await watched.lost_ms() < GAP
    await taken.hang_up()
    await call.ended
    assert (await k.record(call))["outcome"] == "answered"
