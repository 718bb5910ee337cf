"""The notes that say which process a part is, for the `up` after this one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from config.files import write_atomically
from config.home import Home
from telephony.supervisor.identity import Identity


@dataclass(frozen=True, slots=True)
class Note:
    """A part as it was started."""

    identity: Identity
    home: str  # a copied home carries notes about processes of the original
    runtime: str  # sockets of a runtime directory that was lost are lost too


_SHAPE: Final = TypeAdapter(Note)


def write(home: Home, part: str, identity: Identity) -> None:
    """Remember the process."""
    note = Note(identity, str(home.path), str(home.runtime()))
    write_atomically(_file(home, part), _SHAPE.dump_json(note).decode())


def read(home: Home, part: str) -> Note | None:
    """The process remembered for this home, alive or not."""
    try:
        note = _SHAPE.validate_json(_file(home, part).read_bytes())
    except (OSError, ValidationError):
        return None
    return note if home.is_at(note.home) else None


def living(home: Home, part: str) -> Identity | None:
    """The process of a part, if it runs."""
    note = read(home, part)
    return note.identity if note and note.identity.is_alive() else None


def forget(home: Home, part: str) -> None:
    """The process is gone."""
    _file(home, part).unlink(missing_ok=True)


def _file(home: Home, part: str) -> Path:
    folder = home.path / "parts"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{part}.json"
