"""Ground truth: asking Asterisk what lives, and bringing the centre into agreement with it."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from config.clock import Clock
from config.database import DatabaseFailed
from telephony.acd.model import CallId, Instant, Offer
from telephony.ari.client import Ari
from telephony.ari.errors import AriError
from telephony.ari.models import Channel
from telephony.asterisk.endpoints import TECHNOLOGY, endpoints_of
from telephony.calls import promises, survey
from telephony.calls.callers import Arrival, Callers
from telephony.calls.carried import INSTANTS, LEADER, instants
from telephony.calls.carrier import TRUNK_DEVICE, CarrierWatch
from telephony.calls.cold_start import ColdStart
from telephony.calls.ended import Ended
from telephony.calls.engine import Engine
from telephony.calls.legs import Legs, live_legs
from telephony.calls.performer import APP, WAITING, Performer
from telephony.centre import commands as cmd
from telephony.centre.truth import Asterisk, Journal, Record, Verdict, judge
from telephony.store import changes as row
from telephony.store.call_record import CallRecord

log = structlog.get_logger(__name__)

ASK_WITHIN: Final = 0.5  # seconds for what a record says of a caller who is there
SETTLED: Final = 10.0  # seconds after which a call that we do not know is one that nobody heard of
ON_ITS_WAY: Final = 2.0  # seconds in which an event or a hang-up may still be on its way
SEATS_AT_ONCE: Final = 50  # Asterisk reads 4,096 characters of a request line
LISTENED_TO: Final = (
    "StasisStart", "StasisEnd", "ChannelStateChange", "ChannelHangupRequest", "ChannelDestroyed",
    "ChannelDtmfReceived", "ChannelToneDetected", "ChannelHold", "ChannelUnhold",
    "ChannelTransfer", "PlaybackFinished", "DeviceStateChanged", "ChannelUserevent",
    "ApplicationReplaced",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outside:
    """What is asked, and where what was found is written."""

    ari: Ari
    owe: Callable[[Sequence[row.Change]], object]  # has SQL write it, sooner or later
    clock: Clock
    seats: dict[str, str]
    epoch: int
    history: promises.RecordReader | None = None  # without it SQL is believed to know nothing
    carrier: CarrierWatch | None = None
    cold: ColdStart | None = None


@dataclass(slots=True)
class Counts:
    """What was put right, for status and metrics."""

    adopted: int = 0
    closed_lost: int = 0
    reaped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Belief:
    """What the controller goes by, and the way to tell its centre of something else."""

    engine: Engine
    legs: Legs
    callers: Callers
    performer: Performer
    submit: Callable[[cmd.Command], None]
    in_flight: Callable[[], frozenset[str]]  # channels that Asterisk may not have yet
    joining: Callable[[], frozenset[str]]  # calls whose ends are being put together
    busy: Callable[[str], bool]  # something about this channel is under way
    hangs_up: Callable[[str], bool]  # an agent's leg that is about to be no more
    ended: Ended

    def wanted(self) -> Collection[str]:
        """The channels that ought to live."""
        return dict(live_legs(self.engine.centre)).keys() | self.in_flight()


class Ground:
    """Looks, and tells the centre what it found."""

    def __init__(self, outside: Outside, belief: Belief) -> None:
        self._outside = outside
        self._ari = outside.ari
        self._of = belief
        self.counts = Counts()

    async def look(self, trusted: Callable[[], Coroutine[Any, Any, None]], *, gap: bool) -> None:
        """Raises AriError; what was found until then is known.

        `gap` when events may have been lost until now. `trusted` lets the dialplan send calls
        again: that waits for nothing that may be slow.
        """
        of = self._of
        await self.prepare()
        ahead = self._outside.clock.difference()
        under_way = of.in_flight() | of.joining()
        found = await survey.survey(self._ari, of.engine.now(), under_way, ahead)
        # Nobody is put through to a leg that our own request is about to end.
        leaving = [channel for channel in found.channels if of.hangs_up(channel.id)]
        for channel in leaving:  # nor is their telephone rung before it is silent
            await self.attempt(self._ari.hang_up(channel.id))
        found = replace(found, channels=[each for each in found.channels if each not in leaving])
        of.performer.know_bridges({b for b in found.bridges if b.startswith("b.")})
        if self._outside.carrier is not None:
            self._outside.carrier.note_survey(found.endpoints)
        of.submit(survey.reconciled(found, gap=gap))
        for device in survey.devices(found, of.legs, self._outside.seats):
            of.submit(device)
        for request in self._signed_out(found):
            of.submit(request)
        await trusted()
        await self._meet_strangers(found)
        await self._ask_who_calls(found)
        live = {channel.id for channel in found.channels} | found.in_flight | of.in_flight()
        of.legs.keep(live, of.engine.centre)

    def _signed_out(self, found: survey.Survey) -> list[cmd.SignOut]:
        engine, cold = self._of.engine, self._outside.cold
        return cold.ends(engine.centre, found.up_since, engine.now()) if cold is not None else []

    async def prepare(self) -> None:
        """The room where callers wait, and the events that we act on. Raises AriError."""
        await self._of.performer.prepare()
        phones = [
            f"{TECHNOLOGY}{each}" for seat in self._outside.seats for each in endpoints_of(seat)
        ]
        watched = [f"deviceState:{device}" for device in (*phones, TRUNK_DEVICE)]
        for begin in range(0, len(watched), SEATS_AT_ONCE):
            await self._ari.subscribe(APP, watched[begin : begin + SEATS_AT_ONCE])
        await self._ari.filter_events(APP, LISTENED_TO)
        await self._ari.set_global_variable(LEADER, str(self._outside.epoch))
        await self._ari.set_global_variable(INSTANTS, instants(self._outside.clock))

    def learn(self, channel: str, arrival: Arrival, admitted: bool) -> cmd.CallArrived:
        """Keep who calls; the arrival as the centre may know it."""
        now, ahead = self._of.engine.now(), self._outside.clock.difference()
        return self._of.callers.learn(CallId(channel), arrival, now, ahead, admitted)

    async def attempt(self, asked: Coroutine[Any, Any, object]) -> None:
        """Asterisk's refusal of something that is only housekeeping is no more than a log line."""
        try:
            await asked
        except AriError as trouble:
            log.warning("housekeeping_failed", error=trouble)

    async def _meet_strangers(self, found: survey.Survey) -> None:
        """Callers nobody knows are taken in, in their talk if they are in one; leftovers end."""
        of = self._of
        for channel in survey.strangers(found, of.wanted()):
            if survey.is_caller(channel):
                await self.meet(channel, found.channels, found.bridges)
        of.legs.learn(of.engine.centre)
        for channel in survey.strangers(found, of.wanted()):
            if not survey.is_caller(channel):
                await self.reap_channel(channel, found.bridges)
        for bridge in survey.leftover_bridges(found, of.engine.centre.live()):
            await self.reap_bridge(bridge)

    async def meet(
        self, channel: Channel, others: Collection[Channel], bridges: Mapping[str, tuple[str, ...]]
    ) -> None:
        """A caller in no call of ours: taken in, or sent away if their call is known to be over."""
        call = CallId(channel.id)
        talk = survey.talk_of(others, bridges, call)
        attempts = survey.attempts(others, call)
        if self._just_ended(call):
            return
        known = Journal.ENDED if call in self._of.ended else Journal.UNKNOWN
        word, record = await self._record_of(call)
        match judge(Asterisk.UP, known, word, talking=talk is not None):
            case Verdict.HANG_UP:
                self._count("channels", channel.id)
                await self.attempt(self._ari.hang_up(channel.id, "congestion"))
            case Verdict.ADOPT:
                await self._adopt(channel, talk, attempts, record)
            case Verdict.ADOPT_AND_NOTE:
                self._note_alive(call)
                await self._adopt(channel, talk, attempts, record)
            case _:
                pass

    async def _adopt(
        self,
        channel: Channel,
        talk: tuple[Offer, bool] | None,
        attempts: int,
        record: CallRecord | None,
    ) -> None:
        arrival = await survey.adopt(self._ari, channel)
        if arrival is None:
            return
        if talk is None:
            await self.attempt(self._ari.remove_channel(WAITING, channel.id))
        elif self._of.engine.centre.lines.free() is None:  # a talk is not ended for want of a line
            log.error("talk_left_alone", call=channel.id)
            return
        arrived = replace(self._late(channel.id, arrival), attempts=attempts)
        if record is not None:  # to the bit: their channel was made a little before we heard of it
            arrived = replace(arrived, arrived_at=Instant(record.arrived_at))
        if talk is not None:
            arrived = replace(arrived, talking=talk[0], apart=not talk[1])
        self.counts.adopted += 1
        self._of.submit(arrived)

    def _late(self, channel: str, arrival: Arrival) -> cmd.CallArrived:
        """They came when their channel was made, however short a while ago."""
        arrived = self.learn(channel, arrival, admitted=True)
        if arrival.arrived is None:
            return arrived
        return replace(
            arrived, arrived_at=Instant(arrival.arrived - self._outside.clock.difference())
        )

    def _just_ended(self, call: CallId) -> bool:
        """Its hang-up is on the way; were it lost, the next look or sweep finds it."""
        at = self._of.ended.at(call)
        return at is not None and self._of.engine.now() - at < ON_ITS_WAY

    async def reap_channel(self, channel: Channel, bridges: Mapping[str, tuple[str, ...]]) -> None:
        """A channel that belongs to nothing ends; a phone hears that nobody listened to it.

        Who talks where nobody knows of the call is left alone; who talks in a call that we know,
        and does not belong there, was to be out of it and hears what is not for them.
        """
        if survey.in_talk(bridges, channel.id) and not self._knows_of(channel.id):
            return
        age = self._outside.clock.wall() - channel.creationtime.timestamp()
        if age < ON_ITS_WAY and not channel.id.startswith(("o.", "x.")):
            return  # who asks for something is answered by their own event
        self._count("channels", channel.id)
        await self.attempt(self._ari.hang_up(channel.id, "congestion"))

    def _knows_of(self, channel: str) -> bool:
        """A leg of a call that is not over, or is known to be."""
        call = survey.call_of_leg(channel)
        return call in self._of.engine.centre.live() or call in self._of.ended

    async def reap_bridge(self, bridge: str) -> None:
        """A room of a call that is over."""
        self._count("bridges", bridge)
        await self.attempt(self._ari.destroy_bridge(bridge))

    def _count(self, kind: str, name: str) -> None:
        self.counts.reaped[kind] = self.counts.reaped.get(kind, 0) + 1
        log.warning("leftover_reaped", kind=kind, id=name)

    async def _record_of(self, call: CallId) -> tuple[Record, CallRecord | None]:
        """What SQL says; a caller waits for it no longer than a moment."""
        history = self._outside.history
        if history is None:
            return Record.UNASKED, None
        try:
            async with asyncio.timeout(ASK_WITHIN):
                record = await history.call(call)
        except (DatabaseFailed, TimeoutError) as away:
            log.error("record_not_asked", error=away)
            return Record.UNASKED, None
        return promises.word(record), record

    def _note_alive(self, call: CallId) -> None:
        """The closed record stays as it was promised, and tells that the caller was there."""
        noted = row.CallNoted(call, self._of.engine.now(), "alive_after_end", {})
        self._outside.owe([noted])

    async def knows(self, call: str, ended: float) -> bool | None:
        """Whether a call that was in Stasis has its record; None while it may be on its way.

        Raises DatabaseFailed.
        """
        of, history = self._of, self._outside.history
        if call in of.engine.centre.visits.calls or call in of.ended:
            return True
        if self._outside.clock.wall() - ended < SETTLED:
            return None
        return history is None or await history.call(call) is not None

    async def check_records(self) -> None:
        """What SQL says of calls, against what is known of them. Raises AriError.

        Only when nothing waits to be written: a record may be closed by what is on its way.
        """
        history = self._outside.history
        if history is None:
            return
        try:
            records = await history.open_calls()
            await self._close_lost(records)
            await self._compare_live(history, {record.id for record in records})
        except DatabaseFailed as away:
            log.error("record_not_asked", error=away)

    async def _close_lost(self, records: list[CallRecord]) -> None:
        of = self._of
        there = {channel.id for channel in await self._ari.channels()}
        live = of.engine.centre.visits.calls
        for record in list(promises.left_open(records, there, live, of.ended)):
            log.error("record_left_open", call=record.id)
            self.counts.closed_lost += 1
            self._outside.owe(promises.closing(record, of.engine.now()))

    async def _compare_live(self, history: promises.RecordReader, opened: set[str]) -> None:
        """Calls that go on without an open record: begun again, or noted in the closed one."""
        of = self._of
        for call in [call for call in of.engine.centre.visits.calls if call not in opened]:
            record = promises.word(await history.call(call))
            known = of.engine.centre.visits.calls.get(call)
            if known is None:  # over meanwhile
                continue
            match judge(Asterisk.UP, Journal.LIVE, record):
                case Verdict.SERVE_AND_NOTE:
                    self._note_alive(call)
                case Verdict.SERVE_AND_OPEN:
                    who = of.callers.get(call)
                    self._outside.owe([row.CallOpened(call, known.arrived_at, known.line, "", who)])
                case _:
                    pass

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
            self._outside.owe([opened])
