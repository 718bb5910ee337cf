"""SIP without media, light enough for hundreds of calls: one socket, dialogs, repeats.

The peers of `tests/sip` hear and speak, which costs a processor long before Asterisk does.
"""

import asyncio
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

BUFFER: Final = 8 * 1024 * 1024
FIRST_REPEAT, LONGEST_PAUSE, GIVE_UP = 0.5, 4.0, 8.0  # seconds
_START: Final = re.compile(r"SIP/2\.0 (\d{3})")
_USER: Final = re.compile(r"sips?:([^@;>]+)@")
_TAG: Final = re.compile(r";tag=([^;\s>]+)")


@dataclass(frozen=True, slots=True)
class Message:
    """What came: only what a light telephone looks at."""

    first: str
    headers: dict[str, str]  # the topmost of each, by lower-case name
    vias: tuple[str, ...]

    @property
    def status(self) -> int:
        """0 for a request."""
        found = _START.match(self.first)
        return int(found[1]) if found else 0

    @property
    def method(self) -> str:
        """Of the request, or of the one this answers."""
        return self.headers.get("cseq", "0 ?").split()[-1]

    @property
    def call_id(self) -> str:
        """Which dialog."""
        return self.headers.get("call-id", "")

    def user(self, header: str) -> str:
        """Who is named there."""
        found = _USER.search(self.headers.get(header, ""))
        return found[1] if found else ""

    def tag(self, header: str) -> str:
        """The tag there."""
        found = _TAG.search(self.headers.get(header, ""))
        return found[1] if found else ""


def read(data: bytes) -> Message:
    """One datagram of Asterisk's."""
    first, *lines = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
    headers: dict[str, str] = {}
    vias = []
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        if key == "via":
            vias.append(value.strip())
        headers.setdefault(key, value.strip())
    return Message(first, headers, tuple(vias))


@dataclass
class Line(asyncio.DatagramProtocol):
    """One socket for any number of dialogs."""

    theirs: int
    on_request: Callable[[Message], None]
    on_response: dict[tuple[str, str], Callable[[Message], None]] = field(default_factory=dict)
    transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, theirs: int, on_request: Callable[[Message], None]) -> "Line":
        """Bound, with room for a burst."""
        channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            channel.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        channel.setblocking(False)
        channel.bind(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        transport, line = await loop.create_datagram_endpoint(
            lambda: cls(theirs, on_request), sock=channel
        )
        line.transport = transport
        return line

    @property
    def port(self) -> int:
        """Ours."""
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])

    def send(self, text: str) -> None:
        """To Asterisk."""
        if self.transport is not None:
            self.transport.sendto(text.encode(), ("127.0.0.1", self.theirs))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Responses go to whoever asked, requests to the owner."""
        message = read(data)
        if not message.status:
            self.on_request(message)
        elif then := self.on_response.get((message.call_id, message.method)):
            then(message)

    async def ask(self, text: str, call_id: str, method: str) -> Message | None:
        """Send, and again while nothing at all comes back; the final response, None without one."""
        loop = asyncio.get_running_loop()
        final: asyncio.Future[Message] = loop.create_future()
        heard = asyncio.Event()

        def then(message: Message) -> None:
            heard.set()
            if message.status >= 200 and not final.done():
                final.set_result(message)

        self.on_response[call_id, method] = then
        repeats = loop.create_task(self._repeat(text, heard))
        try:
            async with asyncio.timeout(GIVE_UP):
                return await final
        except TimeoutError:
            return None
        finally:
            repeats.cancel()
            del self.on_response[call_id, method]

    async def _repeat(self, text: str, heard: asyncio.Event) -> None:
        pause = FIRST_REPEAT
        while not heard.is_set():
            self.send(text)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def agree(self, request: Message, tag: str, more: str = "", body: str = "") -> None:
        """200, to whatever it is."""
        to = request.headers.get("to", "")
        lines = ["SIP/2.0 200 OK", *(f"Via: {via}" for via in request.vias)]
        lines += [
            f"From: {request.headers.get('from', '')}",
            f"To: {to}" if "tag=" in to else f"To: {to};tag={tag}",
            f"Call-ID: {request.call_id}",
            f"CSeq: {request.headers.get('cseq', '')}",
        ]
        self.send("\r\n".join(lines) + f"\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}")


def sdp() -> str:
    """Audio to the port that throws everything away."""
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    )
