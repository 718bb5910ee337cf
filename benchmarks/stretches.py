"""How long a controller's event loop is held at a time, by whom, in processor time.

What a clock on the wall would show is the queue for a processor too; this does not depend on what
else the machine does. It is loaded into the controllers of a benchmark by a `sitecustomize` of
that benchmark's own (`installed`), never by the product.
"""

import asyncio.events
import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, thread_time
from typing import Any, Final

FINEST: Final = 0.0001  # seconds; the histogram's step
LONG: Final = 0.001  # a stretch of which it is noted whose it was
TOLD_EVERY: Final = 1.0
MOST: Final = 200  # of the longest
_HOOK: Final = """
import sys
if "controller" in sys.orig_argv:
    from pathlib import Path
    from benchmarks.stretches import watch
    watch(Path(__file__).parent)
"""


class _Watch:
    """Every callback of this process, from now on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._steps: Counter[int] = Counter()
        self._by: Counter[str] = Counter()  # milliseconds
        self._longest: list[tuple[float, float, str]] = []
        self._told_at = monotonic()
        self._gc_began = self._gc_worst = 0.0
        self._run = asyncio.events.Handle._run
        gc.callbacks.append(self._collected)

    def run(self, handle: asyncio.Handle) -> None:
        """In place of `Handle._run`."""
        began = thread_time()
        self._run(handle)
        took = thread_time() - began
        self._steps[int(took / FINEST)] += 1
        if took >= LONG:
            who = _name(handle)
            self._by[who] += round(1000 * took)
            self._longest.append((took, monotonic(), who))
        if monotonic() - self._told_at >= TOLD_EVERY:
            self._tell()

    def _collected(self, phase: str, _: Mapping[str, int]) -> None:
        if phase == "start":
            self._gc_began = thread_time()
        else:
            self._gc_worst = max(self._gc_worst, thread_time() - self._gc_began)

    def _tell(self) -> None:
        self._longest = sorted(self._longest, reverse=True)[:MOST]
        told = {
            "steps": dict(self._steps),
            "by": dict(self._by),
            "longest": self._longest,
            "gc_worst": self._gc_worst,
        }
        half = self._file.with_suffix(".half")
        half.write_text(json.dumps(told), "utf-8")
        half.replace(self._file)
        self._told_at = monotonic()


def _name(handle: asyncio.Handle) -> str:
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    if isinstance(task, asyncio.Task):
        return getattr(task.get_coro(), "__qualname__", "?")
    return getattr(handle._callback, "__qualname__", "?")  # type: ignore[attr-defined]


def watch(folder: Path) -> None:
    """Begin, in this process."""
    found = _Watch(folder / f"{os.getpid()}.json")

    def run(handle: asyncio.Handle) -> None:
        found.run(handle)

    asyncio.events.Handle._run = run  # type: ignore[method-assign, assignment]


def installed(folder: Path) -> str:
    """The PYTHONPATH under which controllers are watched; they write into this folder."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_HOOK, "utf-8")
    return os.pathsep.join([str(folder), *filter(None, sys.path)])


@dataclass(frozen=True, slots=True)
class Stretches:
    """What one controller has told so far."""

    at: float
    steps: Counter[int]
    by: Counter[str]
    longest: list[tuple[float, float, str]]
    gc_worst: float

    def since(self, before: "Stretches") -> dict[str, Any]:
        """What came between."""
        steps = self.steps - before.steps
        longest = [each for each in self.longest if each[1] >= before.at]
        return {
            "callbacks": steps.total(),
            "p99_ms": _at(steps, 0.99),
            "p99_99_ms": _at(steps, 0.9999),
            "longest_ms": round(1000 * longest[0][0], 2) if longest else 0.0,
            "longest_by": [f"{who}: {1000 * took:.1f} ms" for took, _, who in longest[:8]],
            "above_1_ms_by": dict((self.by - before.by).most_common(12)),
            "longest_garbage_collection_ms": round(1000 * self.gc_worst, 2),
        }


def told(folder: Path, pid: int) -> Stretches:
    """By the controller with this process id; nothing yet is nothing."""
    file = folder / f"{pid}.json"
    if not file.exists():
        return Stretches(monotonic(), Counter(), Counter(), [], 0.0)
    read = json.loads(file.read_text("utf-8"))
    steps = Counter({int(step): count for step, count in read["steps"].items()})
    longest = [(took, at, who) for took, at, who in read["longest"]]
    return Stretches(monotonic(), steps, Counter(read["by"]), longest, read["gc_worst"])


def _at(steps: Counter[int], share: float) -> float:
    """The upper end of the step in which this share of all callbacks is reached."""
    left = share * steps.total()
    for step, count in sorted(steps.items()):
        left -= count
        if left <= 0:
            return round(1000 * (step + 1) * FINEST, 2)
    return 0.0
