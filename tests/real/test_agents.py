"""What agents do besides talking: wrap-up, feature codes from the phone, pauses."""

import pytest

from telephony.link.client import Refused
from tests.real.centre import WRAP_UP, Centre
from tests.real.waiting import pause

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

CODES = [("*11", "ready"), ("*12", "paused"), ("*11", "ready"), ("*10", "signed_out")]


async def test_wrap_up_ends_by_itself(c: Centre) -> None:
    call, _ = await c.talking("a01")
    await call.hang_up()
    wrapping = await c.agent_is("a01", "state", "wrap_up")
    ready = await c.agent_is("a01", "state", "ready")
    lasted = ready["since"] - wrapping["since"]
    assert WRAP_UP <= lasted < 2 * WRAP_UP
    assert await c.wrapped_up(call) == pytest.approx(lasted, abs=0.01)


async def test_wrap_up_ends_by_command_and_the_next_caller_comes_at_once(c: Centre) -> None:
    call, _ = await c.talking("a01")
    await c.call("0")
    await c.waiting(1)
    await call.hang_up()
    await c.agent_is("a01", "state", "wrap_up")
    await c.ask("a01", "wrap_up_done")
    await c.phones["a01"].rings()
    assert await c.wrapped_up(call) < WRAP_UP


async def test_the_feature_codes_do_what_they_say(c: Centre) -> None:
    phone = await c.phone("a01")
    for code, state in CODES:
        dialled = await phone.call(code)
        await c.agent_is("a01", "state", state)
        assert "cause=16" in (await dialled.ended).cause
        await c.agent_is("a01", "phone", "free")
    assert (await c.agent("a01"))["reason"] is None


async def test_thirteen_ends_wrap_up(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await call.hang_up()
    await leg.ended
    await c.agent_is("a01", "state", "wrap_up")
    await (await c.phones["a01"].call("*13")).ended
    await c.agent_is("a01", "state", "ready")
    assert await c.wrapped_up(call) < WRAP_UP


async def test_a_feature_code_that_does_not_fit_is_refused_by_its_tone(c: Centre) -> None:
    phone = await c.phone("a01")
    ended = await (await phone.call("*13")).ended
    assert "cause=34" in ended.cause
    assert (await c.agent("a01"))["state"] == "signed_out"


async def test_an_agent_may_dial_nothing_else(c: Centre) -> None:
    phone = await c.phone("a01")
    for number in ("0942000199", "a02", "110", "*14"):
        assert (await (await phone.call(number)).ended).status in {403, 404}
    assert c.trunk.incoming.empty()


async def test_a_pause_asked_for_during_a_call_follows_it(c: Centre) -> None:
    call, _ = await c.talking("a01")
    await c.ask("a01", "pause", reason="lunch")
    assert (await c.agent("a01"))["state"] == "talking"
    await call.hang_up()
    await c.agent_is("a01", "state", "wrap_up")
    agent = await c.agent_is("a01", "state", "paused")
    assert agent["reason"] == "lunch"


async def test_a_pause_needs_a_reason_and_a_known_agent(c: Centre) -> None:
    for seat, given in (("a01", {}), ("a99", {"reason": "lunch"})):
        with pytest.raises(Refused):
            await c.ask(seat, "pause", **given)


async def test_nobody_is_offered_a_call_while_they_wrap_up(c: Centre) -> None:
    call, _ = await c.talking("a01")
    await call.hang_up()
    await c.agent_is("a01", "state", "wrap_up")
    await c.call("0")
    await c.waiting(1)
    await pause(0.3)
    assert c.phones["a01"].incoming.empty()
