"""Sounds that are not there, keys that nobody would press: E1 and E2, E4's collected digits."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from telephony.calls.sounds import linked
from tests.real.centre import Centre, Json
from tests.real.tones import hears
from tests.real.waiting import until, until_true
from tests.sip import OutgoingCall

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

KEYS_A_SECOND = 50
LATE = 0.03  # seconds: a telephone so late with a packet pressed other keys than it was told
TRIES = 5


@contextmanager
def nothing_shipped(c: Centre, folder: Path) -> Iterator[None]:
    """The recordings that the product brings are gone: the site has its own and no more."""
    link = c.instance.home.runtime() / "sounds"
    kept = link.readlink()
    linked(folder, link)
    try:
        yield
    finally:
        linked(kept, link)


async def test_e1_a_missing_and_an_empty_sound_do_not_strand_the_caller(
    c: Centre, tmp_path: Path
) -> None:
    with nothing_shipped(c, tmp_path):
        call = await c.call("78")
        pressed = time.monotonic()
        await hears(call, "to_person", since=pressed)
        await c.waiting(1)


def rings(status: Json) -> bool:
    """Whether the alarm of a sound that is not heard is raised."""
    return "sounds_missing" in {alarm["id"] for alarm in status["alarms"]}


def make_a_folder(file: Path) -> None:
    """Where the sound was."""
    file.unlink()
    file.mkdir()


SPOILS: Final[dict[str, Callable[[Path], object]]] = {
    "vanished": Path.unlink,
    "of another format": lambda file: file.write_bytes(b"RIFF" + b"\xff" * 8000),
    "no file": make_a_folder,
}


@pytest.mark.parametrize("how", SPOILS)
async def test_e1_a_sound_that_is_spoilt_while_we_run_strands_nobody_and_raises_the_alarm(
    c: Centre, tmp_path: Path, how: str
) -> None:
    sound = c.site / "sounds" / "ja" / "bring_proxy.ulaw"
    first = await c.call("23")
    await hears(first, "bring_proxy")
    kept, missed = sound.read_bytes(), (await c.status())["controller"]["sounds_missing"]
    SPOILS[how](sound)
    try:
        with nothing_shipped(c, tmp_path):
            call = await c.call("23")
            await hears(call, "info_menu", since=call.invited_at)
            assert (await c.status())["controller"]["sounds_missing"] > missed
            await until_true(c.status, rings, "the alarm is raised")
    finally:
        if sound.is_dir():
            sound.rmdir()
        sound.write_bytes(kept)


async def test_e2_a_flood_of_keys_is_survived_and_the_caller_served(c: Centre) -> None:
    call = await c.call()
    await call.answered
    held_for = 1 / KEYS_A_SECOND
    async with asyncio.timeout(20):
        await call.send_keys("8*#8*#ABCD" * 5, held_for)
    assert (await c.status())["ready"]
    await call.send_key("0")
    await c.waiting(1)


async def test_e2_keys_while_waiting_and_talking_change_nothing(c: Centre) -> None:
    call = await c.call("0")
    await c.waiting(1)
    await call.send_keys("123456789012", held_for=0.04)
    assert "123456789012" not in str(await c.journal())
    phone = await c.ready("a01")
    leg = await phone.rings()
    await leg.answer()
    await c.together("a01")
    await call.send_keys("12#", held_for=0.06)
    await until(lambda: leg.media.keys_received == "12#", "the agent's phone hears the keys")
    assert (await c.agent("a01"))["state"] == "talking"
    pressed = [entry for entry in await c.journal() if entry["is"] == "KeyPressed"]
    assert {entry["key"] for entry in pressed[-12:]} == {"•"}


async def test_collected_digits_reach_the_flow_but_never_the_journal_or_a_log(c: Centre) -> None:
    c.numbers.add("0942000955")
    call = await c.call("76")
    await hears(call, "number_ask", since=call.invited_at)
    await call.send_keys("0942000955#")
    await hears(call, "number_thanks")
    await c.waiting(1)
    keys = [entry["key"] for entry in await c.journal() if entry["is"] == "KeyPressed"]
    assert set(keys[-11:]) <= {"•", "#"}


async def types(c: Centre, held_for: float, apart: float) -> OutgoingCall:
    """A caller who is asked for a number, and has typed it; how late it was, the pacer knows."""
    call = await c.call("76")
    await hears(call, "number_ask", since=call.invited_at)
    c.shared.pacer.worst_delay = 0.0
    await call.send_keys("0942000955#", held_for, apart)
    return call


@pytest.mark.parametrize(("held_for", "apart"), [(0.04, 0.07), (0.05, 0.07), (0.1, 0.07)])
async def test_a_telephone_that_dials_from_memory_is_understood(
    c: Centre, held_for: float, apart: float
) -> None:
    """As fast as one may in Japan (端末設備等規則, 別表第二号): 120 ms for tone and pause.

    Asterisk takes pauses below 45 ms for none, which a busy machine makes of 40 and not of 70.
    """
    c.numbers.add("0942000955")
    call = await types(c, held_for, apart)
    for _ in range(TRIES):
        if c.shared.pacer.worst_delay < LATE:
            break
        await call.hang_up()
        await c.quiet()
        call = await types(c, held_for, apart)
    await hears(call, "number_thanks")
    await c.waiting(1)
    keys = [entry["key"] for entry in await c.journal() if entry["is"] == "KeyPressed"]
    assert keys[-13:] == ["7", "6", *"•" * 10, "#"]


async def test_an_impossible_number_is_told_and_asked_for_again(c: Centre) -> None:
    call = await c.call("76")
    await hears(call, "number_ask", since=call.invited_at)
    await call.send_keys("12#")
    told = await hears(call, "number_bad")
    await hears(call, "number_ask", since=told)
