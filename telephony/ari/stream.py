"""The event WebSocket: a reader that only decodes and enqueues, and that comes back by itself.

Asterisk replays nothing: between `Disconnected` and `Connected` events are lost, and the engine
must list what is there. A full inbox is treated as such a loss. Only `ApplicationReplaced` ends
the stream, because reconnecting would take the application back from its new owner.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from telephony.ari.events import ApplicationReplaced, BadFrame, decode
from telephony.ari.inbox import Connected, Disconnected, Inbox, Replaced
from telephony.ari.transport import PERMIT, headers_of, permitted

Delay = Callable[[int], float]

_HARD_LIMIT: Final = 4 << 20  # bytes; a longer frame costs the connection, a shorter only itself
_TOO_BIG: Final = aiohttp.WSCloseCode.MESSAGE_TOO_BIG
_CONNECT_WITHIN: Final = 3.0
_CLOSE_WITHIN: Final = 0.5


def backoff(key: str, first: float = 0.1, most: float = 5.0) -> Delay:
    """Doubling delays, spread by the key so that controllers do not come back in step."""

    def delay(failures: int) -> float:
        spread = crc32(f"{key}:{failures}".encode()) / 0xFFFFFFFF
        return min(most, first * 2.0 ** min(failures, 16)) * (1 + spread) / 2

    return delay


@dataclass(slots=True)
class Counts:
    """What came in, for the metrics; nothing that is survived goes unseen."""

    events: int = 0
    unknown: int = 0
    malformed: int = 0
    oversized: int = 0
    overflows: int = 0
    connects: int = 0
    failed_connects: int = 0


class EventStream:
    """The events of one application on one Asterisk."""

    def __init__(  # noqa: PLR0913 - the seams of this edge, by name
        self,
        base_url: str,
        user: str,
        password: str,
        *,
        app: str,
        inbox: Inbox,
        delay: Delay,
        heartbeat: float = 5.0,
    ) -> None:
        self._url = base_url.rstrip("/") + "/ari/events"
        self._headers = headers_of(user, password)
        self._app = app
        self._inbox = inbox
        self._delay = delay
        self._heartbeat = heartbeat  # seconds; a half-open connection is found within 1.5 times
        self._replaced = False
        self.counts = Counts()
        self.permit: Callable[[], None] = lambda: None  # raises where another may lead
        self.trouble = ""  # why the last attempt to connect failed

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Inbox]:
        """Fill the inbox for as long as the block lasts; leaving it disconnects."""
        async with asyncio.TaskGroup() as group:
            reader = group.create_task(self._run())
            try:
                yield self._inbox
            finally:
                reader.cancel()

    async def _run(self) -> None:
        failures = 0
        connector = aiohttp.TCPConnector(limit=1)  # its own: a WebSocket occupies a slot for good
        async with aiohttp.ClientSession(
            connector=connector, headers=self._headers, trace_configs=[permitted()]
        ) as session:
            while not self._replaced:
                heard = await self._visit(session)
                failures = 0 if heard else failures + 1
                await self._pause(failures)
        self._inbox.close()

    async def _pause(self, failures: int) -> None:
        if self._replaced:
            return
        await self._inbox.eased()
        await asyncio.sleep(self._delay(failures))  # noqa: TID251 - the back-off of this edge

    async def _visit(self, session: aiohttp.ClientSession) -> bool:
        """One connection from beginning to end; whether it brought any event."""
        before = self.counts.events
        PERMIT.set(self.permit)  # whoever connects has the application: nobody may take it back
        try:
            async with asyncio.timeout(_CONNECT_WITHIN):
                socket = await self._connect(session)
        except (aiohttp.ClientError, OSError) as trouble:
            self.counts.failed_connects += 1
            self.trouble = repr(trouble)
            return False
        self.counts.connects += 1
        self._inbox.mark(Connected())
        try:
            reason = await self._listen(socket)
            self._inbox.mark(Replaced() if self._replaced else Disconnected(reason))
        finally:
            await _close(socket)
        return self.counts.events > before

    async def _connect(self, session: aiohttp.ClientSession) -> ClientWebSocketResponse[bool]:
        return await session.ws_connect(
            self._url,
            params={"app": self._app, "subscribeAll": "false"},
            heartbeat=self._heartbeat,
            max_msg_size=_HARD_LIMIT,
            decode_text=False,
        )

    async def _listen(self, socket: ClientWebSocketResponse[bool]) -> str:
        """Enqueue until the connection ends or must be given up; why it did."""
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                self.counts.oversized += socket.close_code == _TOO_BIG
                return repr(message.data)
            if not self._take(message.data):
                return "replaced" if self._replaced else "overflow"
        return f"closed {socket.close_code}"

    def _take(self, frame: bytes) -> bool:
        """Whether to go on listening after this frame."""
        try:
            event = decode(frame)
        except BadFrame as bad:
            self._count_bad(bad)
            return True
        if event is None:
            self.counts.unknown += 1
            return True
        self.counts.events += 1
        if isinstance(event, ApplicationReplaced):
            self._replaced = True
            return False
        if self._inbox.put(event):
            return True
        self.counts.overflows += 1
        return False

    def _count_bad(self, bad: BadFrame) -> None:
        if bad.kind == "oversized":
            self.counts.oversized += 1
        else:
            self.counts.malformed += 1


async def _close(socket: ClientWebSocketResponse[bool]) -> None:
    """Say goodbye, but not for long: aiohttp waits for the answer as long as frames flow."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_WITHIN):
            await socket.close()
