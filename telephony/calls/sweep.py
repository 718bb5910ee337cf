"""A cheap look each moment, which finds what an event that was lost should have told.

Theory of operation
-------------------
Every `EVERY` seconds, or `AGAIN` after a question whose answer showed a difference, Asterisk is
asked for the ids of our channels, the telephones, the state of legs that should be ringing and of
playbacks that should be sounding. The answer goes into the inbox, so that it is compared when all
that was heard before it has been acted on.

The answer and the events come over two connections, so an answer may be ahead of an event (the
event tells more: why a leg ended) and behind one that was acted on already. Against both:

* only what was believed when the question was asked, and is believed still, can be missing:
  a channel that is gone never comes back, and one that is being made is left out;
* a difference counts when two answers in a row show it. Between an answer and the next question
  lie `APART` seconds at least, in which an event that was only late has come and removed it. So a
  stream that loses nothing is never repaired, and one that does is within both intervals and the
  time of two answers;
* of many legs, playbacks and strangers a sweep asks about some, each in its turn; what one answer
  has shown is asked again in the next sweep, before all others;
* bridges are asked for when there is a stranger who may talk in one, and else in each third sweep:
  no event of theirs is acted on, and one that outlives its call keeps nobody from anything;
* a question that Asterisk refuses, or does not answer in time, is left to the next sweep. What the
  others told counts, and what was seen before is kept: channels and playbacks that were gone once
  do not come back because Asterisk was busy;
* an interruption of the stream forgets what was seen: then everything is asked for anyway.

What is found goes to the centre as the fact that was missed. Facts may come twice: should the
event come after all, it changes nothing. A key that was pressed leaves no trace in Asterisk, and
cannot be found: the caller is asked again by their menu.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from telephony.acd.model import AgentState, CallId, Instant, Offer, Phone
from telephony.ari.client import Ari
from telephony.ari.errors import AriError, AriGoneError
from telephony.ari.models import Channel, Endpoint
from telephony.asterisk.endpoints import telephone
from telephony.calls.legs import AgentLeg, CallerLeg, ExternalLeg, Leg, Legs, live_legs
from telephony.calls.performer import APP, playback_id
from telephony.calls.survey import device_of
from telephony.calls.turns import Turns
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from telephony.centre.effects import external_leg
from telephony.centre.model import OTHER_LEG, Meeting, OwnStage, Stage

AGAIN: Final = 0.5  # seconds from a question whose answer showed a difference to the next one
APART: Final = 0.3  # seconds from an answer to the next question, however late it came
CALM: Final = 2  # of these between two questions while nothing differs
EVERY: Final = CALM * AGAIN  # with AGAIN and two answers it is less than two seconds
PATIENCE: Final = 1.0  # seconds for the answer to one question
ENOUGH: Final = 2  # unanswered questions, after which a sweep asks no more
BRIDGES_EACH: Final = 3  # sweeps: nobody hears a bridge that outlives its call
LISTED: Final = ""
Sound = tuple[CallId, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Believed:
    """What the centre believed when the question was asked."""

    at: Instant
    legs: dict[str, Leg]
    pending: tuple[Offer | ExternalLeg, ...]  # legs that ring, or are about to
    sounding: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What Asterisk answered; what it did not answer is left out."""

    believed: Believed
    held: frozenset[str] | None
    states: dict[str, str]  # of the pending legs, by channel
    over: frozenset[Sound]  # playbacks that are no more
    strangers: dict[str, Channel]
    endpoints: tuple[Endpoint, ...]
    bridges: dict[str, tuple[str, ...]]
    unanswered: int  # questions


@dataclass(slots=True)
class Sweeps:
    """How often there was something to find, by what it was."""

    done: int = 0
    failed: int = 0  # of them, with a question that was not answered
    repaired: dict[str, int] = field(default_factory=dict)


def believed(centre: Centre, at: Instant) -> Believed:
    """What is there to be compared."""
    calls = centre.visits.calls.values()
    offered = [a for a in centre.acd.roster.all() if a.state is AgentState.OFFERED and a.offer]
    ringing = [a.offer for a in sorted(offered, key=lambda agent: agent.since) if a.offer]
    unheard = [c for c in calls if c.stage is Stage.DIALLING and not c.put_through]
    ringing += [c.connected for c in calls if c.lost is not None and c.lost.rings]
    asked = [c for c in calls if c.consults_outside(c.external)]
    unheard += [c for c in asked if c.consulting.meeting is Meeting.NOBODY]
    dialling = [ExternalLeg(c.id, c.external) for c in unheard]
    for own in centre.own.calls.values():
        if own.stage is OwnStage.FETCHING or (own.lost is not None and own.lost.rings):
            ringing.append(own.offer)
        elif own.stage is OwnStage.RINGING and own.line is not None:
            dialling.append(ExternalLeg(own.id, OTHER_LEG))
    sounding = tuple((call.id, call.playback) for call in calls if call.playing)
    return Believed(at, dict(live_legs(centre)), (*ringing, *dialling), sounding)


