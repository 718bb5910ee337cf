"""The files that parts write to: where they are, and how they stay small."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

from config.home import Home

LARGEST: Final = 16 * 1024 * 1024  # bytes a file; as much again is kept of what came before
SHOWN: Final = 160  # characters of a last line
_TAIL: Final = 4096


def file_of(home: Home, part: str) -> Path:
    """Where a part writes."""
    return home.logs / f"{part}.log"


def all_of(home: Home) -> list[Path]:
    """Every file that can grow."""
    return [*home.logs.glob("*.log"), *(home.asterisk / "log").glob("*.log")]


def trim(log: Path, largest: int = LARGEST) -> None:
    """Move a large file's text aside.

    The writer keeps the file open and only ever appends, so the file itself must stay.
    """
    if size(log) > largest:
        # On a full disk what came before is lost: it must not fill it further.
        with contextlib.suppress(OSError):
            shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def size(log: Path) -> int:
    """How much a part has said so far."""
    return log.stat().st_size if log.exists() else 0


def last_line(log: Path, since: int = 0) -> str:
    """The end of what a part said after byte `since`, for a console that shows only that."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - _TAIL, since if since <= end else 0))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:SHOWN] for line in reversed(lines) if line.strip()), "")
