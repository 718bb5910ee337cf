"""Port bases for tests that run whole instances side by side, in any number of processes."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from config.ports import Ports

# Neighbours, so that no two of them share a block of media ports; the demo's is not among
# them, and media stays below the ports that the kernel hands out at random for the first ones.
# A desk on port 10080 is one that no browser opens: it is on their list of unsafe ports.
BASES: Final = tuple(base for base in range(9200, 17_200, 200) if base != 10_000)
LOCKS: Final = Path(tempfile.gettempdir()) / f"madoguchi-test-ports-{os.geteuid()}"
_SINGLE: Final = (1, 2, 3, 4, 80)

_held: dict[int, int] = {}  # base → descriptor that holds its lock


def free_base() -> int:
    """A base that no other process has, and whose ports nobody uses; ours until `give_back`.

    It comes back by itself when this process ends.
    """
    LOCKS.mkdir(mode=0o700, exist_ok=True)
    for base in BASES:
        if base not in _held and _locked(base):
            if all(map(_unused, (base + offset for offset in _SINGLE))):
                return base
            give_back(base)
    raise RuntimeError(f"all {len(BASES)} port bases are taken")


def give_back(base: int) -> None:
    """Somebody else may have it."""
    os.close(_held.pop(base))


@contextmanager
def a_base() -> Iterator[int]:
    """A free base for the length of a `with`."""
    base = free_base()
    try:
        yield base
    finally:
        give_back(base)


def _locked(base: int) -> bool:
    descriptor = os.open(LOCKS / str(base), os.O_CREAT | os.O_RDWR, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _held[base] = descriptor
        return True
    os.close(descriptor)
    return False


def _unused(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


assert all(Ports(base) for base in BASES)
