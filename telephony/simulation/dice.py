"""Chance: one seed for everything, and apart from that the same on every machine."""

from bisect import bisect
from collections.abc import Sequence
from math import log, sqrt
from random import Random
from typing import TypeVar

_T = TypeVar("_T")


class Dice:
    """A stream of chance of its own for each purpose, so that one does not disturb another."""

    def __init__(self, *of: object) -> None:
        # A text seeds by its bytes, not by its hash, which differs between processes.
        self._random = Random(".".join(map(str, of)))

    def share(self) -> float:
        """Anything from 0 up to 1."""
        return self._random.random()

    def chance(self, share: float) -> bool:
        """True that often."""
        return self._random.random() < share

    def between(self, least: float, most: float) -> float:
        """Evenly."""
        return self._random.uniform(least, most)

    def exponential(self, mean: float) -> float:
        """Without memory; 0 when the mean is."""
        return self._random.expovariate(1.0 / mean) if mean > 0 else 0.0

    def lognormal(self, variation: float) -> float:
        """Of mean 1, with this coefficient of variation."""
        spread = log(1.0 + variation * variation)
        return self._random.lognormvariate(-spread / 2, sqrt(spread))

    def one_of(self, choices: Sequence[_T], up_to: Sequence[float]) -> _T:
        """Any of these; `up_to` are their weights, added up."""
        return choices[bisect(up_to, self._random.random() * up_to[-1], 0, len(choices) - 1)]
