"""Agents' legs that send no sound any more: a page that was closed, a telephone without a network.

A page that goes says nothing: its signalling ends, or does not, and Asterisk ends the leg after
twenty seconds. Its microphone sends a packet each 20 ms, also when muted and on hold. So the
packets that have come are counted, and a leg whose count stands still is lost. A cut socket alone
is no loss: as long as packets come the caller hears the agent.

Since when a page's count stands still is noted on the leg, so that a leader who dies in that time
does not make the caller listen to nothing for longer: the next one goes on counting.

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
STILL: Final = "MADO_STILL"  # a leg's count, and the instant since which it stands still
FIRST_WITHIN: Final = 2.5  # from the answer to the first packet, however short the patience


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a telephone may be silent; None: it is not watched."""

    page: float | None = 1.5
    phone: float | None = None


@dataclass(frozen=True, slots=True)
class _Watch:
    patience: float
    is_page: bool  # it sends as long as it lives


@dataclass(slots=True)
class _Count:
    packets: int
    since: Instant
    noted: bool


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

    async def _is_lost(self, leg: Offer, watch: _Watch, now: Instant) -> bool:
        try:
            count = await self._counted(leg, watch, now)
        except AriGoneError:  # its end is told otherwise
            return False
        patience = watch.patience if count.packets else max(watch.patience, FIRST_WITHIN)
        return now - count.since >= patience

    async def _counted(self, leg: Offer, watch: _Watch, now: Instant) -> _Count:
        packets = await self._ari.packets_received(leg.leg)
        known = self._counts.get(leg)
        if known is None or packets != known.packets:
            former = await self._former(leg, packets) if known is None and watch.is_page else None
            since = now if former is None else min(former, now)
            known = self._counts[leg] = _Count(packets, since, noted=former is not None)
        elif watch.is_page and not known.noted:
            await self._ari.set_channel_variable(leg.leg, STILL, f"{packets} {known.since:.3f}")
            known.noted = True
        return known

    async def _former(self, leg: Offer, packets: int) -> Instant | None:
        """Since when it stood at this count for who led before us."""
        count, _, since = (await self._ari.get_channel_variable(leg.leg, STILL)).partition(" ")
        return Instant(float(since)) if count == str(packets) else None

    def _watched(self, centre: Centre) -> Iterator[tuple[Offer, _Watch]]:
        for call in centre.visits.calls.values():
            for offer in _up(call):
                agent = centre.acd.roster.find(AgentId(offer.agent))
                talks = call.stage is Stage.TALKING
                watch = None if agent is None else self._watch_with(agent, talks=talks)
                if watch is not None:
                    yield offer, watch
        for own in centre.own.calls.values():
            agent = centre.acd.roster.find(own.agent)
            if agent is None or own.line is None or own.stage is not OwnStage.TALKING:
                continue
            watch = self._watch_with(agent, talks=True)
            if watch is not None:
                yield own.offer, watch

    def _watch_with(self, agent: Agent, *, talks: bool) -> _Watch | None:
        is_page = agent.phone is Phone.BROWSER
        patience = self._patience.page if is_page else self._patience.phone
        if patience is None or not (is_page or talks):
            return None
        return _Watch(patience, is_page)


def _up(call: Call) -> Iterable[Offer]:
    if call.stage in {Stage.TALKING, Stage.HOLD} and call.offer is not None:
        yield call.offer
        aside = call.consult
        if aside is not None and aside.offer is not None and aside.meeting is not Meeting.NOBODY:
            yield aside.offer
