"""A site's own recordings: what `madoguchi check` tells of them.

No start is refused for them: what is no good is left out, and the shipped recording is heard.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from config.documents import Fault
from ivr_flows.prompts import parts
from ivr_flows.prompts.catalogue import sounds
from ivr_flows.prompts.recorded import unfit

FOLDER: Final = Path("sounds") / "ja"
SUFFIX: Final = ".ulaw"
_TOLD: Final[Mapping[str, str]] = {
    "missing": "leads nowhere",
    "unreadable": "may not be read: give whoever runs `madoguchi up` the right to",
    "empty": "is empty",
    "format": "is of another format: it has to be raw G.711 μ-law, 8 kHz, without a header",
}


def sound_faults(directory: Path) -> list[Fault]:
    """Every file of the site's own sounds that nobody will hear, by its name."""
    folder = directory / FOLDER
    if not folder.is_dir():
        return []
    return [
        Fault(str(path), 1, told) for path in sorted(folder.iterdir()) for told in _problems(path)
    ]


def _problems(path: Path) -> Iterator[str]:
    if path.name.startswith("."):
        return
    if path.suffix != SUFFIX:
        yield f"is not heard: a recording is raw G.711 μ-law, 8 kHz, in a file NAME{SUFFIX}"
    elif path.stem not in {*sounds(), parts.PAUSE}:
        yield f"is not heard: there is no prompt {path.stem!r}"
    elif (fault := unfit(path)) is not None:
        yield _TOLD[fault]
