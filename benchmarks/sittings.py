"""What is counted one by one may take several sittings: each result is kept as it comes.

A sitting has its time, so that a machine that is shared can be had for ten minutes and not for an
hour. What was measured of another state of the tree is no answer about this one.
"""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from hashlib import blake2s
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.plan import Plan
from benchmarks.report import RESULTS
from telephony.runtime.programs import PROJECT

Figures = dict[str, Any]

TESTED: Final = ("config", "ivr_flows", "telephony", "migrations", "tests", "pyproject.toml")
PLANTED: Final = "benchmarks/planted.py"


class Sitting:
    """The results of one tree, one line each; `number` counts the sittings that it took."""

    def __init__(self, file: Path, tree: str, seconds: float | None = None) -> None:
        self._file = file
        self._tree = tree
        self._ends_at = None if seconds is None else time.monotonic() + seconds
        known = list(lines_of(file, tree))
        self.results: dict[str, Figures] = {each["what"]: each["figures"] for each in known}
        self.number = max((int(each["sitting"]) for each in known), default=0) + 1

    @classmethod
    def of(cls, name: str, plan: Plan, *more: str) -> Self:
        """The one that was begun with this tree and these folders; `quick` keeps none."""
        kept = Path(tempfile.mkdtemp()) if plan.quick else RESULTS
        return cls(kept / f"{name}.begun.jsonl", digest(PROJECT, *more), plan.sitting)

    @property
    def over(self) -> bool:
        """Its time is: what is not begun is for the next one."""
        return self._ends_at is not None and time.monotonic() >= self._ends_at

    def keep(self, what: str, figures: Figures) -> None:
        """Written at once, whatever becomes of us."""
        self.results[what] = figures
        line = {"what": what, "tree": self._tree, "sitting": self.number, "figures": figures}
        add_line(self._file, line)

    def close(self) -> None:
        """Everything was measured: the next one begins afresh."""
        self._file.unlink(missing_ok=True)


def add_line(to: Path, line: Mapping[str, object]) -> None:
    """Begun with the line's end, so that one that was cut off spoils no other."""
    to.parent.mkdir(exist_ok=True)
    with to.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(line, ensure_ascii=False))


def lines_of(file: Path, tree: str) -> Iterator[dict[str, Any]]:
    """What is known of this state of the tree."""
    if not file.exists():
        return
    for line in file.read_text("utf-8").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # cut off with whoever wrote it
        if told["tree"] == tree:
            yield told


def digest(root: Path, *more: str) -> str:
    """Of everything that is tested, that tests, and that is planted; and of these folders."""
    found = blake2s(digest_size=8)
    files = [file for part in (*TESTED, *more) for file in _files(root / part)]
    for file in sorted([*files, root / PLANTED]):
        found.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _files(at: Path) -> Iterator[Path]:
    if at.is_file():
        yield at
        return
    yield from (
        each for each in at.rglob("*") if each.is_file() and "__pycache__" not in each.parts
    )


class Unfinished(Exception):
    """The sitting's time is over before everything is measured; the same command goes on."""
