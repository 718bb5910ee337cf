"""A SIP request as bytes that need not be right, and the few things to do with one."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

NUMBER: Final = b"0942000100"
LOOPBACK: Final = b"127.0.0.1"
SDP: Final = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=sendrecv\r\n"
)


@dataclass
class Request:
    """Lines in order; what a mutation leaves is sent as it is."""

    method: bytes
    uri: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    version: bytes = b"SIP/2.0"
    newline: bytes = b"\r\n"
    tail: bytes = b""  # behind the body
    extra: list[bytes] = field(default_factory=list)  # whole datagrams after the first

    def get(self, name: bytes) -> bytes:
        """The first value of a header."""
        return next(value for known, value in self.headers if known == name)

    def set(self, name: bytes, value: bytes) -> None:
        """Another value in the same place."""
        self.headers = [(known, value if known == name else old) for known, old in self.headers]

    def drop(self, name: bytes) -> None:
        """Without that header."""
        self.headers = [pair for pair in self.headers if pair[0] != name]

    def add(self, name: bytes, value: bytes, at: int | None = None) -> None:
        """One more."""
        self.headers.insert(len(self.headers) if at is None else at, (name, value))

    def encode(self) -> bytes:
        """Bytes for the wire."""
        lines = [b" ".join((self.method, self.uri, self.version))]
        lines += [name + b": " + value for name, value in self.headers]
        return self.newline.join((*lines, b"", b"")) + self.body + self.tail


def invite(dice: Random, serial: int, ours: int, theirs: int) -> Request:
    """A right one, which each mutation spoils in its own way."""
    caller = b"09420%05d" % (serial % 10_000)
    target = b"sip:%b@%b:%d" % (NUMBER, LOOPBACK, theirs)
    name = b"h%d-%08x" % (serial, dice.getrandbits(32))
    return Request(
        b"INVITE",
        target,
        [
            (b"Via", b"SIP/2.0/UDP %b:%d;rport;branch=z9hG4bK%b" % (LOOPBACK, ours, name)),
            (b"Max-Forwards", b"70"),
            (b"From", b'"Citizen" <sip:%b@%b:%d>;tag=%b' % (caller, LOOPBACK, ours, name)),
            (b"To", b"<%b>" % target),
            (b"Call-ID", b"%b@%b" % (name, LOOPBACK)),
            (b"CSeq", b"1 INVITE"),
            (b"Contact", b"<sip:carrier@%b:%d>" % (LOOPBACK, ours)),
            (b"Allow", b"INVITE, ACK, BYE, CANCEL, OPTIONS"),
            (b"User-Agent", b"carrier"),
            (b"Content-Type", b"application/sdp"),
            (b"Content-Length", b"%d" % len(SDP)),
        ],
        SDP,
    )
