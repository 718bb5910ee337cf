"""What the figures were measured on."""

import os
import platform
import re
from pathlib import Path

from telephony.runtime.programs import SetUpNeeded, find


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


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _programs() -> dict[str, str]:
    try:
        return dict(find().versions)
    except SetUpNeeded:
        return {}
