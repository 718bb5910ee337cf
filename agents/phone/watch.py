"""Agents who wait for calls without a telephone: their page is gone, and nothing else is there.

The controller offers them nothing meanwhile. But somebody who looks ready and is not is counted
on, so after `BACK_WITHIN` they are paused, and the page says why. A page that is loaded again is
back before that.
"""

from collections.abc import Callable
from typing import Final

import structlog

from agents.accounts.telephones import Telephones
from agents.floor.hub import Hub
from agents.phone.phones import Phones
from config.clockwork import every
from telephony.link.client import NoController, Refused

log = structlog.get_logger(__name__)

LOOKS_EVERY: Final = 0.5  # seconds
BACK_WITHIN: Final = 5.0  # seconds; a page that is loaded again takes two
LOST: Final = "phone_lost"  # the controller's word for it, too


class PhoneWatch:
    """Pauses whoever has lost the page that was their telephone."""

    def __init__(
        self, phones: Phones, hub: Hub, telephones: Telephones, clock: Callable[[], float]
    ) -> None:
        self._phones = phones
        self._hub = hub
        self._telephones = telephones
        self._clock = clock
        self._gone: dict[str, float] = {}  # since when

    async def run(self) -> None:
        """For ever."""
        async for _ in every(LOOKS_EVERY):
            await self.look()

    async def look(self) -> None:
        """Once."""
        now = self._clock()
        gone = {seat for seat in self._phones.fitness.seats() if self._is_without(seat)}
        self._gone = {seat: self._gone.get(seat, now) for seat in gone}
        for seat, since in tuple(self._gone.items()):
            if now - since >= BACK_WITHIN:
                await self._pause(seat)

    def _is_without(self, seat: str) -> bool:
        agent = None if self._hub.floor.away else self._hub.floor.agent(seat)
        return agent is not None and agent.state == "ready" and agent.phone == "gone"

    async def _pause(self, seat: str) -> None:
        try:
            await self._telephones.pause(seat, LOST)
        except (Refused, NoController) as trouble:
            log.warning("not_paused", seat=seat, error=trouble)
        else:
            del self._gone[seat]
