"""Agents' legs that send no sound any more: a page that was closed, a telephone without a network.

A page that goes says nothing: its signalling ends, or does not, and Asterisk ends the leg after
twenty seconds. Its microphone sends a packet each 20 ms, also when muted and on hold. So the
packets that have come are counted, and a leg whose count stands still is lost. A cut socket alone
is no loss: as long as packets come the caller hears the agent.

Desk phones may rest while nobody speaks, so they are watched only where a site says for how long,
and never on hold, when many of them send nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from telephony.acd.model import Agent, AgentId, Instant, Offer, Phone
from telephony.ari.client import Ari
from telephony.ari.errors import AriGoneError
from telephony.centre.core import Centre
from telephony.centre.model import Call, Meeting, OwnStage, Stage

LOOK_EVERY: Final = 0.5  # seconds
FIRST_WITHIN: Final = 5.0  # from the answer to the first packet, however short the patience


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a telephone may be silent; None: it is not watched."""

    page: float | None = 1.5
    phone: float | None = None


@dataclass(slots=True)
class _Count:
    packets: int
    since: Instant


class LostSound:
    """Counts the packets of every leg that is watched."""

    def __init__(self, ari: Ari, patience: Patience) -> None:
        self._ari = ari
        self._patience = patience
        self._counts: dict[Offer, _Count] = {}

    async def look(self, centre: Centre, now: Instant) -> list[Offer]:
        """The legs that are lost by now. Raises AriError."""
        watched = dict(self._watched(centre))
        self._counts = {leg: count for leg, count in self._counts.items() if leg in watched}
        return [leg for leg in watched if await self._is_lost(leg, watched[leg], now)]

    async def _is_lost(self, leg: Offer, patience: float, now: Instant) -> bool:
        try:
            packets = await self._ari.packets_received(leg.leg)
        except AriGoneError:  # its end is told otherwise
            return False
        known = self._counts.get(leg)
        if known is None or packets != known.packets:
            self._counts[leg] = _Count(packets, now)
            return False
        return now - known.since >= (patience if packets else max(patience, FIRST_WITHIN))

    def _watched(self, centre: Centre) -> Iterator[tuple[Offer, float]]:
        for call in centre.visits.calls.values():
            for offer in _up(call):
                agent = centre.acd.roster.find(AgentId(offer.agent))
                talks = call.stage is Stage.TALKING
                patience = None if agent is None else self._patience_with(agent, talks=talks)
                if patience is not None:
                    yield offer, patience
        for own in centre.own.calls.values():
            agent = centre.acd.roster.find(own.agent)
            if agent is None or own.line is None or own.stage is not OwnStage.TALKING:
                continue
            patience = self._patience_with(agent, talks=True)
            if patience is not None:
                yield own.offer, patience

    def _patience_with(self, agent: Agent, *, talks: bool) -> float | None:
        if agent.phone is Phone.BROWSER:
            return self._patience.page
        return self._patience.phone if talks else None


def _up(call: Call) -> Iterable[Offer]:
    if call.stage in {Stage.TALKING, Stage.HOLD} and call.offer is not None:
        yield call.offer
        aside = call.consult
        if aside is not None and aside.offer is not None and aside.meeting is not Meeting.NOBODY:
            yield aside.offer
