"""RTP: one stream of PCMU each way, with keys as telephone-events (RFC 3550, RFC 4733)."""

import asyncio
import secrets
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.sip import tone
from tests.sip.ear import Ear
from tests.sip.sdp import PCMU, Session
from tests.sip.udp import Address, UdpSocket

PACKET = 0.02  # seconds
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_KEYS = "0123456789*#ABCD"
_END_OF_EVENT = 0x80
_MARKER = 0x80
_VOLUME = 10
_TOO_LATE = 0.2
APART = 0.1  # seconds between two keys: a busy machine makes less of it, and 45 ms are no pause


@dataclass(frozen=True, slots=True)
class KeyPress:
    """When the first and the last packet of a key left."""

    began_at: float
    ended_at: float


class Pacer:
    """One timer for every stream handed to it, so that twenty calls cost one wake-up.

    `worst_delay` (seconds) is a gap in what others hear, but of this process's making.
    """

    def __init__(self) -> None:
        self.worst_delay = 0.0
        self._ticks: dict[Callable[[], None], None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, tick: Callable[[], None]) -> None:
        """Calls `tick` each 20 ms from now on."""
        self._ticks[tick] = None
        if not self._timer:
            loop = asyncio.get_running_loop()
            self._due = loop.time()
            self._timer = loop.call_at(self._due, self._tick)

    def remove(self, tick: Callable[[], None]) -> None:
        """Stops calling it; the last one stops the timer."""
        self._ticks.pop(tick, None)
        if not self._ticks and self._timer:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        delay = loop.time() - self._due
        self.worst_delay = max(self.worst_delay, delay)
        # After a long stall, catching up would be a burst no telephone sends.
        self._due += PACKET if delay < _TOO_LATE else delay
        self._timer = loop.call_at(self._due, self._tick)
        for tick in list(self._ticks):
            tick()


class _Key:
    """A key on its way out: an event packet a tick, the end of it three times."""

    def __init__(
        self, key: str, held_for: float, apart: float, done: "asyncio.Future[KeyPress]"
    ) -> None:
        self.code = _KEYS.index(key)
        self.packets = max(2, round(held_for / PACKET))
        self.pause = round(apart / PACKET)
        self.done = done
        self.sent = 0
        self.timestamp = 0
        self.began_at = 0.0


class Media:
    """The audio of one call: its tone out, its ear in."""

    def __init__(self, host: str, pacer: Pacer, tone_hz: int) -> None:
        self._socket = UdpSocket(host, 0, self._on_datagram)
        self._pacer = pacer
        self._far: Session | None = None
        self._frames = tone.tone_frames(tone_hz)
        self._keys: deque[_Key] = deque()
        self._ticks_to_key = 0
        self._sequence = secrets.randbelow(1 << 15)
        self._timestamp = secrets.randbelow(1 << 31)
        self._ssrc = secrets.randbits(32)
        self._highest: int | None = None
        self._last_event = -1
        self._sending = False
        self.dead = False  # not one packet leaves, whatever is agreed on
        self.ear = Ear()
        self.sent = 0
        self.received = 0
        self.lost = 0
        self.keys_received = ""

    @property
    def port(self) -> int:
        """Where we receive."""
        return self._socket.port

    @property
    def far(self) -> Session | None:
        """What the far end last described."""
        return self._far

    def change_tone(self, hertz: int) -> None:
        """Another tone from the next packet on; 0 is digital silence."""
        self._frames = tone.tone_frames(hertz)

    def connect(self, far: Session, *, sending: bool) -> None:
        """Follows an offer or an answer; also after a change during the call."""
        self._far = far
        sending = sending and not self.dead
        if sending != self._sending:
            self._sending = sending
            (self._pacer.add if sending else self._pacer.remove)(self._tick)

    def read(self) -> None:
        """Takes what has arrived before the loop comes to it."""
        self._socket.read()

    def stop_sending(self) -> None:
        """Not one packet more, as from a dead telephone."""
        if self._far:
            self.connect(self._far, sending=False)

    def close(self) -> None:
        """Frees the port; what was heard can still be asked for."""
        self._pacer.remove(self._tick)
        self._sending = False
        self._socket.close()
        for key in self._keys:
            if not key.done.done():
                key.done.set_exception(RuntimeError("the call ended while a key was pressed"))
        self._keys.clear()

    def press(self, key: str, held_for: float, apart: float = APART) -> "asyncio.Future[KeyPress]":
        """Queues a key behind those still being sent."""
        if not self._sending or not self._far or self._far.event is None:
            raise RuntimeError("no audio, or no telephone-event, was agreed on")
        done: asyncio.Future[KeyPress] = asyncio.get_running_loop().create_future()
        self._keys.append(_Key(key, held_for, apart, done))
        return done

    def _tick(self) -> None:
        if not self._far:
            return
        if self._keys and not self._ticks_to_key and self._far.event is not None:
            self._send_key(self._keys[0], self._far.address, self._far.event)
        else:
            self._ticks_to_key = max(0, self._ticks_to_key - 1)
            frame = self._frames[(self._timestamp // tone.FRAME) % len(self._frames)]
            self._send(PCMU, self._timestamp, frame, self._far.address)
        self._timestamp = (self._timestamp + tone.FRAME) & 0xFFFFFFFF

    def _send_key(self, key: _Key, address: Address, event: int) -> None:
        if key.sent == 0:
            key.timestamp, key.began_at = self._timestamp, time.monotonic()
        key.sent += 1
        ends = key.sent == key.packets
        volume = _VOLUME | (_END_OF_EVENT if ends else 0)
        payload = _EVENT.pack(key.code, volume, key.sent * tone.FRAME)
        for _ in range(3 if ends else 1):
            kind = event | (_MARKER if key.sent == 1 else 0)
            self._send(kind, key.timestamp, payload, address)
        if key.sent >= key.packets:
            self._release(key)

    def _release(self, key: _Key) -> None:
        self._keys.popleft()
        self._ticks_to_key = key.pause
        if not key.done.done():
            key.done.set_result(KeyPress(key.began_at, time.monotonic()))

    def _send(self, kind: int, timestamp: int, payload: bytes, address: Address) -> None:
        header = _HEADER.pack(0x80, kind, self._sequence, timestamp, self._ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._socket.send(header + payload, address)
        self.sent += 1

    def _on_datagram(self, datagram: bytes, source: Address, at: float) -> None:
        # Our port may be the RTCP port of a neighbour, or a former call's.
        if len(datagram) <= _HEADER.size or not self._far or source != self._far.address:
            return
        _, kind, sequence, timestamp, _ = _HEADER.unpack_from(datagram)
        payload = datagram[_HEADER.size :]
        self._count(sequence)
        if kind & 0x7F == PCMU:
            self.ear.receive(payload, at)
        elif kind & 0x7F == self._far.event:
            self._receive_event(payload, timestamp)

    def _count(self, sequence: int) -> None:
        self.received += 1
        if self._highest is not None:
            missing = ((sequence - self._highest) & 0xFFFF) - 1
            # A jump is a new source, a step back a late packet.
            self.lost += missing if 0 < missing < 1000 else 0
        self._highest = sequence

    def _receive_event(self, payload: bytes, timestamp: int) -> None:
        code, _, _ = _EVENT.unpack_from(payload)
        if timestamp != self._last_event and code < len(_KEYS):
            self._last_event = timestamp
            self.keys_received += _KEYS[code]
