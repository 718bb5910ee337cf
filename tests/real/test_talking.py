"""A citizen and an agent talk: how they come together, hold, are handed on, part."""

import time

import pytest

from telephony.link.client import Refused
from tests.real.centre import Centre, caller
from tests.real.tones import MUSIC, hears_music
from tests.real.waiting import pause
from tests.sip import AnswerAfter, Side, hears, not_hears, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]


async def test_an_answered_call_has_audio_both_ways_and_one_record(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await talk(call, leg)
    line = (await c.status())["lines"][0]
    assert (line["state"], line["agent"]) == ("talking", "a01")
    await call.hang_up()
    assert (await leg.ended).by is Side.THEM
    await c.agent_is("a01", "state", "wrap_up")
    record = await c.record(call)
    assert (record["outcome"], record["agent"], record["queue"]) == ("answered", "a01", "general")
    assert (record["line"], record["dialled"], record["menu_path"]) == (1, "0942000100", "0")
    assert record["talked"] > 0.1
    assert record["held"] == 0
    events = [event["event"] for event in record["timeline"]]
    assert events == ["arrived", "key", "queued", "offered", "offer_ended", "connected", "ended"]
    assert record["timeline"][-1]["hung_up_by"] == "caller"


async def test_when_the_agent_hangs_up_the_caller_is_released(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await leg.hang_up()
    assert (await call.ended).by is Side.THEM
    record = await c.record(call)
    assert (record["outcome"], record["timeline"][-1]["hung_up_by"]) == ("answered", "agent")


async def test_an_agent_ends_the_call_by_request(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await c.ask("a01", "end")
    assert (await call.ended).by is Side.THEM
    assert (await leg.ended).by is Side.THEM
    assert (await c.record(call))["timeline"][-1]["hung_up_by"] == "agent"


async def test_on_hold_neither_hears_the_other_and_then_both_do_again(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await talk(call, leg)
    asked = time.monotonic()
    await c.ask("a01", "hold")
    await c.line_is(1, "hold")
    await pause(0.4)
    await not_hears(call, leg.tone_hz, for_=0.4)
    assert leg.rms() < MUSIC
    await c.ask("a01", "resume")
    resumed = time.monotonic()
    await talk(call, leg)
    await call.hang_up()
    record = await c.record(call)
    assert 0.7 < record["held"] < resumed - asked
    assert record["talked"] > 0.2
    events = [event["event"] for event in record["timeline"]]
    assert events[-5:] == ["connected", "hold", "resumed", "connected", "ended"]


async def test_whoever_waits_or_is_on_hold_hears_music(c: Centre) -> None:
    waiting = await c.call("0")
    await c.waiting(1)
    await hears_music(waiting)
    await waiting.hang_up()
    call, leg = await c.talking("a01")
    await c.ask("a01", "hold")
    await hears_music(call, leg.tone_hz)


async def test_two_calls_at_once_reach_two_agents_and_do_not_mix(c: Centre) -> None:
    first, second = await c.ready("a01"), await c.ready("a02")
    one = await c.call("0", tone_hz=450)
    taken = await first.rings()
    await taken.answer()
    other = await c.call("0", tone_hz=470)
    also = await second.rings()
    await also.answer()
    await talk(one, taken)
    await talk(other, also)
    await not_hears(one, also.tone_hz, for_=0.4)
    await not_hears(also, one.tone_hz, for_=0.4)


async def test_a_blind_transfer_moves_the_audio_to_the_other_agent(c: Centre) -> None:
    call, leg = await c.talking("a01")
    until_answered = time.monotonic() - call.invited_at
    await talk(call, leg)
    target = await c.ready("a02", AnswerAfter())
    await c.ask("a01", "transfer", target="a02")
    taken = await target.rings()
    await leg.ended
    await talk(call, taken)
    await c.was("a01", "wrap_up")
    await call.hang_up()
    record = await c.record(call)
    assert (record["agent"], record["outcome"]) == ("a02", "answered")
    assert record["waited"] < until_answered


async def test_b7_a_transfer_that_nobody_takes_brings_the_caller_back_first_in_the_queue(
    c: Centre,
) -> None:
    call, _ = await c.talking("a01")
    target = await c.ready("a02")
    later = await c.call()
    await c.ask("a01", "transfer", target="a02")
    ringing = await target.rings()
    await later.answered
    await later.send_key("0")
    await c.waiting(2)
    await c.agent_is("a01", "state", "wrap_up")
    await c.ask("a01", "wrap_up_done")
    first = c.phones["a01"]
    assert (await first.rings()).caller == caller(later)  # the first one rings elsewhere still
    assert (await ringing.ended).status == 487
    assert (await target.rings()).caller == caller(call)


async def test_b7_a_transfer_to_somebody_who_is_not_free_is_refused_and_the_call_goes_on(
    c: Centre,
) -> None:
    call, leg = await c.talking("a01")
    for target in ("a02", "a01", "nobody"):
        with pytest.raises(Refused):
            await c.ask("a01", "transfer", target=target)
    await talk(call, leg)


async def test_a_telephone_that_dies_in_mid_talk_brings_its_caller_back_to_the_queue(
    c: Centre,
) -> None:
    call, leg = await c.talking("a01")
    other = await c.ready("a02")
    bridge = (await c.agent("a01"))["call"]
    await c.ari.hang_up(f"o.{bridge}.1", 38)  # network out of order: nobody hung up
    taken = await other.rings()
    await taken.answer()
    await talk(call, taken)
    assert (await leg.ended).by is Side.THEM


async def test_twenty_calls_one_after_another_leave_nothing_behind(c: Centre) -> None:
    for seat in ("a01", "a02"):
        await c.ready(seat, AnswerAfter())
    for _ in range(20):
        call = await c.call("0")
        await c.together((await c.line_is(1, "talking"))["agent"])
        await call.hang_up()
        await c.line_is(1, "idle")
        for agent in (await c.status())["agents"]:
            if agent["state"] == "wrap_up":
                await c.ask(agent["seat"], "wrap_up_done")
    assert {record["outcome"] for record in await c.records()} == {"answered"}
    assert {record["line"] for record in await c.records()} == {1}


async def test_the_caller_hears_the_agents_answer_without_delay(c: Centre) -> None:
    phone = await c.ready("a01")
    call = await c.call("0")
    leg = await phone.rings()
    answer = leg.answer()
    await hears(call, leg.tone_hz, within=5)
    await answer
