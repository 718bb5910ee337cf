"""What became of each planted bug, kept as it comes: a run that was interrupted goes on from there.

Each line names the tree by a digest of everything that is tested, or tests.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.planted import BUGS, Bug
from benchmarks.sittings import add_line, lines_of


@dataclass(frozen=True, slots=True)
class Trial:
    """One bug, and which test found it; "" when none did."""

    bug: Bug
    found_by: str
    hung: bool = False
    doubtful: tuple[str, ...] = ()  # tests that failed with it, but without it too, or not again

    def told(self) -> dict[str, object]:
        """As kept."""
        return {
            "story": self.bug.story,
            "file": self.bug.file,
            "found_by": self.found_by or None,
            "hung": self.hung,
            "doubtful": list(self.doubtful),
        }


class Ledger:
    """The trials of one tree, one line each; `sitting` counts the runs that it took."""

    def __init__(self, file: Path, tree: str) -> None:
        self._file = file
        self._tree = tree
        known = list(lines_of(file, tree))
        self.trials = {each["story"]: trial for each in known if (trial := _trial(each))}
        self.sitting = max((int(each["sitting"]) for each in known), default=0) + 1

    def keep(self, trial: Trial) -> None:
        """Written at once, whatever becomes of us."""
        self.trials[trial.bug.story] = trial
        line = trial.told() | {"tree": self._tree, "sitting": self.sitting}
        add_line(self._file, line)

    def close(self) -> None:
        """Everything was tried: the next run begins afresh."""
        self._file.unlink(missing_ok=True)


def _trial(told: dict[str, Any]) -> Trial | None:
    bug = next((bug for bug in BUGS if bug.story == told["story"]), None)
    if bug is None:
        return None
    return Trial(bug, told["found_by"] or "", told["hung"], tuple(told["doubtful"]))
