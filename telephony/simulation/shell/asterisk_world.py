"""What goes on inside the fake Asterisk: channels, bridges, playbacks, phones, and their events.

Orders and causes are those of a real Asterisk 22.10 with PJSIP on both ends; the contract test
(`tests/asterisk/test_contract.py`) holds the two side by side. Facts that surprise: a caller who
hangs up gives StasisEnd and *no* ChannelDestroyed, because only channels that we dialled stay
subscribed; a playback cut by a hang-up ends `failed`; of a list only the last sound decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from telephony.ari import events as ev
from telephony.ari.models import Bridge, Channel, DialplanPlace, Party, Playback

START: Final = datetime(2026, 4, 1, tzinfo=UTC)
NORMAL, BUSY, NO_ANSWER, REJECTED, BY_US = 16, 17, 19, 21, 32
TRY_SOON, RING_FIRST, TRY_AGAIN = 0.5, 3.0, 1.0  # seconds, as the dialplan waits
VARIABLES: Final = (
    "MADO_DIALLED",
    "MADO_ARRIVED",
    "MADO_FROM",
    "MADO_PAI",
    "MADO_PRIVACY",
    "MADO_RPID",
)
Sight = Literal["dialled", "entered", "leaving", "ended", "died"]


@dataclass(frozen=True, slots=True)
class Phone:
    """How a phone behaves when it is dialled."""

    then: Literal["answers", "rings", "is_busy", "declines"] = "answers"
    after: float = 1.0  # seconds of ringing until then
    registered: bool = True
    talks: bool = True  # answers by itself when it is asked to


@dataclass(slots=True)
class Line:
    """One channel; `ours` while it is in our application, `watched` if we dialled it."""

    id: str
    name: str
    state: str
    created: datetime
    number: str = ""
    dialled: str = ""
    mute: bool = False  # the far end sends nothing at all
    ours: bool = False
    entered: bool = False  # it has been ours
    watched: bool = False
    bridge: str = ""
    args: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    music: bool = False
    sounds: list[Sounding] = field(default_factory=list)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    up_at: float = float("inf")  # the loop's time at which it was answered

    def seen(self) -> Channel:
        """As Asterisk would describe it."""
        return Channel(
            id=self.id,
            name=self.name,
            state=self.state,
            caller=Party(number=self.number),
            dialplan=DialplanPlace(context="from-trunk", exten=self.dialled),
            creationtime=self.created,
        )


@dataclass(slots=True)
class Sounding:
    """A playback, playing when it is the first of its channel."""

    id: str
    media: tuple[str, ...]
    at: int = 0
    stopped: bool = False


@dataclass(slots=True)
class Room:
    """A bridge; `watched` counts entries less leavings by request, as the subscription does."""

    id: str
    kind: str
    name: str
    members: list[str] = field(default_factory=list)
    watched: int = 0

    def seen(self) -> Bridge:
        """As Asterisk would describe it."""
        return Bridge(
            id=self.id, name=self.name, bridge_type=self.kind, channels=tuple(self.members)
        )


class World:
    """The telephones' side; every method is what people or time do, none is a request of ours."""

    def __init__(self, emit: Callable[[ev.AriEvent], None]) -> None:
        self._emit = emit
        self._arrivals = 0
        self.lines: dict[str, Line] = {}
        self.rooms: dict[str, Room] = {}
        self.phones: dict[str, Phone] = {}
        self.durations: dict[str, float] = {}  # seconds by sound URI; a second if not named
        self.missing: set[str] = set()  # sound URIs without a file
        self.silenced: list[str] = []  # lines that were put to the music though they heard it
        self.up = True  # or nobody can call
        # What people see and do; a test that is not about them leaves all this alone.
        self.habit: Callable[[str, str], Phone] = lambda endpoint, channel: self.phones[endpoint]
        self.see: Callable[[Sight, Line], None] = lambda sight, line: None
        self.hear: Callable[[Line, str, float], None] = lambda line, media, lasts: None
        self.length: Callable[[str], float] = lambda media: self.durations.get(media, 1.0)
        self.lets_in: Callable[[], bool] = lambda: True  # or the dialplan keeps the caller
        self.clock_ahead = 0.0
        self.context = copy_context()  # telephones ring on, whichever controller is stopped

    def arrive(
        self,
        number: str = "0942000101",
        dialled: str = "0942000100",
        args: tuple[str, ...] = ("in",),  # as the dialplan hands them over
    ) -> str:
        """A citizen calls; the id of the new channel."""
        self._arrivals += 1
        line = self._line(f"fake-{self._arrivals}", "PJSIP/trunk", "Ring")
        line.number, line.dialled, line.args = number, dialled, args
        line.variables.update(zip(VARIABLES, args[1:], strict=False))
        self._into_application(line, TRY_SOON)
        return line.id

    def _into_application(self, line: Line, again: float) -> None:
        """As the dialplan does: who is not let in rings, then hears music, and is tried again."""
        if self.lets_in():
            self._enter_application(line)
            return
        if self.now() >= line.created + timedelta(seconds=RING_FIRST):
            line.state, again = "Up", TRY_AGAIN
        self._later(line, again, lambda of: self._into_application(of, again))

    def packets(self, line: Line) -> int:
        """What has come from the far end since the channel is there, fifty a second."""
        return 0 if line.mute else int(50 * (self.now() - line.created).total_seconds())

    def press(self, channel: str, digit: str) -> None:
        """The far end presses a key."""
        seen, at = self.lines[channel].seen(), self.now().isoformat(timespec="milliseconds")
        pressed = ev.ChannelDtmfReceived(digit=digit, duration_ms=100, timestamp=at, channel=seen)
        self._emit(pressed)

    def hold(self, channel: str, *, held: bool = True) -> None:
        """The phone's own hold key."""
        seen = self.lines[channel].seen()
        self._emit(ev.ChannelHold(channel=seen) if held else ev.ChannelUnhold(channel=seen))

    def ask_transfer(self, channel: str, to: str) -> None:
        """The phone's own transfer key: a REFER, left to us."""
        wanted = ev.ReferTo(requested_destination=ev.RequestedDestination(destination=to))
        by = ev.ReferredBy(source_channel=self.lines[channel].seen())
        self._emit(ev.ChannelTransfer(refer_to=wanted, referred_by=by))

    def hang_up(self, channel: str, cause: int = NORMAL) -> None:
        """The far end hangs up."""
        line = self.lines[channel]
        self._emit(ev.ChannelHangupRequest(cause=cause, channel=line.seen()))
        self.end(line, cause)

    def dial(self, channel: str, endpoint: str, args: tuple[str, ...], within: float) -> Line:
        """A phone begins to ring, or not."""
        line = self._line(channel, endpoint, "Down")
        line.watched, line.args = True, args
        phone = self.habit(endpoint, channel)
        self.see("dialled", line)
        self._emit(ev.Dial(peer=line.seen()))
        if phone.after > 0:
            self._ring(line)
        self._later(line, within, self._rung_out)
        if phone.then == "answers":
            self._later(line, phone.after, self.answer)
        elif phone.then == "is_busy":
            self._later(line, phone.after, lambda of: self._turned_down(of, BUSY, 486, "BUSY"))
        elif phone.then == "declines":
            self._later(line, phone.after, lambda of: self._turned_down(of, REJECTED, 603, ""))
        return line

    def answer(self, line: Line) -> None:
        """The channel goes up; a dialled one thereby enters our application."""
        if line.state == "Up":
            return
        self._quiet(line)
        line.state, line.up_at = "Up", asyncio.get_running_loop().time()
        self._emit(ev.ChannelStateChange(channel=line.seen()))
        if line.watched:
            self._emit(ev.Dial(peer=line.seen(), dialstatus="ANSWER"))
            self._enter_application(line)

    def end(self, line: Line, cause: int, tech_cause: int = 0) -> None:
        """The channel is torn down; what it was doing ends in Asterisk's order."""
        self._quiet(line)
        del self.lines[line.id]
        for sounding in line.sounds:
            self._finished(line, sounding, "failed")
        line.sounds.clear()
        line.idle.set()
        if line.bridge:
            self._leave(line)
        self.see("ended", line)
        self.leave_application(line)
        if line.watched:
            gone = ev.ChannelDestroyed(cause=cause, tech_cause=tech_cause, channel=line.seen())
            self._emit(gone)

    def leave_application(self, line: Line) -> None:
        """The channel is not ours any more."""
        if line.ours:
            line.ours = False
            self._emit(ev.StasisEnd(channel=line.seen()))

    def play(self, line: Line, playback: str, media: tuple[str, ...]) -> None:
        """Queue sounds behind what the channel hears already."""
        line.sounds.append(Sounding(playback, media))
        line.idle.clear()
        if len(line.sounds) == 1:
            self._sound(line)

    def stop(self, line: Line, playback: str) -> None:
        """Cut a playback; one that still waits ends when its turn comes."""
        for sounding in line.sounds:
            sounding.stopped = sounding.stopped or sounding.id == playback
        if line.sounds[0].stopped:
            self._quiet(line)
            self._next(line, "done")

    def enter(self, line: Line, room: Room) -> None:
        """Into the bridge, out of the one before; from the music into it means silence."""
        if line.bridge == room.id and room.kind == "holding":
            self.silenced.append(line.id)
        if line.bridge:
            self.leave(line)
        line.bridge = room.id
        room.members.append(line.id)
        room.watched += 1
        self._emit(ev.ChannelEnteredBridge(bridge=room.seen(), channel=line.seen()))
        self.see("entered", line)

    def leave(self, line: Line) -> None:
        """Out of the bridge by request, which also ends the subscription to it."""
        self.rooms[line.bridge].watched -= 1
        self._leave(line)

    def destroy(self, room: Room) -> None:
        """The bridge goes, its channels stay."""
        for member in list(room.members):
            self._leave(self.lines[member])
        del self.rooms[room.id]
        if room.watched:
            self._emit(ev.BridgeDestroyed(bridge=room.seen()))

    def request_hang_up(self, line: Line, cause: int) -> None:
        """We hang up."""
        self._emit(ev.ChannelHangupRequest(cause=BY_US, channel=line.seen()))
        if line.watched and line.state != "Up":
            self._emit(ev.Dial(peer=line.seen(), dialstatus="NOANSWER"))
        self.end(line, cause)

    def now(self) -> datetime:
        """The wall clock in here follows the event loop's, until somebody sets it."""
        return START + timedelta(seconds=asyncio.get_running_loop().time() + self.clock_ahead)

    def _line(self, channel: str, endpoint: str, state: str) -> Line:
        line = Line(channel, f"{endpoint}-{len(self.lines):08x}", state, self.now())
        line.idle.set()
        self.lines[channel] = line
        return line

    def _enter_application(self, line: Line) -> None:
        line.ours = line.entered = True
        self._emit(ev.StasisStart(args=line.args, channel=line.seen()))

    def _ring(self, line: Line) -> None:
        line.state = "Ringing"
        self._emit(ev.ChannelStateChange(channel=line.seen()))
        self._emit(ev.Dial(peer=line.seen(), dialstatus="RINGING"))

    def _rung_out(self, line: Line) -> None:
        self.end(line, NO_ANSWER, 480)

    def _turned_down(self, line: Line, cause: int, status: int, dialstatus: str) -> None:
        request = ev.ChannelHangupRequest(cause=cause, tech_cause=status, channel=line.seen())
        self._emit(request)
        self._emit(ev.Dial(peer=line.seen(), dialstatus=dialstatus or "NOANSWER"))
        self.end(line, cause, status)

    def _leave(self, line: Line) -> None:
        room = self.rooms[line.bridge]
        self.see("leaving", line)
        room.members.remove(line.id)
        line.bridge = ""
        self._emit(ev.ChannelLeftBridge(bridge=room.seen(), channel=line.seen()))

    def _sound(self, line: Line) -> None:
        """Begin the sound whose turn it is."""
        sounding = line.sounds[0]
        self._emit(ev.PlaybackStarted(playback=self._playback(line, sounding, "playing")))
        media = sounding.media[sounding.at]
        if media in self.missing:
            self._sounded(line)
        else:
            lasts = self.length(media)
            self._later(line, lasts, self._sounded)
            self.hear(line, media, lasts)

    def _sounded(self, line: Line) -> None:
        sounding = line.sounds[0]
        sounding.at += 1
        if sounding.at < len(sounding.media):
            self._sound(line)
        else:
            self._next(line, "failed" if sounding.media[-1] in self.missing else "done")

    def _next(self, line: Line, state: str) -> None:
        self._finished(line, line.sounds.pop(0), state)
        while line.sounds and line.sounds[0].stopped:
            self._finished(line, line.sounds.pop(0), "done")
        if line.sounds:
            self._sound(line)
        else:
            line.idle.set()

    def _finished(self, line: Line, sounding: Sounding, state: str) -> None:
        self._emit(ev.PlaybackFinished(playback=self._playback(line, sounding, state)))

    def _playback(self, line: Line, sounding: Sounding, state: str) -> Playback:
        return Playback(id=sounding.id, target_uri=f"channel:{line.id}", state=state)

    def _later(self, line: Line, seconds: float, act: Callable[[Line], None]) -> None:
        loop = asyncio.get_running_loop()
        line.timers.append(loop.call_later(seconds, act, line, context=self.context))

    def _quiet(self, line: Line) -> None:
        for timer in line.timers:
            timer.cancel()
        line.timers.clear()
