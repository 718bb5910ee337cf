"""Finds every fault of the recordings: missing, outdated, too loud, too long, badly cut."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from ivr_flows.prompts import shaping
from ivr_flows.prompts.audio import RATE, Unreadable, load
from ivr_flows.prompts.catalogue import RECORDINGS, Sound, sounds
from ivr_flows.prompts.level import Samples, active_level, peak, rms
from ivr_flows.prompts.recordings import Recorded, fingerprint, fingerprint_of, path_of, read_book

LEVEL_WINDOW: Final = 1.5  # dB around the wanted level
HIGHEST_OFFSET: Final = 0.001  # DC, share of full scale
SILENT_BELOW: Final = -60.0  # dBov
LEAD_WINDOW: Final = (0.15, 0.3)  # seconds of silence at each edge of a prompt that stands alone
LONGEST_JOIN: Final = 0.08  # seconds of silence where two sounds meet, each side
_FRAME: Final = 0.01


def faults(
    folder: Path = RECORDINGS,
    book: Mapping[str, Recorded] | None = None,
    wanted: Mapping[str, Sound] | None = None,
) -> Iterator[str]:
    """Every fault at once, a sentence each."""
    book = read_book() if book is None else book
    wanted = sounds() if wanted is None else wanted
    for sound in wanted.values():
        yield from (f"{sound.stem}: {fault}" for fault in _faults_of(sound, folder, book))
    strays = {path.stem for path in folder.iterdir()} - wanted.keys()
    yield from (f"{stem}: a recording that no prompt names" for stem in sorted(strays))


def _faults_of(sound: Sound, folder: Path, book: Mapping[str, Recorded]) -> Iterator[str]:
    path = path_of(sound.stem, folder)
    if not path.is_file():
        yield "has no recording; run `python -m ivr_flows.prompts render`"
        return
    yield from _differences(sound, path, book.get(sound.stem))
    try:
        samples = load(path)
    except Unreadable as fault:
        yield f"cannot be read: {fault}"
        return
    yield from _level_faults(samples)
    yield from _length_faults(sound, samples.size / RATE)
    yield from _edge_faults(sound, samples)


def _differences(sound: Sound, path: Path, recorded: Recorded | None) -> Iterator[str]:
    if recorded is None:
        yield "nothing is noted of its recording"
    elif recorded.text != fingerprint(sound):
        yield "its text has changed since it was recorded"
    elif recorded.audio != fingerprint_of(path):
        yield "its file is not the recording that was noted"


def _level_faults(samples: Samples) -> Iterator[str]:
    level = active_level(samples, RATE)
    if abs(level - shaping.LEVEL) > LEVEL_WINDOW:
        yield f"its active level is {level:.1f} dBov, not {shaping.LEVEL:.0f}"
    if peak(samples) > shaping.CEILING:
        yield f"it peaks at {peak(samples):.1f} dBFS, above {shaping.CEILING:.0f}"
    offset = abs(float(samples.mean())) if samples.size else 0.0
    if offset > HIGHEST_OFFSET:
        yield f"it is {offset:.2%} off zero"


def _length_faults(sound: Sound, seconds: float) -> Iterator[str]:
    if not sound.at_least <= seconds <= sound.at_most:
        yield f"it lasts {seconds:.1f} s, not {sound.at_least} to {sound.at_most}"


def _edge_faults(sound: Sound, samples: Samples) -> Iterator[str]:
    lead, tail = silence_at_edges(samples)
    for name, silence, joined in (
        ("begins", lead, "previous" in sound.joins),
        ("ends", tail, "next" in sound.joins),
    ):
        lowest, highest = (0.0, LONGEST_JOIN) if joined else LEAD_WINDOW
        if not lowest <= silence <= highest:
            yield f"it {name} with {silence * 1000:.0f} ms of silence"


def silence_at_edges(samples: Samples) -> tuple[float, float]:
    """Seconds of silence before and after the speech."""
    width = round(_FRAME * RATE)
    frames = samples[: samples.size // width * width].reshape(-1, width)
    heard = np.flatnonzero([rms(frame) > SILENT_BELOW for frame in frames])
    if not heard.size:
        return samples.size / RATE, 0.0
    return float(heard[0] * _FRAME), float(samples.size / RATE - (heard[-1] + 1) * _FRAME)
