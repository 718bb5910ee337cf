"""INVITEs that no telephone would send, byte by byte."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Final

from tests.real.centre import NUMBER, Centre

SILENT_FOR: Final = 0.7  # seconds without a reply: the datagram was not worth one
SDP: Final = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0\r\n"
)


@dataclass
class Line(asyncio.DatagramProtocol):
    """A socket and what came to it."""

    replies: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A reply, or a request of Asterisk's within the call."""
        if data.startswith(b"SIP/2.0"):
            self.replies.put_nowait(data)


async def invite(c: Centre, sender: bytes, name: str, more: bytes = b"") -> int | None:
    """The final status for an INVITE with this From; a call that is taken is ended at once."""
    loop = asyncio.get_running_loop()
    address = ("127.0.0.1", c.ports.trunk)
    transport, line = await loop.create_datagram_endpoint(Line, remote_addr=address)
    try:
        port = transport.get_extra_info("sockname")[1]
        ends = _Ends(sender, name, port, c.ports.trunk)
        at = time.monotonic()
        transport.sendto(ends.request(b"INVITE", body=SDP, more=more))
        status, to = await _final(line)
        if status == 200:
            c.raw.append(at)
            for method in (b"ACK", b"BYE"):
                transport.sendto(ends.request(method, to))
            await _final(line)
        return status
    finally:
        transport.close()


async def _final(line: Line) -> tuple[int | None, bytes]:
    try:
        while True:
            async with asyncio.timeout(SILENT_FOR):
                reply = await line.replies.get()
            status = int(reply[8:11])
            if status >= 200:
                found = re.search(rb"\r\nTo: ([^\r]*)", reply)
                return status, found[1] if found else b""
    except TimeoutError:
        return None, b""


@dataclass(frozen=True)
class _Ends:
    """Who calls whom, from where."""

    sender: bytes
    name: str
    port: int
    asterisk: int

    def request(
        self, method: bytes, to: bytes = b"", body: bytes = b"", more: bytes = b""
    ) -> bytes:
        target = f"sip:{NUMBER}@127.0.0.1:{self.asterisk}".encode()
        number = 2 if method == b"BYE" else 1
        branch = f"z9hG4bK{self.name}{self.port}{number}"
        lines = [
            method + b" " + target + b" SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch={branch}".encode(),
            b"Max-Forwards: 70",
            b"From: " + self.sender + b";tag=" + self.name.encode(),
            b"To: " + (to or b"<" + target + b">"),
            f"Call-ID: {self.name}-{self.port}@127.0.0.1".encode(),
            f"CSeq: {number} ".encode() + method,
            f"Contact: <sip:carrier@127.0.0.1:{self.port}>".encode(),
            *([more] if more else []),
            *([b"Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}".encode(),
        ]
        return b"\r\n".join((*lines, b"", body))
