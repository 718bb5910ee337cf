"""How long to wait before a part that ended is started again."""

from typing import Final

PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds; the last one repeats
STABLE_AFTER: Final = 30.0  # seconds of life that make a failure the first one again


class BackOff:
    """At once the first time, then longer with every quick death."""

    def __init__(self) -> None:
        self._failures = 0

    def after(self, lived: float) -> float:
        """The pause after a life of so many seconds."""
        if lived >= STABLE_AFTER:
            self._failures = 0
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        return pause

    def forget(self) -> None:
        """Somebody asked for a restart: what failed before counts no more."""
        self._failures = 0
