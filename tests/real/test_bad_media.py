"""Sounds that are not there, keys that nobody would press: E1 and E2, E4's collected digits."""

import asyncio
import time

import pytest

from tests.real.centre import Centre
from tests.real.tones import hears
from tests.real.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

KEYS_A_SECOND = 50


async def test_e1_a_missing_and_an_empty_sound_do_not_strand_the_caller(c: Centre) -> None:
    call = await c.call("78")
    pressed = time.monotonic()
    await hears(call, "to_person", since=pressed, within=1)
    await c.waiting(1)


async def test_e1_a_sound_that_vanishes_while_we_run_does_not_strand_the_caller(c: Centre) -> None:
    sound = c.site / "sounds" / "ja" / "bring_proxy.ulaw"
    first = await c.call("23")
    await hears(first, "bring_proxy")
    kept = sound.read_bytes()
    sound.unlink()
    try:
        call = await c.call("23")
        await hears(call, "info_menu", since=call.invited_at, within=2)
    finally:
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


async def test_an_impossible_number_is_told_and_asked_for_again(c: Centre) -> None:
    call = await c.call("76")
    await hears(call, "number_ask", since=call.invited_at)
    await call.send_keys("12#")
    told = await hears(call, "number_bad")
    await hears(call, "number_ask", since=told)
