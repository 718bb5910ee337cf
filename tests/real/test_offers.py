"""Who is offered a call, and what becomes of an offer that nobody takes."""

from datetime import datetime, timedelta

import pytest

from tests.real.centre import REACH_FOR, RING_FOR, Centre, Json, caller
from tests.real.waiting import pause
from tests.sip import AnswerAfter, Policy

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

RETRY_AFTER = 1.0


def offers(record: Json) -> list[tuple[str, str]]:
    """Who had the call, and how that ended."""
    ends = [event for event in record["timeline"] if event["event"] == "offer_ended"]
    return [(event["agent"], event["end"]) for event in ends]


def given(record: Json) -> timedelta:
    """How long the first agent had the call, by the controller's own clock."""
    offered, ended = (
        next(each["at"] for each in record["timeline"] if each["event"] == event)
        for event in ("offered", "offer_ended")
    )
    return datetime.fromisoformat(ended) - datetime.fromisoformat(offered)


async def test_the_longest_idle_agent_is_offered_the_call(c: Centre) -> None:
    for seat in ("a03", "a01", "a02"):
        await c.ready(seat, AnswerAfter())
    for expected in ("a03", "a01", "a02"):
        call = await c.call("0")
        await c.together(expected)
        await call.hang_up()
        await c.agent_is(expected, "state", "wrap_up")
        await c.ask(expected, "wrap_up_done")
    for expected in ("a03", "a01"):  # in the order in which they came out of wrap-up
        await c.call("0")
        await c.together(expected)


async def test_a_phone_that_is_not_answered_passes_the_call_to_the_next_agent(c: Centre) -> None:
    first, second = await c.ready("a01"), await c.ready("a02", AnswerAfter())
    call = await c.call("0")
    ringing = await first.rings()
    assert (await ringing.ended).status == 487
    assert (ringing.ended.at or 0) - ringing.invited_at < 2 * RING_FOR
    await second.rings()
    await c.together("a02")
    assert (await c.agent("a01"))["state"] == "ready"
    await call.hang_up()
    record = await c.record(call)
    assert offers(record) == [("a01", "no_answer"), ("a02", "answered")]
    assert given(record) >= timedelta(seconds=RING_FOR)


async def test_c5_after_two_misses_the_agent_is_paused_with_the_reason(c: Centre) -> None:
    phone = await c.ready("a01")
    call = await c.call("0")
    await phone.rings()
    await phone.rings()
    agent = await c.agent_is("a01", "state", "paused")
    assert agent["reason"] == "missed_no_answer"
    await c.waiting(1)
    await call.hang_up()
    assert offers(await c.record(call)) == [("a01", "no_answer")] * 2


@pytest.mark.parametrize(
    ("seat", "policy", "end"),
    [("a03", Policy.DECLINE, "declined"), ("a04", Policy.BUSY, "busy")],
)
async def test_a_refused_offer_goes_to_another_agent_at_once(
    c: Centre, seat: str, policy: Policy, end: str
) -> None:
    first, second = await c.ready(seat, policy), await c.ready("a02")
    call = await c.call("0")
    refused, taken = await first.rings(), await second.rings()
    assert taken.invited_at - refused.invited_at < RING_FOR  # nobody waits for the ringing to end
    await taken.answer()
    await c.together("a02")
    await call.hang_up()
    assert offers(await c.record(call)) == [(seat, end), ("a02", "answered")]


async def test_whoever_refused_is_left_in_peace_for_a_while(c: Centre) -> None:
    phone = await c.ready("a05", Policy.DECLINE)
    await c.call("0")
    first = await phone.rings()
    phone.policy = AnswerAfter()
    again = await phone.rings()
    assert again.invited_at - first.invited_at > RETRY_AFTER
    await c.together("a05")


async def test_a_dead_phone_is_unreachable_before_the_ringing_would_end(c: Centre) -> None:
    dead, other = await c.ready("a06"), await c.ready("a02")
    dead.policy = Policy.DEAD
    call = await c.call("0")
    unheard, taken = await dead.rings(), await other.rings()
    assert taken.invited_at - unheard.invited_at < RING_FOR
    await taken.answer()
    await c.together("a02")
    await call.hang_up()
    record = await c.record(call)
    assert offers(record) == [("a06", "unreachable"), ("a02", "answered")]
    assert given(record) >= timedelta(seconds=REACH_FOR)
    dead.policy = Policy.RING


async def test_a_phone_that_is_not_registered_is_not_offered(c: Centre) -> None:
    phone = await c.ready("a01")
    await phone.unregister()
    await c.agent_is("a01", "phone", "gone")
    call = await c.call("0")
    await c.waiting(1)
    await pause(0.3)
    assert phone.incoming.empty()
    await c.phone("a01")
    await (await phone.rings()).answer()  # registered again, the waiting caller comes at once
    await call.hang_up()


async def test_a_phone_in_use_by_something_else_is_not_offered(c: Centre) -> None:
    phone = await c.ready("a01", AnswerAfter())
    await c.ari.originate("elsewhere", "PJSIP/a01", app="madoguchi", timeout=10)
    await phone.rings()
    await c.agent_is("a01", "phone", "in_use")
    call = await c.call("0")
    await c.waiting(1)
    await pause(0.3)
    assert phone.incoming.empty()
    await c.ari.hang_up("elsewhere")
    taken = await phone.rings()
    assert taken.caller == caller(call)
    await call.hang_up()


async def test_who_paused_is_not_offered_and_a_pause_while_ringing_withdraws_the_offer(
    c: Centre,
) -> None:
    first = await c.ready("a01")
    call = await c.call("0")
    ringing = await first.rings()
    second = await c.ready("a02")
    await c.ask("a01", "pause", reason="lunch")
    assert (await ringing.ended).status == 487
    await (await second.rings()).answer()
    await c.together("a02")
    assert (await c.agent("a01"))["reason"] == "lunch"
    await call.hang_up()
    assert offers(await c.record(call)) == [("a01", "withdrawn"), ("a02", "answered")]


async def test_calls_are_served_in_the_order_in_which_they_came(c: Centre) -> None:
    calls = [await c.call("0") for _ in range(3)]
    await c.waiting(3)
    phone = await c.ready("a01", AnswerAfter())
    for call in calls:
        taken = await phone.rings()
        await c.together("a01")
        assert taken.caller == caller(call)
        await call.hang_up()
        await c.agent_is("a01", "state", "wrap_up")
        await c.ask("a01", "wrap_up_done")
    assert [record["outcome"] for record in await c.records()] == ["answered"] * 3
