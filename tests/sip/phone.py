"""The two kinds of telephone the tests use: the carrier's trunk and an agent's desk phone."""

import re
from collections.abc import Mapping

from tests.sip.digest import Credentials
from tests.sip.outgoing import OutgoingCall
from tests.sip.peer import Peer
from tests.sip.registration import Registration
from tests.sip.sdp import Direction
from tests.sip.stack import Shared

CALLER_TONE = 440
LOOPBACK = "127.0.0.1"


class Trunk(Peer):
    """The carrier: sends citizens' calls, and takes the calls that go out."""

    def __init__(
        self,
        host: str,
        port: int,
        asterisk_port: int,
        *,
        shared: Shared | None = None,
    ) -> None:
        super().__init__("carrier", (host, port), asterisk_port, tone_hz=CALLER_TONE, shared=shared)

    async def call(  # noqa: PLR0913 - one for each part of an INVITE
        self,
        dialled: str,
        *,
        from_number: str = "0942000901",
        display: str | None = None,
        from_uri: str | None = None,
        headers: Mapping[str, str] | None = None,
        tone_hz: int = CALLER_TONE,
        to: str = "",
        offering: bool = True,
        call_id: str = "",
        wanted: Direction = Direction.BOTH,
    ) -> OutgoingCall:
        """A citizen's call; what is given as text is sent as it is, right or wrong."""
        host, port = self.stack.transport.local
        uri = from_uri or f"sip:{from_number}@{host}:{port}"
        name = "" if display is None else f'"{display}" '
        extra = tuple((headers or {}).items())
        caller = f"{name}<{uri}>"
        return self.place(
            dialled,
            caller,
            extra,
            tone_hz,
            to=to,
            offering=offering,
            call_id=call_id,
            wanted=wanted,
        )


class DeskPhone(Peer):
    """An agent's telephone; its tone is its own, so that who hears whom can be proved."""

    def __init__(  # noqa: PLR0913 - one for each part of a registration
        self,
        seat: str,
        user: str,
        password: str,
        port: int,
        asterisk_port: int,
        *,
        host: str = LOOPBACK,
        shared: Shared | None = None,
    ) -> None:
        super().__init__(
            user,
            (host, port),
            asterisk_port,
            tone_hz=seat_tone(seat),
            credentials=Credentials(user, password),
            shared=shared,
        )
        self.seat = seat
        self._registration: Registration | None = None

    @property
    def registration(self) -> Registration:
        """The phone's binding at Asterisk, active or not."""
        if not self._registration:
            self._registration = Registration(self.stack, self.asterisk)
        return self._registration

    async def register(self) -> None:
        """Registers and keeps renewing."""
        await self.registration.register()

    async def unregister(self) -> None:
        """Gives the registration back."""
        await self.registration.unregister()

    async def call(self, dialled: str, headers: Mapping[str, str] | None = None) -> OutgoingCall:
        """Dials from the seat: a feature code, or something that must be refused."""
        host, port = self.asterisk
        caller = f"<sip:{self.stack.user}@{host}:{port}>"
        return self.place(dialled, caller, tuple((headers or {}).items()), self.tone_hz)

    async def close(self) -> None:
        """Stops renewing; the binding stays with Asterisk until it runs out."""
        if self._registration:
            self._registration.stop()
        await super().close()


def seat_tone(seat: str) -> int:
    """Whole hertz midway between two notes, so that music does not pass for a telephone."""
    found = re.search(r"\d+", seat)
    number = int(found[0]) if found else 0
    step = number % 12 + (12 if seat.startswith("s") else 0)
    return round(CALLER_TONE * 2 ** ((step + 2.5) / 12))
