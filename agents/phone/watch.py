"""Agents who wait for calls without a telephone that can be talked through.

Their page is gone, and nothing else is there: the controller offers them nothing, but is counting
on somebody who looks ready and is not. Or a page that nobody has checked became their telephone
while they were ready. After `BACK_WITHIN` they are paused, and the page says why. A page that is
loaded again is back before that, and so is the word of one that was checked before the desk
was started anew.
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
    """Pauses whoever is ready at a page that is lost, or that is not checked."""

    def __init__(
        self, phones: Phones, hub: Hub, telephones: Telephones, clock: Callable[[], float]
    ) -> None:
        self._phones = phones
        self._hub = hub
        self._telephones = telephones
        self._clock = clock
        self._unfit: dict[str, float] = {}  # since when

    async def run(self) -> None:
        """For ever."""
        async for _ in every(LOOKS_EVERY):
            await self.look()

    async def look(self) -> None:
        """Once."""
        now = self._clock()
        why = {seat: self._why_not(seat) for seat in self._phones.fitness.seats()}
        self._unfit = {seat: self._unfit.get(seat, now) for seat in why if why[seat] is not None}
        for seat, since in tuple(self._unfit.items()):
            if now - since >= BACK_WITHIN and (reason := why[seat]) is not None:
                await self._pause(seat, reason)

    def _why_not(self, seat: str) -> str | None:
        agent = None if self._hub.floor.away else self._hub.floor.agent(seat)
        if agent is None or agent.state != "ready":
            return None
        if agent.phone == "gone":
            return LOST
        unfit = self._phones.unfit(seat)
        return None if unfit is None else unfit.reason

    async def _pause(self, seat: str, reason: str) -> None:
        try:
            await self._telephones.take_no_more(seat, reason)
        except (Refused, NoController) as trouble:
            log.warning("not_paused", seat=seat, error=trouble)
        else:
            del self._unfit[seat]
