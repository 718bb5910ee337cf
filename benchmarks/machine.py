"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from pathlib import Path

from telephony.runtime.programs import PROJECT, SetUpNeeded, find


def facts() -> dict[str, object]:
    """Processor, memory, versions; no name of the machine and no path of it."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
        "programs": _programs(),
    }


def commit() -> str:
    """The commit measured, with a `+` when the tree differs from it; "" outside a repository."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*", "--abbrev=12"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _programs() -> dict[str, str]:
    try:
        return dict(find().versions)
    except SetUpNeeded:
        return {}
