"""The calls whose end is journaled: of these we know that they are over, and not merely unknown."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from telephony.acd.model import CallId, Instant
from telephony.calls.engine import Applied
from telephony.centre import effects as fx

KEEP: Final = 1_000  # besides those whose records are not yet written


class Ended:
    """The latest ends, each kept at least until its record is in SQL."""

    def __init__(self) -> None:
        self._ends: dict[CallId, tuple[int, Instant]] = {}

    def __contains__(self, call: object) -> bool:
        return call in self._ends

    def at(self, call: CallId) -> Instant | None:
        """When the call ended."""
        end = self._ends.get(call)
        return end[1] if end is not None else None

    def note(self, call: CallId, seq: int, at: Instant) -> None:
        """The entry of this number ended the call."""
        self._ends[call] = seq, at

    def learn(self, replayed: Iterable[Applied]) -> None:
        """The ends that a former leader journaled, whose records are written."""
        for applied in replayed:
            for effect in applied.effects:
                if isinstance(effect, fx.CallClosed | fx.OwnCallClosed):
                    self.note(effect.call, 0, applied.at)

    def forget(self, written: int) -> None:
        """Let go of the oldest whose records are written."""
        for call in list(islice(self._ends, max(0, len(self._ends) - KEEP))):
            if self._ends[call][0] <= written:
                del self._ends[call]
