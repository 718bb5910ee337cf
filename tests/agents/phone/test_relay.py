"""One page a seat is the telephone, as long as its socket is open and it sits there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from agents.floor.fit import Fit
from agents.people import Role
from agents.phone.phones import LEFT, TAKEN, Phones
from agents.phone.relay import Relay
from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.agents.phone.test_digest import PASSWORD, USER, authorization, register, response
from tests.real.waiting import until

ONE, OTHER = "page-one", "page-two"
REFUSED = 1008


@dataclass
class FakeAsterisk:
    """Its SIP socket: keeps what came, says what it is told to say."""

    url: str
    came: list[str] = field(default_factory=list)
    open: set[web.WebSocketResponse] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=("sip",))
        await ws.prepare(request)
        assert ws.ws_protocol == "sip"
        self.open.add(ws)
        try:
            async for message in ws:
                self.came.append(message.data)
        finally:
            self.open.discard(ws)
        return ws

    async def say(self, text: str) -> None:
        for ws in tuple(self.open):
            await ws.send_str(text)


@pytest.fixture
async def asterisk(whole: Desk) -> AsyncIterator[FakeAsterisk]:
    port = unused_port()
    fake = FakeAsterisk(f"ws://127.0.0.1:{port}/ws")
    app = web.Application()
    app.router.add_get("/ws", fake.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    phones = Phones({"a01": PASSWORD})
    whole.tools.put(Phones, phones)
    whole.tools.put(Fit, phones)  # type: ignore[type-abstract]
    whole.tools.put(Relay, Relay(phones, fake.url))
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(phones.watch(whole.database))
        yield fake
        watch.cancel()
    await runner.cleanup()


async def seated(desk: Desk, name: str = "ana", **how: Any) -> Browser:
    page = await desk.signed_in(name, Role.AGENT)
    told = await page.ask("POST", "/api/seat", {"seat": "a01", "take_over": False, **how})
    assert told.status < 300, told.body
    return page


async def granted(page: Browser, name: str = ONE, *, take_over: bool = False) -> str:
    told = await page.ask("POST", "/api/phone", {"page": name, "take_over": take_over})
    assert told.status == 200, told.body
    assert told.body["user"] == USER
    return str(told.body["secret"])


@asynccontextmanager
async def opened(page: Browser, name: str = ONE) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {key: value for key, value in page._usual("POST").items() if value}
    url = f"http://127.0.0.1:{page.port}/phone?page={name}"
    async with page.http.ws_connect(url, headers=headers, protocols=("sip",)) as ws:
        yield ws


async def closed(ws: aiohttp.ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(5):
        while not ws.closed:
            await ws.receive()
    return ws.close_code


async def test_what_the_page_proves_reaches_asterisk_with_its_own_password(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    secret = await granted(page)
    assert secret != PASSWORD
    async with opened(page) as ws:
        assert ws.protocol == "sip"
        await ws.send_str(register())
        await ws.send_str(register(f"Authorization: {authorization(secret)}"))
        await until(lambda: len(asterisk.came) == 2, "both came")
        assert asterisk.came[0] == register()
        assert response(PASSWORD, qop=True) in asterisk.came[1]
        await asterisk.say("SIP/2.0 200 OK\r\n\r\n")
        assert await ws.receive_str() == "SIP/2.0 200 OK\r\n\r\n"


async def test_a_page_that_looks_whether_its_line_is_dead_is_answered(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as ws:
        await ws.send_str("\r\n\r\n")
        assert await ws.receive_str(timeout=5) == "\r\n"
        await ws.send_str(register())
        await until(lambda: asterisk.came == [register()], "only this came to Asterisk")


async def test_a_stale_secret_ends_the_socket(whole: Desk, asterisk: FakeAsterisk) -> None:
    page = await seated(whole)
    stale = await granted(page)
    fresh = await granted(page)
    assert stale != fresh
    async with opened(page) as ws:
        await ws.send_str(register(f"Authorization: {authorization(stale)}"))
        assert await closed(ws) == REFUSED
    assert asterisk.came == []
    await until(lambda: not asterisk.open, "Asterisk is left, too")


INVITE = "\r\n".join(
    (
        "INVITE sip:a01.web@x.invalid;transport=ws SIP/2.0",
        "Via: SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bK1",
        "From: <sip:0942000100@127.0.0.1>;tag=f1",
        "To: <sip:a01.web@x.invalid>",
        "Call-ID: one@127.0.0.1",
        "CSeq: 7 INVITE",
        "Content-Type: application/sdp",
        "",
        "v=0",
    )
)
GONE = "\r\n".join(
    (
        "SIP/2.0 480 Temporarily Unavailable",
        "Via: SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bK1",
        "From: <sip:0942000100@127.0.0.1>;tag=f1",
        "To: <sip:a01.web@x.invalid>;tag=gone",
        "Call-ID: one@127.0.0.1",
        "CSeq: 7 INVITE",
        "Content-Length: 0",
        "",
        "",
    )
)


def said_by_the_page(line: str, to: str = "one@127.0.0.1", number: str = "7 INVITE") -> str:
    return f"SIP/2.0 {line}\r\nCall-ID: {to}\r\nCSeq: {number}\r\n\r\n"


async def rung(whole: Desk, asterisk: FakeAsterisk, *answers: str, says: str = INVITE) -> list[str]:
    """What Asterisk hears of a page that was rung, answered so far, and is closed."""
    page = await seated(whole)
    await granted(page)
    async with opened(page) as ws:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        await asterisk.say(says)
        await ws.receive_str()
        for answer in answers:
            await ws.send_str(answer)
        await until(lambda: len(asterisk.came) == len(answers), "it has said so")
    await until(lambda: not asterisk.open, "it is closed")
    return asterisk.came[len(answers) :]


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (said_by_the_page("180 Ringing"),),
        (said_by_the_page("200 OK", number="7 MESSAGE"), said_by_the_page("200 OK", "another")),
    ],
)
async def test_a_page_that_goes_while_it_rings_answers_no_more_and_says_so(
    whole: Desk, asterisk: FakeAsterisk, answers: tuple[str, ...]
) -> None:
    assert await rung(whole, asterisk, *answers) == [GONE]


@pytest.mark.parametrize("line", ["200 OK", "486 Busy Here", "603 Decline"])
async def test_what_the_page_has_answered_stays_so(
    whole: Desk, asterisk: FakeAsterisk, line: str
) -> None:
    assert await rung(whole, asterisk, said_by_the_page(line)) == []


async def test_nothing_in_a_talk_is_refused_by_a_page_that_goes(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    again = INVITE.replace("To: <sip:a01.web@x.invalid>", "To: <sip:a01.web@x.invalid>;tag=t1")
    assert await rung(whole, asterisk, says=again) == []


async def test_who_has_given_up_is_told_nothing_more(whole: Desk, asterisk: FakeAsterisk) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as ws:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        await asterisk.say(INVITE)
        await asterisk.say(INVITE.replace("INVITE", "CANCEL"))
        await ws.receive_str()
        await ws.receive_str()
    await until(lambda: not asterisk.open, "it is closed")
    assert asterisk.came == []


async def test_a_secret_is_over_with_its_socket(whole: Desk, asterisk: FakeAsterisk) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page):
        await until(lambda: len(asterisk.open) == 1, "it is through")
    await until(lambda: not asterisk.open, "Asterisk has forgotten it", within=1)
    async with opened(page) as ws:
        assert await closed(ws) == LEFT
    assert not asterisk.open


async def test_one_socket_a_grant(whole: Desk, asterisk: FakeAsterisk) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as ws:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        async with opened(page) as second:
            assert await closed(second) == LEFT
        assert not ws.closed


async def test_a_second_page_hears_that_another_is_the_telephone(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as first:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        told = await page.ask("POST", "/api/phone", {"page": OTHER})
        assert (told.status, "別の画面" in told.body["problem"]) == (409, True)
        await granted(page, OTHER, take_over=True)
        assert await closed(first) == TAKEN
        async with opened(page, OTHER):
            await until(lambda: len(asterisk.open) == 1, "the other one is through")


async def test_the_same_page_after_a_reload_needs_no_word(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as before:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        await granted(page)
        assert await closed(before) == TAKEN


async def test_at_another_pc_the_telephone_follows_the_seat(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as there:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        other = await seated(whole, take_over=True)
        await granted(other, OTHER)  # at once, and without another word
        assert await closed(there) == LEFT
        async with opened(other, OTHER):
            await until(lambda: len(asterisk.open) == 1, "the other one is through")


async def test_whoever_leaves_the_seat_has_no_telephone(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    async with opened(page) as ws:
        await until(lambda: len(asterisk.open) == 1, "it is through")
        assert (await page.ask("DELETE", "/api/seat")).status == 204
        await until(lambda: not asterisk.open, "Asterisk has forgotten it", within=1)
        assert await closed(ws) == LEFT
    told = await page.ask("POST", "/api/phone", {"page": ONE})
    assert told.status == 409


async def test_without_a_cookie_an_origin_or_a_grant_nobody_gets_through(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    page = await seated(whole)
    await granted(page)
    url = f"http://127.0.0.1:{page.port}/phone?page={ONE}"
    usual = page._usual("POST")
    for without in ("Cookie", "Origin"):
        headers = {key: value for key, value in usual.items() if value and key != without}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await page.http.ws_connect(url, headers=headers, protocols=("sip",))
    thief = await whole.signed_in("bo", Role.AGENT)
    assert (await thief.ask("GET", f"/phone?page={ONE}")).status == 409  # sits nowhere
    async with opened(page, OTHER) as ws:
        assert await closed(ws) == LEFT
    assert not asterisk.open


async def test_asterisk_away_says_come_again(whole: Desk) -> None:
    phones = Phones({"a01": PASSWORD})
    whole.tools.put(Phones, phones)
    whole.tools.put(Relay, Relay(phones, f"ws://127.0.0.1:{unused_port()}/ws"))
    page = await seated(whole)
    await granted(page)
    async with opened(page) as ws:
        assert await closed(ws) == 1013
    await until(lambda: len(phones) == 0, "the secret is over, too")
