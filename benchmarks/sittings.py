"""What is counted one by one may take several sittings: each result is kept as it comes.

A sitting has its time, so that a machine that is shared can be had for ten minutes and not for an
hour. What was measured of another state of the tree is no answer about this one.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.report import RESULTS

Figures = dict[str, Any]


class Sitting:
    """The results of one tree, one line each; `number` counts the sittings that it took."""

    def __init__(self, file: Path, tree: str, seconds: float | None = None) -> None:
        self._file = file
        self._tree = tree
        self._ends_at = None if seconds is None else time.monotonic() + seconds
        known = list(self._lines())
        self.results: dict[str, Figures] = {each["what"]: each["figures"] for each in known}
        self.number = max((int(each["sitting"]) for each in known), default=0) + 1

    @property
    def over(self) -> bool:
        """Its time is: what is not begun is for the next one."""
        return self._ends_at is not None and time.monotonic() >= self._ends_at

    def keep(self, what: str, figures: Figures) -> None:
        """Written at once, whatever becomes of us."""
        self.results[what] = figures
        line = {"what": what, "tree": self._tree, "sitting": self.number, "figures": figures}
        self._file.parent.mkdir(exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(line, ensure_ascii=False))

    def close(self) -> None:
        """Everything was measured: the next one begins afresh."""
        self._file.unlink(missing_ok=True)

    def _lines(self) -> Iterator[dict[str, Any]]:
        if not self._file.exists():
            return
        for line in self._file.read_text("utf-8").splitlines():
            try:
                told = json.loads(line)
            except ValueError:
                continue  # cut off with whoever wrote it
            if told["tree"] == self._tree:
                yield told


def begun(name: str) -> Path:
    """Where the results of a benchmark lie until all of them are there."""
    return RESULTS / f"{name}.begun.jsonl"


class Unfinished(Exception):
    """The sitting's time is over before everything is measured; the same command goes on."""
