"""The little SDP a telephone needs: one PCMU stream and its telephone-event."""

from dataclasses import dataclass
from enum import StrEnum

from tests.sip.udp import Address

PCMU = 0
OUR_EVENT = 101


class Direction(StrEnum):
    """Who may send, as seen by the writer of the description."""

    BOTH = "sendrecv"
    SEND = "sendonly"
    RECEIVE = "recvonly"
    NEITHER = "inactive"

    @property
    def sends(self) -> bool:
        """The writer may send."""
        return self in (Direction.BOTH, Direction.SEND)

    @property
    def receives(self) -> bool:
        """The writer wants to receive."""
        return self in (Direction.BOTH, Direction.RECEIVE)


@dataclass(frozen=True, slots=True)
class Session:
    """What the far end said about its audio."""

    address: Address
    direction: Direction
    payloads: tuple[int, ...]
    event: int | None  # payload type of telephone-event


def write(
    host: str, port: int, version: int, direction: Direction, codec: str = f"{PCMU} PCMU/8000"
) -> bytes:
    """Our side, as an offer or an answer; the codec as an `rtpmap` has it."""
    payload = codec.partition(" ")[0]
    lines = [
        "v=0",
        f"o=- {port} {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {payload} {OUR_EVENT}",
        f"a=rtpmap:{codec}",
        f"a=rtpmap:{OUR_EVENT} telephone-event/8000",
        f"a=fmtp:{OUR_EVENT} 0-16",
        "a=ptime:20",
        f"a={direction}",
        "",
    ]
    return "\r\n".join(lines).encode()


def read(body: bytes) -> Session | None:
    """The first audio stream of a description, if it has one that is not refused."""
    host, port = "", 0
    payloads: tuple[int, ...] = ()
    event, direction = None, Direction.BOTH
    for line in body.decode("utf-8", "replace").splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "c":
            host = value.split()[-1]
        elif kind == "m" and value.startswith("audio "):
            port, payloads = _media(value)
        elif kind == "a" and value in set(Direction):
            direction = Direction(value)
        elif kind == "a" and value.startswith("rtpmap:") and "telephone-event/8000" in value:
            event = int(value.removeprefix("rtpmap:").split()[0])
    return Session((host, port), direction, payloads, event) if host and port else None


def answering(offered: Direction, wanted: Direction) -> Direction:
    """The direction we may write into the answer to an offer."""
    sends = wanted.sends and offered.receives
    receives = wanted.receives and offered.sends
    if sends:
        return Direction.BOTH if receives else Direction.SEND
    return Direction.RECEIVE if receives else Direction.NEITHER


def _media(value: str) -> tuple[int, tuple[int, ...]]:
    _, port, _, *payloads = value.split()
    return int(port), tuple(int(payload) for payload in payloads)
