"""The inbox keeps order, refuses instead of dropping, and says when it is behind."""

from __future__ import annotations

import asyncio

import pytest

from telephony.ari.events import ChannelDtmfReceived, decode
from telephony.ari.inbox import Connected, Disconnected, Inbox
from telephony.simulation.shell.loop import Stalled, run, virtually
from tests.ari.frames import key


def press(digit: str) -> ChannelDtmfReceived:
    event = decode(key(digit))
    assert isinstance(event, ChannelDtmfReceived)
    return event


@virtually
async def test_items_leave_in_the_order_they_came() -> None:
    inbox = Inbox()
    inbox.mark(Connected())
    assert all(inbox.put(press(digit)) for digit in "123")
    inbox.mark(Disconnected("closed"))
    assert await inbox.batch(2) == [Connected(), press("1")]
    assert await inbox.batch() == [press("2"), press("3"), Disconnected("closed")]
    assert inbox.backlog == 0


@virtually
async def test_a_full_inbox_refuses_events_but_never_markers() -> None:
    inbox = Inbox(capacity=4)
    taken = [inbox.put(press(digit)) for digit in "12345"]
    assert taken == [True, True, True, True, False]
    inbox.mark(Disconnected("overflow"))
    assert (await inbox.batch())[-1] == Disconnected("overflow")


@virtually
async def test_it_says_that_it_is_behind_before_it_is_full() -> None:
    inbox = Inbox(capacity=10)
    seen = []
    for digit in "0123456789":
        assert inbox.put(press(digit))
        seen.append(inbox.nearly_full)
    assert seen == [False] * 4 + [True] * 6
    await inbox.batch(6)
    assert not inbox.nearly_full


@virtually
async def test_eased_waits_until_the_engine_has_caught_up() -> None:
    inbox = Inbox(capacity=4)
    for digit in "1234":
        inbox.put(press(digit))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60):
            await inbox.eased()
    await inbox.batch(3)
    await inbox.eased()


@virtually
async def test_a_closed_inbox_is_emptied_first() -> None:
    inbox = Inbox()
    inbox.put(press("1"))
    inbox.close()
    assert [item async for item in inbox] == [press("1")]
    assert await inbox.batch() == []


def test_an_empty_inbox_waits() -> None:
    async def wait() -> None:
        await Inbox().batch()

    with pytest.raises(Stalled):
        run(wait())
