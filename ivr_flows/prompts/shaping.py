"""Makes a prompt out of raw speech: what the line cannot carry removed, edges cut, level set."""

from typing import Final

import numpy as np

from ivr_flows.prompts.audio import RATE, resampled
from ivr_flows.prompts.catalogue import Sound
from ivr_flows.prompts.level import SILENCE, Samples, active_level, peak

LEVEL: Final = -22.0  # dBov, active speech (ITU-T P.56); RMS 2600 of 32767
CEILING: Final = -3.0  # dBFS

LEAD: Final = 0.2  # seconds of silence before a prompt that stands alone
TAIL: Final = 0.25
# Where sounds meet, tail and lead together are the gap: 60 ms.
JOINED_LEAD: Final = 0.02
JOINED_TAIL: Final = 0.04

_PASS_ABOVE: Final = 200.0  # Hz
_STOP_BELOW: Final = 140.0
_FRAME: Final = 0.005  # seconds
_AUDIBLE: Final = 38.0  # dB under the active level; below is breath and noise of the synthesis
_FADE: Final = 0.008


class Unusable(ValueError):
    """Speech that cannot be brought to the wanted level, or none at all."""


def shape(raw: Samples, rate: int, sound: Sound) -> Samples:
    """Raw speech of any rate as the finished recording at 16 kHz."""
    speech = high_pass(resampled(raw, rate, RATE), RATE)
    speech = _faded(trimmed(speech, RATE))
    lead = JOINED_LEAD if "previous" in sound.joins else LEAD
    tail = JOINED_TAIL if "next" in sound.joins else TAIL
    placed = np.concatenate([np.zeros(round(lead * RATE)), speech, np.zeros(round(tail * RATE))])
    levelled = placed * 10 ** ((LEVEL - active_level(placed, RATE)) / 20)
    if peak(levelled) > CEILING:
        raise Unusable(f"{sound.stem} peaks at {peak(levelled):.1f} dBFS when its level is right")
    return levelled


def high_pass(samples: Samples, rate: int) -> Samples:
    """Removes what lies below the telephone band, with no shift in time."""
    spectrum = np.fft.rfft(samples, samples.size + rate)  # a second of zeros: no wrap-around
    frequencies = np.fft.rfftfreq(samples.size + rate, 1 / rate)
    rise = np.clip((frequencies - _STOP_BELOW) / (_PASS_ABOVE - _STOP_BELOW), 0, 1)
    passed = np.fft.irfft(spectrum * np.sin(rise * np.pi / 2) ** 2, samples.size + rate)
    return passed[: samples.size]


def trimmed(samples: Samples, rate: int) -> Samples:
    """Without what is before and after the speech."""
    level = active_level(samples, rate)
    if level <= SILENCE:
        raise Unusable("nothing is spoken")
    width = round(_FRAME * rate)
    frames = samples[: samples.size // width * width].reshape(-1, width)
    power = np.square(frames).mean(axis=1)
    floor = 10 ** ((level - _AUDIBLE) / 10)
    heard = np.flatnonzero(power > floor)
    first, last = max(0, heard[0] - 1), heard[-1] + 2
    return samples[first * width : last * width]


def _faded(samples: Samples) -> Samples:
    length = round(_FADE * RATE)
    ramp = np.sin(np.linspace(0, np.pi / 2, length)) ** 2
    out = samples.copy()
    out[:length] *= ramp
    out[-length:] *= ramp[::-1]
    return out
