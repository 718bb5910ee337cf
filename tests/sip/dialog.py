"""The state two SIP ends share: who is who, the route between them, and the next CSeq."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from tests.sip.message import (
    Headers,
    Message,
    Request,
    Response,
    address_of,
    tag_of,
    uri_of,
)
from tests.sip.udp import Address


@dataclass(slots=True)
class Dialog:
    """RFC 3261 §12, with loose routes only."""

    call_id: str
    local: str  # From value of our requests, tag included
    remote: str  # To value of our requests
    target: str  # Request-URI of our requests
    contact: str
    first_hop: Address
    route: tuple[str, ...] = ()
    sequence: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def key(self) -> tuple[str, str]:
        """What requests of the far end are found by."""
        return self.call_id, tag_of(self.local)

    @property
    def address(self) -> Address:
        """Where requests inside the dialog go."""
        return address_of(uri_of(self.route[0])) if self.route else self.first_hop

    def request(
        self, method: str, headers: Headers = (), body: bytes = b"", number: int = 0
    ) -> Request:
        """A request inside the dialog; ACK gives the number of its INVITE."""
        number = number or next(self.sequence)
        own: Headers = (
            ("Max-Forwards", "70"),
            *(("Route", hop) for hop in self.route),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
            ("Contact", self.contact),
        )
        bare = Request(method=method, uri=self.target, headers=own, body=body)
        return bare.having(*headers)

    def learn_from_response(self, response: Response) -> None:
        """Takes tag, target and route set from the answer to our INVITE."""
        self.remote = response.header("To")
        self.route = tuple(reversed(response.values("Record-Route")))
        self.learn_target(response)

    def learn_target(self, message: Message) -> None:
        """A Contact moves the far end, if it has one."""
        contact = message.header("Contact")
        if contact:
            self.target = uri_of(contact)
            self.first_hop = address_of(self.target)

    @classmethod
    def accepting(cls, invite: Request, contact: str, source: Address) -> "Dialog":
        """The dialog an incoming INVITE opens."""
        dialog = cls(
            call_id=invite.call_id,
            local=f"{invite.header('To')};tag={new_tag()}",
            remote=invite.header("From"),
            target=uri_of(invite.header("From")),
            contact=contact,
            first_hop=source,
            route=tuple(invite.values("Record-Route")),
        )
        dialog.learn_target(invite)
        return dialog


def new_tag() -> str:
    """A tag nobody else has."""
    return secrets.token_hex(6)
