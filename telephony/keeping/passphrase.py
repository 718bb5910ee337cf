"""The passphrase of a backup: never an argument, never in the home it opens."""

import os
from pathlib import Path
from typing import Final

FEWEST: Final = 12  # characters
OTHERS: Final = 0o077
LONGEST: Final = 4096  # bytes


class BadPassphrase(Exception):
    """It cannot be used; the text says why."""


def from_file(path: Path, home: Path) -> str:
    """The first line. Raises BadPassphrase."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.readline(LONGEST).decode("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadPassphrase(f"{path} cannot be read ({type(wrong).__name__})") from None
    if mode & OTHERS:
        raise BadPassphrase(f"{path} can be read by others: chmod 600 {path}")
    if path.resolve().is_relative_to(home):
        raise BadPassphrase(
            f"{path} is in the home, so the backup would hold its own passphrase: keep it elsewhere"
        )
    return checked(text)


def checked(passphrase: str) -> str:
    """One that is worth its name."""
    if len(passphrase) < FEWEST:
        raise BadPassphrase(f"the passphrase is too short: take {FEWEST} characters or more")
    return passphrase
