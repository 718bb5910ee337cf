"""What the centre asks for, as requests to Asterisk."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from telephony.acd import effects as acd_fx
from telephony.acd.model import CallId, Offer, Phone
from telephony.ari.client import Ari
from telephony.ari.errors import AriError, AriGoneError, AriNoBridgeError, AriUnreachable
from telephony.asterisk.endpoints import TECHNOLOGY, endpoint_of
from telephony.calls.sounds import Sounds
from telephony.centre import commands as cmd
from telephony.centre import effects as fx
from telephony.centre.effects import external_leg
from telephony.centre.model import OTHER_LEG

APP: Final = "madoguchi"
WAITING: Final = fx.MUSIC  # a holding bridge
SPARE: Final = 5.0  # seconds Asterisk's own ring time is longer than ours, which decides


@dataclass(frozen=True, slots=True)
class PrepareBridge:
    """The room for a talk that may follow: made while the telephone still rings."""

    call: CallId


Task = fx.Work | PrepareBridge
CallerIds = Callable[[CallId], str]  # what an agent's telephone shows of the caller


class Handsets(Protocol):
    """Desk phones, as far as they can be asked to act by themselves."""

    async def pick_up(self, channel: str) -> None:
        """Ask the telephone on this channel to answer; no telephone says whether it can."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller is told where the centre asks for these prompts."""

    prompts: tuple[str, ...]
    is_whole: bool = True  # nothing that was meant had to be left out


@dataclass(slots=True)
class Sounding:
    """A playback that was asked for."""

    last: str = ""  # the sound that decides whether Asterisk says `failed` at the end
    is_whole: bool = True  # all that was meant is in it
    was_begun: bool = False  # Asterisk has said so