def channel_of(leg: Offer | ExternalLeg) -> str:
    """The id of a pending leg's channel."""
    return leg.leg if isinstance(leg, Offer) else leg.channel


class _Questions:
    """Put one after the other, so that no caller's request waits behind many of them."""

    def __init__(self, ari: Ari) -> None:
        self._ari = ari
        self.unanswered = 0

    async def put(self, question: Callable[[Ari], Awaitable[T]]) -> T | None:
        """None when it is not answered."""
        if self.unanswered == ENOUGH:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                return await question(self._ari)
        except (AriError, TimeoutError):
            self.unanswered += 1
            return None


class Asking:
    """Whose turn it is to be asked about."""

    def __init__(self) -> None:
        self._pending = Turns()
        self._sounding = Turns()
        self._strangers = Turns()
        self._doubted: frozenset[str] = frozenset()
        self._without_bridges = 0  # sweeps

    def doubt(self, seen: Iterable["Difference"]) -> None:
        """The next sweep asks again about what this one has shown."""
        self._doubted = frozenset(map(_asked_about, seen))

    def pending(self, of: Believed) -> list[str]:
        """Legs that ring, by channel."""
        return self._pending.take(map(channel_of, of.pending), self._doubted)

    def sounding(self, of: Believed) -> list[Sound]:
        """Playbacks."""
        named = {playback_id(*sound): sound for sound in of.sounding}
        return [named[name] for name in self._sounding.take(named, self._doubted)]

    def strangers(self, unknown: Iterable[str], legs: Legs) -> list[str]:
        """Channels that nothing of ours is behind; of new ones, those that never were first."""
        new_first = sorted(unknown, key=lambda each: (legs.get(each) is not None, each))
        return self._strangers.take(new_first, self._doubted)

    def bridges(self, strangers: Sequence[str]) -> bool:
        """Whether bridges are asked for: who is in them matters of strangers only."""
        self._without_bridges += 1
        due = bool(strangers) or LISTED in self._doubted or self._without_bridges == BRIDGES_EACH
        if due:
            self._without_bridges = 0
        return due


async def ask(ari: Ari, of: Believed, legs: Legs, asking: Asking) -> Found:
    """Two milliseconds at 150 calls, and a quarter for each that rings."""
    questions = _Questions(ari)
    held = await questions.put(_held)
    states = {leg: await questions.put(_state(leg)) for leg in asking.pending(of)}
    over = {sound for sound in asking.sounding(of) if await questions.put(_is_over(sound))}
    unknown = [each for each in held or () if each not in of.legs]
    asked = asking.strangers(unknown, legs)
    strangers = [await questions.put(_channel(each)) for each in asked]
    bridges = await questions.put(_bridges) if asking.bridges(asked) else None
    there = {channel.id: channel for channel in strangers if channel is not None}
    endpoints = await questions.put(_endpoints)
    return Found(
        of,
        held,
        {leg: state for leg, state in states.items() if state is not None},
        frozenset(over),
        there if bridges is not None else {},  # whom they talk to is not known
        endpoints or (),
        bridges or {},
        questions.unanswered,
    )


async def _held(ari: Ari) -> frozenset[str]:
    return frozenset((await ari.application(APP)).channel_ids)


async def _bridges(ari: Ari) -> dict[str, tuple[str, ...]]:
    return {bridge.id: bridge.channels for bridge in await ari.bridges()}


async def _endpoints(ari: Ari) -> tuple[Endpoint, ...]:
    return tuple(await ari.endpoints())


def _channel(channel: str) -> Callable[[Ari], Awaitable[Channel | None]]:
    async def question(ari: Ari) -> Channel | None:
        try:
            return await ari.channel(channel)
        except AriGoneError:
            return None

    return question


def _state(channel: str) -> Callable[[Ari], Awaitable[str]]:
    async def question(ari: Ari) -> str:
        found = await _channel(channel)(ari)
        return found.state if found is not None else ""

    return question


def _is_over(sound: Sound) -> Callable[[Ari], Awaitable[bool]]:
    async def question(ari: Ari) -> bool:
        try:
            await ari.playback(playback_id(*sound))
        except AriGoneError:
            return True
        return False

    return question


