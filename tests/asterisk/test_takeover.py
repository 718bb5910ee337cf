"""One application has one listener: the newcomer hears on, the old one is told and stays away."""

from __future__ import annotations

import asyncio

import pytest

from telephony.ari.events import ChannelUserevent
from telephony.ari.inbox import Connected, Inbox, Replaced
from telephony.ari.rest import AriRest
from telephony.ari.stream import EventStream, backoff
from tests.asterisk.bare import PASSWORD, USER, Bare

pytestmark = pytest.mark.asterisk


def _stream(bare: Bare) -> EventStream:
    return EventStream(
        bare.url, USER, PASSWORD, app="takeover", inbox=Inbox(), delay=backoff("takeover", 0.01)
    )


async def test_a_second_listener_replaces_the_first(bare: Bare) -> None:
    async with asyncio.timeout(30), AriRest(bare.url, USER, PASSWORD) as ari:
        old, new = _stream(bare), _stream(bare)
        async with old.open() as before:
            assert await before.batch() == [Connected()]
            async with new.open() as after:
                assert await after.batch() == [Connected()]
                assert await before.batch() == [Replaced()]
                assert await before.batch() == []
                await ari.user_event("heartbeat", app="takeover", variables={"beat": "1"})
                [event] = await after.batch()
    assert isinstance(event, ChannelUserevent)
    assert old.counts.connects == new.counts.connects == 1
