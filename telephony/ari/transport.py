"""One HTTP exchange with Asterisk: a small pool, a short patience, refusals sorted by kind."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from telephony.ari.errors import AriUnreachable, refusal

_CONNECTIONS: Final = 8  # Asterisk listens with a backlog of 10
_KEEP_ALIVE: Final = 10.0  # seconds; Asterisk closes an idle connection after 15
_TEXT_LIMIT: Final = 200  # of a refusal, kept for the log

# Asked in the last moment before a request leaves, and raises where it may not leave any more: a
# process that was stopped goes on in the middle of one. Of whoever asks, with all that they begin.
PERMIT: Final[ContextVar[Callable[[], None]]] = ContextVar("permit", default=lambda: None)


def headers_of(user: str, password: str) -> dict[str, str]:
    """What every request and the event stream's handshake carry.

    Asterisk's own log of requests (`ari set debug all on`) tells by it which of a pair asked.
    """
    return {
        "Authorization": aiohttp.encode_basic_auth(user, password),
        "User-Agent": f"madoguchi/{os.getpid()}",
    }


def path(*segments: str) -> str:
    """A path below `/ari`, each segment escaped: ids of ours may hold any character."""
    return "/ari/" + "/".join(quote(segment, safe="") for segment in segments)


class Transport:
    """Requests over a pool of kept-alive connections; entered and left like a file."""

    def __init__(self, base_url: str, user: str, password: str, *, timeout: float = 2.0) -> None:
        self._base = base_url.rstrip("/")
        self._headers = headers_of(user, password)
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE, socket_factory=_abrupt
            ),
            headers=self._headers,
            timeout=self._timeout,
            trace_configs=[permitted()],
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(
        self,
        method: str,
        where: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
    ) -> bytes:
        """The reply's body; a kept-alive connection that Asterisk closed is tried once more."""
        try:
            return await self._once(method, where, query, body)
        except aiohttp.ServerDisconnectedError as closed:
            if not repeatable:
                raise AriUnreachable(f"{method} {where}: {closed}") from closed
        except (aiohttp.ClientError, TimeoutError, OSError) as trouble:
            raise AriUnreachable(f"{method} {where}: {trouble!r}") from trouble
        return await self.ask(method, where, query, body, repeatable=False)

    async def _once(
        self,
        method: str,
        where: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> bytes:
        if self._session is None:
            raise AriUnreachable(f"{method} {where}: not open")
        url = URL(self._base + where, encoded=True).with_query(query)
        async with self._session.request(method, url, json=body) as reply:
            content = await reply.read()
            if reply.status >= HTTPStatus.BAD_REQUEST:
                raise refusal(reply.status, f"{method} {where}: {reason(content)}")
            return content


def permitted() -> aiohttp.TraceConfig:
    """`PERMIT` is asked in the moment before a request leaves."""

    async def ask(*_: object) -> None:
        PERMIT.get()()

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(ask)  # by its place in aiohttp: before they are
    config.on_request_chunk_sent.append(ask)  # so is this one; headers wait for their body
    return config


def _abrupt(address: aiohttp.AddrInfoType) -> socket.socket:
    """Closed by a reset, so that the kernel throws away what has not arrived.

    Otherwise a request that we gave up is sent again for a minute and more, and when the network
    is mended it rings a telephone long after somebody decided something else.
    """
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return made


def reason(content: bytes) -> str:
    """Asterisk's own words: under `message` mostly, under `error` when an allocation failed."""
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    if isinstance(said, dict):
        return str(said.get("message") or said.get("error") or "")[:_TEXT_LIMIT]
    return content[:_TEXT_LIMIT].decode(errors="replace")
