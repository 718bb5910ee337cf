"""What accounts ask of the controller: who sits at which telephone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from telephony.link.client import Link

IN_CALL: Final = frozenset({"offered", "talking", "hold"})


class Telephones(Protocol):
    """Each raises Refused with the controller's sentence, or NoController."""

    async def sign_in(self, seat: str, person: str) -> None:
        """Somebody sits there now; they are paused until they say that they are ready."""

    async def sign_out(self, seat: str) -> None:
        """Nobody does any more; during a call, from its end on."""

    async def take_no_more(self, seat: str, reason: str) -> None:
        """No further calls, from the end of the present one and its wrap-up on.

        Whoever takes none has a reason of their own, and keeps it.
        """

    async def agents(self) -> Sequence[Mapping[str, Any]]:
        """Every seat as the controller has it."""


async def is_in_call(telephones: Telephones, seat: str) -> bool:
    """As of now. The controller would let them go after it; then nobody writes down its outcome."""
    agents = await telephones.agents()
    return any(agent["seat"] == seat and agent["state"] in IN_CALL for agent in agents)


@dataclass(frozen=True, slots=True)
class LinkTelephones:
    """Over the link."""

    link: Link

    async def sign_in(self, seat: str, person: str) -> None:
        """Somebody sits there now."""
        await self.link.request(seat, "sign_in", person=person)

    async def sign_out(self, seat: str) -> None:
        """Nobody does any more."""
        await self.link.request(seat, "sign_out")

    async def take_no_more(self, seat: str, reason: str) -> None:
        """No further calls."""
        await self.link.request(seat, "pause", reason=reason, imposed=True)

    async def agents(self) -> Sequence[Mapping[str, Any]]:
        """Every seat."""
        found: Sequence[Mapping[str, Any]] = (await self.link.status())["agents"]
        return found