class Performer:
    """Carries out one effect at a time; the outbox decides when."""

    def __init__(  # noqa: PLR0913 -- the seams, by name
        self,
        ari: Ari,
        sounds: Sounds,
        caller_ids: CallerIds,
        own_number: str,
        check_keys: Callable[[fx.CheckKeys], Awaitable[None]],
        submit: Callable[[cmd.Command], None],
        carried: Callable[[CallId], Mapping[str, str]] = lambda _: {},
        handsets: Handsets | None = None,
        number_to_dial: Callable[[fx.DialBack], Awaitable[str]] | None = None,
        keep_keys: Callable[[fx.KeepKeys], Awaitable[None]] | None = None,
        spoken: Callable[[CallId, tuple[str, ...]], Said] = lambda _, prompts: Said(prompts),
    ) -> None:
        self._ari = ari
        self._sounds = sounds
        self._caller_ids = caller_ids
        self._own_number = own_number
        self._carried = carried
        self._check_keys = check_keys
        self._submit = submit
        self._handsets = handsets
        self._number_to_dial = number_to_dial
        self._keep_keys = keep_keys
        self._spoken = spoken  # numbers that the core does not know, in the place of their names
        self._bridges: set[str] = set()
        self._sounding: dict[CallId, dict[int, Sounding]] = {}
        # Channels that may be in the music all the same, by their call.
        self._unmoved: defaultdict[CallId, set[str]] = defaultdict(set)

    async def prepare(self) -> None:
        """Make what every call needs: the place where callers wait."""
        await self._ari.create_bridge(WAITING, "holding", WAITING)

    async def perform(self, effect: Task) -> None:  # noqa: C901 -- one arm each
        """Carry out; raises AriError where Asterisk refuses or does not answer."""
        ari = self._ari
        match effect:
            case acd_fx.Ring():
                await self._ring(effect)
            case acd_fx.PickUp(offer):
                if self._handsets is not None:
                    await self._handsets.pick_up(offer.leg)
            case acd_fx.DropLeg(offer):
                await ari.hang_up(offer.leg)
            case acd_fx.Connect(offer):
                await self._join(offer.call, offer.call, offer.leg)
            case fx.RefuseCall(call, refusal):
                await ari.hang_up(call, refusal.value)
            case fx.AnswerCall(call):
                await ari.answer(call)
            case fx.Play(call, playback, prompts):
                await self._play(call, call, playback, prompts)
            case fx.PlayOutside(call, attempt, playback, prompts):
                await self._play(call, external_leg(call, attempt), playback, prompts)
            case fx.StopPlay(call, playback):
                await ari.stop_playback(playback_id(call, playback))
            case fx.Park(call):
                await self._to_music(call, call)
            case fx.Unpark(call):
                await self._from_music(call, call)
            case fx.HangUp(call):
                await ari.hang_up(call)
            case fx.CheckKeys():
                await self._check_keys(effect)
            case fx.KeepKeys():
                if self._keep_keys is not None:
                    await self._keep_keys(effect)
            case fx.DialOut():
                await self._dial_out(effect)
            case fx.ConnectExternal(call, attempt):
                await self._join(call, call, external_leg(call, attempt))
            case fx.RingOwn():
                await self._ring_own(effect)
            case fx.RingAgain():
                await self._ring_again(effect)
            case fx.Gather():
                await self._gather(effect)
            case fx.DialOwn():
                await self._dial_own(effect)
            case fx.DialBack():
                await self._dial_back(effect)
            case fx.Join(call, legs):
                await self._join_own(call, legs)
            case fx.DropExternal(call, attempt):
                await ari.hang_up(external_leg(call, attempt))
            case PrepareBridge(call):
                await self._make_bridge(call)
            case fx.Forget(call):
                await self._forget(call)

    async def _ring(self, effect: acd_fx.Ring) -> None:
        await self._ring_for_caller(effect)

    async def _ring_again(self, effect: fx.RingAgain) -> None:
        await self._ring_for_caller(effect, at_once=True)

    async def _ring_for_caller(
        self, effect: acd_fx.Ring | fx.RingAgain, *, at_once: bool = False
    ) -> None:
        call = effect.offer.call
        variables = {**self._carried(call), **told(effect.offer, effect.phone, at_once=at_once)}
        await self._ring_agent(effect, self._caller_ids(call), call, variables)

    async def _ring_own(self, effect: fx.RingOwn) -> None:
        caller_id = f'"{effect.shown}" <{effect.shown}>'  # bare it would be a name
        variables = told(effect.offer, effect.phone, at_once=not effect.waits)
        await self._ring_agent(effect, caller_id, effect.waits, variables)
        await self._hear_it_ring(effect.waits)

    async def _ring_agent(
        self,
        effect: acd_fx.Ring | fx.RingAgain | fx.RingOwn,
        caller_id: str,
        originator: str,
        variables: Mapping[str, str],
    ) -> None:
        await self._ari.originate(
            effect.offer.leg,
            dialled(effect.offer, effect.phone),
            app=APP,
            args=("agent",),
            timeout=round(effect.ring_for + SPARE),
            caller_id=caller_id,
            originator=originator,
            variables=variables,
        )

    async def _dial_out(self, effect: fx.DialOut) -> None:
        await self._ari.originate(
            external_leg(effect.call, effect.attempt),
            f"PJSIP/{''.join(c for c in effect.number if c.isdigit())}@trunk",
            app=APP,
            args=("external",),
            timeout=round(effect.ring_for + SPARE),
            caller_id=self._own_number,
            originator=effect.call,
            variables=self._carried(effect.call),
        )

    async def _gather(self, effect: fx.Gather) -> None:
        """One of them may hang up just now: the others must hear each other all the same."""
        for leg in effect.apart:
            with suppress(AriGoneError):
                await self._to_music(effect.call, leg)
        for leg in effect.legs:  # an agent may be hearing it ring
            with suppress(AriGoneError):
                await self._ari.stop_ring(leg)
        if not effect.legs:
            return
        try:
            await self._join(effect.call, *effect.legs)
        except AriGoneError:
            for leg in effect.legs:
                with suppress(AriGoneError):
                    await self._join(effect.call, leg)

    async def _dial_own(self, effect: fx.DialOwn) -> None:
        await self._dial_for(effect, effect.number)

    async def _dial_back(self, effect: fx.DialBack) -> None:
        number = await self._number_to_dial(effect) if self._number_to_dial is not None else ""
        if number:
            await self._dial_for(effect, number)
        else:
            self._submit(cmd.ExternalEnded(effect.call, effect.attempt, cmd.LegEnd.FAILED))

    async def _dial_for(self, effect: fx.DialOwn | fx.DialBack, number: str) -> None:
        """Whoever is dialled sees the number that they know us by."""
        await self._ari.originate(
            external_leg(effect.call, effect.attempt),
            f"PJSIP/{number}@trunk",
            app=APP,
            args=("external",),
            timeout=round(effect.ring_for + SPARE),
            caller_id=self._own_number,
            originator=effect.waits,
        )
        await self._hear_it_ring(effect.waits)

    async def _hear_it_ring(self, waits: str) -> None:
        """Whoever waits for the other end must not hear nothing."""
        if waits:
            with suppress(AriGoneError):
                await self._ari.ring(waits)

    async def _join_own(self, call: CallId, legs: tuple[str, str]) -> None:
        with suppress(AriGoneError):
            await self._ari.stop_ring(legs[0])
        await self._join(call, *legs)

    async def _play(
        self, call: CallId, channel: str, playback: int, prompts: tuple[str, ...]
    ) -> None:
        said = self._spoken(call, prompts)
        media = self._sounds.media(said.prompts)
        if media:
            sounding = Sounding(media[-1], said.is_whole)
            self._sounding.setdefault(call, {})[playback] = sounding
            await self._ari.play(channel, playback_id(call, playback), media)
            sounding.was_begun = True
        else:  # nothing that could be played: the flow goes on
            self._submit(cmd.PlaybackEnded(call, playback, heard=False))

    def ended(self, call: CallId, playback: int) -> Sounding:
        """What is known of a playback that is over; another leader may have begun it."""
        return self._sounding.get(call, {}).pop(playback, Sounding())

    async def _from_music(self, call: CallId, channel: str) -> None:
        self._unmoved[call].add(channel)
        with suppress(AriGoneError):
            await self._ari.remove_channel(WAITING, channel)
            self._unmoved[call].discard(channel)

    async def _to_music(self, call: CallId, channel: str) -> None:
        """Raises where it is there still: put there twice, a channel hears nothing any more."""
        if channel in self._unmoved[call]:
            await self._from_music(call, channel)
        self._unmoved[call].add(channel)  # where nobody answers it may be there, or come there yet
        try:
            await self._ari.add_channel(WAITING, [channel], role="holding_participant")
        except AriNoBridgeError:
            await self.prepare()
            await self._ari.add_channel(WAITING, [channel], role="holding_participant")
        self._unmoved[call].discard(channel)

    async def _join(self, call: CallId, *channels: str) -> None:
        bridge = await self._make_bridge(call)
        try:
            await self._ari.add_channel(bridge, channels)
        except AriNoBridgeError:
            self._bridges.discard(bridge)
            await self._ari.add_channel(await self._make_bridge(call), channels)

    async def _make_bridge(self, call: CallId) -> str:
        bridge = bridge_id(call)
        if bridge not in self._bridges:
            await self._ari.create_bridge(bridge, "mixing", bridge)
            self._bridges.add(bridge)
        return bridge

    async def _forget(self, call: CallId) -> None:
        self._sounding.pop(call, None)
        self._unmoved.pop(call, None)
        bridge = bridge_id(call)
        if bridge in self._bridges:
            self._bridges.discard(bridge)
            await self._ari.destroy_bridge(bridge)

    def know_bridges(self, bridges: set[str]) -> None:
        """Bridges of ours that Asterisk has, after a gap."""
        self._bridges = bridges


