"""The fake's own promises: the failures that tests ask it for, and a stream that can be lost."""

from __future__ import annotations

import asyncio

import pytest

from telephony.ari import events as ev
from telephony.ari.errors import AriError, AriUnreachable
from telephony.ari.inbox import Connected, Disconnected, Inbox, Item, Replaced
from telephony.simulation.shell.asterisk import FakeAsterisk
from telephony.simulation.shell.asterisk_world import Phone
from telephony.simulation.shell.loop import virtually


async def _pass(seconds: float) -> None:
    await asyncio.sleep(seconds)  # noqa: TID251 - virtual


def _starts(items: list[Item]) -> list[str]:
    return [item.channel.id for item in items if isinstance(item, ev.StasisStart)]


@virtually
async def test_what_happens_while_nobody_listens_is_lost_but_can_be_listed() -> None:
    fake = FakeAsterisk()
    async with fake.open() as inbox:
        heard = fake.world.arrive()
        fake.disconnect()
        missed = fake.world.arrive()
        fake.connect()
        items = await inbox.batch()
        assert items[0] == Connected()
        assert items[2:] == [Disconnected("closed"), Connected()]
        assert _starts(items) == [heard]
        assert [channel.id for channel in await fake.channels()] == [heard, missed]
        assert (await fake.application("madoguchi")).channel_ids == (heard, missed)


@virtually
async def test_a_replaced_listener_hears_nothing_more() -> None:
    fake = FakeAsterisk()
    async with fake.open() as inbox:
        fake.replace()
        fake.world.arrive()
        assert [item async for item in inbox] == [Replaced()]


@virtually
async def test_a_full_inbox_is_a_loss() -> None:
    fake = FakeAsterisk()
    async with fake.open(Inbox(capacity=3)) as inbox:
        for _ in range(4):
            fake.world.arrive()
        assert (await inbox.batch())[-1] == Disconnected("overflow")


@virtually
async def test_a_request_can_be_refused_once() -> None:
    fake = FakeAsterisk()
    caller = fake.world.arrive()
    fake.refuse("answer", AriError(500, "Allocation failed"))
    with pytest.raises(AriError, match="500"):
        await fake.answer(caller)
    await fake.answer(caller)
    assert (await fake.channel(caller)).state == "Up"


@virtually
async def test_x10_a_request_can_be_carried_out_and_its_reply_lost() -> None:
    fake = FakeAsterisk()
    caller = fake.world.arrive()
    fake.lose_reply("answer")
    with pytest.raises(AriUnreachable):
        await fake.answer(caller)
    assert (await fake.channel(caller)).state == "Up"


@virtually
async def test_nobody_answers_when_it_is_down() -> None:
    fake = FakeAsterisk(latency=0.5)
    fake.down = True
    with pytest.raises(AriUnreachable):
        await fake.channels()
    assert asyncio.get_running_loop().time() == pytest.approx(0.5)
    assert fake.requests == [("channels",)]


@virtually
async def test_only_the_allowed_events_are_told() -> None:
    fake = FakeAsterisk()
    async with fake.open() as inbox:
        await fake.filter_events("madoguchi", ["StasisStart"])
        caller = fake.world.arrive()
        fake.world.press(caller, "1")
        fake.world.hang_up(caller)
        assert _starts(await inbox.batch()) == [caller]
        assert inbox.backlog == 0


@virtually
async def test_phones_and_devices_are_told_to_who_subscribed() -> None:
    fake = FakeAsterisk()
    async with fake.open() as inbox:
        fake.phone("a01")
        await fake.subscribe("madoguchi", ["endpoint:PJSIP", "deviceState:PJSIP/a01"])
        fake.phone("a01", Phone(registered=False))
        fake.device("PJSIP/a01", "UNAVAILABLE")
        fake.device("PJSIP/a02", "INUSE")
        _, phone, device = await inbox.batch()
    assert isinstance(phone, ev.EndpointStateChange)
    assert phone.endpoint.state == "offline"
    assert isinstance(device, ev.DeviceStateChanged)
    assert device.device_state.state == "UNAVAILABLE"


@virtually
async def test_hold_and_transfer_keys_are_told() -> None:
    fake = FakeAsterisk()
    async with fake.open() as inbox:
        agent = fake.world.arrive()
        fake.world.hold(agent)
        fake.world.hold(agent, held=False)
        fake.world.ask_transfer(agent, "a02")
        kinds = [type(item) for item in await inbox.batch()]
    assert kinds == [
        Connected,
        ev.StasisStart,
        ev.ChannelHold,
        ev.ChannelUnhold,
        ev.ChannelTransfer,
    ]


@virtually
async def test_a_channel_dialled_for_another_application_disappears() -> None:
    fake = FakeAsterisk()
    await fake.originate("o.1", fake.phone("a01"), app="dead", timeout=5)
    await _pass(10)
    assert await fake.channels() == []
