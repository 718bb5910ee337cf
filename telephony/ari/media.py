"""Sound URIs."""

from __future__ import annotations

from pathlib import PurePath

_SOUND_SUFFIXES = frozenset({".ulaw", ".alaw", ".sln", ".sln16", ".gsm", ".wav", ".g722"})


def sound(path: PurePath) -> str:
    """The URI of a sound file outside Asterisk's own sounds directory.

    Asterisk picks the format itself, so the suffix is left off; a comma would end the path,
    because a list of media is comma-separated.
    """
    if not path.is_absolute():
        raise ValueError(f"not an absolute path: {path}")
    bare = path.with_suffix("") if path.suffix in _SOUND_SUFFIXES else path
    if "," in str(bare):
        raise ValueError(f"a comma separates media: {path}")
    return f"sound:{bare}"
