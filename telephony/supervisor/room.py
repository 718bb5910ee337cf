"""Whether the disk has room for a day's records."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from telephony.supervisor.problem import CannotStart

NEEDED: Final = 100 * 1024 * 1024  # bytes


def require_room(home: Path, needed: int = NEEDED) -> None:
    """Refuse to start where the first hour would fill the disk."""
    free = shutil.disk_usage(home).free
    if free < needed:
        raise CannotStart(
            f"the disk of {home} is full ({free // 2**20} MiB free, "
            f"{needed // 2**20} MiB needed): make room, or choose another --home"
        )


@contextmanager
def told_plainly(home: Path) -> Iterator[None]:
    """What the disk refuses while the home is made, as a sentence."""
    try:
        yield
    except OSError as refused:
        where = refused.filename or home
        if refused.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CannotStart(f"the disk of {home} is full: make room") from refused
        raise CannotStart(f"{where}: {refused.strerror}") from refused
