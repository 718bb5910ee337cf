"""A carrier that wants to know who we are: registrar, challenges, session timers, OPTIONS."""

from dataclasses import dataclass, field

from tests.sip import digest
from tests.sip.dialog import new_tag
from tests.sip.message import Request, params_of, uri_of
from tests.sip.phone import Trunk
from tests.sip.stack import Shared
from tests.sip.transactions import ServerTransaction
from tests.sip.udp import Address

REALM = "carrier.example.jp"


@dataclass(slots=True)
class Ledger:
    """What the registrar has seen."""

    granted: list[Request] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    contact: str = ""  # where calls are to go, "" while nobody is registered


class Carrier(Trunk):
    """The provider's gateway. With a password nobody is believed without it."""

    def __init__(
        self, address: Address, asterisk_port: int, password: str, *, shared: Shared | None = None
    ) -> None:
        super().__init__(*address, asterisk_port, shared=shared)
        self.password = password
        self.expires = 0  # seconds of a registration; 0: as asked for
        self.min_session = 0  # refuse calls whose session timer is shorter
        self.answers_options = True
        self.out_of_order = 0  # the status for everything, as long as it is not 0
        self.ledger = Ledger()

    def on_request_outside(self, transaction: ServerTransaction) -> None:
        """What a gateway does that a telephone does not."""
        method = transaction.request.method
        if self.out_of_order:
            self.ledger.refused.append(self.out_of_order)
            transaction.respond(self.out_of_order, new_tag())
        elif method == "REGISTER":
            self._on_register(transaction)
        elif method == "INVITE" and not self._believes(transaction, 407):
            pass  # the challenge has been sent
        elif method == "INVITE" and self._too_short(transaction.request):
            minimum = ("Min-SE", str(self.min_session))
            transaction.respond(422, new_tag(), (minimum,))
            self.ledger.refused.append(422)
        elif method == "OPTIONS" and not self.answers_options:
            self.options_received += 1
        else:
            super().on_request_outside(transaction)

    def _believes(self, transaction: ServerTransaction, challenge: int) -> bool:
        asked, given = {
            401: ("WWW-Authenticate", "Authorization"),
            407: ("Proxy-Authenticate", "Proxy-Authorization"),
        }[challenge]
        request = transaction.request
        value = request.header(given)
        if value and digest.is_right(value, self.password, request.method):
            return True
        nonce = f'Digest realm="{REALM}", nonce="{new_tag()}", algorithm=MD5, qop="auth"'
        transaction.respond(challenge, new_tag(), ((asked, nonce),))
        self.ledger.refused.append(challenge)
        return False

    def _on_register(self, transaction: ServerTransaction) -> None:
        if not self._believes(transaction, 401):
            return
        request = transaction.request
        contact = request.values("Contact")[0]
        asked = int(params_of(contact).get("expires") or request.header("Expires") or 3600)
        granted = min(self.expires or asked, asked)
        self.ledger.granted.append(request)
        self.ledger.contact = uri_of(contact) if granted else ""
        told = ("Contact", f"<{uri_of(contact)}>;expires={granted}")
        transaction.respond(200, new_tag(), (told, ("Expires", str(granted))))

    def _too_short(self, request: Request) -> bool:
        asked = request.header("Session-Expires").partition(";")[0]
        return bool(asked) and int(asked) < self.min_session
