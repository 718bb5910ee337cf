"""When a leader has to ask Asterisk what lives, and whether keys may have been lost."""

from dataclasses import dataclass
from typing import Final

from telephony.acd.model import NEVER, Instant

LOOK_EVERY: Final = 30.0  # seconds between two looks for what the core could not take


@dataclass(slots=True)
class Doubts:
    """What a leader is not sure of, until it has looked."""

    gap: bool = True  # events may have been lost since it last looked: keys, too
    _request: bool = False  # one may or may not have been carried out
    _looked_at: Instant = NEVER  # when a fault of the core last made it look
    _look_at: Instant | None = None  # when it will, next

    def of_a_request(self) -> None:
        """It may or may not have been carried out: look at the next tick."""
        self._request = True

    def of_a_fault(self, now: Instant) -> None:
        """What the core could not take may have been a hang-up: Asterisk knows. Not at each fault,
        because looking may be what it cannot take."""
        self._look_at = max(now, Instant(self._looked_at + LOOK_EVERY))

    def of_events(self) -> None:
        """The stream was interrupted."""
        self.gap = True

    def due(self, now: Instant) -> bool:
        """Whether to look at this tick."""
        if self._look_at is not None and self._look_at <= now:
            self._looked_at, self._look_at = now, None
            self.gap = True  # it may have been a key, too
            return True
        return self._request

    def looking(self) -> None:
        """From now on doubts are new ones."""
        self._request = False

    def settled(self) -> None:
        """Asterisk was asked, and the centre knows."""
        self.gap = False