@dataclass(frozen=True, slots=True)
class Now:
    """What is believed when the answer is compared."""

    centre: Centre
    legs: Legs
    in_flight: frozenset[str]
    busy: Callable[[str], bool]  # something about this channel is under way
    seats: Iterable[str]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A channel of ours that nothing is behind."""

    id: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """A bridge of a call that is over."""

    id: str


Difference = cmd.Fact | Stranger | Leftover


class Sweep:
    """Remembers what the last answer showed: only what shows twice is true."""

    def __init__(self) -> None:
        self.counts = Sweeps()
        self.asking = Asking()
        self._seen: frozenset[Difference] = frozenset()

    @property
    def doubts(self) -> bool:
        """Whether the last answer showed what the next one has to confirm."""
        return bool(self._seen)

    def forget(self) -> None:
        """The stream was interrupted: everything is asked for anyway."""
        self._seen = frozenset()

    def confirmed(self, found: Found, now: Now) -> list[Difference]:
        """What must be put right, callers first."""
        self.counts.done += 1
        self.counts.failed += found.unanswered > 0
        different = list(dict.fromkeys(differences(found, now)))
        twice = [each for each in different if each in self._seen]
        before = self._seen if found.unanswered else frozenset[Difference]()
        self._seen = before.union(different) - frozenset(twice)
        self.asking.doubt(self._seen)
        for each in twice:
            kind = type(each).__name__
            self.counts.repaired[kind] = self.counts.repaired.get(kind, 0) + 1
        return twice


def _asked_about(seen: Difference) -> str:
    """What a sweep asked about, to see this; LISTED for what it learns from a list of all."""
    match seen:
        case cmd.AgentAnswered(offer) | cmd.AgentRinging(offer):
            return offer.leg
        case cmd.ExternalAnswered(call, attempt):
            return external_leg(call, attempt)
        case cmd.PlaybackEnded(call, playback):
            return playback_id(call, playback)
        case Stranger(name):
            return name
        case _:
            return LISTED


def differences(found: Found, now: Now) -> Iterator[Difference]:
    """All that Asterisk has and the centre does not believe, and the other way round."""
    yield from _gone(found, now)
    yield from _pending(found, now)
    yield from _played(found, now)
    yield from _strange(found, now)
    yield from _telephones(found, now)


def _gone(found: Found, now: Now) -> Iterator[Difference]:
    if found.held is None or not found.believed.legs:
        return
    wanted = dict(live_legs(now.centre))
    pending = {channel_of(leg) for leg in found.believed.pending}
    for channel, leg in found.believed.legs.items():
        if channel in found.held or channel in now.in_flight or wanted.get(channel) != leg:
            continue
        yield _ended(leg, channel in pending)


def _ended(leg: Leg, was_pending: bool) -> cmd.Fact:
    match leg:
        case CallerLeg(call):
            return cmd.CallerHungUp(call)
        case AgentLeg(offer):  # why, nobody knows: the caller keeps being served
            end = cmd.LegEnd.FAILED if was_pending else cmd.LegEnd.LOST
            return cmd.AgentLegEnded(offer, end)
        case ExternalLeg(call, attempt):
            return cmd.ExternalEnded(call, attempt)


def _pending(found: Found, now: Now) -> Iterator[Difference]:
    if not found.believed.pending:
        return
    still = believed(now.centre, found.believed.at).pending
    for leg in found.believed.pending:
        state = found.states.get(channel_of(leg))
        if leg not in still:
            continue
        if state == "Up":
            yield _answered(leg)
        elif state == "Ringing" and isinstance(leg, Offer):
            entry = now.centre.acd.entries.get(leg.call)
            if entry is not None and entry.offer == leg and not entry.ringing:
                yield cmd.AgentRinging(leg)


def _answered(leg: Offer | ExternalLeg) -> cmd.Fact:
    if isinstance(leg, Offer):
        return cmd.AgentAnswered(leg)
    return cmd.ExternalAnswered(leg.call, leg.attempt)


def _played(found: Found, now: Now) -> Iterator[Difference]:
    for call, playback in sorted(found.over):
        known = now.centre.visits.calls.get(call)
        if known is None or now.busy(call):
            continue
        if known.playing and known.playback == playback:
            yield cmd.PlaybackEnded(call, playback)


def _strange(found: Found, now: Now) -> Iterator[Difference]:
    wanted = live(now) if found.strangers else frozenset()
    for channel in sorted(found.strangers):
        if channel not in wanted and not now.busy(channel):
            yield Stranger(channel)
    for bridge, inside in sorted(found.bridges.items()):
        call = bridge.removeprefix("b.")
        ours = bridge.startswith("b.") and not inside
        if ours and call not in now.centre.live() and not now.busy(call):
            yield Leftover(bridge)


def live(now: Now) -> frozenset[str]:
    """Channels that ought to be there, or may be soon."""
    return now.in_flight.union(channel for channel, _ in live_legs(now.centre))


def _telephones(found: Found, now: Now) -> Iterator[Difference]:
    for endpoint in found.endpoints:
        seat, phone = telephone(endpoint.resource)
        agent = now.centre.acd.roster.find(seat)
        if seat not in now.seats or agent is None or agent.offer is not None:
            continue
        device = device_of(endpoint, now.legs)
        if device is not (agent.browser if phone is Phone.BROWSER else agent.desk):
            yield cmd.DeviceChanged(agent.id, device, phone)
