"""The test telephones against a bare Asterisk: what its chan_pjsip makes of them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.sip import AnswerAfter, DeskPhone, Missed, Policy, Side, Trunk, not_hears, switch, talk
from tests.sip.switch import Ports

MILLIWATT = 1004

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module", autouse=True)
async def ports() -> AsyncIterator[Ports]:
    # A short path: Asterisk's control socket must fit into 108 bytes.
    with tempfile.TemporaryDirectory(prefix="sip-") as home:
        async with switch.running(Path(home)) as ports:
            yield ports


@pytest_asyncio.fixture(loop_scope="module")
async def trunk(ports: Ports) -> AsyncIterator[Trunk]:
    async with Trunk("127.0.0.1", ports.carrier, ports.trunk) as trunk:
        yield trunk


@pytest_asyncio.fixture(loop_scope="module")
async def phone(ports: Ports) -> AsyncIterator[DeskPhone]:
    async with DeskPhone("a01", "a01", "right", 0, ports.phones) as phone:
        await phone.register()
        yield phone
        await phone.unregister()


async def test_echo(trunk: Trunk) -> None:
    call = await trunk.call("echo")
    await call.answered
    assert await call.heard(trunk.tone_hz)
    assert call.level(trunk.tone_hz) == pytest.approx(-15, abs=1)
    assert (await call.hang_up()).by is Side.US


async def test_milliwatt(trunk: Trunk) -> None:
    call = await trunk.call("milliwatt", tone_hz=0)
    assert await call.heard(MILLIWATT)
    await asyncio.sleep(0.5)
    assert call.silence_gaps(longer_than_ms=100) == []
    assert call.media.lost == 0
    await call.hang_up()


async def test_early_media_is_heard_before_any_answer(trunk: Trunk) -> None:
    call = await trunk.call("early", tone_hz=0)
    assert await call.heard(MILLIWATT)
    assert not call.answered.happened
    assert (await call.cancel()).status == 487


async def test_refusals_carry_their_status_and_cause(trunk: Trunk) -> None:
    busy = await (await trunk.call("busy")).ended
    assert (busy.status, busy.by) == (486, Side.THEM)
    assert "cause=17" in busy.cause
    assert (await (await trunk.call("nobody")).ended).status == 404


async def test_keys_are_read_and_sent_back(trunk: Trunk) -> None:
    call = await trunk.call("keys")
    await call.answered
    await call.send_keys("10*0")
    assert "cause=17" in (await call.ended).cause
    assert call.media.keys_received == "10*0"


async def test_a_call_to_a_registered_telephone(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01", from_number="0942000902", display="Citizen")
    ringing = await phone.rings()
    assert ringing.invited_at > call.invited_at
    assert ringing.caller == "0942000902"
    await call.ringing
    await ringing.answer()
    await talk(call, ringing)
    await ringing.hang_up()
    assert (await call.ended).by is Side.THEM


async def test_hold_and_back(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    taken = await phone.rings()
    await talk(call, taken)
    await taken.hold()
    await asyncio.sleep(0.4)
    await not_hears(call, phone.tone_hz, for_=0.4)
    await taken.unhold()
    await talk(call, taken)
    await call.hang_up()
    assert (await taken.ended).by is Side.THEM


@pytest.mark.parametrize(
    ("policy", "sent", "passed_on"), [(Policy.BUSY, 486, 486), (Policy.DECLINE, 603, 503)]
)
async def test_a_telephone_that_refuses(
    trunk: Trunk, phone: DeskPhone, policy: Policy, sent: int, passed_on: int
) -> None:
    phone.policy = policy
    call = await trunk.call("a01")
    # Dial() makes 503 of a decline, with cause 21 or 34: that varies from call to call.
    assert (await call.ended).status == passed_on
    assert (await phone.rings()).ended.value.status == sent


async def test_a_cancelled_call_stops_ringing(trunk: Trunk, phone: DeskPhone) -> None:
    call = await trunk.call("a01")
    ringing = await phone.rings()
    await call.ringing
    await call.cancel()
    assert (await ringing.ended).status == 487


async def test_hanging_up_in_the_very_instant_of_the_answer(trunk: Trunk, phone: DeskPhone) -> None:
    for _ in range(10):
        call = await trunk.call("a01")
        ringing = await phone.rings()
        await call.ringing
        ringing.answer()
        call.hang_up()
        await call.ended
        await ringing.ended


async def test_a_blind_transfer(trunk: Trunk, phone: DeskPhone) -> None:
    phone.policy = AnswerAfter()
    call = await trunk.call("a01")
    taken = await phone.rings()
    await talk(call, taken)
    assert await taken.transfer("*11") == 202
    assert await taken.transferred == 200
    await taken.hang_up()
    assert await call.heard(trunk.tone_hz)
    await call.hang_up()


async def test_a_call_out_to_the_carrier(trunk: Trunk) -> None:
    call = await trunk.call("out")
    outside = await trunk.rings()
    assert outside.dialled == "0942000199"
    outside.media.change_tone(700)
    await outside.answer()
    assert await call.heard(700)
    assert await outside.heard(trunk.tone_hz)
    await call.hang_up()
    await outside.ended


async def test_a_telephone_dials(phone: DeskPhone) -> None:
    call = await phone.call("*11")
    assert await call.heard(phone.tone_hz)
    await call.hang_up()
    assert (await (await phone.call("0942000199")).ended).status == 404


async def test_a_wrong_password(ports: Ports) -> None:
    async with DeskPhone("a01", "a01", "wrong", 0, ports.phones) as stranger:
        with pytest.raises(Missed, match="401"):
            await stranger.register()


async def test_the_telephone_answers_when_asterisk_asks_after_it(phone: DeskPhone) -> None:
    async with asyncio.timeout(30):
        while not phone.options_received:
            await asyncio.sleep(0.05)


async def test_twenty_calls_at_once(trunk: Trunk) -> None:
    calls = [await trunk.call("echo") for _ in range(20)]
    heard = await asyncio.gather(*(call.heard(trunk.tone_hz) for call in calls))
    assert all(heard)
    for call in calls:
        await call.hang_up()
