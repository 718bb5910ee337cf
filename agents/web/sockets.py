"""WebSockets that end with the session they were opened by."""

import asyncio
import hmac
import json
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import BaseModel

from agents.people import Caller, Role, SessionId

FIRST_WITHIN: Final = 5.0  # seconds; the page says its token at once
HEARTBEAT: Final = 10.0  # seconds
LONGEST_MESSAGE: Final = 16 * 1024  # bytes
SENT_WITHIN: Final = 10.0  # seconds; a browser that takes longer is gone, and asks again
CLOSED_WITHIN: Final = 2.0  # seconds that a browser has to say goodbye, too
SIGNED_OUT: Final = 4401  # our close code: sign in again
REFUSED: Final = WSCloseCode.POLICY_VIOLATION


class Gone(Exception):
    """The browser closed it, or does not take what is sent."""


class Socket:
    """One open WebSocket of a signed-in caller."""

    def __init__(self, ws: web.WebSocketResponse, caller: Caller) -> None:
        self.caller = caller
        self._ws = ws

    async def send(self, message: BaseModel) -> None:
        """Raises Gone; so a slow browser never holds more than one message of ours."""
        await self.send_text(message.model_dump_json())

    async def send_text(self, text: str) -> None:
        """The same of a text that is not ours."""
        await self.send_encoded(text.encode())

    async def send_encoded(self, data: bytes) -> None:
        """The same of what is JSON in UTF-8 already, such as one news for many sockets."""
        try:
            async with asyncio.timeout(SENT_WITHIN):
                await self._ws.send_frame(data, WSMsgType.TEXT)
        except (ConnectionError, TimeoutError, RuntimeError) as why:
            raise Gone from why

    async def receive(self) -> str:
        """The browser's next text; raises Gone."""
        message = await self._ws.receive()
        if message.type is not WSMsgType.TEXT:
            raise Gone
        return str(message.data)

    async def close(self, code: int) -> None:
        """Say goodbye; the page knows from the code whether to come back."""
        with suppress(ConnectionError, RuntimeError):
            await self._ws.close(code=code)


class Sockets:
    """Every socket that is open, by session."""

    def __init__(self) -> None:
        self._open: dict[SessionId, set[Socket]] = {}

    def sessions(self) -> frozenset[SessionId]:
        """Those with a socket open."""
        return frozenset(self._open)

    def roles(self, session: SessionId) -> set[Role]:
        """The roles its sockets were opened with."""
        return {socket.caller.role for socket in self._open.get(session, ())}

    def add(self, socket: Socket) -> None:
        """It is open."""
        self._open.setdefault(socket.caller.session, set()).add(socket)

    def remove(self, socket: Socket) -> None:
        """It is not any more."""
        mine = self._open.get(socket.caller.session, set())
        mine.discard(socket)
        if not mine:
            self._open.pop(socket.caller.session, None)

    async def end(self, session: SessionId) -> None:
        """The session is over."""
        for socket in tuple(self._open.get(session, ())):
            await socket.close(SIGNED_OUT)

    async def end_all(self) -> None:
        """The desk itself leaves."""
        for session in tuple(self._open):
            for socket in tuple(self._open.get(session, ())):
                await socket.close(WSCloseCode.GOING_AWAY)


async def accepted(request: web.Request, protocol: str = "") -> web.WebSocketResponse:
    """The handshake."""
    ws = web.WebSocketResponse(
        heartbeat=HEARTBEAT,
        max_msg_size=LONGEST_MESSAGE,
        protocols=(protocol,) if protocol else (),
        timeout=CLOSED_WITHIN,
        compress=False,  # nothing is while a call waits, nor what may hold a secret
    )
    await ws.prepare(request)
    return ws


async def opened(ws: web.WebSocketResponse, caller: Caller) -> Socket | None:
    """For use once the page has said its CSRF token as `{"csrf": …}`; None when it did not."""
    socket = Socket(ws, caller)
    try:
        async with asyncio.timeout(FIRST_WITHIN):
            said = json.loads(await socket.receive())
        token = said["csrf"]
        if hmac.compare_digest(token.encode(), caller.csrf.encode()):
            return socket
    except (Gone, TimeoutError, ValueError, KeyError, TypeError, AttributeError):
        pass  # whatever it was, it was no token
    await socket.close(REFUSED)
    return None
