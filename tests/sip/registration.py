"""A telephone's registration, renewed at half time until it is given back."""

import asyncio
from itertools import count

from tests.sip.dialog import new_tag
from tests.sip.message import Request, Response, params_of, uri_of
from tests.sip.moment import Missed
from tests.sip.stack import Exchange, Stack
from tests.sip.udp import Address


class Registration:
    """One binding of our Contact."""

    def __init__(self, stack: Stack, address: Address) -> None:
        self._stack = stack
        self._address = address
        self._expires = stack.transport.timers.registration
        self._sequence = count(1)
        self._call_id = f"{new_tag()}-register"
        self._tag = new_tag()
        self._renewal: asyncio.TimerHandle | None = None
        self.active = False
        self.renewed = 0

    async def register(self) -> None:
        """Registers; anything but 200 is a failure."""
        response = await self._ask(self._expires)
        self._require_ok(response)
        self._stay(response)

    async def unregister(self) -> None:
        """Gives the binding back."""
        self.stop()
        self.active = False
        self._require_ok(await self._ask(0))

    def stop(self) -> None:
        """No further renewal; the binding runs out by itself."""
        if self._renewal:
            self._renewal.cancel()
            self._renewal = None

    async def _ask(self, expires: int) -> Response:
        request = self._request(expires)
        response, _ = await self._stack.ask(request, self._address, self._sequence)
        return response

    def _renew(self) -> None:
        def then(response: Response, at: float) -> None:
            if response.status == 200 and self.active:
                self.renewed += 1
                self._stay(response)
            elif response.status >= 300:
                self.active = False

        request = self._request(self._expires)
        Exchange(self._stack, request, self._address, self._sequence, then).start()

    def _stay(self, response: Response) -> None:
        self.active = True
        contacts = response.values("Contact")
        own = uri_of(self._stack.contact)
        granted = [params_of(item).get("expires") for item in contacts if uri_of(item) == own]
        seconds = float((granted and granted[0]) or self._expires)
        self.stop()
        self._renewal = asyncio.get_running_loop().call_later(seconds / 2, self._renew)

    def _request(self, expires: int) -> Request:
        host, port = self._address
        own = f"<sip:{self._stack.user}@{host}:{port}>"
        headers = (
            ("Max-Forwards", "70"),
            ("From", f"{own};tag={self._tag}"),
            ("To", own),
            ("Call-ID", self._call_id),
            ("CSeq", f"{next(self._sequence)} REGISTER"),
            ("Contact", self._stack.contact),
            ("Expires", str(expires)),
        )
        return Request(method="REGISTER", uri=f"sip:{host}:{port}", headers=headers)

    def _require_ok(self, response: Response) -> None:
        if response.status != 200:
            raise Missed(f"REGISTER: {response.start_line}\n{self._stack.trace}")
