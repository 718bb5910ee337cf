"""SIP transactions over UDP: when to send again, and what only repeats (RFC 3261 §17)."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.sip.message import Headers, Message, Request, Response, respond
from tests.sip.udp import Address

Key = tuple[str, str]
OnResponse = Callable[[Response, float], None]


@dataclass(frozen=True, slots=True)
class Timers:
    """T1 and T2 of RFC 3261 §17.1.1.1, in seconds, and how long a registration is asked for."""

    t1: float = 0.5
    t2: float = 4.0
    registration: int = 120

    @property
    def give_up(self) -> float:
        """Timers B, F and H; a finished transaction is remembered as long."""
        return 64 * self.t1


class Sender(Protocol):
    """What a transaction needs of the transport."""

    timers: Timers

    def send(self, message: Message, address: Address) -> float:
        """Sends once and says when."""

    def start(self, request: Request, address: Address, then: OnResponse) -> object:
        """Opens another client transaction."""

    def finished(self, key: Key, *, sent: bool) -> None:
        """The transaction needs to be remembered for repeats only."""


class Resending(ABC):
    """Sends a message again and again, each time later, until stopped or given up."""

    def __init__(self, transport: Sender, address: Address) -> None:
        self.transport = transport
        self.address = address
        self._timer: asyncio.TimerHandle | None = None

    def stop(self) -> None:
        """No further repeats."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _repeat(self, message: Message, interval: float, give_up_at: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(interval, self._again, message, interval, give_up_at)

    def _again(self, message: Message, interval: float, give_up_at: float) -> None:
        if time.monotonic() >= give_up_at:
            self.stop()
            self._gave_up()
            return
        self.transport.send(message, self.address)
        self._repeat(message, self._next(interval), give_up_at)

    def _next(self, interval: float) -> float:
        return min(2 * interval, self.transport.timers.t2)

    @abstractmethod
    def _gave_up(self) -> None:
        """Nothing came back in time."""


class ClientTransaction(Resending):
    """A request of ours: repeated until answered (timers A, B, E and F)."""

    def __init__(
        self, transport: Sender, request: Request, address: Address, then: OnResponse
    ) -> None:
        super().__init__(transport, address)
        self.request = request
        self.sent_at = 0.0
        self.last_status = 0
        self._then = then
        self._invites = request.method == "INVITE"

    def start(self) -> None:
        """Sends the request the first time."""
        self.sent_at = self.transport.send(self.request, self.address)
        timers = self.transport.timers
        self._repeat(self.request, timers.t1, self.sent_at + timers.give_up)

    def receive(self, response: Response, at: float) -> None:
        """A response, perhaps once more."""
        repeated = self.last_status >= 200
        if repeated and not self._invites:
            return
        self._settle(response)
        if self._invites and response.status >= 300:
            self.transport.send(self._ack(response), self.address)
        # A repeated 2xx goes up: its ACK is the dialog's to send (RFC 3261 §13.2.2.4).
        if not repeated or 200 <= response.status < 300:
            self._then(response, at)

    def cancel(self, then: OnResponse) -> None:
        """Sends the CANCEL for this INVITE."""
        request = self._derived("CANCEL", self.request.header("To"))
        self.transport.start(request, self.address, then)

    def _settle(self, response: Response) -> None:
        if self._invites or response.status >= 200:
            self.stop()
        if response.status >= 200 and self.last_status < 200:
            key = (self.request.branch, self.request.method)
            self.transport.finished(key, sent=True)
        self.last_status = max(self.last_status, response.status)

    def _next(self, interval: float) -> float:
        return 2 * interval if self._invites else super()._next(interval)

    def _gave_up(self) -> None:
        self.receive(respond(self.request, 408, reason="No Response"), time.monotonic())

    def _ack(self, response: Response) -> Request:
        return self._derived("ACK", response.header("To"))

    def _derived(self, method: str, to: str) -> Request:
        kept: Headers = tuple(
            pair
            for pair in self.request.headers
            if pair[0].lower() in ("via", "from", "call-id", "max-forwards", "route")
        )
        number = self.request.cseq[0]
        headers = (*kept, ("To", to), ("CSeq", f"{number} {method}"))
        return Request(method=method, uri=self.request.uri, headers=headers)


class ServerTransaction(Resending):
    """A request to us: its response is repeated on demand, and until ACK for an INVITE."""

    def __init__(self, transport: Sender, request: Request, source: Address, at: float) -> None:
        super().__init__(transport, source)
        self.request = request
        self.at = at  # the kernel's time of the first datagram
        self.on_gave_up: Callable[[], None] = lambda: None
        self._last: Response | None = None

    @property
    def answered(self) -> bool:
        """A final response was sent."""
        return self._last is not None and self._last.status >= 200

    def respond(
        self, status: int, to_tag: str = "", headers: Headers = (), body: bytes = b""
    ) -> float:
        """Sends a response; a second final one is a bug of the caller's."""
        if self.answered:
            raise RuntimeError(f"{self.request.method} was answered before")
        skeleton = respond(self.request, status, to_tag)
        full = skeleton.having(*headers)
        self._last = Response(status=status, reason=full.reason, headers=full.headers, body=body)
        at = self.transport.send(self._last, self.address)
        if status >= 200:
            self._after_final(self._last, at)
        return at

    def receive_again(self, request: Request) -> None:
        """A repeat, or the ACK for a refusal."""
        if request.method == "ACK":
            self.acknowledge()
        elif self._last:
            self.transport.send(self._last, self.address)

    def acknowledge(self) -> None:
        """The far end has our final response."""
        self.stop()

    def _after_final(self, response: Response, at: float) -> None:
        self.transport.finished((self.request.branch, self.request.method), sent=False)
        if self.request.method == "INVITE":
            timers = self.transport.timers
            self._repeat(response, timers.t1, at + timers.give_up)

    def _gave_up(self) -> None:
        self.on_gave_up()
