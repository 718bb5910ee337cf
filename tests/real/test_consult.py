"""Attended transfer and conference with desk phones: who hears whom, and who stays (B8)."""

import pytest

from telephony.link.client import Refused
from tests.real.centre import Centre
from tests.real.waiting import until_true
from tests.sip import AnswerAfter, IncomingCall, OutgoingCall, Policy, not_hears, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

Three = tuple[OutgoingCall, IncomingCall, IncomingCall]
MUSIC = -45.0  # dBov


async def consulting(c: Centre) -> Three:
    """A citizen on hold, their agent, and a colleague who has answered."""
    call, leg = await c.talking("a01")
    colleague = await c.phone("a02", AnswerAfter())
    await c.link.request("a02", "pause", reason="training")
    await c.ask("a01", "consult", target="a02")
    aside = await colleague.rings()
    await met(c, "target")
    return call, leg, aside


async def met(c: Centre, meeting: str | None) -> None:
    """Wait until the screens show who is in the room; None: nobody is consulted."""

    async def present() -> list[str | None]:
        calls = (await c.status())["calls"]
        return [(each["consult"] or {}).get("meeting") for each in calls]

    await until_true(present, lambda found: found == [meeting], f"meeting {meeting}")


async def hears_music(call: OutgoingCall | IncomingCall) -> None:
    async def loudness() -> float:
        return call.rms()

    await until_true(loudness, lambda found: found > MUSIC, "music")


async def hear_each_other(*those: OutgoingCall | IncomingCall) -> None:
    """Everybody hears each of the others."""
    for one in those:
        for other in those:
            if one is not other:
                assert await one.heard(other.tone_hz), (one.tone_hz, other.tone_hz)


async def test_a_colleague_is_asked_and_then_has_the_caller(c: Centre) -> None:
    call, leg, aside = await consulting(c)
    await talk(leg, aside)
    await hears_music(call)
    await not_hears(call, aside.tone_hz, for_=0.4)
    with pytest.raises(Refused, match="取次中"):
        await c.ask("a01", "resume")
    await c.ask("a01", "swap")
    await talk(call, leg)
    await not_hears(aside, call.tone_hz, for_=0.4)
    await c.ask("a01", "swap")
    await talk(leg, aside)
    await c.ask("a01", "hand_over")
    await leg.ended
    await talk(call, aside)
    await c.agent_is("a01", "state", "wrap_up")
    assert (await c.agent("a02"))["state"] == "talking"
    await call.hang_up()
    record = await c.record(call)
    assert (record["agent"], record["outcome"]) == ("a02", "answered")
    assert record["held"] > 0.5
    await c.agent_is("a02", "state", "paused")  # as before


async def test_b8_all_three_and_the_agent_leaves_with_the_handset(c: Centre) -> None:
    call, leg, aside = await consulting(c)
    await c.ask("a01", "confer")
    await hear_each_other(call, leg, aside)
    await leg.hang_up()
    await talk(call, aside)
    await c.agent_is("a01", "state", "wrap_up")
    await call.hang_up()
    await aside.ended
    assert (await c.record(call))["agent"] == "a02"


async def test_b8_the_caller_leaves_and_it_is_over_for_all(c: Centre) -> None:
    call, leg, aside = await consulting(c)
    await call.hang_up()
    await leg.ended
    await aside.ended
    await c.agent_is("a01", "state", "wrap_up")
    await c.agent_is("a02", "state", "paused")


async def test_b8_the_colleague_leaves_and_the_caller_stays_on_hold(c: Centre) -> None:
    call, leg, aside = await consulting(c)
    await aside.hang_up()
    await met(c, None)
    await c.agent_is("a01", "state", "hold")
    await hears_music(call)
    await c.ask("a01", "resume")
    await talk(call, leg)
    await call.hang_up()


async def test_the_agent_gives_it_up_while_it_rings_and_is_back_with_the_caller(c: Centre) -> None:
    call, leg = await c.talking("a01")
    colleague = await c.phone("a02", Policy.RING)
    await c.link.request("a02", "pause", reason="training")
    await c.ask("a01", "consult", target="a02")
    aside = await colleague.rings()
    await hears_music(call)
    await c.ask("a01", "end_consult")
    await aside.ended
    await talk(call, leg)
    await call.hang_up()


async def test_b8_the_agent_leaves_before_anybody_has_answered(c: Centre) -> None:
    """The caller is not dropped: whoever is free has them next."""
    call, leg = await c.talking("a01")
    colleague = await c.phone("a02", Policy.RING)
    await c.link.request("a02", "pause", reason="training")
    await c.ask("a01", "consult", target="a02")
    aside = await colleague.rings()
    await leg.hang_up()
    await aside.ended
    await c.waiting(1)
    await hears_music(call)
    await c.link.request("a02", "ready")
    taken = await colleague.rings()
    await taken.answer()
    await talk(call, taken)
    await call.hang_up()


async def test_a_city_extension_is_asked_and_then_has_the_caller(c: Centre) -> None:
    c.trunk.policy = AnswerAfter()
    call, leg = await c.talking("a01")
    await c.ask("a01", "consult", target="town")
    outside = await c.trunk.rings()
    await met(c, "target")
    await talk(leg, outside)
    await hears_music(call)
    await c.ask("a01", "hand_over")
    await leg.ended
    await talk(call, outside)
    await call.hang_up()
    await outside.ended
    c.trunk.policy = Policy.RING
    await c.line_is(2, "idle")
