"""Which process a pid means: a pid alone may be somebody else's by now."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_BOOT: Final = _PROC / "sys" / "kernel" / "random" / "boot_id"
_DEAD: Final = ("Z", "X")
_STATE, _STARTED = 0, 19  # fields of /proc/PID/stat, counted after the name in brackets


@dataclass(frozen=True, slots=True)
class Identity:
    """One process and no other, also after a reboot."""

    pid: int
    started: int  # clock ticks since boot
    boot: str

    def is_alive(self) -> bool:
        """Whether that very process still runs; one that only waits to be reaped does not."""
        fields = _stat(self.pid)
        return bool(fields) and fields[_STATE] not in _DEAD and _identity(self.pid, fields) == self


def identify(pid: int) -> Identity:
    """The identity of a process, or of our own child that ended before we could look."""
    fields = _stat(pid)
    if not fields:
        raise ProcessLookupError(pid)
    return _identity(pid, fields)


def command_of(pid: int) -> str:
    """What people call that process; empty when it may not be seen."""
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    # The name in brackets may itself hold spaces and brackets.
    return stat.rpartition(")")[2].split()


def _identity(pid: int, fields: list[str]) -> Identity:
    return Identity(pid, int(fields[_STARTED]), _BOOT.read_text().strip())
