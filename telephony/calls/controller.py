"""A controller that leads: events in, commands through the engine, effects out.

It is told when to stop, or finds that somebody else leads (`Demoted`). It never ends a call by
ending itself: channels stay with Asterisk, and the next leader goes on.
"""

import asyncio
import gc
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

import structlog

from config.clockwork import every
from telephony.acd.errors import Rejected
from telephony.acd.model import CallId, Instant
from telephony.ari import events as ari_events
from telephony.ari.errors import AriError
from telephony.ari.inbox import Compared, Connected, Disconnected, Item, LookAgain, Replaced
from telephony.ari.models import Playback
from telephony.caller_id import e164
from telephony.calls import condition, phone_keys
from telephony.calls.callbacks import Callbacks
from telephony.calls.callers import Callers, read_arguments
from telephony.calls.carried import by_a_leg
from telephony.calls.carrier import TRUNK_DEVICE, CarrierWatch
from telephony.calls.cold_start import ColdStart
from telephony.calls.doubts import Doubts
from telephony.calls.ended import Ended
from telephony.calls.engine import Applied, Engine
from telephony.calls.features import feature_of
from telephony.calls.ground import Belief, Ground, Outside
from telephony.calls.guarded import guarded
from telephony.calls.inheritance import who_called
from telephony.calls.inside import Inside
from telephony.calls.journal import Place
from telephony.calls.lease import Demoted, Held, LeaseAway, Tenure
from telephony.calls.legs import CallerLeg, ExternalLeg, Legs
from telephony.calls.night import NightWatch
from telephony.calls.outbox import Outbox
from telephony.calls.owing import Numbers
from telephony.calls.own_booking import OwnBooking
from telephony.calls.performer import APP, Performer
from telephony.calls.promises import states
from telephony.calls.publisher import NotKept, Publisher
from telephony.calls.rebuild import Rebuilt
from telephony.calls.recall import recall_modes
from telephony.calls.retention import forget_old
from telephony.calls.rounds import Rounds
from telephony.calls.sweeper import Sweeper
from telephony.calls.teller import Teller
from telephony.calls.translate import is_last, to_command
from telephony.calls.typed import Typed
from telephony.calls.world import Setting, Watcher, World
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.outside import RESULTS
from telephony.owing.model import CallbackAsked, CallbackDone
from telephony.store import changes as row

log = structlog.get_logger(__name__)

BEAT: Final = "MADO_BEAT"  # the dialplan trusts us while this is fresh
BEAT_GOOD_FOR: Final = 3.0
RENEW_WITHIN: Final = 0.5  # seconds the tick waits for the lease: our heartbeat comes after it
NOT_KEPT: Final = (
    "今は記録を保存できないため受け付けられません。管理者に知らせてください "
    "(it cannot be recorded now: tell the operator that database and disk refuse it)"
)


@dataclass(slots=True)
class Counts:
    """What happened, for the metrics."""

    events: int = 0
    commands: int = 0
    reconciles: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


