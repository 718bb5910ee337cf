"""Homes for tests, with nothing left outside them."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from config.home import Home


@contextlib.contextmanager
def prepared(path: Path) -> Iterator[Home]:
    """A home with all its directories, also the short one elsewhere."""
    home = Home.at(path)
    home.prepare()
    try:
        yield home
    finally:
        forget_runtime(home)


def forget_runtime(home: Home) -> None:
    """Remove the short directory of a home, if it has one."""
    with contextlib.suppress(OSError):
        shutil.rmtree(home.run.readlink())
