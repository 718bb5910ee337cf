"""Takes recordings of a person in place of the synthetic ones."""

from dataclasses import dataclass
from pathlib import Path

from ivr_flows.prompts.audio import Unreadable, read, save
from ivr_flows.prompts.catalogue import RECORDINGS, sounds
from ivr_flows.prompts.recordings import (
    BOOK,
    Recorded,
    fingerprint,
    fingerprint_of,
    path_of,
    read_book,
    write_book,
)
from ivr_flows.prompts.shaping import Unusable, shape


class NotTaken(ValueError):
    """A take that cannot become a recording, and why."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where recordings and their notes are kept."""

    folder: Path = RECORDINGS
    book: Path = BOOK


def take(stem: str, file: Path, voice: str, shelf: Shelf | None = None) -> None:
    """Shape and keep one take of any format and rate."""
    shelf = shelf or Shelf()
    sound = sounds().get(stem)
    if sound is None:
        raise NotTaken(f"there is no prompt {stem!r}")
    try:
        shaped = shape(*read(file), sound)
    except (Unreadable, Unusable) as fault:
        raise NotTaken(str(fault)) from fault
    path = path_of(stem, shelf.folder)
    save(path, shaped)
    note = Recorded(fingerprint(sound), fingerprint_of(path), voice, reading=None)
    write_book(read_book(shelf.book) | {stem: note}, shelf.book)
