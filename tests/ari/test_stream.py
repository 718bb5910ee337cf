"""The event stream against a server that misbehaves (reliability D2, and losses of every kind)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from aiohttp import web

from telephony.ari.events import ChannelDtmfReceived, StasisStart
from telephony.ari.inbox import Connected, Disconnected, Inbox, Item, Replaced
from telephony.ari.stream import EventStream, backoff
from tests.ari.frames import channel, frame, key
from tests.ari.server import Handler, Socket, serving, visits

pytestmark = pytest.mark.filterwarnings("error")


@asynccontextmanager
async def listening(
    handler: Handler, *, capacity: int = 1000
) -> AsyncIterator[tuple[EventStream, Inbox]]:
    """A stream on a server of this behaviour, impatient to come back."""
    async with serving(handler) as url:
        inbox = Inbox(capacity)
        stream = EventStream(
            url, "tests", "secret", app="madoguchi", inbox=inbox, delay=lambda _failures: 0.01
        )
        async with asyncio.timeout(10), stream.open():
            yield stream, inbox


async def take(inbox: Inbox, count: int) -> list[Item]:
    """The next so many items."""
    taken: list[Item] = []
    while len(taken) < count:
        taken += await inbox.batch(count - len(taken))
    return taken


def digits(items: list[Item]) -> str:
    return "".join(item.digit for item in items if isinstance(item, ChannelDtmfReceived))


async def stay(socket: Socket) -> None:
    """Say nothing until the other side goes."""
    async for _ in socket:
        pass


async def press_and_stay(socket: Socket) -> None:
    await socket.send_str(key("9").decode())
    await stay(socket)


async def press_and_go(socket: Socket) -> None:
    await socket.send_str(key("1").decode())
    await socket.close()


async def test_events_come_in_the_order_they_were_sent() -> None:
    async def press_many(socket: Socket) -> None:
        for number in range(200):
            await socket.send_str(key(str(number % 10)).decode())
        await stay(socket)

    async with listening(visits(press_many)) as (stream, inbox):
        connected, *events = await take(inbox, 201)
        assert connected == Connected()
        assert digits(events) == "0123456789" * 20
        assert stream.counts.events == 200


async def test_the_handshake_names_the_application_and_carries_the_password() -> None:
    asked: list[web.BaseRequest] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request)
        return await visits(stay)(request)

    async with listening(handler) as (_, inbox):
        await take(inbox, 1)
    assert asked[0].path == "/ari/events"
    assert asked[0].query["app"] == "madoguchi"
    assert "secret" not in asked[0].path_qs
    assert asked[0].headers["Authorization"].startswith("Basic ")


async def test_d2_junk_is_counted_and_survived() -> None:
    async def junk(socket: Socket) -> None:
        await socket.send_str("no JSON at all")
        await socket.send_str("[]")
        await socket.send_str('{"type": 7}')
        await socket.send_bytes(b'{"type":"StasisStart","channel":\xff\xfe}')
        await socket.send_str(frame("StasisStart", channel={"id": ["wrong"]}).decode())
        await socket.send_str("[" * 100_000)
        await socket.send_str(frame("AnEventOfNextYear", channel=channel()).decode())
        await press_and_stay(socket)

    async with listening(visits(junk)) as (stream, inbox):
        assert digits(await take(inbox, 2)) == "9"
        assert (stream.counts.malformed, stream.counts.unknown) == (6, 1)
        assert stream.counts.connects == 1


async def test_d2_a_two_megabyte_event_is_counted_and_survived() -> None:
    async def huge(socket: Socket) -> None:
        fields = {"channel": channel(), "args": ["x" * 2_000_000]}
        await socket.send_str(frame("StasisStart", **fields).decode())
        await press_and_stay(socket)

    async with listening(visits(huge)) as (stream, inbox):
        assert digits(await take(inbox, 2)) == "9"
        assert stream.counts.oversized == 1
        assert stream.counts.connects == 1


async def test_d2_a_frame_beyond_all_measure_costs_the_connection_only() -> None:
    async def monstrous(socket: Socket) -> None:
        await socket.send_bytes(b"x" * (5 << 20))
        await stay(socket)

    async with listening(visits(monstrous, press_and_stay)) as (stream, inbox):
        items = await take(inbox, 4)
        assert isinstance(items[1], Disconnected)
        assert (items[2], digits(items[3:])) == (Connected(), "9")
        assert stream.counts.oversized == 1


async def test_a_closed_connection_shows_and_is_made_again() -> None:
    async with listening(visits(press_and_go, press_and_stay)) as (stream, inbox):
        items = await take(inbox, 5)
        kinds = [type(item) for item in items]
        assert kinds == [
            Connected,
            ChannelDtmfReceived,
            Disconnected,
            Connected,
            ChannelDtmfReceived,
        ]
        assert digits(items) == "19"
        assert stream.counts.connects == 2


async def test_a_connection_cut_in_the_middle_of_a_frame_is_made_again() -> None:
    first = iter([True])
    accept = visits(press_and_stay)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if not next(first, False) or request.transport is None:
            return await accept(request)
        socket = Socket()
        await socket.prepare(request)
        request.transport.write(b"\x81\x7e\x10\x00half")  # announces 4096 bytes
        request.transport.close()
        return socket

    async with listening(handler) as (_, inbox):
        items = await take(inbox, 4)
        assert [type(item) for item in items[:3]] == [Connected, Disconnected, Connected]
        assert digits(items) == "9"


async def test_a_server_that_refuses_is_asked_again() -> None:
    refusals = iter([401, 503])
    accept = visits(press_and_stay)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        status = next(refusals, None)
        return web.Response(status=status) if status else await accept(request)

    async with listening(handler) as (stream, inbox):
        assert digits(await take(inbox, 2)) == "9"
        assert stream.counts.failed_connects == 2
        assert "503" in stream.trouble


async def test_a_flood_overflows_into_a_loss_and_never_drops_silently() -> None:
    async def flood(socket: Socket) -> None:
        while not socket.closed:
            await socket.send_str(key("1").decode())

    async with listening(visits(flood, press_and_stay), capacity=50) as (stream, inbox):
        while not stream.counts.overflows:
            await asyncio.sleep(0.01)  # noqa: TID251 - the flood is real
        assert inbox.nearly_full
        items = await take(inbox, 51)
        assert digits(items) == "1" * 49
        assert items[-1] == Disconnected("overflow")
        assert [type(item) for item in await take(inbox, 2)] == [Connected, ChannelDtmfReceived]


async def test_after_an_overflow_it_reconnects_only_once_there_is_room() -> None:
    async def flood(socket: Socket) -> None:
        while not socket.closed:
            await socket.send_str(key("1").decode())

    async with listening(visits(flood), capacity=50) as (stream, inbox):
        while not stream.counts.overflows:
            await asyncio.sleep(0.01)  # noqa: TID251 - the flood is real
        await asyncio.sleep(0.1)  # noqa: TID251 - ten times the back-off
        assert stream.counts.connects == 1
        await take(inbox, 40)
        while stream.counts.connects < 2:
            await asyncio.sleep(0.01)  # noqa: TID251 - the reconnection is real


async def test_failures_in_a_row_are_told_to_the_back_off_and_a_visit_ends_the_row() -> None:
    refusals = iter([503, 503, 503])
    accept = visits(press_and_go, stay)
    told: list[int] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        status = next(refusals, None)
        return web.Response(status=status) if status else await accept(request)

    def delay(failures: int) -> float:
        told.append(failures)
        return 0.0

    async with serving(handler) as url:
        inbox = Inbox()
        stream = EventStream(url, "tests", "secret", app="madoguchi", inbox=inbox, delay=delay)
        async with asyncio.timeout(10), stream.open():
            await take(inbox, 4)
    assert told == [1, 2, 3, 0]


async def test_whoever_overflowed_asks_for_no_pause_before_there_is_room() -> None:
    told: list[int] = []

    def delay(failures: int) -> float:
        told.append(failures)
        return 0.0

    async def flood(socket: Socket) -> None:
        while not socket.closed:
            await socket.send_str(key("1").decode())

    async with serving(visits(flood, stay)) as url:
        inbox = Inbox(50)
        stream = EventStream(url, "tests", "secret", app="madoguchi", inbox=inbox, delay=delay)
        async with asyncio.timeout(10), stream.open():
            while not stream.counts.overflows:
                await asyncio.sleep(0.01)  # noqa: TID251 - the flood is real
            for _ in range(20):
                await asyncio.sleep(0)  # noqa: TID251 - whatever could go on has gone on
            assert (told, stream.counts.connects) == ([], 1)
            await take(inbox, 40)
            while stream.counts.connects < 2:
                await asyncio.sleep(0.01)  # noqa: TID251 - the reconnection is real
            assert told == [0]


async def test_d5_whoever_may_not_lead_any_more_does_not_take_the_application_back() -> None:
    class OthersLead(Exception):
        pass

    def refuse() -> None:
        raise OthersLead

    visited: list[str] = []

    async def go(socket: Socket) -> None:
        visited.append("came")

    async with serving(visits(go, go)) as url:
        inbox = Inbox()
        stream = EventStream(url, "t", "s", app="madoguchi", inbox=inbox, delay=lambda _: 0.01)

        async def listen_on() -> None:
            async with asyncio.timeout(10), stream.open():
                assert isinstance((await take(inbox, 1))[0], Connected)
                stream.permit = refuse
                await asyncio.Event().wait()

        with pytest.raises(ExceptionGroup) as why:
            await listen_on()
    assert why.group_contains(OthersLead)
    assert visited == ["came"]


async def test_a_replaced_application_ends_the_stream() -> None:
    async def replaced(socket: Socket) -> None:
        await socket.send_str(key("1").decode())
        await socket.send_str(frame("ApplicationReplaced").decode())
        await stay(socket)

    async with listening(visits(replaced, press_and_stay)) as (stream, inbox):
        items = [item async for item in inbox]
        assert [type(item) for item in items] == [Replaced]  # the key is no longer ours
        await asyncio.sleep(0.1)  # noqa: TID251 - ten times the back-off
        assert stream.counts.connects == 1


async def test_leaving_the_block_disconnects() -> None:
    left = asyncio.Event()

    async def watch(socket: Socket) -> None:
        await stay(socket)
        left.set()

    async with listening(visits(watch)) as (_, inbox):
        await take(inbox, 1)
    async with asyncio.timeout(2):
        await left.wait()


async def test_a_fault_in_the_block_is_not_swallowed() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with listening(visits(stay)):
            raise ZeroDivisionError
    assert caught.group_contains(ZeroDivisionError)


async def test_a_server_without_pongs_is_left_and_asked_again() -> None:
    async def deaf(request: web.BaseRequest) -> web.StreamResponse:
        socket = Socket(autoping=False)
        await socket.prepare(request)
        await stay(socket)
        return socket

    async with serving(deaf) as url:
        inbox = Inbox()
        stream = EventStream(
            url,
            "tests",
            "secret",
            app="madoguchi",
            inbox=inbox,
            delay=lambda _failures: 0.01,
            heartbeat=0.1,
        )
        async with asyncio.timeout(5), stream.open():
            items = await take(inbox, 3)
    assert [type(item) for item in items] == [Connected, Disconnected, Connected]


async def test_a_start_is_typed() -> None:
    async def start(socket: Socket) -> None:
        await socket.send_str(frame("StasisStart", args=["in"], channel=channel()).decode())
        await stay(socket)

    async with listening(visits(start)) as (_, inbox):
        _, event = await take(inbox, 2)
    assert isinstance(event, StasisStart)
    assert (event.args, event.channel.caller.number) == (("in",), "0942000101")


def test_back_off_grows_to_a_limit_and_differs_by_key() -> None:
    ours, theirs = backoff("a", first=0.1, most=5.0), backoff("b", first=0.1, most=5.0)
    delays = [ours(failures) for failures in range(40)]
    assert delays == [backoff("a", first=0.1, most=5.0)(failures) for failures in range(40)]
    assert delays != [theirs(failures) for failures in range(40)]
    assert all(0.05 <= delay <= 5.0 for delay in delays)
    assert all(later > earlier / 2 for earlier, later in pairwise(delays))
    assert min(delays[8:]) >= 2.5