class Controller:
    """One leader, from taking over to stopping."""

    def __init__(
        self,
        world: World,
        setting: Setting,
        held: Held,
        rebuilt: Rebuilt,
        import_kept: Callable[[], Awaitable[None]],
    ) -> None:
        self.counts = Counts()
        self.connected = False
        self.lease_away = False
        self.legs = Legs()
        self._tenure = Tenure(world.clock, lambda: self.connected, lambda: world.inbox.replaced)
        handsets = world.handsets and guarded(world.handsets, self._tenure)
        world = replace(world, ari=guarded(world.ari, self._tenure), handsets=handsets)
        self.world = world
        world.clock.told(rebuilt.centre.floor.clock_offset)
        self._import_kept = import_kept  # records of the calls that never came to us
        self.setting = setting
        self.held = held
        self.carrier = CarrierWatch(setting.carrier, self._carrier_changed)
        own = {e164(did) for did in rebuilt.centre.rules.numbers_dialled}
        self.callers = Callers(setting.secret, self._line_of, own)
        own_booking = OwnBooking(world.bookings, self._today)
        self._typed = Typed(self.callers, self._kept_input, self._submit, own_booking)
        self._cold = ColdStart(rebuilt.last_at)
        self._doubts = Doubts()
        self._heard_beat = 0.0
        self.began = world.clock()
        self.stepped_at: Instant | None = None
        self.publisher = Publisher(
            world.records,
            self.callers.get,
            self._note_written,
            leader=held.epoch,
            spool=world.spool,
            owed=rebuilt.owed,
            began=[] if rebuilt.complete else list(states(rebuilt.centre, world.clock())),
        )
        self.callbacks: Callbacks | None = None
        self.night: NightWatch | None = None
        if world.ledger is not None:
            self.callbacks = Callbacks(
                self.publisher, world.ledger, setting.terms, self.now, self._wall
            )
            self.night = NightWatch(world.ledger, held.epoch, self.now)
        self._numbers = Numbers(
            world.owing if self.callbacks is None else self.callbacks,
            self.callers,
            world.history,
            lambda: self.engine.centre.rules.tolls,
            setting.secret,
        )
        self.performer = Performer(
            world.ari,
            world.sounds,
            self.callers.shown,
            setting.own_number,
            self._typed.check,
            self._submit,
            self._carried,
            world.handsets,
            self._numbers.to_dial,
            self._typed.confirm,
            self._typed.spoken,
        )
        self.engine = Engine(
            rebuilt.centre,
            world.clock,
            world.journal,
            Place(held.epoch, 0),
            self._notice,
            self._release,
            lambda: self._doubts.of_a_fault(self.engine.now()),
        )
        self.teller: Teller | None = None
        if world.news is not None:
            centre, names = lambda: self.engine.centre, setting.seat_names
            self.teller = Teller(
                world.news, centre, self.engine.now, names, held.epoch, lambda: self.carrier.gone
            )
        if rebuilt.owed:  # the journal must keep it until then: our first snapshot waits
            self.engine.written = -1
        for call, caller in who_called(rebuilt.owed).items():
            self.callers.remember(call, caller)
        self.legs.learn(rebuilt.centre)
        self._ended = Ended()
        self._ended.learn(rebuilt.replayed)
        self._records_due = False  # whether records may stand open for nobody
        belief = Belief(
            self.engine,
            self.legs,
            self.callers,
            self.performer,
            self._submit,
            self._in_flight,
            self._joining,
            self._is_busy,
            self._hangs_up,
            self._ended,
        )
        self.ground = Ground(
            Outside(
                world.ari,
                self.publisher.owe,
                world.clock,
                setting.seat_names,
                held.epoch,
                world.history,
                self.carrier,
                self._cold,
            ),
            belief,
        )
        self.sweeper = Sweeper(world.ari, world.inbox, self.ground, belief, setting.seat_names)
        self._rounds = Rounds(
            world.ari,
            self.engine,
            self.ground,
            self.carrier,
            setting,
            lambda: self.connected,
            self.publisher.owe,
            self._submit,
            self._doubts.of_a_request,
        )
        self._outbox: Outbox | None = None
        self._group: asyncio.TaskGroup | None = None

    # -- life ----------------------------------------------------------------------------

    async def lead(self) -> None:
        """Lead until cancelled. Raises Demoted (in a group) when somebody else does."""
        # What is loaded by now is never garbage; to search it again and again would stop every
        # call for a tenth of a second each time.
        gc.freeze()
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._outbox = Outbox(self.performer, group, self._submit, self._doubts.of_a_request)
            self._look_at_wall()  # nobody comes in by the calendar of a former leader's clock
            self._judge_again()  # nobody is offered before Asterisk was asked what there is
            group.create_task(self.engine.run(), name="engine")
            group.create_task(self.engine.regain(), name="journal")
            group.create_task(self.publisher.run(), name="publisher")
            self._recall(group)
            group.create_task(self._listen(), name="events")
            group.create_task(self._tick(), name="tick")
            group.create_task(self._gather(), name="kept calls")
            group.create_task(self.sweeper.run(), name="sweeps")
            self._rounds.begin(group)
            world, days = self.world, self.setting.journal_days
            if (archive := world.archive) is not None:
                old = forget_old(world.journal, archive, world.clock, self._last_written, days)
                group.create_task(old, name="retention")
            if world.watch is not None:
                group.create_task(world.watch.run(self), name="watch")
            if self.teller is not None:
                group.create_task(self.teller.run(), name="news")
            if self.night is not None:
                group.create_task(self.night.run(), name="callbacks")

    def _recall(self, group: asyncio.TaskGroup) -> None:
        """What holds besides the journal: modes on record, a calendar that was written since."""
        if (history := self.world.history) is not None:
            asked = recall_modes(
                history,
                lambda: self.publisher.backlog,
                lambda: self.engine.centre,
                self.now,
                self._submit,
            )
            group.create_task(asked, name="modes")
        source = self.setting.calendar
        if source is not None and source.is_news(self.engine.centre.rules.digest):
            group.create_task(self._take_up_at_first(), name="calendar")

    async def _take_up_at_first(self) -> None:
        """Whoever followed for a month may have begun with another calendar."""
        try:
            await self.take_up_calendar()
        except Rejected as refused:
            log.warning("calendar_not_taken_up", why=refused)

    async def _listen(self) -> None:
        inbox = self.world.inbox
        while items := await inbox.batch():
            for item in items:
                await self._hear(item)
        raise Demoted("the event stream ended")

    async def _hear(self, item: Item) -> None:
        match item:
            case Connected():
                self.connected = True
                self._doubts.of_events()
                self.sweeper.listening(False)
                await self._reconcile()
                self._judge_again()
            case Compared(found):
                await self._compare(found)
            case LookAgain():
                if self.connected:
                    await self._reconcile()
            case Disconnected(reason):
                self.connected = False
                self.sweeper.listening(False)
                log.error("events_lost", reason=_words(reason))
                self._tenure.check()
                self._judge_again()
            case Replaced():
                raise Demoted("another controller has the application")
            case _:
                self.counts.events += 1
                self._act_on(item)

    # -- events --------------------------------------------------------------------------

    def _act_on(self, event: ari_events.AriEvent) -> None:
        if self._was_ours(event):
            return
        match event:
            case ari_events.StasisStart(args=args, channel=channel) if args:
                if self.legs.get(channel.id) is None:
                    self._arrived(channel.id, args)
                    return
            case ari_events.ChannelDtmfReceived():
                self._pressed(event)
                return
            case ari_events.PlaybackFinished(playback=playback):
                self._played(playback)
                return
            case _:
                pass
        command = to_command(event, self.legs)
        if command is not None:
            self._submit(command)
        if is_last(event, self.legs):
            self.legs.forget(event.channel.id)

    def _was_ours(self, event: ari_events.AriEvent) -> bool:
        """What the centre need not hear of."""
        match event:
            case ari_events.ChannelUserevent(eventname="beat"):
                self._beat_heard()
            case ari_events.DeviceStateChanged(device_state=device) if device.name == TRUNK_DEVICE:
                self.carrier.note(device.state)
            case ari_events.ChannelHold() | ari_events.ChannelUnhold():
                self._ask_for_phone(phone_keys.request_of(event, self.legs))
            case ari_events.ChannelTransfer(referred_by=by):
                place = self._ask_for_phone(phone_keys.request_of(event, self.legs))
                self._aside(self._tell_phone(by.source_channel.id, place))
            case ari_events.ChannelHangupRequest(channel=channel):
                self.legs.hangs_up(channel.id)
                return False
            case _:
                return False
        return True

    def _carrier_changed(self) -> None:
        if self.teller is not None:
            self.teller.note_carrier()

    def _ask_for_phone(self, request: cmd.Request | None) -> Place | None:
        """A key of a desk phone; what does not fit now is not done, and the call goes on."""
        try:
            return None if request is None else self._granted(request)
        except Rejected as refused:
            log.info("phone_key_refused", kind=type(request).__name__.lower(), fault=refused)
            return None

    async def _tell_phone(self, channel: str, place: Place | None) -> None:
        granted = place is not None and await self._is_kept(place)
        answer = phone_keys.answer(granted=granted)
        await self.world.ari.transfer_progress(channel, answer)

    def _arrived(self, channel: str, args: tuple[str, ...]) -> None:
        arrival = read_arguments(args)
        if arrival is not None:
            if CallId(channel) in self._ended:  # told twice; should they be there, the sweep sees
                return
            admitted = not self.world.inbox.nearly_full
            self._submit(self.ground.learn(channel, arrival, admitted))
            return
        request = feature_of(args)
        if request is not None:
            self._use_feature(channel, request)

    def _use_feature(self, channel: str, request: cmd.Request) -> None:
        """An agent dialled a feature code: done, or refused, by the tone they hear."""
        try:
            place = self._granted(request)
        except Rejected:
            self._aside(self.world.ari.hang_up(channel, "congestion"))
        else:
            self._aside(self._confirm(channel, place))

    async def _confirm(self, channel: str, place: Place) -> None:
        kept = await self._is_kept(place)
        await self.world.ari.hang_up(channel, "normal" if kept else "congestion")

    def _pressed(self, event: ari_events.ChannelDtmfReceived) -> None:
        leg, key = self.legs.get(event.channel.id), event.digit
        if isinstance(leg, ExternalLeg) and key in RESULTS:
            self._submit(cmd.ExternalKey(leg.call, leg.attempt, key))
        if isinstance(leg, CallerLeg):
            self._typed.press(leg.call, event, self.engine.centre.key_use(leg.call))

    def _played(self, playback: Playback) -> None:
        """A hang-up ends a playback as `failed` too, but is told of before."""
        call, _, number = playback.id.removeprefix("p.").rpartition(".")
        if not (playback.id.startswith("p.") and number.isdigit()):
            return
        sounded = self.performer.ended(CallId(call), int(number))
        failed = playback.state == "failed" and self.legs.listens(call)
        if failed:
            self.world.sounds.failed(sounded.last)
        heard = sounded.is_whole and not failed
        self._submit(cmd.PlaybackEnded(CallId(call), int(number), heard))

    # -- commands and effects ------------------------------------------------------------

    def _submit(self, command: cmd.Command) -> None:
        self.counts.commands += 1
        self.engine.submit(command)

    def _notice(self, effects: list[fx.Effect]) -> None:
        """At once when a command is applied, before anything of it is released."""
        self.legs.note(effects)
        self.carrier.note_news(effects)
        if self._outbox is not None:
            self._outbox.notice(effects)
        for effect in effects:
            if isinstance(effect, fx.CallClosed | fx.OwnCallClosed):
                self._ended.note(effect.call, self.engine.place.seq, effect.at)
            if isinstance(effect, fx.CheckKeys):  # now: keys pressed later must not shift it
                self._typed.take(effect)

    def _release(self, applied: Applied) -> None:
        assert self._outbox is not None
        self.publisher.put(applied)
        if self.teller is not None:
            self.teller.note(applied)
        for effect in applied.effects:
            match effect:
                case fx.CallClosed(call, outcome):
                    self._ended.forget(self.engine.written)
                    name = outcome.value
                    self.counts.outcomes[name] = self.counts.outcomes.get(name, 0) + 1
                    self.callers.forget(call)
                    self._typed.forget(call)
                case _ if isinstance(effect, fx.Work):
                    self._outbox.put(effect)
                case _:
                    pass

    def _today(self) -> date:
        """The citizens' day."""
        zone = self.engine.centre.rules.timezone
        return datetime.fromtimestamp(self.world.clock.wall(), zone).date()

    async def _kept_input(self, call: CallId, field: str, number: str) -> bool:
        try:
            await self.publisher.add([row.InputKept(call, field, self.engine.now(), number)])
        except NotKept:
            return False
        return True

    def _carried(self, call: CallId) -> Mapping[str, str]:
        known = self.engine.centre.visits.calls.get(call)
        return by_a_leg(call, known.arrived_at if known else None, self.held.epoch)

    def _line_of(self, call: CallId) -> int | None:
        known = self.engine.centre.visits.calls.get(call)
        return known.line if known else None

    # -- ground truth --------------------------------------------------------------------

    async def _compare(self, found: object) -> None:
        try:
            await self.sweeper.compare(found)
        except AriError as trouble:
            log.warning("repair_failed", error=trouble)

    async def _reconcile(self) -> None:
        """Ask Asterisk what lives, and bring the centre into agreement."""
        self._doubts.looking()
        self.counts.reconciles += 1
        try:
            await self.ground.look(self._beat, gap=self._doubts.gap)
            self._records_due = True
            self._doubts.settled()
            self.sweeper.listening(True)
        except AriError as trouble:
            log.error("survey_failed", error=trouble)
            self._doubts.of_a_request()

    def _is_busy(self, channel: str) -> bool:
        return self._outbox is not None and self._outbox.busy(channel)

    def _hangs_up(self, leg: str) -> bool:
        return self._outbox is not None and self._outbox.hangs_up(leg)

    def _in_flight(self) -> frozenset[str]:
        return self._outbox.in_flight if self._outbox else frozenset()

    def _joining(self) -> frozenset[str]:
        return self._outbox.joining if self._outbox else frozenset()

    def _aside(self, asked: Coroutine[Any, Any, object]) -> None:
        """Beside the events, which must not wait for it."""
        assert self._group is not None
        task = self._group.create_task(self.ground.attempt(asked))
        task.add_done_callback(lambda _: asked.close())  # cancelled, it may never have begun

    # -- the second's tick ---------------------------------------------------------------

    async def _tick(self) -> None:
        async with aclosing(every(1.0)) as ticks:
            async for _ in ticks:
                await self._once_a_second()

    async def _once_a_second(self) -> None:
        await self._renew()
        await self.engine.look_back()
        self._look_at_wall()
        if self.connected:
            if self._doubts.due(self.engine.now()) or self.legs.crowded:
                self._doubts.looking()  # in the order of events, never beside them
                self.world.inbox.mark(LookAgain())
            # Aside: a slow Asterisk must not keep us from renewing the lease.
            self._aside(self.world.ari.user_event("beat", app=APP, variables={}))
            self._check_records()

    def _look_at_wall(self) -> None:
        stepped = self.world.clock.stepped()
        if stepped is not None:
            log.warning("clock_stepped", seconds=round(stepped, 3))
            self.stepped_at = self.engine.now()
            self._submit(cmd.ClockStepped(stepped))

    def _check_records(self) -> None:
        """After a look, once nothing is on its way to SQL that may close them."""
        if self._records_due and not self.publisher.backlog:
            self._records_due = False
            self._aside(self.ground.check_records())

    async def _gather(self) -> None:
        """A caller who leaves within milliseconds stays with the dialplan, also while we lead."""
        async for _ in every(1.0):
            if self.connected:
                await self._import_kept()

    async def _renew(self) -> None:
        """Hold the lease. While Redis is away nobody else can take it: go on."""
        self._tenure.check()
        asked_at = self.world.clock()
        try:
            async with asyncio.timeout(RENEW_WITHIN):
                ours = await self.world.lease.renew(self.held)
        except (LeaseAway, TimeoutError) as away:
            self.lease_away = True
            log.error("lease_away", error=away)
            self._tenure.unanswered(asked_at)
            return
        self.lease_away = False
        if not ours:
            raise Demoted("the lease is somebody else's")
        self._tenure.granted(asked_at)

    async def _beat(self) -> None:
        """Send ourselves an event. Only hearing it shows that the stream lives."""
        await self.ground.attempt(self.world.ari.user_event("beat", app=APP, variables={}))

    def _beat_heard(self) -> None:
        """Our own event came back: the stream lives, and the dialplan may trust us."""
        self._heard_beat = self.world.clock()
        beat = str(int(self.world.clock.wall()))
        self._aside(self.world.ari.set_global_variable(BEAT, beat))

    # -- requests ------------------------------------------------------------------------

    async def request(self, request: cmd.Request) -> None:
        """Grant it, and answer once its record is on a disk; raises Rejected."""
        if isinstance(request, cmd.CallBack):
            caller = await self._numbers.key_of(request.obligation)
            request = replace(request, caller=caller)
        place = self._granted(request)
        if not await self._is_kept(place):
            raise Rejected(NOT_KEPT)

    async def take_up_calendar(self) -> None:
        """Go by the calendar as it is written now; raises Rejected, and then nothing changes."""
        source = self.setting.calendar
        if source is None:
            raise Rejected("there is no site directory to read a calendar from")
        written = await source.read()
        if written.digest != self.engine.centre.rules.digest:
            await self.request(written)
        try:
            await source.taken_up()
        except OSError as refused:
            log.error("site_not_kept", error=refused)

    async def open_callback(self, asked: CallbackAsked) -> str:
        """Open what somebody of the staff asks for, or join it; raises Rejected."""
        return await self._ledger().open(asked)

    async def open_callbacks(self, asked: Sequence[CallbackAsked]) -> list[str]:
        """The same for many, or for none of them; raises Rejected."""
        return await self._ledger().open_many(asked)

    async def do_callback(self, done: CallbackDone) -> None:
        """A deed at the worklist; raises Rejected."""
        await self._ledger().do(done)

    def _ledger(self) -> Callbacks:
        if self.callbacks is None or not self.publisher.can_promise:
            raise Rejected(NOT_KEPT)
        return self.callbacks

    def now(self) -> Instant:
        """The instant, as everything that is recorded knows it."""
        return self.engine.now()

    def _wall(self) -> float:
        """The time of day, as far as the calendar has been told of it."""
        return self.now() + self.engine.centre.floor.clock_offset

    async def _is_kept(self, place: Place) -> bool:
        """Its record is on a disk; False when nobody can say so in time."""
        try:
            await self.publisher.kept(place.seq)
        except NotKept:
            return False
        return True

    def _granted(self, request: cmd.Request) -> Place:
        """Apply it, unless nobody could be promised that it lasts."""
        if not self.publisher.can_promise:
            raise Rejected(NOT_KEPT)
        return self.engine.submit(request)

    def _note_written(self, seq: int) -> None:
        self.engine.note_written(seq)

    def _last_written(self) -> Place:
        return Place(self.held.epoch, self.engine.written)

    def status(self) -> dict[str, Any]:
        """The whole centre as plain data."""
        return condition.status(self)

    def inside(self) -> Inside:
        """What we know of ourselves."""
        return condition.inside(self)

    @property
    def outbox_backlog(self) -> int:
        """Effects that Asterisk has not carried out yet."""
        return self._outbox.backlog if self._outbox else 0

    def ready(self) -> bool:
        """Calls can be taken: we hear Asterisk, it hears us, and it does its work."""
        well = self.world.watch is None or self.world.watch.well
        return self.connected and self.silence < BEAT_GOOD_FOR and well

    @property
    def watch(self) -> Watcher | None:
        """Whoever watches us, if somebody does."""
        return self.world.watch

    @property
    def silence(self) -> float:
        """Seconds since we heard ourselves through Asterisk."""
        return self.world.clock() - self._heard_beat

    def judge_asterisk(self, well: bool) -> None:
        """Tell the core when Asterisk begins or ceases to do its work.

        One that we do not hear does not: a telephone that is rung now may be answered unheard.
        """
        well = well and self.connected
        if self.engine.centre.acd.withheld is well:
            self._submit(cmd.AsteriskJudged(well))

    def require_tenure(self) -> None:
        """Raises Demoted when another may lead by now."""
        self._tenure.check()

    def _judge_again(self) -> None:
        self.judge_asterisk(self.world.watch is None or self.world.watch.well)


def _words(reason: str) -> str:
    """A reason in a form that the log lets through."""
    return re.sub(r"[^a-z0-9]+", "_", reason.lower()).strip("_")[:40]
