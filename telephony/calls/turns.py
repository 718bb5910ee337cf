"""Whom one sweep asks about, of more than it may."""

from collections.abc import Container, Iterable
from typing import Final

AT_MOST: Final = 32  # of a kind: what is asked is time in which a caller's request waits


class Turns:
    """One after the other: whoever is new, or was asked, is last in line, so nobody starves."""

    def __init__(self) -> None:
        self._line: list[str] = []

    def take(self, names: Iterable[str], again: Container[str] = ()) -> list[str]:
        """Those whose turn it is; before them `again`, about whom one answer has told already."""
        there = dict.fromkeys(names)
        if not there:  # as mostly
            self._line = []
            return []
        line = list(dict.fromkeys([*(name for name in self._line if name in there), *there]))
        doubted = [name for name in line if name in again]
        taken = dict.fromkeys([*doubted, *line][:AT_MOST])
        self._line = [*(name for name in line if name not in taken), *taken]
        return list(taken)
