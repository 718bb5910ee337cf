"""A browser for tests: it keeps the cookie, and says Origin and CSRF token as the page does."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port

from agents.web.security import CSRF_HEADER, Door
from agents.web.server import Server


@dataclass(frozen=True)
class Told:
    """An answer, read."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def problem(self) -> str:
        """Its sentence in English."""
        return str(self.body["problem_en"])


@dataclass
class Browser:
    """One profile; everything it sends can be replaced, as an attacker would."""

    http: aiohttp.ClientSession
    port: int
    name: str
    cookie: str
    token: str | None = None
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Of the page it has open."""
        return f"http://{self.name}:{self.port}"

    async def ask(
        self, method: str, path: str, json: Any = None, headers: dict[str, str] | None = None
    ) -> Told:
        """One request; `headers` with an empty value are left out."""
        sent = {**self._usual(method), **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.http.request(method, url, json=json, headers=sent) as answer:
            self._keep(answer)
            body = await answer.read()
            is_json = answer.content_type == "application/json" and body
            told = await answer.json() if is_json else body.decode(errors="replace")
            return Told(answer.status, told, dict(answer.headers))

    @asynccontextmanager
    async def socket(
        self, path: str, headers: dict[str, str] | None = None, csrf: str | None = None
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket that has said its token."""
        sent = {**self._usual("POST"), **(headers or {})}
        url = f"http://127.0.0.1:{self.port}{path}"
        async with self.http.ws_connect(url, headers={k: v for k, v in sent.items() if v}) as ws:
            await ws.send_json({"csrf": self.csrf if csrf is None else csrf})
            yield ws

    def _usual(self, method: str) -> dict[str, str]:
        sent = {"Host": f"{self.name}:{self.port}", **self.headers}
        if self.token:
            sent["Cookie"] = f"{self.cookie}={self.token}"
        if method != "GET":
            sent |= {"Origin": self.origin, CSRF_HEADER: self.csrf}
        return sent

    def _keep(self, answer: aiohttp.ClientResponse) -> None:
        for line in answer.headers.getall("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            if name == self.cookie:
                self.token = value.strip('"') or None


@asynccontextmanager
async def serving(
    server: Server, door: Door, tls: ssl.SSLContext | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """The server on its port, and connections to it."""
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", door.port, ssl_context=tls).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        try:
            yield http
        finally:
            await runner.cleanup()


def browser(http: aiohttp.ClientSession, door: Door, name: str = "a01.localhost") -> Browser:
    """A profile that has opened the desk under this name."""
    return Browser(http, door.port, name, door.cookie)


def a_door() -> Door:
    """On a port that is free now."""
    return Door(unused_port())
