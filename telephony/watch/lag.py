"""How late this process's event loop is, often enough to see a stall between two seconds."""

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import aclosing
from itertools import accumulate
from typing import Final

from config.clockwork import every

SAMPLED_EVERY: Final = 0.05  # seconds; a stall of twice that cannot go unseen
BOUNDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # seconds


class Lag:
    """A histogram since the start."""

    def __init__(self, bounds: Sequence[float] = BOUNDS) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.seconds = 0.0  # all of them together

    async def sample(self) -> None:
        """Go on until cancelled."""
        async with aclosing(every(SAMPLED_EVERY)) as ticks:
            async for late in ticks:
                self.note(late)

    def note(self, late: float) -> None:
        """One tick came so late."""
        self._counts[bisect_left(self._bounds, late)] += 1
        self.seconds += late

    def buckets(self) -> list[tuple[str, float]]:
        """Bounds in Prometheus' words, each with the number of ticks that were no later."""
        names = [*(f"{bound:g}" for bound in self._bounds), "+Inf"]
        return [*zip(names, map(float, accumulate(self._counts)), strict=True)]
