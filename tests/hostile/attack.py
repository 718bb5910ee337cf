"""The trunk's address gone mad: it sends mutants and ends whatever was answered."""

import asyncio
import re
import socket
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Self

from tests.hostile.mutations import mutants

BUFFER: Final = 4 * 1024 * 1024
AGAIN_AFTER: Final = 0.5  # seconds; datagrams get lost where somebody floods
AT_MOST: Final = 10  # times a BYE is sent
_STATUS: Final = re.compile(rb"SIP/2\.0 (\d{3})")
_ECHOED: Final = (b"via", b"from", b"to", b"call-id", b"cseq")


@dataclass
class Attacker(asyncio.DatagramProtocol):
    """One socket, what was sent from it, and what came back."""

    theirs: int
    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: set[bytes] = field(default_factory=set)  # dialogs, by their tag at Asterisk
    answers: dict[bytes, list[int]] = field(default_factory=dict)  # final ones, by Call-ID
    hanging_up: set[bytes] = field(default_factory=set)  # Call-IDs of BYEs without an answer
    transport: asyncio.DatagramTransport | None = None
    at: int = 0  # our port

    @classmethod
    async def open(cls, theirs: int, host: str = "127.0.0.1") -> Self:
        """On a port of its own, at one of the machine's loopback addresses."""
        channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        channel.setblocking(False)
        channel.bind((host, 0))
        loop = asyncio.get_running_loop()
        transport, made = await loop.create_datagram_endpoint(lambda: cls(theirs), sock=channel)
        made.transport = transport
        made.at = int(transport.get_extra_info("sockname")[1])
        return made

    def close(self) -> None:
        """Nothing more is sent or taken."""
        if self.transport is not None:
            self.transport.close()

    async def attack(self, seed: int, count: int, a_second: float) -> None:
        """So many mutants, at this rate."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, mutant in enumerate(mutants(seed, count, self.at, self.theirs)):
            for datagram in mutant.datagrams:
                self.send(datagram)
            self.sent[mutant.kind.rpartition("+")[2]] += 1
            ahead = began + number / a_second - loop.time()
            await asyncio.sleep(max(0.0, ahead))  # the rate is what is wanted

    def send(self, datagram: bytes) -> None:
        """One datagram to Asterisk."""
        if datagram and self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(datagram, ("127.0.0.1", self.theirs))

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A response to a mutant, or a request of Asterisk's inside a call."""
        status = _STATUS.match(data)
        headers = _headers(data)
        if status is None:
            self._obey(headers, addr)
            return
        if int(status[1]) >= 200:
            self.statuses[int(status[1])] += 1
            self.answers.setdefault(_dialog(headers), []).append(int(status[1]))
            if re.search(rb"\bINVITE\s*$", headers.get(b"cseq", [b""])[0]):
                self._conclude(int(status[1]), headers)
            else:
                self.hanging_up.discard(_dialog(headers))

    def error_received(self, exc: Exception) -> None:
        """Asterisk's port is closed: the proof sees that by itself."""

    def _obey(self, headers: dict[bytes, list[bytes]], addr: tuple[str, int]) -> None:
        """OK to whatever is asked, above all to BYE."""
        lines = [b"SIP/2.0 200 OK", *_echo(headers), b"Content-Length: 0", b"", b""]
        if self.transport is not None:
            self.transport.sendto(b"\r\n".join(lines), addr)

    def _conclude(self, status: int, headers: dict[bytes, list[bytes]]) -> None:
        """ACK, in the very bytes that Asterisk gave back; and an answered call is ended."""
        number = headers[b"cseq"][0].split()[0]
        branch = headers.get(b"via", [b""])[0] if status >= 300 else self._via(number + b"a")
        self.send(self._inside(b"ACK", branch, headers, number))
        if status < 300:
            tag = _tag(headers.get(b"to", [b""])[0])
            self.accepted.add(tag)
            following = b"%d" % (int(number) + 1 if number.isdigit() else 2)
            bye = self._inside(b"BYE", self._via(following + tag[:20]), headers, following)
            self.hanging_up.add(_dialog(headers))
            self._hang_up(bye, _dialog(headers), AT_MOST)

    def _hang_up(self, bye: bytes, dialog: bytes, times: int) -> None:
        """Until it is answered, or was sent often enough."""
        if times and dialog in self.hanging_up:
            self.send(bye)
            loop = asyncio.get_running_loop()
            loop.call_later(AGAIN_AFTER, self._hang_up, bye, dialog, times - 1)

    def _via(self, unique: bytes) -> bytes:
        name = b"%d%b%d" % (self.at, re.sub(rb"\W", b"", unique), len(self.accepted))
        return b"SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bKe%b" % (self.at, name)

    def _inside(
        self, method: bytes, via: bytes, headers: dict[bytes, list[bytes]], number: bytes
    ) -> bytes:
        target = b"sip:127.0.0.1:%d" % self.theirs
        lines = [
            method + b" " + target + b" SIP/2.0",
            b"Via: " + via,
            b"Max-Forwards: 70",
            *_echo(headers, (b"from", b"to", b"call-id")),
            b"CSeq: " + number + b" " + method,
            b"Content-Length: 0",
        ]
        return b"\r\n".join((*lines, b"", b""))


def _headers(data: bytes) -> dict[bytes, list[bytes]]:
    """By lower-case name, as they came."""
    found: dict[bytes, list[bytes]] = {}
    for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def _echo(headers: dict[bytes, list[bytes]], names: tuple[bytes, ...] = _ECHOED) -> list[bytes]:
    return [name + b": " + value for name in names for value in headers.get(name, [])]


def _tag(value: bytes) -> bytes:
    found = re.search(rb";\s*tag=([^;\s]+)", value)
    return found[1] if found else b""


def _dialog(headers: dict[bytes, list[bytes]]) -> bytes:
    return headers.get(b"call-id", [b""])[0]
