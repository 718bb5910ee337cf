"""Sound as numbers: mu-law, tones, and how loud a frequency is.

Levels are dBov: 0 is a full-scale square wave, so a full-scale sine is -3.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 8000
FRAME = 160  # samples in 20 ms
LEVEL = -15.0
SILENCE = -120.0
_FULL_SCALE = 32768.0
_BIAS = 0x84
_CLIP = 32635

Samples = NDArray[np.float64]


@lru_cache(maxsize=64)
def tone_frames(hertz: int, level: float = LEVEL) -> tuple[bytes, ...]:
    """One second of a sine in 20 ms frames; whole hertz, so that it can be repeated."""
    if not hertz:
        return (b"\xff" * FRAME,)
    amplitude = _FULL_SCALE * 10 ** (level / 20) * np.sqrt(2)
    wave = amplitude * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    coded = encode(wave)
    return tuple(coded[start : start + FRAME] for start in range(0, RATE, FRAME))


def encode(samples: Samples) -> bytes:
    """Linear 16-bit samples as mu-law."""
    magnitude = np.minimum(np.abs(samples), _CLIP).astype(np.int64) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int64) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def decode(payload: bytes) -> Samples:
    """Mu-law as linear 16-bit samples."""
    return _LINEAR[np.frombuffer(payload, np.uint8)]


def rms(samples: Samples) -> float:
    """The loudness of everything, in dBov."""
    return _dbov(float(np.sqrt(np.mean(samples**2)))) if samples.size else SILENCE


def level(samples: Samples, hertz: float) -> float:
    """The loudness of one frequency, in dBov; the window keeps its neighbours out."""
    if samples.size < FRAME:
        return SILENCE
    return _dbov(float(abs(np.dot(samples, _probe(samples.size, hertz)))))


@lru_cache(maxsize=512)
def _probe(size: int, hertz: float) -> NDArray[np.complex128]:
    """What samples are multiplied by: whoever waits for a tone asks for the same one again."""
    window = np.hanning(size)
    turning = np.exp(-2j * np.pi * hertz * np.arange(size) / RATE)
    probe: NDArray[np.complex128] = window * turning * (np.sqrt(2) / window.sum())
    return probe


def _dbov(root_mean_square: float) -> float:
    if root_mean_square <= 0:
        return SILENCE
    return max(SILENCE, 20 * float(np.log10(root_mean_square / _FULL_SCALE)))


def _linear_table() -> Samples:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 0x07)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.float64)


_LINEAR = _linear_table()
