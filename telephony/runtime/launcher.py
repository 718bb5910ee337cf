"""A launcher for a program whose libraries and fonts are looked for by absolute paths.

Some libraries name the directory of others themselves, which hides the path of the executable,
and fontconfig reads the machine's fonts. So both are told by the environment. The launcher asks
where it is itself: it works wherever the project folder is moved to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from telephony.runtime.wanted import Launched

FONTS: Final = "etc/fonts/only-ours.conf"
_SCRIPT: Final = """\
#!/bin/sh
# Written by set-up.
tree=$(readlink -f "$0") && tree=${{tree%/{place}}} || exit 1
LD_LIBRARY_PATH={libraries} FONTCONFIG_FILE=$tree/{fonts}
export LD_LIBRARY_PATH FONTCONFIG_FILE
exec "$tree/{program}" "$@"
"""
_CONFIGURATION: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<!-- Written by set-up: the fonts of this tree, and no others. -->
<fontconfig>
  <dir prefix="relative">../../usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def write(tree: Path, launched: Launched) -> None:
    """Put the launcher in the place of the program."""
    place = launched.place
    libraries = ":".join(f"$tree/{each}" for each in _libraries(tree, launched))
    script = _SCRIPT.format(place=place, libraries=libraries, fonts=FONTS, program=launched.program)
    _replace(tree / place, script)
    (tree / place).chmod(0o755)
    _replace(tree / FONTS, _CONFIGURATION)


def _libraries(tree: Path, launched: Launched) -> Iterator[Path]:
    """The tree's directories of libraries, as relative paths."""
    for pattern in ("lib/*-linux-*", "usr/lib/*-linux-*"):
        for directory in sorted(tree.glob(pattern)):
            below = (directory / each for each in launched.libraries_below)
            for found in (directory, *below):
                if found.is_dir():
                    yield found.relative_to(tree)


def _replace(path: Path, text: str) -> None:
    """Write a file anew: what a package put there may be a link to elsewhere."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
