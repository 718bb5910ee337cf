"""Whether a file is a recording as Asterisk plays it: raw μ-law, which has no header."""

from pathlib import Path
from typing import Final, Literal

Fault = Literal["missing", "unreadable", "empty", "format"]

# How files of other formats begin. Under the name of a raw one they are played as noise, and
# Asterisk calls it well done.
_HEADERS: Final = (b"RIFF", b"fLaC", b"OggS", b"ID3", b"FORM", b".snd", b"#!AMR", b"caff")
_BOX: Final = b"ftyp"  # of MP4, behind a length of four octets
_LONGEST: Final = 8


def unfit(file: Path) -> Fault | None:
    """Why it cannot be played; None when it can."""
    try:
        with file.open("rb") as opened:
            begins = opened.read(_LONGEST)
    except FileNotFoundError:
        return "missing"
    except (OSError, ValueError):
        return "unreadable"
    if not begins:
        return "empty"
    foreign = begins.startswith(_HEADERS) or begins[4:] == _BOX
    return "format" if foreign else None
