"""Which text each recording speaks, so that a changed text with the old recording is found."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from config.files import write_atomically
from ivr_flows.prompts.catalogue import RECORDINGS, Sound
from ivr_flows.prompts.readings import expand

BOOK: Final = RECORDINGS.parent / "rendered.json"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of one recording."""

    text: str  # hash of the expanded text and the speed
    audio: str  # hash of the file
    voice: str
    reading: str | None  # how a synthesiser read it; None for a person


def path_of(stem: str, folder: Path = RECORDINGS) -> Path:
    """Where a recording lies."""
    return folder / f"{stem}.flac"


def fingerprint(sound: Sound) -> str:
    """Changes with the wording, with a reading, and with the pace."""
    return hashlib.sha256(f"{expand(sound.text)}|{sound.speed}".encode()).hexdigest()[:16]


def fingerprint_of(path: Path) -> str:
    """Changes with the recording."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def read_book(book: Path = BOOK) -> dict[str, Recorded]:
    """Everything recorded so far."""
    if not book.is_file():
        return {}
    rows: Mapping[str, Mapping[str, str]] = json.loads(book.read_text(encoding="utf-8"))
    return {stem: Recorded(**row) for stem, row in rows.items()}


def write_book(recorded: Mapping[str, Recorded], book: Path = BOOK) -> None:
    """One line a recording, in order, so that a change reads well in a diff."""
    lines = (
        f"{json.dumps(stem)}: {json.dumps(asdict(recorded[stem]), ensure_ascii=False)}"
        for stem in sorted(recorded)
    )
    write_atomically(book, "{\n" + ",\n".join(lines) + "\n}\n", mode=0o644)
