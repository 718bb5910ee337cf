"""Measures speech as ITU-T P.56 method B does: the level while somebody speaks, without pauses.

All levels are dBov: decibels against a full-scale square wave, so RMS 1.0 is 0 dBov.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

_SMOOTHING: Final = 0.03  # seconds, both stages of the envelope
_HANGOVER: Final = 0.2  # seconds a pause must last to count as one
_MARGIN: Final = 15.9  # dB between the active level and the threshold of activity
_THRESHOLDS: Final = 2.0 ** -np.arange(1, 16)
_BLOCK: Final = 2048  # short enough that the growing powers below stay exact
SILENCE: Final = -100.0


def active_level(samples: Samples, rate: int) -> float:
    """The active speech level; SILENCE when nobody speaks."""
    energy = float(np.square(samples).sum())
    if energy <= 0:
        return SILENCE
    envelope = _envelope(np.abs(samples), rate)
    active = np.array([_active_samples(envelope, limit, rate) for limit in _THRESHOLDS])
    heard = active > 0
    levels = 10 * np.log10(energy / active[heard])
    margins = levels - 20 * np.log10(_THRESHOLDS[heard])
    return _where_margin_is_met(levels, margins)


def peak(samples: Samples) -> float:
    """The highest sample."""
    highest = float(np.abs(samples).max(initial=0.0))
    return 20 * float(np.log10(highest)) if highest > 0 else SILENCE


def rms(samples: Samples) -> float:
    """The long-term level, pauses included."""
    power = float(np.square(samples).mean()) if samples.size else 0.0
    return 10 * float(np.log10(power)) if power > 0 else SILENCE


def _envelope(rectified: Samples, rate: int) -> Samples:
    decay = float(np.exp(-1 / (rate * _SMOOTHING)))
    return _smoothed(_smoothed(rectified, decay), decay)


def _smoothed(values: Samples, decay: float) -> Samples:
    """One-pole low-pass, a block at a time instead of a sample at a time."""
    blocks = -(-values.size // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[: values.size] = values
    fading = decay ** np.arange(1, _BLOCK + 1)
    fresh = np.cumsum(padded.reshape(blocks, _BLOCK) * (1 - decay) / fading, axis=1) * fading
    carried = 0.0
    for block in fresh:
        block += carried * fading
        carried = block[-1]
    smoothed: Samples = fresh.reshape(-1)[: values.size]
    return smoothed


def _active_samples(envelope: Samples, limit: float, rate: int) -> int:
    places = np.arange(envelope.size)
    never = -envelope.size - rate
    latest = np.maximum.accumulate(np.where(envelope >= limit, places, never))
    return int(np.count_nonzero(places - latest <= _HANGOVER * rate))


def _where_margin_is_met(levels: Samples, margins: Samples) -> float:
    """Coming from the lowest threshold, the level where it lies the margin below, interpolated."""
    short = np.flatnonzero(margins < _MARGIN)
    if not short.size:
        return float(levels[0])
    last = int(short[-1])
    if last == levels.size - 1:
        return float(levels[last])
    share = float((_MARGIN - margins[last]) / (margins[last + 1] - margins[last]))
    return float(levels[last] + share * (levels[last + 1] - levels[last]))
