"""A way for a page's sound that loses packets: a relay between the page and Asterisk.

It stands in the candidates that the two tell each other over SIP, so neither finds another way.
What passes is encrypted, and passes as it came; only what is sound is lost or late (RFC 7983).
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from playwright.async_api import BrowserContext, WebSocketRoute

HOST: Final = "127.0.0.1"
LOSES_EVERY: Final = 5  # th packet each way
LATE_EVERY: Final = 2  # nd
LATE_BY: Final = 0.015  # seconds; less than to the next one, so the order stays
_RTP: Final = range(128, 192)
_RTCP: Final = range(64, 96)
_CANDIDATE: Final = re.compile(r"a=candidate:(\S+) 1 UDP (\d+) (\S+) (\d+) typ host.*", re.I)
Address = tuple[str, int]


class _End(asyncio.DatagramProtocol):
    """One socket of it: what comes goes out at the other one."""

    def __init__(self, towards: Address | None = None) -> None:
        self.towards = towards  # whoever is at this end
        self.other: _End | None = None
        self.bad = False
        self.count = 0
        self._out: asyncio.DatagramTransport | None = None

    @property
    def port(self) -> int:
        assert self._out is not None
        return int(self._out.get_extra_info("sockname")[1])

    def connection_made(self, transport: Any) -> None:
        self._out = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.towards = addr
        assert self.other is not None
        wait = self._fate(data)
        if wait is None:
            return
        asyncio.get_running_loop().call_later(wait, self.other.send, data)

    def _fate(self, data: bytes) -> float | None:
        """How long it takes; None: it is lost."""
        if not self.bad or data[0] not in _RTP or data[1] & 0x7F in _RTCP:
            return 0.0
        self.count += 1
        if self.count % LOSES_EVERY == 0:
            return None
        return LATE_BY if self.count % LATE_EVERY == 0 else 0.0

    def send(self, data: bytes) -> None:
        if self._out is not None and self.towards is not None and not self._out.is_closing():
            self._out.sendto(data, self.towards)

    def close(self) -> None:
        if self._out is not None:
            self._out.close()


@dataclass
class Losing:
    """The relay of one page, one call at a time."""

    page: _End = field(default_factory=_End)
    asterisk: _End = field(default_factory=_End)

    def is_bad(self, is_so: bool) -> None:
        """From now on sound is lost and late on its way, both ways; or not any more."""
        self.page.bad = self.asterisk.bad = is_so

    @property
    def passed(self) -> int:
        """Packets of sound, lost ones too, that have come from Asterisk while it was bad."""
        return self.asterisk.count

    async def stands_between(self, context: BrowserContext) -> None:
        """In every call of this profile's pages from now on."""

        def take(line: WebSocketRoute) -> None:
            desk = line.connect_to_server()
            desk.on_message(lambda said: line.send(self._told(str(said), self.asterisk, self.page)))
            line.on_message(lambda said: desk.send(self._told(str(said), self.page, self.asterisk)))

        await context.route_web_socket(re.compile(r"/phone\?"), take)

    @staticmethod
    def _told(message: str, by: _End, to: _End) -> str:
        """Its candidates are ours: whoever hears of them sends there."""
        head, _, body = message.partition("\r\n\r\n")
        found = _CANDIDATE.search(body)
        if found is None:
            return message
        by.towards = (found[3], int(found[4]))
        ours = f"a=candidate:{found[1]} 1 UDP {found[2]} {HOST} {to.port} typ host"
        lines = [line for line in body.split("\r\n") if not line.startswith("a=candidate:")]
        lines = [re.sub(r"^m=audio \d+", f"m=audio {to.port}", line) for line in lines]
        lines = [re.sub(r"^c=IN IP4 \S+", f"c=IN IP4 {HOST}", line) for line in lines]
        body = "\r\n".join([*lines[:-1], ours, ""])
        head = re.sub(r"(?im)^(Content-Length|l)( *):.*$", f"Content-Length: {len(body)}", head)
        return f"{head}\r\n\r\n{body}"


def _itself(end: _End) -> _End:
    return end


@asynccontextmanager
async def losing() -> AsyncIterator[Losing]:
    """A relay that loses nothing yet."""
    made = Losing()
    made.page.other, made.asterisk.other = made.asterisk, made.page
    loop = asyncio.get_running_loop()
    for end in (made.page, made.asterisk):
        await loop.create_datagram_endpoint(partial(_itself, end), local_addr=(HOST, 0))
    try:
        yield made
    finally:
        made.page.close()
        made.asterisk.close()
