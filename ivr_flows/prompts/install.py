"""Turns the recordings into what Asterisk plays without work: raw G.711 and 16-bit files."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ivr_flows.prompts import g711, music, parts
from ivr_flows.prompts.audio import RATE, load, resampled
from ivr_flows.prompts.catalogue import RECORDINGS
from ivr_flows.prompts.level import Samples

STAMP: Final = ".installed"
LANGUAGE: Final = "ja"
MUSIC: Final = Path("moh") / "hold.ulaw"
_FULL_SCALE: Final = 32_768


def install(to: Path, recordings: Path = RECORDINGS) -> bool:
    """Bring `to` up to date, file by whole file, the stamp last; False when it already was."""
    files = sorted(recordings.glob("*.flac"))
    stamp = _stamp_of(files)
    if _is_current(to, files, stamp):
        return False
    for path in files:
        samples = load(path)
        _put(to / LANGUAGE / f"{path.stem}.ulaw", narrow(samples))
        _put(to / LANGUAGE / f"{path.stem}.sln16", _pcm(samples).astype("<i2").tobytes())
    _put(to / LANGUAGE / f"{parts.PAUSE}.ulaw", narrow(pause()))
    _put(to / LANGUAGE / f"{parts.PAUSE}.sln16", _pcm(pause()).tobytes())
    _put(to / MUSIC, g711.encode(_pcm(music.hold_music(g711.RATE))).tobytes())
    _remove_strays(to, files)
    _put(to / STAMP, stamp.encode())
    return True


def narrow(samples: Samples) -> bytes:
    """A recording as μ-law at 8 kHz."""
    return g711.encode(_pcm(resampled(samples, RATE, g711.RATE))).tobytes()


def _pcm(samples: Samples) -> g711.Pcm:
    scaled = np.round(samples * _FULL_SCALE)
    return np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)


def pause() -> Samples:
    """The silence between the groups of a number."""
    return np.zeros(round(parts.PAUSE_SECONDS * RATE))


def _stamp_of(files: list[Path]) -> str:
    """Changes with any recording and with the code that converts them."""
    here = Path(__file__).parent
    code = [here / name for name in ("install.py", "g711.py", "music.py", "level.py", "parts.py")]
    digest = hashlib.sha256()
    for path in (*code, *files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _is_current(to: Path, files: list[Path], stamp: str) -> bool:
    noted = to / STAMP
    return (
        noted.is_file()
        and noted.read_text() == stamp
        and all((to / name).is_file() for name in _names(files))
    )


def _names(files: list[Path]) -> Iterator[Path]:
    for stem in (*(path.stem for path in files), parts.PAUSE):
        yield Path(LANGUAGE) / f"{stem}.ulaw"
        yield Path(LANGUAGE) / f"{stem}.sln16"
    yield MUSIC


def _remove_strays(to: Path, files: list[Path]) -> None:
    wanted = {to / name for name in _names(files)}
    for path in (to / LANGUAGE).iterdir():
        if path not in wanted:
            path.unlink()


def _put(path: Path, content: bytes) -> None:
    """Asterisk may be reading the old file, and a set-up may be interrupted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".new.")
    with open(handle, "wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(content)
    Path(scratch).replace(path)
