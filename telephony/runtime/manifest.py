"""`versions.json`: what the runtime holds, made from what, and for which path."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One package as it was found on the mirror."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The state of one runtime folder; the last thing a build writes."""

    root: str = ""  # the path the executables were patched for
    machine: str = field(default_factory=platform.machine)
    tarball: str = ""  # which MADOGUCHI_RUNTIME it came from, if any
    programs: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, Mapping[str, Found]] = field(default_factory=dict)

    def write(self, runtime: Path) -> None:
        """Replace the file in one step."""
        unfinished = runtime / "versions.json.part"
        text = json.dumps({"format": _FORMAT, **asdict(self)}, indent=1)
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(runtime / "versions.json")


def read(runtime: Path) -> Manifest | None:
    """Read the manifest; a missing or unreadable one means that set-up has to begin again."""
    try:
        values = json.loads((runtime / "versions.json").read_text(encoding="utf-8"))
        if values.pop("format") != _FORMAT:
            return None
        values["sets"] = {
            name: {package: Found(**found) for package, found in packages.items()}
            for name, packages in values["sets"].items()
        }
        return Manifest(**values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
