"""What accounts ask of the controller: who sits at which telephone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from telephony.link.client import Link


class Telephones(Protocol):
    """Each raises Refused with the controller's sentence, or NoController."""

    async def sign_in(self, seat: str, person: str) -> None:
        """Somebody sits there now; they are paused until they say that they are ready."""

    async def sign_out(self, seat: str) -> None:
        """Nobody does any more; refused during a call."""

    async def pause(self, seat: str, reason: str) -> None:
        """No further calls, from the end of the present one on."""

    async def agents(self) -> Sequence[Mapping[str, Any]]:
        """Every seat as the controller has it."""


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

    async def pause(self, seat: str, reason: str) -> None:
        """No further calls."""
        await self.link.request(seat, "pause", reason=reason)

    async def agents(self) -> Sequence[Mapping[str, Any]]:
        """Every seat."""
        found: Sequence[Mapping[str, Any]] = (await self.link.status())["agents"]
        return found
