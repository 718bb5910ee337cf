"""The chain itself: bytes in, marks out."""

import hmac
import json
from hashlib import sha256
from typing import Final, NamedTuple

from agents.web.witness import Deed

LOG: Final = "desk"
KEPT: Final = "desk.kept"  # where what is kept of it begins


class Head(NamedTuple):
    """Where a log ends."""

    seq: int
    hash: str


BEGINNING: Final = Head(0, "0" * 64)  # before the first line


def canonical(seq: int, deed: Deed) -> str:
    """The line as it is hashed: the same text whoever writes it."""
    told = {
        "seq": seq,
        "at": deed.at,
        "word": deed.word,
        "who": deed.who,
        "role": deed.role,
        "seat": deed.seat,
        "session": deed.session,
        "object": deed.object,
        "outcome": deed.outcome,
        "detail": dict(deed.detail),
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)


def chained(key: bytes, before: str, line: str) -> str:
    """The mark of a line that follows the one marked `before`."""
    return hmac.new(key, bytes.fromhex(before) + line.encode(), sha256).hexdigest()


def mark(key: bytes, head: Head, log: str = LOG) -> str:
    """What only the key's holder can say of the end, or of where what is kept begins."""
    said = f"head {log} {head.seq} {head.hash}".encode()
    return hmac.new(key, said, sha256).hexdigest()
