"""SIP between a page and Asterisk, frame by frame; Asterisk is reached on the loopback only."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import aiohttp
import structlog
from aiohttp import WSCloseCode, WSMsgType

from agents.phone.digest import NotProven, exchanged
from agents.phone.phones import Phone, Phones
from agents.phone.unanswered import Unanswered
from agents.web.sockets import Gone, Socket
from config.telephones import browser_of

log = structlog.get_logger(__name__)

PROTOCOL: Final = "sip"
CONNECTS_WITHIN: Final = 2.0  # seconds
CLOSES_WITHIN: Final = 0.5  # the registration ends with the socket
PING, PONG = "\r\n\r\n", "\r\n"  # RFC 5626 section 4.4.1
LONGEST: Final = 64 * 1024  # bytes of a message
REFUSED: Final = WSCloseCode.POLICY_VIOLATION


class Relay:
    """The way to one Asterisk."""

    def __init__(self, phones: Phones, url: str) -> None:
        self._phones = phones
        self._url = url

    async def serve(self, phone: Phone, page: Socket) -> None:
        """Until either side goes, or the page is the telephone no more."""
        with self._phones.opened(phone):
            try:
                async with connected(self._url) as asterisk:
                    await self._both_ways(phone, page, asterisk)
            except aiohttp.ClientError as away:
                log.warning("asterisk away", error=away)
                await page.close(WSCloseCode.TRY_AGAIN_LATER)

    async def _both_ways(
        self, phone: Phone, page: Socket, asterisk: aiohttp.ClientWebSocketResponse
    ) -> None:
        unanswered = Unanswered()
        try:
            await either_way(
                self._up(phone, page, asterisk, unanswered),
                down(page, asterisk, unanswered),
                phone.over.wait(),
            )
        except* NotProven as refused:
            log.warning("phone refused", seat=phone.seat, why=refused.exceptions[0])
            phone.end(REFUSED)
        with suppress(ConnectionError):  # it has gone itself
            for refusal in unanswered.refusals():
                await asterisk.send_str(refusal)
        if phone.over.is_set():
            await asterisk.close()  # first, for the page may not answer
            await page.close(phone.why)

    async def _up(
        self,
        phone: Phone,
        page: Socket,
        asterisk: aiohttp.ClientWebSocketResponse,
        unanswered: Unanswered,
    ) -> None:
        user, password = browser_of(phone.seat), self._phones.password(phone.seat)
        while True:
            said = await heard(page)
            kept_alive = not said.strip()
            unanswered.went(said)
            await asterisk.send_str(
                said if kept_alive else exchanged(said, user, phone.secret, password)
            )


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A line to Asterisk for one page. Raises aiohttp.ClientError when there is none."""
    async with (
        aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECTS_WITHIN)
        ) as http,
        http.ws_connect(
            url,
            protocols=(PROTOCOL,),
            max_msg_size=LONGEST,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSES_WITHIN),
        ) as asterisk,
    ):
        yield asterisk


async def heard(page: Socket) -> str:
    """What it says next; that it looks whether this line is dead is answered here."""
    while (said := await page.receive()) == PING:
        await page.send_text(PONG)
    return said


async def down(
    page: Socket, asterisk: aiohttp.ClientWebSocketResponse, unanswered: Unanswered | None = None
) -> None:
    """What Asterisk says, to the page, until it says nothing more."""
    async for message in asterisk:
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            continue
        is_text = message.type is WSMsgType.TEXT
        said = message.data if is_text else message.data.decode(errors="replace")
        if unanswered is not None:
            unanswered.came(said)
        await page.send_text(said)


async def either_way(*each: Coroutine[Any, Any, object]) -> None:
    """Until one of them is over, or one of the two sides has gone."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in each]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
    except* (Gone, ConnectionError):
        pass  # something may have been on its way to it
