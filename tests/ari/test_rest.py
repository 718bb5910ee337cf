"""Requests against a server that refuses, stalls, hangs up, or answers nonsense."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from itertools import chain, repeat

import pytest
from aiohttp import web

from telephony.ari.client import Ari
from telephony.ari.errors import AriError, AriGoneError, AriUnreachable
from telephony.ari.rest import AriRest
from telephony.calls.guarded import guarded
from telephony.calls.lease import Demoted, Tenure
from telephony.simulation.shell.asterisk import FakeAsterisk
from tests.ari.frames import channel
from tests.ari.server import Handler, serving


class Desk:
    """Answers each request with the next reply, and remembers what was asked."""

    def __init__(self, *replies: tuple[int, object]) -> None:
        self._replies = list(replies)
        self.asked: list[str] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path_qs}")
        status, body = self._replies.pop(0)
        return web.Response(status=status, text=json.dumps(body), content_type="application/json")


async def _ask(handler: Handler, *, timeout: float = 2.0) -> str:
    """Hang up, as a sample request; what it said."""
    async with serving(handler) as url, AriRest(url, "u", "p", timeout=timeout) as ari:
        try:
            await ari.ring("c1")
        except AriError as error:
            return f"{type(error).__name__} {error}"
        return "ok"


@pytest.mark.parametrize(
    ("status", "words", "gone"),
    [
        (404, "Channel not found", True),
        (404, "", True),
        (400, "Channel not found", True),
        (400, "Provided originator channel was not found", True),
        (409, "Channel not in Stasis application", True),
        (409, "Bridge not in Stasis application", True),
        (422, "Channel not in Stasis application", True),
        (422, "Channel not in this bridge", True),
        (400, "Missing parameter channel", False),
        (409, "Channel currently recording", False),
        (412, "Channel in invalid state", False),
        (500, "Allocation failed", False),
    ],
)
async def test_b1_which_refusals_mean_gone(status: int, words: str, gone: bool) -> None:
    async with serving(Desk((status, {"message": words}))) as url, AriRest(url, "u", "p") as ari:
        with pytest.raises(AriError) as caught:
            await ari.answer("c1")
    assert isinstance(caught.value, AriGoneError) is gone
    assert (caught.value.status, words in caught.value.text) == (status, True)


async def test_b1_ending_what_is_gone_is_success() -> None:
    desk = Desk(*[(404, {"message": "not found"})] * 5)
    async with serving(desk) as url, AriRest(url, "u", "p") as ari:
        await ari.hang_up("c1", "busy")
        await ari.hang_up("c1", 34)
        await ari.stop_playback("p.c1.1")
        await ari.destroy_bridge("b.c1")
        await ari.stop_moh("c1")
    assert desk.asked == [
        "DELETE /ari/channels/c1?reason=busy",
        "DELETE /ari/channels/c1?reason_code=34",
        "DELETE /ari/playbacks/p.c1.1",
        "DELETE /ari/bridges/b.c1",
        "DELETE /ari/channels/c1/moh",
    ]


async def test_both_keys_of_a_refusal_are_read() -> None:
    assert await _ask(Desk((500, {"message": "first"}))) == (
        "AriError 500 POST /ari/channels/c1/ring: first"
    )
    assert await _ask(Desk((500, {"error": "second"}))) == (
        "AriError 500 POST /ari/channels/c1/ring: second"
    )


async def test_an_id_that_is_taken_is_success_when_the_channel_is_there() -> None:
    taken = (409, {"message": "Channel with given unique ID already exists"})
    desk = Desk(taken, (200, channel("o.c1.1")))
    async with serving(desk) as url, AriRest(url, "u", "p") as ari:
        await ari.originate("o.c1.1", "PJSIP/a01", app="madoguchi", timeout=20)
    assert desk.asked[1] == "GET /ari/channels/o.c1.1"


async def test_an_id_said_to_be_taken_without_a_channel_is_a_refusal() -> None:
    taken = (409, {"message": "Channel with given unique ID already exists"})
    desk = Desk(taken, (404, {"message": "Channel not found"}))
    async with serving(desk) as url, AriRest(url, "u", "p") as ari:
        with pytest.raises(AriError, match="not dialled") as caught:
            await ari.originate("o.c1.1", "PJSIP/a01", app="madoguchi", timeout=20)
    assert not isinstance(caught.value, AriGoneError)


async def test_a_bridge_that_is_there_is_success() -> None:
    desk = Desk((409, {"message": "Bridge with id 'waiting' already exists"}))
    async with serving(desk) as url, AriRest(url, "u", "p") as ari:
        await ari.create_bridge("waiting", "holding")


async def test_an_unset_channel_variable_is_empty_but_a_channel_may_be_gone() -> None:
    unset = (404, {"message": "Provided variable was not found"})
    gone = (404, {"message": "Provided channel was not found"})
    async with serving(Desk(unset, gone)) as url, AriRest(url, "u", "p") as ari:
        assert await ari.get_channel_variable("c1", "X") == ""
        with pytest.raises(AriGoneError):
            await ari.get_channel_variable("c1", "X")


async def test_x10_a_reply_that_does_not_come_is_unreachable() -> None:
    stalled = asyncio.Event()

    async def stall(_request: web.BaseRequest) -> web.StreamResponse:
        await stalled.wait()
        return web.Response()

    assert (await _ask(stall, timeout=0.2)).startswith("AriUnreachable")


async def test_d5_what_was_given_up_is_reset_so_that_it_never_arrives_late() -> None:
    ends = asyncio.get_running_loop().create_future()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ends.set_result(await reader.read(-1))
        except ConnectionResetError:
            ends.set_result("reset")
        finally:
            writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with AriRest(f"http://{host}:{port}", "u", "p", timeout=0.2) as ari:
            with pytest.raises(AriUnreachable):
                await ari.ring("c1")
        assert await ends == "reset"


async def test_nobody_there_is_unreachable() -> None:
    async with serving(Desk()) as url:
        pass
    async with AriRest(url, "u", "p") as ari:
        with pytest.raises(AriUnreachable):
            await ari.channels()


@pytest.mark.parametrize(("method", "sent"), [("ring", 2), ("play", 1)])
async def test_x10_a_request_is_sent_again_unless_twice_would_be_heard(
    method: str, sent: int
) -> None:
    asked: list[str] = []

    async def drop_the_first(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        if len(asked) == 1 and request.transport is not None:
            request.transport.abort()
        return web.Response()

    async with serving(drop_the_first) as url, AriRest(url, "u", "p") as ari:
        if method == "ring":
            await ari.ring("c1")
        else:
            with pytest.raises(AriUnreachable):
                await ari.play("c1", "p.c1.1", ["sound:hello"])
    assert len(asked) == sent


@pytest.mark.parametrize("carried_out", [True, False])
async def test_d3_a_dialling_whose_reply_is_lost_is_read_back_not_repeated(
    carried_out: bool,
) -> None:
    asked: list[str] = []

    async def lose_the_reply(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(f"{request.method} {request.path}")
        if request.method == "POST" and request.transport is not None:
            request.transport.abort()
        status = 200 if carried_out else 404
        return web.json_response(channel("o.c1.1"), status=status)

    async with serving(lose_the_reply) as url, AriRest(url, "u", "p") as ari:
        with nullcontext() if carried_out else pytest.raises(AriUnreachable):
            await ari.originate("o.c1.1", "PJSIP/a01", app="madoguchi", timeout=20)
    assert asked == ["POST /ari/channels", "GET /ari/channels/o.c1.1"]


async def _ring(ari: Ari) -> None:
    await ari.ring("c1")


async def _dial(ari: Ari) -> None:
    header = {"PJSIP_HEADER(add,X-A)": "1"}
    await ari.originate("o.c1.1", "PJSIP/a", app="m", timeout=9, variables=header)


@pytest.mark.parametrize(
    ("ask", "asked_before", "sent"),
    [
        (_ring, 1, 0),  # when it was made, but not when it would leave
        (_ring, 2, 1),  # nor when it would be sent again
        (_dial, 2, 0),  # nor with a body, which leaves a turn of the loop after its headers
    ],
)
async def test_d5_nothing_leaves_once_another_leads_not_even_what_was_made_before(
    ask: Callable[[Ari], Awaitable[None]], asked_before: int, sent: int
) -> None:
    arrived: list[str] = []

    async def drop(asked: web.BaseRequest) -> web.StreamResponse:
        arrived.append(asked.path)
        assert asked.transport is not None
        asked.transport.abort()
        return web.Response()

    replaced = chain([False] * asked_before, repeat(True))
    tenure = Tenure(lambda: 0.0, lambda: True, lambda: next(replaced))
    async with serving(drop) as url, AriRest(url, "u", "p") as ari:
        with pytest.raises(Demoted):
            await ask(guarded(ari, tenure))
        assert len(arrived) == sent


async def test_nonsense_is_a_refusal() -> None:
    async with serving(Desk((200, {"id": 7}))) as url, AriRest(url, "u", "p") as ari:
        with pytest.raises(AriError, match="cannot read"):
            await ari.channel("c1")


async def test_ids_and_values_are_escaped() -> None:
    desk = Desk((204, None), (204, None))
    async with serving(desk) as url, AriRest(url, "u", "p") as ari:
        await ari.ring("a/b c?d")
        await ari.set_channel_variable("c1", "PJSIP_HEADER(add,X-A)", "1&2=%3 +")
    assert desk.asked[0] == "POST /ari/channels/a%2Fb%20c%3Fd/ring"
    assert "value=1%262%3D%253" in desk.asked[1]


async def test_no_more_than_eight_requests_are_under_way() -> None:
    under_way, most = 0, 0

    async def slow(_request: web.BaseRequest) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)  # noqa: TID251 - the server's work
        under_way -= 1
        return web.Response()

    async with serving(slow) as url, AriRest(url, "u", "p") as ari:
        await asyncio.gather(*(ari.ring(f"c{number}") for number in range(40)))
    assert most == 8


def test_the_fake_and_the_real_client_are_the_same_to_a_type_checker() -> None:
    clients: list[Ari] = [FakeAsterisk(), AriRest("http://127.0.0.1:9", "u", "p")]
    assert len(clients) == 2
