"""A page's telephone without a browser: signs in, is granted it, registers through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final
from uuid import uuid4

import aiohttp

from agents.phone.relay import PROTOCOL
from agents.web.security import Door
from config.telephones import browser_of
from tests.agents.asking import Browser, browser

PIN: Final = "135790"
PAGE: Final = "page-of-a-test"
OK, CHALLENGED = 200, 401
EXPIRES: Final = 120  # seconds, as the page asks
HOST: Final = "madoguchi.invalid"
NO_SOUND: Final = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


@dataclass
class PagePhone:
    """One SIP socket and whoever registers over it."""

    user: str
    secret: str
    ws: aiohttp.ClientWebSocketResponse
    name: str = field(default_factory=lambda: uuid4().hex)  # no two are one transaction
    count: int = 0
    challenge: dict[str, str] = field(default_factory=dict)
    answers: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def read(self) -> None:
        """All the time: who does not read answers no ping either, and is cut off."""
        async for message in self.ws:
            self.answers.put_nowait(str(message.data))

    async def register(self) -> int:
        """Until it is taken or refused; the status."""
        contact = f"Contact: <sip:{self.user}@relay.invalid;transport=ws>;expires={EXPIRES}"
        return await self._proven("REGISTER", f"sip:{HOST}", f"sip:{self.user}@{HOST}", contact)

    async def dial(self, number: str) -> int:
        """A call that cannot be, for it offers no sound; CHALLENGED where nobody may call so."""
        contact = f"Contact: <sip:{self.user}@relay.invalid;transport=ws>"
        uri = f"sip:{number}@{HOST}"
        return await self._proven("INVITE", uri, uri, contact, "Content-Type: application/sdp")

    async def _proven(self, method: str, uri: str, to: str, *more: str) -> int:
        status = await self._ask(method, uri, to, *more)
        if status == CHALLENGED:
            status = await self._ask(method, uri, to, *more)
        return status

    async def _ask(self, method: str, uri: str, to: str, *more: str) -> int:
        self.count += 1
        proof = self._proof(method, uri)
        body = NO_SOUND if method == "INVITE" else ""
        lines = (
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/WS relay.invalid;branch=z9hG4bK{self.name}x{self.count}",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@{HOST}>;tag={self.name}",
            f"To: <{to}>",
            f"Call-ID: {self.name}",
            f"CSeq: {self.count} {method}",
            *more,
            *((proof,) if proof else ()),
            f"Content-Length: {len(body)}",
        )
        await self.ws.send_str("\r\n".join((*lines, "", body)))
        while True:
            answer = await self.answers.get()
            is_final = answer.startswith("SIP/2.0 ") and not answer.startswith("SIP/2.0 1")
            if is_final and f"CSeq: {self.count} {method}" in answer:
                break
        self._learn(answer)
        return int(answer.split(" ", 2)[1])

    def _learn(self, answer: str) -> None:
        for line in answer.split("\r\n"):
            name, _, told = line.partition(":")
            if name.lower() == "www-authenticate":
                pairs = (part.partition("=") for part in told.strip()[7:].split(","))
                self.challenge = {key.strip(): value.strip('"') for key, _, value in pairs}

    def _proof(self, method: str, uri: str) -> str:
        if not self.challenge:
            return ""
        realm, nonce = self.challenge["realm"], self.challenge["nonce"]
        nc, cnonce = f"{self.count:08x}", "0a4f113b"
        first = _hex(f"{self.user}:{realm}:{self.secret}")
        second = _hex(f"{method}:{uri}")
        response = _hex(f"{first}:{nonce}:{nc}:{cnonce}:auth:{second}")
        return (
            f'Authorization: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", '
            f'uri="{uri}", qop=auth, nc={nc}, cnonce="{cnonce}", response="{response}"'
            + (f', opaque="{self.challenge["opaque"]}"' if "opaque" in self.challenge else "")
        )


async def entered(http: aiohttp.ClientSession, door: Door, name: str, password: str) -> Browser:
    """Somebody of the demo, signed in."""
    page = browser(http, door, f"{name}.localhost")
    told = await page.ask("POST", "/api/session", {"name": name, "password": password})
    assert told.status == OK, told.body
    page.csrf = told.body["csrf"]
    return page


async def signed_in(http: aiohttp.ClientSession, door: Door, seat: str, password: str) -> Browser:
    """The same, at their own seat."""
    page = await entered(http, door, seat, password)
    await page.ask("PUT", "/api/session/pin", {"pin": PIN})
    taken = await page.ask("POST", "/api/seat", {"seat": seat, "take_over": True})
    assert taken.status == OK, taken.body
    return page


@asynccontextmanager
async def through_the_desk(page: Browser, seat: str) -> AsyncIterator[PagePhone]:
    """The telephone of the seat, by the desk's relay."""
    granted = await page.ask("POST", "/api/phone", {"page": PAGE, "take_over": True})
    assert granted.status == OK, granted.body
    headers = {name: value for name, value in page._usual("POST").items() if value}
    url = f"http://127.0.0.1:{page.port}/phone?page={PAGE}"
    async with (
        page.http.ws_connect(url, headers=headers, protocols=(PROTOCOL,)) as ws,
        _reading(PagePhone(browser_of(seat), granted.body["secret"], ws)) as phone,
    ):
        yield phone


@asynccontextmanager
async def at_asterisk(
    http: aiohttp.ClientSession, url: str, seat: str, password: str
) -> AsyncIterator[PagePhone]:
    """The same without the relay, for a comparison."""
    async with (
        http.ws_connect(url, protocols=(PROTOCOL,)) as ws,
        _reading(PagePhone(browser_of(seat), password, ws)) as phone,
    ):
        yield phone


@asynccontextmanager
async def _reading(phone: PagePhone) -> AsyncIterator[PagePhone]:
    async with asyncio.TaskGroup() as group:
        reader = group.create_task(phone.read())
        yield phone
        reader.cancel()


def _hex(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