def dialled(offer: Offer, phone: Phone) -> str:
    """The telephone of an offer, as Asterisk dials it."""
    return f"{TECHNOLOGY}{endpoint_of(offer.agent, phone)}"


def told(offer: Offer, phone: Phone, *, at_once: bool = False) -> dict[str, str]:
    """What a browser hears of the leg: which it is, and whether to answer without being told."""
    if phone is Phone.DESK:
        return {}
    headers = {"X-Mado-Leg": offer.leg} | ({"X-Mado-Answer": "now"} if at_once else {})
    return {f"PJSIP_HEADER(add,{name})": value for name, value in headers.items()}


def bridge_id(call: str) -> str:
    """The bridge in which a call is talked to."""
    return f"b.{call}"


def playback_id(call: str, playback: int) -> str:
    """The id of a caller's playback."""
    return f"p.{call}.{playback}"


def consequence(effect: Task, error: AriError) -> cmd.Fact | None:
    """The fact that a failed effect is; None where nothing follows, or reconcile finds it.

    No answer at all says nothing about a channel or a playback: it may have been carried out.
    """
    gone = isinstance(error, AriGoneError) and not isinstance(error, AriNoBridgeError)
    answered = not isinstance(error, AriUnreachable)  # else a sweep finds whether it sounds
    match effect:
        case acd_fx.Ring(offer) | fx.RingOwn(offer) | fx.RingAgain(offer):
            return cmd.AgentLegEnded(offer, _why_not(error))
        case acd_fx.Connect(offer) if answered:
            return cmd.AgentLegEnded(offer, cmd.LegEnd.NOT_JOINED)
        case fx.Play(call, playback) | fx.PlayOutside(call, _, playback) if answered:
            return cmd.PlaybackEnded(call, playback, heard=False)
        case fx.DialOut(call, attempt) | fx.DialOwn(call, attempt) | fx.DialBack(call, attempt):
            return cmd.ExternalEnded(call, attempt, cmd.LegEnd.FAILED)
        case fx.Join(call) if answered and not gone:  # of which end is gone its own event tells
            return cmd.ExternalEnded(call, OTHER_LEG, cmd.LegEnd.NOT_JOINED)
        case fx.ConnectExternal(call, attempt) if answered:
            return cmd.ExternalEnded(call, attempt)
        case fx.AnswerCall(call) | fx.Park(call) if gone:
            return cmd.CallerHungUp(call)
        case _:
            return None


def _why_not(error: AriError) -> cmd.LegEnd:
    """Asterisk refuses to allocate a leg to a telephone that is not registered (500)."""
    refused = not isinstance(error, AriGoneError | AriUnreachable)
    return cmd.LegEnd.UNREACHABLE if refused else cmd.LegEnd.FAILED
