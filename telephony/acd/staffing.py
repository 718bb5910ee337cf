"""Whether anybody works at a queue, how long a call keeps them, and so how long one waits.

The estimate is of somebody who has `ahead` callers before them, at a queue where `staffed` agents
serve one caller after the other, each for about `handling` seconds: the agents become free so many
times an hour, and the caller's turn comes with the (ahead + 1)-th of them. That time has the
distribution of Erlang, so its spread is known too, and what is told is an interval: the mean, less
and more a standard deviation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Final

from telephony.acd.model import QueueId

HANDLING: Final = 300.0  # seconds, before anybody was served
MEMORY: Final = 20  # calls, of which the latest counts as much as its share


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until somebody answers, between the two."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a caller of this queue keeps an agent, talk and wrap-up."""

    queue: QueueId
    handling: float


class Paces:
    """Of every queue, learnt from the calls that were served."""

    def __init__(self) -> None:
        self._handling: dict[QueueId, float] = {}

    def restore(self, paces: Iterable[Pace]) -> None:
        """Take over what a snapshot has."""
        self._handling = {each.queue: each.handling for each in paces}

    def all(self) -> list[Pace]:
        """For the snapshot."""
        return [Pace(queue, handling) for queue, handling in self._handling.items()]

    def handling(self, queue: QueueId) -> float:
        """Seconds."""
        return self._handling.get(queue, HANDLING)

    def note(self, queue: QueueId, seconds: float) -> None:
        """A call of this queue has kept an agent so long."""
        before = self.handling(queue)
        self._handling[queue] = before + (seconds - before) / MEMORY


def estimate(ahead: int, staffed: int, handling: float) -> Estimate | None:
    """How long somebody waits with so many before them; None where nobody is there to answer."""
    if staffed <= 0:
        return None
    each = handling / staffed
    mean, spread = (ahead + 1) * each, sqrt(ahead + 1) * each
    return Estimate(mean - spread, mean + spread)
