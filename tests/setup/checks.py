"""What the tests look at."""

from __future__ import annotations

import subprocess
from pathlib import Path

from telephony.runtime.places import Site


def runs(program: Path, *arguments: str) -> str:
    """Start a program and hand back what it says."""
    command = [str(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def stamps(site: Site) -> dict[str, tuple[int, int]]:
    """Note which files are there, so that an untouched folder can be told from a rebuilt one."""
    return {
        str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns)
        for each in ("asterisk", "tools")
        for path in (site.runtime / each).rglob("*")
    }


def forget_mirror(site: Site) -> None:
    """Take the machine off the network."""
    (site.apt_etc / "sources.list").unlink()
