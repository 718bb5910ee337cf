"""One SIP socket: every message sent and received, each received one led to its transaction."""

import secrets
import time
from collections import deque
from typing import Protocol

from tests.sip.message import Headers, Malformed, Message, Request, Response, parse
from tests.sip.trace import Trace
from tests.sip.transactions import ClientTransaction, Key, OnResponse, ServerTransaction, Timers
from tests.sip.udp import Address, UdpSocket


class Listener(Protocol):
    """Who is told of requests that are no repeats."""

    def on_request(self, transaction: "ServerTransaction") -> None:
        """A request other than ACK."""

    def on_ack(self, request: Request) -> None:
        """An ACK for a 2xx."""


class Transport:
    """One SIP/UDP socket; matches responses and repeats to their transaction."""

    def __init__(self, trace: Trace, timers: Timers, listener: Listener) -> None:
        self.trace = trace
        self.timers = timers
        self._listener = listener
        self._socket: UdpSocket | None = None
        self._to_lose = 0
        self._sent: dict[Key, ClientTransaction] = {}
        self._received: dict[Key, ServerTransaction] = {}
        self._finished: deque[tuple[float, Key, bool]] = deque()

    def open(self, host: str, port: int) -> None:
        """Binds; port 0 takes a free one."""
        self._socket = UdpSocket(host, port, self._on_datagram)

    def close(self) -> None:
        """Forgets every transaction and its timer."""
        for transaction in (*self._sent.values(), *self._received.values()):
            transaction.stop()
        self._sent.clear()
        self._received.clear()
        if self._socket:
            self._socket.close()

    @property
    def local(self) -> Address:
        """Where we are bound."""
        if not self._socket:
            raise RuntimeError(f"{self.trace.owner} is not open")
        return self._socket.host, self._socket.port

    def lose_next(self, count: int = 1) -> None:
        """The next datagrams are not sent, as if the network had lost them."""
        self._to_lose = count

    def send(self, message: Message, address: Address) -> float:
        """Sends once, outside any transaction, and says when."""
        datagram = message.encode()
        at = time.monotonic()
        lost, self._to_lose = self._to_lose > 0, max(0, self._to_lose - 1)
        if not lost and self._socket:
            self._socket.send(datagram, address)
        self.trace.note("-x" if lost else "->", address, message, at)
        return at

    def send_raw(self, datagram: bytes, address: Address) -> None:
        """Sends bytes that need not be SIP at all."""
        if self._socket:
            self._socket.send(datagram, address)

    def via(self, branch: str = "") -> tuple[str, str]:
        """A Via of ours; a new branch unless one is given."""
        host, port = self.local
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        return "Via", f"SIP/2.0/UDP {host}:{port};rport;branch={branch}"

    def start(self, request: Request, address: Address, then: OnResponse) -> "ClientTransaction":
        """Opens a client transaction; the request gets its Via here unless it brings one."""
        if not request.branch:
            request = _with_first(request, (self.via(),))
        self._forget_old()
        transaction = ClientTransaction(self, request, address, then)
        self._sent[request.branch, request.method] = transaction
        transaction.start()
        return transaction

    def invitation(self, cancel: Request) -> "ServerTransaction | None":
        """The INVITE that a CANCEL is about."""
        return self._received.get((cancel.branch, "INVITE"))

    def finished(self, key: Key, *, sent: bool) -> None:
        """Kept a while for repeats, then forgotten."""
        self._finished.append((time.monotonic() + self.timers.give_up, key, sent))

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._finished and self._finished[0][0] < now:
            _, key, sent = self._finished.popleft()
            if sent:
                self._sent.pop(key, None)
            else:
                self._received.pop(key, None)

    def _on_datagram(self, datagram: bytes, source: Address, at: float) -> None:
        try:
            message = parse(datagram)
        except Malformed:
            return  # keep-alives, and what else strangers send
        self.trace.note("<-", source, message, at)
        if isinstance(message, Response):
            self._on_response(message, at)
        else:
            self._on_request(message, source, at)

    def _on_response(self, response: Response, at: float) -> None:
        transaction = self._sent.get((response.branch, response.cseq[1]))
        if transaction:
            transaction.receive(response, at)

    def _on_request(self, request: Request, source: Address, at: float) -> None:
        method = "INVITE" if request.method == "ACK" else request.method
        known = self._received.get((request.branch, method))
        if known:
            known.receive_again(request)
        elif request.method == "ACK":
            self._listener.on_ack(request)
        else:
            self._forget_old()
            transaction = ServerTransaction(self, request, source, at)
            self._received[request.branch, method] = transaction
            self._listener.on_request(transaction)


def _with_first(request: Request, headers: Headers) -> Request:
    return Request(
        method=request.method,
        uri=request.uri,
        headers=headers + request.headers,
        body=request.body,
    )
