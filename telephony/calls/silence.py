"""Callers of whom not one packet has ever come: their end will not come either.

Asterisk ends a caller who has been silent for `media_timeout`. A call that began on hold (an offer
that says `sendonly`, `inactive` or `0.0.0.0`) has `media_timeout_hold` instead, half an hour, as
if somebody had talked before; a gateway that lost its caller holds a line for as long. So whoever
is in a menu or waits is asked about: nothing from the first moment on is no hold.
"""

from collections.abc import Iterable
from typing import Final

from telephony.acd.model import CallId, Instant
from telephony.ari.client import Ari
from telephony.ari.errors import AriGoneError
from telephony.centre.model import Call, Stage

LOOK_EVERY: Final = 5.0  # seconds
AT_MOST: Final = 32  # questions in one look
ALONE: Final = frozenset({Stage.MENU, Stage.WAITING, Stage.DIALLING})  # else a person decides


class NeverHeard:
    """Asks each caller's channel until a packet has come, and never again after that."""

    def __init__(self, ari: Ari, after: float) -> None:
        self._ari = ari
        self._after = after
        self._heard: set[CallId] = set()
        self._silent: set[CallId] = set()  # at the last look

    async def look(self, calls: Iterable[Call], now: Instant) -> list[CallId]:
        """Those who were silent at this look and at the one before. Raises AriError."""
        live = {call.id: call for call in calls}
        self._heard &= live.keys()
        asked = [call.id for call in live.values() if self._is_asked(call, now)][:AT_MOST]
        before, self._silent = self._silent, {call for call in asked if await self._silence(call)}
        return [call for call in asked if call in self._silent & before]

    def _is_asked(self, call: Call, now: Instant) -> bool:
        old = now - call.arrived_at >= self._after
        return old and call.stage in ALONE and call.id not in self._heard

    async def _silence(self, call: CallId) -> bool:
        try:
            packets = await self._ari.packets_received(call)
        except AriGoneError:  # gone, or no audio was agreed on: Asterisk looks after that
            return False
        if packets:
            self._heard.add(call)
        return not packets
