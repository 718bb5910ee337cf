"""Lets a recogniser hear the announcements of a place in line, as callers do: in G.711.

    python -m ivr_flows.prompts.listen MODEL 10 77

A tool for whoever changes a voice or a text, of an environment of its own; nothing on the call path
may import it. MODEL is a directory with a Whisper model in CTranslate2's form. A machine that
understands is no proof that people do, and one that does not is a reason to listen.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ivr_flows.prompts import g711
from ivr_flows.prompts.audio import RATE, load, resampled
from ivr_flows.prompts.install import narrow
from ivr_flows.prompts.level import Samples
from ivr_flows.prompts.recordings import path_of
from ivr_flows.prompts.speak import speak

FULL_SCALE: Final = 32_768


def announcement(place: int) -> tuple[str, ...]:
    """The sounds that a caller in this place hears, in order."""
    parts = ("position_intro", f"position:{place}", "position_outro")
    return tuple(stem for part in parts for stem in speak(part))


def as_heard(stems: Sequence[str]) -> Samples:
    """What comes out of a telephone, at the rate that the recogniser wants."""
    octets = b"".join(narrow(load(path_of(stem))) for stem in stems)
    samples = g711.decode(np.frombuffer(octets, np.uint8)).astype(np.float64) / FULL_SCALE
    return resampled(samples, g711.RATE, RATE)


def main() -> None:
    """Print what was understood of each."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("model", type=Path)
    wanted.add_argument("places", type=int, nargs="+")
    told = wanted.parse_args()
    whisper = importlib.import_module("faster_whisper")
    model = whisper.WhisperModel(str(told.model), compute_type="int8", local_files_only=True)
    for place in told.places:
        heard, _ = model.transcribe(
            as_heard(announcement(place)).astype(np.float32), language="ja", beam_size=5
        )
        sys.stdout.write(f"{place} {''.join(part.text for part in heard)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
