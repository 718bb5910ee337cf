"""The music a waiting caller hears: our own, written out here, rendered when sounds are installed.

Sixteen bars of four at 64 beats a minute, in F: a broken chord and a slow melody above it, on a
soft bell, with nothing under 300 Hz, because a telephone line carries nothing there. Notes that
ring past the last bar ring on in the first, so the loop has no seam.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ivr_flows.prompts.level import Samples, active_level

LEVEL: Final = -30.0  # dBov: 8 dB under speech, so that an announcement stands out
BEAT: Final = 60 / 64  # seconds
BEATS_A_BAR: Final = 4

_SEMITONES: Final = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
_ACCIDENTALS: Final = {"b": -1, "#": 1}
_A4: Final = 440.0
_OCTAVE: Final = 12
_CARRIED: Final = (300.0, 3400.0)  # Hz, of a telephone line

# Bar by bar: the chord's notes, low to high, and the melody as note:beats (`-` rests).
BARS: Final = (
    ("F4 A4 C5 F5", "C5:2 A5:1.5 G5:0.5"),
    ("D4 F4 A4 D5", "F5:3 D5:1"),
    ("G4 Bb4 D5 G5", "D5:1 F5:1 G5:2"),
    ("C4 E4 G4 C5", "E5:2 C5:1 -:1"),
    ("F4 A4 C5 F5", "C5:2 A5:1.5 Bb5:0.5"),
    ("D4 F4 A4 D5", "C6:2 A5:1 F5:1"),
    ("Bb4 D5 F5 G5", "G5:1.5 A5:0.5 G5:1 D5:1"),
    ("C4 E4 G4 C5", "E5:1 F5:1 G5:2"),
    ("Bb4 D5 F5 A5", "A5:2 D6:2"),
    ("A4 C5 E5 G5", "C6:3 G5:1"),
    ("G4 Bb4 D5 F5", "Bb5:2 A5:1 G5:1"),
    ("C4 E4 G4 Bb4", "G5:3 -:1"),
    ("F4 A4 C5 F5", "C5:2 A5:1.5 G5:0.5"),
    ("D4 F4 A4 D5", "F5:3 A5:1"),
    ("G4 Bb4 C5 E5", "G5:1 Bb5:1 A5:1 G5:1"),
    ("F4 A4 C5 F5", "F5:3 -:1"),
)
_BROKEN: Final = (0, 1, 2, 3, 2, 1, 2, 1)  # which note of the chord each half beat takes
_MELODY_GAIN: Final = 1.0
_CHORD_GAIN: Final = 0.38
# A bell: partials by multiple of the pitch, loudness, and seconds until they have faded to a third.
_PARTIALS: Final = ((1.0, 1.0, 1.1), (2.0, 0.42, 0.8), (3.0, 0.16, 0.5), (4.0, 0.07, 0.3))
_ATTACK: Final = 0.012  # seconds
_RINGS: Final = 5.0  # seconds until a note is gone


@dataclass(frozen=True, slots=True)
class Note:
    """One struck note."""

    at: float  # seconds from the start of the loop
    pitch: float  # Hz
    gain: float


def seconds() -> float:
    """How long the loop is."""
    return len(BARS) * BEATS_A_BAR * BEAT


def notes() -> Iterator[Note]:
    """The whole score."""
    for number, (chord, melody) in enumerate(BARS):
        start = number * BEATS_A_BAR * BEAT
        yield from _broken_chord(chord, start)
        yield from _melody(melody, start)


def hold_music(rate: int) -> Samples:
    """One turn of the loop, its end leading into its beginning."""
    loop = np.zeros(round(seconds() * rate))
    for note in notes():
        struck = _strike(note.pitch, rate) * note.gain
        places = (round(note.at * rate) + np.arange(struck.size)) % loop.size
        loop[places] += struck
    carried = _band_limited(loop, rate)
    return carried * 10 ** ((LEVEL - active_level(carried, rate)) / 20)


def pitch(name: str) -> float:
    """The frequency of a note such as Bb4, equal temperament."""
    semitones = _SEMITONES[name[0]] + sum(_ACCIDENTALS[sign] for sign in name[1:-1])
    octaves = int(name[-1]) - 4
    return float(_A4 * 2 ** (octaves + semitones / _OCTAVE))


def _broken_chord(chord: str, start: float) -> Iterator[Note]:
    names = chord.split()
    for step, which in enumerate(_BROKEN):
        yield Note(start + step * BEAT / 2, pitch(names[which]), _CHORD_GAIN)


def _melody(line: str, start: float) -> Iterator[Note]:
    for item in line.split():
        name, beats = item.split(":")
        if name != "-":
            yield Note(start, pitch(name), _MELODY_GAIN)
        start += float(beats) * BEAT


@cache
def _strike(frequency: float, rate: int) -> Samples:
    time = np.arange(round(_RINGS * rate)) / rate
    sound = np.zeros(time.size)
    for multiple, loudness, fades in _PARTIALS:
        if multiple * frequency < _CARRIED[1]:
            sound += (
                loudness * np.sin(2 * np.pi * multiple * frequency * time) * np.exp(-time / fades)
            )
    gone = np.clip((_RINGS - time) / 0.5, 0, 1)  # the last half second to silence, not to a step
    return sound * np.clip(time / _ATTACK, 0, 1) * gone


def _band_limited(loop: Samples, rate: int) -> Samples:
    """Filtered as a circle, which a loop is."""
    spectrum = np.fft.rfft(loop)
    frequencies = np.fft.rfftfreq(loop.size, 1 / rate)
    low, high = _CARRIED
    rise = np.clip((frequencies - low * 0.8) / (low * 0.2), 0, 1)
    fall = np.clip((high * 1.1 - frequencies) / (high * 0.1), 0, 1)
    return np.fft.irfft(spectrum * rise * fall, loop.size)
