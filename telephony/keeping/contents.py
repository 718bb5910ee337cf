"""What of a home and its site belongs into a backup: everything that nobody could make again.

Named is what stays out, so that a directory some later version adds is kept without a word here.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.home import Home, Instance

HOME, SITE, SQL = "home", "site", "sql"  # first part of a member's name
# Beside the database, which is read as records, because its file is written meanwhile.
NOT_KEPT: Final = frozenset(
    {
        "asterisk",  # generated at each start
        "redis",  # the journal: what was promised is in SQL, and a new epoch begins
        "log",
        "run",
        "parts",  # processes of this machine
        "up.lock",
        "home.json",  # paths and ports of this machine
    }
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file and its name in the backup."""

    path: Path
    name: str


@dataclass(slots=True)
class Contents:
    """The files, and what could not be taken."""

    files: list[Kept]
    left_out: list[str]


def contents(home: Home, instance: Instance) -> Contents:
    """The files of the home and of its site as they are now."""
    found = Contents([], [])
    site = instance.site.resolve()
    if site.is_dir():
        _collect(found, site, SITE, frozenset())
    inside = {site.relative_to(home.path).parts[0]} if site.is_relative_to(home.path) else set()
    database = {f"{home.database.name}{ending}" for ending in ("", "-wal", "-shm", "-journal")}
    _collect(found, home.path, HOME, NOT_KEPT | database | inside)
    return found


def _collect(found: Contents, root: Path, prefix: str, top: frozenset[str]) -> None:
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        skipped = top if here == root else frozenset()
        # What begins with a dot is a file in the making, or an editor's.
        folders[:] = sorted(name for name in folders if _is_wanted(name, skipped))
        links = [name for name in folders if (here / name).is_symlink()]
        for name in sorted([*links, *(each for each in files if _is_wanted(each, skipped))]):
            path = here / name
            told = f"{prefix}/{path.relative_to(root)}"
            if _is_file(path):
                found.files.append(Kept(path, told))
            else:
                found.left_out.append(told)


def _is_wanted(name: str, skipped: frozenset[str]) -> bool:
    return name not in skipped and not name.startswith(".")


def _is_file(path: Path) -> bool:
    """A link to a file counts as the file; sockets and links to directories do not."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
