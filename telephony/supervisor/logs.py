"""The files that parts write to: where they are, and how they stay small."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from config.home import Home

LARGEST: Final = 16 * 1024 * 1024  # bytes a file; as much again is kept of what came before
KEPT: Final = 64 * 1024  # bytes that stay when nothing can be set aside
SHOWN: Final = 160  # characters of a last line
_TAIL: Final = 4096
_PIECE: Final = 1024 * 1024


def file_of(home: Home, part: str) -> Path:
    """Where a part writes."""
    return home.logs / f"{part}.log"


def all_of(home: Home) -> list[Path]:
    """Every file that can grow."""
    return [*home.logs.glob("*.log"), *(home.asterisk / "log").glob("*.log")]


def trim_all(home: Home, largest: int = LARGEST, kept: int = KEPT) -> Iterator[str]:
    """Keep every file small; what could not be kept of them, as sentences. It never raises."""
    for log in all_of(home):
        try:
            lost = trim(log, largest, kept)
        except OSError as trouble:
            yield f"{log.name} cannot be kept small ({trouble.strerror}): look at the disk"
            continue
        if lost:
            yield (
                f"{log.name}: {lost // 2**20} MiB of older text are gone, because the disk is full:"
                " make room (ディスクがいっぱいで古いログを残せませんでした。空きを作ってください)"
            )


def trim(log: Path, largest: int = LARGEST, kept: int = KEPT) -> int:
    """Move a large file's text aside; how many bytes of it could not be kept anywhere.

    The writer keeps the file open and only ever appends, so the file itself must stay. Until
    nothing more comes it is copied; what is written in between the last look and the cut, two
    system calls, is lost.
    """
    if size(log) <= largest:
        return 0
    with log.open("r+b") as file:
        try:
            _set_aside(file, log.with_suffix(".log.1"))
        except OSError:
            return _keep_the_end(file, log, kept)
        os.truncate(file.fileno(), 0)
    return 0


def _set_aside(file: BinaryIO, aside: Path) -> None:
    """Copy it all; a copy that fails leaves the former one, and nothing of itself."""
    fresh = aside.with_suffix(".part")
    try:
        with fresh.open("wb") as copy:
            shutil.copyfileobj(file, copy, _PIECE)
            copy.flush()
            while piece := file.read(_PIECE):  # what came meanwhile
                copy.write(piece)
                copy.flush()
            fresh.replace(aside)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _keep_the_end(file: BinaryIO, log: Path, kept: int) -> int:
    """On a full disk: cut the file, which makes room, and give it its end and a word about it."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - kept))
    end = file.read()
    os.truncate(file.fileno(), 0)
    lost = length - len(end)
    with contextlib.suppress(OSError), log.open("ab") as writer:
        writer.write(end + f"{lost} bytes before this were dropped: the disk is full\n".encode())
    return lost


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
