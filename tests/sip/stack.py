"""What all calls of one peer share: socket, transactions, dialogs, password, pacer, trace."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tests.sip import digest
from tests.sip.digest import Credentials
from tests.sip.message import Request, Response, tag_of
from tests.sip.rtp import Pacer
from tests.sip.trace import Trace
from tests.sip.transactions import ClientTransaction, OnResponse, ServerTransaction, Timers
from tests.sip.transport import Listener, Transport
from tests.sip.udp import Address

_CHALLENGES = {401: ("WWW-Authenticate", "Authorization")}
_CHALLENGES[407] = ("Proxy-Authenticate", "Proxy-Authorization")
# The second one is for a nonce that has gone stale.
_MOST_CHALLENGES = 2


@dataclass(frozen=True, slots=True)
class Shared:
    """What several peers may have in common."""

    pacer: Pacer = field(default_factory=Pacer)
    timers: Timers = field(default_factory=Timers)


class InDialog(Protocol):
    """Who is told of requests inside a dialog."""

    def on_request(self, transaction: ServerTransaction) -> None:
        """A request other than ACK."""

    def on_ack(self, request: Request) -> None:
        """The ACK for our 2xx."""


class Stack:
    """One SIP identity on one socket."""

    def __init__(
        self,
        user: str,
        listener: Listener,
        credentials: Credentials | None,
        shared: Shared,
    ) -> None:
        self.user = user
        self.credentials = credentials
        self.pacer = shared.pacer
        self.trace = Trace(user)
        self.transport = Transport(self.trace, shared.timers, listener)
        self.dialogs: dict[tuple[str, str], InDialog] = {}

    @property
    def host(self) -> str:
        """The address of SIP and of the audio."""
        return self.transport.local[0]

    @property
    def contact(self) -> str:
        """Our Contact value."""
        host, port = self.transport.local
        return f"<sip:{self.user}@{host}:{port}>"

    def dialog_of(self, request: Request) -> InDialog | None:
        """The dialog a request belongs to."""
        return self.dialogs.get((request.call_id, tag_of(request.header("To"))))

    async def ask(
        self, request: Request, address: Address, sequence: Iterator[int]
    ) -> tuple[Response, float]:
        """Sends a request that is no INVITE and waits for the final response."""
        final: asyncio.Future[tuple[Response, float]] = asyncio.get_running_loop().create_future()

        def then(response: Response, at: float) -> None:
            if response.status >= 200 and not final.done():
                final.set_result((response, at))

        Exchange(self, request, address, sequence, then).start()
        return await final


class Exchange:
    """A request and its responses, less the challenges, which are answered here."""

    def __init__(
        self,
        stack: Stack,
        request: Request,
        address: Address,
        sequence: Iterator[int],
        then: OnResponse,
    ) -> None:
        self._stack = stack
        self._request = request
        self._address = address
        self._sequence = sequence
        self._then = then
        self._challenges = 0
        self._transaction: ClientTransaction | None = None

    @property
    def number(self) -> int:
        """CSeq number of the request as last sent."""
        return self._request.cseq[0]

    def start(self) -> float:
        """Sends the request and says when."""
        transport = self._stack.transport
        self._transaction = transport.start(self._request, self._address, self._on_response)
        return self._transaction.sent_at

    def cancel(self) -> bool:
        """Cancels an INVITE; false while that is not allowed yet (RFC 3261 §9.1)."""
        if not self._transaction or not 100 <= self._transaction.last_status < 200:
            return False
        self._transaction.cancel(lambda response, at: None)
        return True

    def _on_response(self, response: Response, at: float) -> None:
        authorized = self._authorized(response)
        if authorized:
            self._request = authorized
            self.start()
        else:
            self._then(response, at)

    def _authorized(self, response: Response) -> Request | None:
        if response.status not in _CHALLENGES or not self._stack.credentials:
            return None
        self._challenges += 1
        if self._challenges > _MOST_CHALLENGES:
            return None
        asked, answered = _CHALLENGES[response.status]
        value = digest.answer(
            [pair[1] for pair in response.headers if pair[0].lower() == asked.lower()],
            self._stack.credentials,
            self._request.method,
            self._request.uri,
        )
        number = ("CSeq", f"{next(self._sequence)} {self._request.method}")
        return self._request.having(number, (answered, value)) if value else None
