"""A desk phone's own hold and transfer keys do what our commands do."""

import pytest

from tests.real.centre import Centre
from tests.real.tones import MUSIC
from tests.real.waiting import pause, until
from tests.sip import AnswerAfter, not_hears, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]


async def test_the_hold_key_is_our_hold_and_the_caller_hears_our_music(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await talk(call, leg)
    await leg.hold()
    await c.line_is(1, "hold")
    assert (await c.agent("a01"))["state"] == "hold"
    await until(lambda: call.rms() > MUSIC, "the caller hears music")
    await not_hears(call, leg.tone_hz, for_=0.4)
    await leg.unhold()
    await c.line_is(1, "talking")
    await talk(call, leg)
    await call.hang_up()
    record = await c.record(call)
    events = [event["event"] for event in record["timeline"]]
    assert events[-5:] == ["connected", "hold", "resumed", "connected", "ended"]
    assert record["held"] > 0


async def test_a_caller_who_leaves_while_on_the_phones_hold_frees_the_agent(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await leg.hold()
    await c.line_is(1, "hold")
    await call.hang_up()
    await leg.ended
    assert (await c.record(call))["outcome"] == "answered"


async def test_a_handset_put_down_on_hold_rings_again_and_the_caller_stays(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await leg.hold()
    await c.line_is(1, "hold")
    await leg.hang_up()
    again = await c.phones["a01"].rings()
    await again.answer()
    await c.agent_is("a01", "reason", None)
    assert (await c.agent("a01"))["state"] == "hold"
    await c.ask("a01", "resume")
    await c.line_is(1, "talking")
    await talk(call, again)
    await again.hang_up()
    await call.ended
    events = [each["event"] for each in (await c.record(call))["timeline"]]
    assert events.index("hold") < events.index("put_down") < events.index("phone_back")


async def test_hold_by_key_and_by_command_do_not_quarrel(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await c.ask("a01", "hold")
    await c.line_is(1, "hold")
    await leg.hold()
    await leg.unhold()
    await c.line_is(1, "talking")
    await talk(call, leg)
    await leg.hold()
    await c.line_is(1, "hold")
    await c.ask("a01", "resume")
    await c.line_is(1, "talking")
    await leg.unhold()
    await talk(call, leg)


async def test_a_callers_own_hold_key_moves_nobody(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await call.hold()
    await pause(0.3)
    assert (await c.agent("a01"))["state"] == "talking"
    await call.unhold()
    await talk(call, leg)


@pytest.mark.parametrize("held", [False, True])
async def test_the_transfer_key_to_a_seat_is_our_transfer(c: Centre, held: bool) -> None:
    call, leg = await c.talking("a01")
    target = await c.ready("a02", AnswerAfter())
    if held:  # as most phones do before they ask for the number
        await leg.hold()
        await c.line_is(1, "hold")
    assert await leg.transfer("a02") == 202
    taken = await target.rings()
    await leg.ended
    await talk(call, taken)
    await call.hang_up()
    record = await c.record(call)
    assert (record["agent"], record["outcome"]) == ("a02", "answered")
    assert "transfer" in [event["event"] for event in record["timeline"]]


@pytest.mark.parametrize("target", ["a03", "a01", "0942000199", "nobody", "*11"])
async def test_a_transfer_that_cannot_be_is_refused_and_the_call_goes_on(
    c: Centre, target: str
) -> None:
    call, leg = await c.talking("a01")
    assert await leg.transfer(target) == 202
    assert (await leg.transferred) >= 400
    await talk(call, leg)
    assert c.trunk.incoming.empty()


async def test_an_attended_transfer_is_refused_and_the_call_goes_on(c: Centre) -> None:
    call, leg = await c.talking("a01")
    status = await leg.transfer("a02", replacing=leg)
    assert status >= 400 or (await leg.transferred) >= 400
    await talk(call, leg)
