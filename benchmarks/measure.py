"""A sample of durations, and the figures that are told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Sample:
    """Durations in seconds, of one run or of several together."""

    seconds: tuple[float, ...]

    def at(self, percent: float) -> float:
        """The percentile by nearest rank: a value that was really measured."""
        ordered = sorted(self.seconds)
        return ordered[max(0, ceil(percent / 100 * len(ordered)) - 1)]

    @property
    def median(self) -> float:
        """Half were faster."""
        return self.at(50)

    @property
    def worst(self) -> float:
        """The slowest of all."""
        return max(self.seconds)

    def figures(self) -> dict[str, float]:
        """As stored, in milliseconds."""
        named = {"median": self.median, "p95": self.at(95), "p99": self.at(99), "max": self.worst}
        plain = {f"{name}_ms": round(1000 * value, 4) for name, value in named.items()}
        return {"n": len(self.seconds), **plain}


def together(runs: Sequence[Sample]) -> Sample:
    """Every measurement of every run."""
    return Sample(tuple(each for run in runs for each in run.seconds))


def least(runs: Sequence[Sample], percent: float = 50) -> float:
    """The least of the runs' percentiles: other work on the machine only ever adds."""
    return min(run.at(percent) for run in runs)


def told(runs: Sequence[Sample]) -> str:
    """Median, p95 and p99, each of the run that was disturbed least."""
    return " / ".join(milliseconds(least(runs, percent)) for percent in (50, 95, 99)) + " ms"


def figures(runs: Sequence[Sample]) -> dict[str, object]:
    """As stored: every run by itself, and all of them together."""
    return {"together": together(runs).figures(), "runs": [run.figures() for run in runs]}


def milliseconds(seconds: float) -> str:
    """Three digits that matter."""
    value = 1000 * seconds
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
