"""Callers who leave by rule: no line, no place, no time left; and numbers we may dial or not."""

import time

import pytest

from tests.real.centre import Centre
from tests.real.tones import hears
from tests.real.waiting import pause, until
from tests.sip import Policy, talk
from tests.sip import hears as hears_tone

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

LINES = 6
MAX_WAIT = 3.0  # seconds, in the narrow queue


async def test_a10_the_seventh_caller_is_busy_and_has_a_record_with_the_number(c: Centre) -> None:
    calls = []
    for number in range(1, LINES + 1):
        calls.append(await c.call())
        await c.line_is(number, "menu")
    seventh = await c.call(from_number="0942000977")
    assert (await seventh.ended).status == 486
    record = await c.record(seventh)
    assert (record["outcome"], record["overflow_reason"]) == ("overflowed", "all_lines_busy")
    assert record["caller"]["number"] == "+81942000977"
    assert record["line"] is None
    assert [line["number"] for line in (await c.status())["lines"]] == [1, 2, 3, 4, 5, 6]
    await calls[2].hang_up()
    await c.line_is(3, "idle")
    again = await c.call()
    await again.answered
    await c.line_is(3, "menu")  # the lowest free one


async def test_a10_ten_at_once_on_six_lines_are_six_and_four(c: Centre) -> None:
    calls = [await c.call() for _ in range(10)]
    for call in calls:
        await call.progress
    await c.line_is(6, "menu")
    await until(lambda: sum(call.ended.happened for call in calls) == 4, "four were refused")
    for call in calls:
        call.hang_up()
    for call in calls:
        await call.ended
    await c.quiet()
    outcomes = sorted(record["outcome"] for record in await c.some_records(10))
    assert outcomes == ["abandoned"] * 6 + ["overflowed"] * 4


async def test_b6_whoever_waited_longest_allowed_leaves_by_the_exit(c: Centre) -> None:
    call = await c.call("73")
    await c.waiting(1, "narrow")
    await hears(call, "sorry_call_back", since=call.invited_at)
    await call.ended
    record = await c.record(call)
    assert (record["outcome"], record["overflow_reason"]) == ("overflowed", "max_wait")
    stayed = (call.ended.at or 0.0) - call.invited_at
    assert MAX_WAIT <= record["waited"] < stayed


async def test_a_full_queue_takes_nobody_more(c: Centre) -> None:
    first = await c.call("73")
    await c.waiting(1, "narrow")
    second = await c.call("73")
    await hears(second, "sorry_call_back", since=second.invited_at)
    await second.ended
    assert (await c.record(second))["overflow_reason"] == "queue_full"
    await first.hang_up()


async def test_b5_a_phone_that_rings_when_the_wait_is_over_is_given_its_chance(c: Centre) -> None:
    phone = await c.phone("a01")
    call = await c.call("73")
    await c.waiting(1, "narrow")
    waited = time.monotonic()
    await c.ask("a01", "ready")
    ringing = await phone.rings()
    await pause(waited + MAX_WAIT + 0.2 - time.monotonic())  # within the ringing
    await ringing.answer()
    await talk(call, ringing)


async def test_an_allowed_number_is_dialled_on_the_trunk_and_holds_a_second_line(c: Centre) -> None:
    call = await c.call("71")
    outside = await c.trunk.rings()
    assert outside.dialled == "0942000199"
    assert outside.caller == "0942000100"
    await c.line_is(2, "dialling")
    outside.media.change_tone(710)
    await outside.answer()
    await hears_tone(call, 710)
    await hears_tone(outside, call.tone_hz)
    await c.line_is(2, "outbound")
    await call.hang_up()
    await outside.ended
    await c.line_is(2, "idle")
    events = [event["event"] for event in (await c.record(call))["timeline"]]
    assert {"dialled", "connected_outside"} <= set(events)


@pytest.mark.parametrize("policy", [Policy.BUSY, Policy.DECLINE])
async def test_an_outside_party_that_does_not_take_it_gives_the_caller_back(
    c: Centre, policy: Policy
) -> None:
    c.trunk.policy = policy
    try:
        call = await c.call("71")
        await hears(call, "transfer_failed", since=call.invited_at)
    finally:
        c.trunk.policy = Policy.RING
    await c.waiting(1)
    await c.line_is(2, "idle")


async def test_a_caller_who_leaves_while_we_dial_stops_the_dialling(c: Centre) -> None:
    call = await c.call("71")
    outside = await c.trunk.rings()
    await call.hang_up()
    await outside.ended
    await c.line_is(2, "idle")


async def test_a_forbidden_number_is_never_dialled_and_the_flow_goes_on(c: Centre) -> None:
    call = await c.call("72")
    await hears(call, "transfer_failed", since=call.invited_at)
    await c.waiting(1)
    assert c.trunk.incoming.empty()
    await call.hang_up()
    timeline = (await c.record(call))["timeline"]
    refused = next(event for event in timeline if event["event"] == "transfer_refused")
    assert refused["reason"] == "forbidden"
    assert [line["state"] for line in (await c.status())["lines"]][1] == "idle"
