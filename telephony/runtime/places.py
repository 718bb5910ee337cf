"""Where a program may be found: unpacked in the runtime, or already on the machine."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from telephony.runtime import tree
from telephony.runtime.commands import run
from telephony.runtime.errors import SetUpFault
from telephony.runtime.wanted import (
    POSTGRESQL,
    SETS,
    PackageSet,
    Program,
    Version,
    dotted,
    shown_version,
)


@dataclass(frozen=True, slots=True)
class Site:
    """The folders and machine settings one build works with."""

    runtime: Path
    cache: Path
    apt_etc: Path
    codename: str  # of the machine's own release
    search: str  # like PATH: where programs may be already
    machine: str = field(default_factory=platform.machine)


def said(program: Program, path: Path) -> Version | None:
    """Start a program once and take its word for its version; None when it does not start."""
    try:
        return shown_version(run([path, program.version_flag]).said)
    except OSError:
        return None


def works(program: Program, path: Path | None) -> bool:
    """Tell whether there is such a program, it starts, and its version will do."""
    version = path and said(program, path)
    return bool(version and program.accepts(version))


def unpacked(site: Site, wanted: PackageSet, program: Program) -> Path | None:
    """Find a program in the runtime's own tree."""
    return tree.locate(site.runtime / wanted.name, program)


def installed(site: Site, wanted: PackageSet, program: Program) -> Path | None:
    """Find a good enough program on the machine; Asterisk is never taken from there."""
    if not wanted.from_path:
        return None
    found = shutil.which(program.name, path=site.search)
    path = Path(found) if found else None
    return path if works(program, path) else None


def link_all(site: Site) -> dict[str, str]:
    """Lay out `bin/`, and tell the version of every program in it."""
    directory = site.runtime / "bin"
    directory.mkdir(exist_ok=True)
    return {program.name: _link(directory, program, path) for program, path in _found(site)}


def _found(site: Site) -> Iterator[tuple[Program, Path]]:
    for wanted in SETS:
        for program in wanted.programs:
            path = unpacked(site, wanted, program) or installed(site, wanted, program)
            if path is not None:
                yield program, path


def _link(directory: Path, program: Program, path: Path) -> str:
    version = said(program, path)
    if version is None:
        raise SetUpFault(
            f"{path} does not start on this machine.", f"{program.name} が起動しません"
        )
    link, target = directory / program.name, path
    if program in POSTGRESQL.programs:  # its programs are asked for together, by their directory
        link, target = directory / "postgresql", path.resolve().parent
    fresh = link.with_name(f".{link.name}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    return dotted(version)
