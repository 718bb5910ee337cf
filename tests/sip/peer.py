"""A telephone's life on the network: it places calls, takes calls, and answers for the rest."""

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from tests.sip.call import Call
from tests.sip.dialog import Dialog, new_tag
from tests.sip.digest import Credentials
from tests.sip.incoming import IncomingCall
from tests.sip.message import Headers, Request, tag_of
from tests.sip.moment import Missed
from tests.sip.outgoing import OutgoingCall
from tests.sip.sdp import Direction
from tests.sip.stack import Shared, Stack
from tests.sip.transactions import ServerTransaction
from tests.sip.udp import Address

_MOST_UNREAD = 200
_GOODBYE = 1.0


class Policy(StrEnum):
    """What a telephone does by itself with an incoming call."""

    RING = "ring"  # and leave it to the test
    BUSY = "busy"
    DECLINE = "decline"
    TRYING = "trying"  # and leave even the ringing to the test
    DEAD = "dead"  # not one response to anything


@dataclass(frozen=True, slots=True)
class AnswerAfter:
    """Rings, then answers by itself."""

    seconds: float = 0.0


class Peer:
    """One SIP user agent on one UDP socket, used as `async with`."""

    def __init__(
        self,
        user: str,
        address: Address,
        asterisk_port: int,
        *,
        tone_hz: int = 0,
        credentials: Credentials | None = None,
        shared: Shared | None = None,
    ) -> None:
        self.shared = shared or Shared()
        self.stack = Stack(user, self, credentials, self.shared)
        self.tone_hz = tone_hz
        self.asterisk_port = asterisk_port
        self.policy: Policy | AnswerAfter = Policy.RING
        self.incoming: asyncio.Queue[IncomingCall] = asyncio.Queue(_MOST_UNREAD)
        self.rung: deque[IncomingCall] = deque(maxlen=_MOST_UNREAD)  # also those that have ended
        self.options_received = 0
        self._address = address

    async def __aenter__(self) -> Self:
        self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def open(self) -> None:
        """Binds the SIP socket."""
        self.stack.transport.open(*self._address)

    async def close(self) -> None:
        """Hangs up what is still up, waits a moment for the far end, and frees every socket."""
        calls = self.calls
        for call in calls:
            call.hang_up()
        try:
            async with asyncio.timeout(_GOODBYE):
                for call in calls:
                    await call.ended
        except (TimeoutError, Missed):
            pass  # the far end may be dead by now; the test has said what it expects
        self.stack.transport.close()
        for call in self.calls:
            call.abandon()

    @property
    def port(self) -> int:
        """Where our SIP socket is bound."""
        return self.stack.transport.local[1]

    @property
    def calls(self) -> list[Call]:
        """The calls that have not ended."""
        return [call for call in self.stack.dialogs.values() if isinstance(call, Call)]

    @property
    def trace(self) -> str:
        """The last SIP messages."""
        return str(self.stack.trace)

    @property
    def asterisk(self) -> Address:
        """Where our requests go first."""
        return self._address[0], self.asterisk_port

    def lose_next(self, count: int = 1) -> None:
        """The next SIP datagrams of ours are lost on the way."""
        self.stack.transport.lose_next(count)

    def send_raw(self, datagram: bytes) -> None:
        """Sends bytes that need not be SIP to Asterisk."""
        self.stack.transport.send_raw(datagram, self.asterisk)

    async def rings(self, within: float = 30.0) -> IncomingCall:
        """The next call that reached us, also one that has ended meanwhile."""
        try:
            async with asyncio.timeout(within):
                return await self.incoming.get()
        except TimeoutError:
            owner = self.stack.trace.owner
            raise Missed(f"{owner}: no call within {within:g} s\n{self.trace}") from None

    def place(  # noqa: PLR0913 - one for each part of an INVITE
        self,
        dialled: str,
        caller: str,
        headers: Headers,
        tone_hz: int,
        *,
        to: str = "",
        offering: bool = True,
        call_id: str = "",
        wanted: Direction = Direction.BOTH,
    ) -> OutgoingCall:
        """Sends the INVITE; `caller` is the From value without its tag."""
        host, port = self.asterisk
        target = dialled if ":" in dialled else f"sip:{dialled}@{host}:{port}"
        dialog = Dialog(
            call_id=call_id or f"{new_tag()}@{host}",
            local=f"{caller};tag={new_tag()}",
            remote=to or f"<{target}>",
            target=target,
            contact=self.stack.contact,
            first_hop=self.asterisk,
        )
        return OutgoingCall(self.stack, dialog, tone_hz, headers, offering=offering, wanted=wanted)

    # What the transport tells us.

    def on_request(self, transaction: ServerTransaction) -> None:
        """Anything but ACK and repeats."""
        request = transaction.request
        dialog = self.stack.dialog_of(request)
        if self.policy is Policy.DEAD:
            self._stay_dead(transaction)
        elif dialog:
            dialog.on_request(transaction)
        elif tag_of(request.header("To")):
            transaction.respond(481)
        else:
            self.on_request_outside(transaction)

    def on_request_outside(self, transaction: ServerTransaction) -> None:
        """A request outside any dialog."""
        match transaction.request.method:
            case "INVITE":
                self._on_invite(transaction)
            case "CANCEL":
                self._on_cancel(transaction)
            case "OPTIONS":
                self.options_received += 1
                transaction.respond(200, new_tag(), (("Contact", self.stack.contact),))
            case "NOTIFY" | "MESSAGE":
                transaction.respond(200, new_tag())
            case _:
                transaction.respond(405, new_tag())

    def on_ack(self, request: Request) -> None:
        """The ACK for an answer of ours."""
        dialog = self.stack.dialog_of(request)
        if dialog and self.policy is not Policy.DEAD:
            dialog.on_ack(request)

    def _on_invite(self, transaction: ServerTransaction) -> None:
        call = IncomingCall(self.stack, transaction, self.tone_hz)
        self._announce(call)
        match self.policy:
            case Policy.BUSY:
                call.busy()
            case Policy.DECLINE:
                call.decline()
            case AnswerAfter(seconds):
                call.ring()
                asyncio.get_running_loop().call_later(seconds, call.answer)
            case Policy.TRYING:
                call.trying()
            case _:
                call.ring()

    def _on_cancel(self, transaction: ServerTransaction) -> None:
        invite = self.stack.transport.invitation(transaction.request)
        calls = [call for call in self.calls if isinstance(call, IncomingCall)]
        call = next((call for call in calls if invite and call.request is invite.request), None)
        if call:
            call.on_cancel(transaction)
        else:
            transaction.respond(481, new_tag())

    def _stay_dead(self, transaction: ServerTransaction) -> None:
        if transaction.request.method == "INVITE" and not tag_of(transaction.request.header("To")):
            call = IncomingCall(self.stack, transaction, 0)
            call.abandon()
            self._announce(call)

    def _announce(self, call: IncomingCall) -> None:
        # A benchmark that reads none of them must not keep them all.
        if self.incoming.full():
            self.incoming.get_nowait()
        self.incoming.put_nowait(call)
        self.rung.append(call)
