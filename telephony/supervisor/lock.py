"""One supervisor a home, and its short directory safe from whoever tidies up."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from config.home import Home
from telephony.supervisor.problem import CannotStart
from telephony.supervisor.room import told_plainly


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold the home's lock; it is released with the process, however that ends."""
    with _lock_file(home) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            raise CannotStart(
                f"another `madoguchi up` (pid {holder}) runs on {home.path}: "
                "stop it first, or choose another --home and --port-base"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock_file(home: Home) -> TextIO:
    with told_plainly(home.path):
        return (home.path / "up.lock").open("a+", encoding="ascii")


@contextmanager
def kept_from_cleaning(folder: Path) -> Iterator[None]:
    """A shared lock on it: systemd-tmpfiles removes what is old in /tmp unless it is locked."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
