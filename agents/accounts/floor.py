"""What the telephone of a seat is doing, as far as it matters to a session."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from agents.accounts.telephones import Telephones
from telephony.link.client import NoController, Refused

FRESH_FOR: Final = 1.0  # seconds
IDLE: Final = frozenset({"signed_out", "ready", "paused"})


class Doing(StrEnum):
    """Of a seat."""

    FREE = "free"
    BUSY = "busy"  # a call, an offer of one, or the wrap-up after it
    UNKNOWN = "unknown"  # nobody answers; a call may be in progress


class Floor:
    """The seats by the controller's word, asked no more than once a second."""

    def __init__(self, telephones: Telephones, clock: Callable[[], float]) -> None:
        self._telephones = telephones
        self._clock = clock
        self._asked_at = float("-inf")
        self._states: Mapping[str, str] | None = None

    async def doing(self, seat: str) -> Doing:
        """Whether it may be disturbed."""
        if self._clock() - self._asked_at >= FRESH_FOR:
            self._states = await self._read()
            self._asked_at = self._clock()
        if self._states is None:
            return Doing.UNKNOWN
        return Doing.FREE if self._states.get(seat, "signed_out") in IDLE else Doing.BUSY

    async def _read(self) -> Mapping[str, str] | None:
        try:
            told = await self._telephones.agents()
        except (NoController, Refused):
            return None
        return {agent["seat"]: agent["state"] for agent in told}
