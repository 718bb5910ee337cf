"""The last SIP messages a peer saw, to be printed when a test fails."""

import time
from collections import deque
from dataclasses import dataclass

from tests.sip.message import Message
from tests.sip.udp import Address

_SHORT = 30
_IN_FULL = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """One message or remark."""

    at: float
    arrow: str  # "->" sent, "<-" received, "-x" lost on purpose
    address: Address
    message: Message


class Trace:
    """A ring of messages, told as seconds before now."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._seen: deque[Seen] = deque(maxlen=_SHORT)

    def note(self, arrow: str, address: Address, message: Message, at: float) -> None:
        """Remembers one message."""
        self._seen.append(Seen(at, arrow, address, message))

    def count(self, start: str) -> int:
        """How many of the remembered messages begin so, repeats included."""
        return sum(seen.message.start_line.startswith(start) for seen in self._seen)

    def __str__(self) -> str:
        now = time.monotonic()
        short = [_line(seen, now) for seen in self._seen]
        full = [_in_full(seen) for seen in list(self._seen)[-_IN_FULL:]]
        head = f"--- {self.owner}: last {len(short)} messages (seconds ago) ---"
        return "\n".join([head, *short, f"--- the last {len(full)} in full ---", *full])


def _line(seen: Seen, now: float) -> str:
    message = seen.message
    what = f"{message.start_line}  [{message.header('CSeq')}]  {message.call_id[:12]}"
    return f"{now - seen.at:8.3f} {seen.arrow} {seen.address[1]:<5} {what}"


def _in_full(seen: Seen) -> str:
    return f"{seen.arrow} {seen.message.encode().decode('utf-8', 'replace')}"
