"""Callers who leave, in every state a call can be in; each has one true record."""

import asyncio

import pytest

from tests.real.centre import Centre, Json, caller
from tests.real.tones import hears
from tests.real.waiting import pause
from tests.sip import OutgoingCall, Policy, Side

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]


async def left(c: Centre, call: OutgoingCall) -> Json:
    """The record of a caller who hangs up now."""
    await call.hang_up()
    record = await c.record(call)
    assert record["timeline"][-1]["hung_up_by"] == "caller"
    return record


@pytest.mark.parametrize("after", [0.0, 0.002, 0.005, 0.01, 0.015, 0.02, 0.04])
async def test_b1_a_caller_who_leaves_when_just_arrived(c: Centre, after: float) -> None:
    call = await c.call()
    await pause(after)
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["queue"]) == ("abandoned", None)
    assert record["line"] in {1, None}  # None: over before the controller could hear of it


@pytest.mark.parametrize(
    ("keys", "stem", "path"),
    [
        ("", "greeting", ""),
        ("", "main_menu", ""),
        ("1", "booking_menu", "1"),
        ("2", "bring_menu", "2"),
        ("7", "please_wait", "7"),
        ("76", "number_ask", "7/6"),
        ("9", "wrong_key", ""),
    ],
)
async def test_b1_a_caller_who_leaves_a_menu(c: Centre, keys: str, stem: str, path: str) -> None:
    call = await c.call(keys)
    await hears(call, stem, since=call.invited_at)
    record = await left(c, call)
    assert (record["outcome"], record["menu_path"] or "") == ("abandoned", path)
    assert record["waited"] == 0


async def test_b1_a_caller_who_leaves_while_waiting(c: Centre) -> None:
    call = await c.call("0")
    await c.waiting(1)
    await pause(0.3)
    record = await left(c, call)
    stayed = (call.ended.at or 0.0) - call.invited_at
    assert (record["outcome"], record["queue"]) == ("abandoned", "general")
    assert 0.25 < record["waited"] < stayed


async def test_b1_a_caller_who_leaves_while_their_place_is_announced(c: Centre) -> None:
    call = await c.call("0")
    await hears(call, "position_intro")
    assert (await left(c, call))["outcome"] == "abandoned"


async def test_b1_a_caller_who_leaves_while_the_agents_phone_rings(c: Centre) -> None:
    phone = await c.ready("a01")
    idle_since = (await c.agent("a01"))["since"]
    call = await c.call("0")
    ringing = await phone.rings()
    record = await left(c, call)
    assert (await ringing.ended).by is Side.THEM
    assert record["outcome"] == "abandoned"
    ends = [event["end"] for event in record["timeline"] if event["event"] == "offer_ended"]
    assert ends == ["withdrawn"]
    agent = await c.agent_is("a01", "state", "ready")
    assert agent["since"] >= idle_since


async def test_b1_a_caller_who_leaves_before_a_dead_phone_would_ring(c: Centre) -> None:
    phone = await c.ready("a01")
    phone.policy = Policy.DEAD
    call = await c.call("0")
    await phone.rings()
    assert (await left(c, call))["outcome"] == "abandoned"
    phone.policy = Policy.RING


@pytest.mark.parametrize("lead", [-0.02, -0.005, 0.0, 0.002, 0.005, 0.01, 0.02])
async def test_b2_a_caller_who_leaves_in_the_instant_of_the_answer(c: Centre, lead: float) -> None:
    """B2: negative when the caller is first. One outcome, and nobody is charged a miss."""
    phone = await c.ready("a01")
    call = await c.call("0")
    ringing = await phone.rings()
    first, second = (call.hang_up, ringing.answer) if lead < 0 else (ringing.answer, call.hang_up)
    first()
    await pause(abs(lead))
    second()
    await call.ended
    await ringing.ended
    record = await c.record(call)
    ends = [event["end"] for event in record["timeline"] if event["event"] == "offer_ended"]
    answered = record["outcome"] == "answered"
    # Picked up, but the caller was gone before the two could be joined: they did not talk.
    alone = [event for event in record["timeline"] if event["event"] == "returned"]
    picked_up = answered or bool(alone)
    assert [event["reason"] for event in alone] == ([] if answered else ["not_joined"] * len(alone))
    assert ends == (["answered"] if picked_up else ["withdrawn"])
    assert record["agent"] == ("a01" if picked_up else None)
    if picked_up:
        await c.was("a01", "wrap_up")
    else:
        await c.agent_is("a01", "state", "ready")


async def test_b1_a_caller_who_leaves_while_on_hold(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await c.ask("a01", "hold")
    await c.line_is(1, "hold")
    record = await left(c, call)
    assert (await leg.ended).by is Side.THEM
    assert record["outcome"] == "answered"
    assert record["held"] > 0
    await c.was("a01", "wrap_up")


async def test_b1_a_caller_who_leaves_while_the_transfer_rings(c: Centre) -> None:
    call, _ = await c.talking("a01")
    target = await c.ready("a02")
    await c.ask("a01", "transfer", target="a02")
    ringing = await target.rings()
    record = await left(c, call)
    assert (await ringing.ended).by is Side.THEM
    assert record["outcome"] == "answered"
    await c.agent_is("a02", "state", "ready")


async def test_b1_a_caller_who_leaves_while_the_agent_hangs_up(c: Centre) -> None:
    call, leg = await c.talking("a01")
    leg.hang_up()
    call.hang_up()
    await asyncio.gather(call.ended, leg.ended)
    assert (await c.record(call))["outcome"] == "answered"


async def test_b1_a_caller_whose_telephone_vanishes_is_still_recorded(c: Centre) -> None:
    """No BYE comes; here the carrier's side ends it, as its session timer would."""
    call, leg = await c.talking("a01")
    call.media.stop_sending()
    call_id = (await c.agent("a01"))["call"]
    c.told_to_end.add(caller(call))
    await c.ari.hang_up(call_id)
    await leg.ended
    assert (await c.record(call))["outcome"] == "answered"
