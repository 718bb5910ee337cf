"""What a telephone hears: the last minute of received audio, and questions about it."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tests.sip import tone

THRESHOLD = -25.0  # dBov; our tones are at -15
_WINDOW = 0.3  # seconds: long enough that speech and music do not pass for a tone
_QUIET = -50.0
_APART = 6.0  # dB below the whole, where a frequency is a part of it only
_LOOK_EVERY = 0.04


@dataclass(frozen=True, slots=True)
class Frame:
    """One received packet of audio."""

    at: float
    payload: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nothing was audible."""

    at: float
    ms: float


class Ear:
    """Remembers received frames by their arrival."""

    def __init__(self, remember_for: float = 60.0) -> None:
        self._frames: deque[Frame] = deque(maxlen=int(remember_for / 0.02))

    def receive(self, payload: bytes, at: float) -> None:
        """One packet's audio."""
        self._frames.append(Frame(at, payload))

    @property
    def first_at(self) -> float | None:
        """When the oldest audio still remembered came in."""
        return self._frames[0].at if self._frames else None

    def level(self, hertz: float, window: float = _WINDOW, since: float = 0.0) -> float:
        """The loudness of a frequency just now, in dBov."""
        return tone.level(self._recent(window, since), hertz)

    def rms(self, window: float = _WINDOW) -> float:
        """The loudness of everything just now, in dBov."""
        return tone.rms(self._recent(window))

    async def heard(self, hertz: float, within: float) -> bool:
        """Whether a frequency becomes audible in audio that arrives from now on."""
        since = time.monotonic()
        while time.monotonic() - since < within:
            await asyncio.sleep(_LOOK_EVERY)
            if self._is_full(since) and self.level(hertz, since=since) >= THRESHOLD:
                return True
        return False

    def loudest(self, hertz: float, since: float) -> float:
        """The highest level of a frequency in any window since then."""
        frames = [frame for frame in self._frames if frame.at >= since]
        size = int(_WINDOW / 0.02)
        starts = range(0, max(1, len(frames) - size + 1), size // 2)
        windows = (_samples(frames[start : start + size]) for start in starts)
        return max(tone.level(samples, hertz) for samples in windows)

    def silence_gaps(
        self, longer_than_ms: float = 60, since: float = 0.0, until: float | None = None
    ) -> list[Gap]:
        """Where audible audio, once begun, was missing for longer than this."""
        frames = [frame for frame in self._frames if frame.at >= since]
        audible = [frame.at for frame in frames if _loudness(frame.payload) > _QUIET]
        audible.append(time.monotonic() if until is None else until)
        # From the end of one frame's 20 ms to the next frame.
        gaps = (Gap(earlier, (later - earlier) * 1000 - 20) for earlier, later in pairwise(audible))
        return [gap for gap in gaps if gap.ms > longer_than_ms]

    def others_ms(self, hertz: float, since: float) -> float:
        """How much was audible since then that was not this frequency: music, or a voice."""
        frames = [frame for frame in self._frames if frame.at >= since]
        return 20.0 * sum(_is_other(frame.payload, hertz) for frame in frames)

    def _is_full(self, since: float) -> bool:
        return self._recent(_WINDOW, since).size >= 0.8 * _WINDOW * tone.RATE

    def _recent(self, window: float, since: float = 0.0) -> tone.Samples:
        oldest = max(since, time.monotonic() - window)
        recent: list[Frame] = []
        for frame in reversed(self._frames):
            if frame.at < oldest:
                break
            recent.append(frame)
        return _samples(recent[::-1])


@lru_cache(maxsize=4096)
def _loudness(payload: bytes) -> float:
    return tone.rms(tone.decode(payload))


def _is_other(payload: bytes, hertz: float) -> bool:
    loudness = _loudness(payload)
    return loudness > _QUIET and tone.level(tone.decode(payload), hertz) < loudness - _APART


def _samples(frames: list[Frame]) -> tone.Samples:
    return tone.decode(b"".join(frame.payload for frame in frames)) if frames else np.empty(0)
