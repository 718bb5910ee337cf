"""Reads, writes and resamples sound; the one place that touches the two audio libraries."""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]

from ivr_flows.prompts.level import Samples

RATE: Final = 16_000  # Hz, of every committed recording
# 13 bits: noise 24 dB under that of G.711, and files smaller by a third.
_STEP: Final = 2.0**-12


class Unreadable(ValueError):
    """A file that is no sound, or not of the kind wanted."""


def read(path: Path) -> tuple[Samples, int]:
    """A sound of any format, its channels mixed, and its rate."""
    try:
        samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    except soundfile.LibsndfileError as fault:
        raise Unreadable(str(fault)) from fault
    return np.asarray(samples.mean(axis=1)), int(rate)


def load(path: Path) -> Samples:
    """A committed recording."""
    samples, rate = read(path)
    if rate != RATE:
        raise Unreadable(f"{path.name} has {rate} samples a second, not {RATE}")
    return samples


def save(path: Path, samples: Samples) -> None:
    """Replace a recording."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.round(samples / _STEP) * _STEP
    soundfile.write(path, coarse, RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate."""
    return np.asarray(soxr.resample(samples, rate, wanted, "VHQ"), dtype=np.float64)
