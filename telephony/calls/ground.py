"""Ground truth: asking Asterisk what lives, and bringing the centre into agreement with it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from config.clock import Clock
from config.database import DatabaseFailed
from telephony.acd.model import CallId
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.calls import survey
from telephony.calls.callers import Arrival, Callers
from telephony.calls.engine import Engine
from telephony.calls.legs import Legs
from telephony.calls.performer import APP, Performer
from telephony.calls.publisher import RecordWriter
from telephony.calls.translate import SEAT_DEVICE
from telephony.centre import commands as cmd
from telephony.store import changes as row

log = structlog.get_logger(__name__)

SEATS_AT_ONCE: Final = 50  # Asterisk reads 4,096 characters of a request line
LISTENED_TO: Final = (
    "StasisStart", "StasisEnd", "ChannelStateChange", "ChannelHangupRequest", "ChannelDestroyed",
    "ChannelDtmfReceived", "PlaybackFinished", "DeviceStateChanged", "ChannelUserevent",
    "ApplicationReplaced",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outside:
    """What is asked, and where what was found is written."""

    ari: Ari
    records: RecordWriter
    clock: Clock
    seats: dict[str, str]
    epoch: int


@dataclass(frozen=True, slots=True)
class Belief:
    """What the controller goes by, and the way to tell its centre of something else."""

    engine: Engine
    legs: Legs
    callers: Callers
    performer: Performer
    submit: Callable[[cmd.Command], None]
    in_flight: Callable[[], frozenset[str]]  # channels that Asterisk may not have yet


class Ground:
    """Looks, and tells the centre what it found."""

    def __init__(self, outside: Outside, belief: Belief) -> None:
        self._outside = outside
        self._ari = outside.ari
        self._of = belief

    async def look(self, trusted: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Raises AriError; what was found until then is known.

        `trusted` lets the dialplan send calls again: that waits for nothing that may be slow.
        """
        of = self._of
        await self.prepare()
        ahead = self._outside.clock.difference()
        found = await survey.survey(self._ari, of.engine.now(), of.in_flight(), ahead)
        of.performer.know_bridges({b for b in found.bridges if b.startswith("b.")})
        of.submit(survey.reconciled(found))
        for device in survey.devices(found, of.legs, self._outside.seats):
            of.submit(device)
        await trusted()
        await self._meet_strangers(found)
        await self._ask_who_calls(found)
        live = {channel.id for channel in found.channels} | found.in_flight | of.in_flight()
        of.legs.keep(live, of.engine.centre)

    async def prepare(self) -> None:
        """The room where callers wait, and the events that we act on. Raises AriError."""
        await self._of.performer.prepare()
        seats = [f"deviceState:{SEAT_DEVICE}{seat}" for seat in self._outside.seats]
        for begin in range(0, len(seats), SEATS_AT_ONCE):
            await self._ari.subscribe(APP, seats[begin : begin + SEATS_AT_ONCE])
        await self._ari.filter_events(APP, LISTENED_TO)

    def learn(self, channel: str, arrival: Arrival, admitted: bool) -> cmd.CallArrived:
        """Keep who calls; the arrival as the centre may know it."""
        now, ahead = self._of.engine.now(), self._outside.clock.difference()
        return self._of.callers.learn(CallId(channel), arrival, now, ahead, admitted)

    async def attempt(self, asked: Coroutine[Any, Any, None]) -> None:
        """Asterisk's refusal of something that is only housekeeping is no more than a log line."""
        try:
            await asked
        except AriError as trouble:
            log.warning("housekeeping_failed", error=trouble)

    async def _meet_strangers(self, found: survey.Survey) -> None:
        """Callers nobody knows are taken in, in their talk if they are in one; leftovers end."""
        of = self._of
        for channel in survey.strangers(found, of.legs)[0]:
            arrival = await survey.adopt(self._ari, channel)
            if arrival is not None:
                arrived = self.learn(channel.id, arrival, admitted=True)
                talk = survey.talk_of(found, channel.id)
                if talk is not None:
                    arrived = replace(arrived, talking=talk[0], apart=not talk[1])
                of.submit(arrived)
        of.legs.learn(of.engine.centre)
        for channel in survey.strangers(found, of.legs)[1]:
            await self.attempt(self._ari.hang_up(channel.id))
        for bridge in found.bridges:
            call = CallId(bridge.removeprefix("b."))
            if bridge.startswith("b.") and call not in of.engine.centre.visits.calls:
                await self.attempt(self._ari.destroy_bridge(bridge))

    async def _ask_who_calls(self, found: survey.Survey) -> None:
        """The former leader may have died before it wrote who somebody is: their channel knows."""
        of = self._of
        for channel in found.channels:
            call = of.engine.centre.visits.calls.get(CallId(channel.id))
            if call is None or of.callers.get(call.id) is not None:
                continue
            arrival = await survey.adopt(self._ari, channel)
            if arrival is None:
                continue
            of.callers.remember(call.id, arrival.caller)
            opened = row.CallOpened(
                call.id, call.arrived_at, call.line, arrival.dialled, arrival.caller
            )
            try:
                await self._outside.records.add(self._outside.epoch, [opened])
            except DatabaseFailed as away:
                log.error("caller_not_written", error=away)
