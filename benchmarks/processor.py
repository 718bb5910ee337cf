"""How much processor each part used, from /proc."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12  # fields of /proc/PID/stat behind the name in brackets


class Processor:
    """Begins to count when it is made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._at = time.monotonic()
        self._used = {name: _seconds(pid) for name, pid in pids.items()}

    def since(self) -> dict[str, float]:
        """Processors' worth of each part, by name; 1.0 is one of them all the time."""
        passed = time.monotonic() - self._at
        return {name: used / passed for name, used in self.seconds().items()}

    def seconds(self) -> dict[str, float]:
        """Processor time of each part that has not ended meanwhile, by name."""
        return {
            name: _seconds(pid) - self._used[name]
            for name, pid in self._pids.items()
            if Path(f"/proc/{pid}/stat").exists()
        }


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS
