"""The only reader of the clock: an instant that no step of the wall clock can move.

An `Instant` is the wall time when this leader started plus the time the machine has been up since
(CLOCK_BOOTTIME also counts a suspended machine). Deadlines live on it. When somebody sets the wall
clock, only the difference changes: it moves the calendar, never a deadline or what is recorded.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
TOLERANCE: Final = 1.0  # seconds; ordinary time keeping stays well inside
AT_ONCE: Final = 0.001  # seconds between two readings that stand for one moment
READINGS: Final = 4  # at most, on a machine that is never left in peace so long


def _wall() -> float:
    return time.time()  # noqa: TID251  # the one place that may


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot() -> str:
    """Which start of this machine it is that uptimes count from."""
    return BOOT.read_text(encoding="ascii").strip()


def _unshifted() -> float:
    return 0.0


def rehearsed(file: str | None) -> Callable[[], float]:
    """The seconds that stand in a file; none where there is no file, or nothing else in it."""
    if not file:
        return _unshifted

    def shift() -> float:
        try:
            return float(Path(file).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0

    return shift


class Clock:
    """Epoch seconds that never run backward, counted from one anchor."""

    def __init__(
        self,
        last: float = 0.0,
        wall: Callable[[], float] = _wall,
        boottime: Callable[[], float] = _boottime,
        *,
        ahead: float | None = None,
        shift: Callable[[], float] = _unshifted,
    ) -> None:
        """Start at the wall's time, or at the last journaled instant if that is later.

        Or go on where somebody's instants are that were so far ahead of this machine's uptime:
        whoever has set the wall clock meanwhile moves nothing that they began. `shift` moves the
        calendar alone, as a step of the wall clock would: for a rehearsal.
        """
        self._wall = wall
        self._boottime = boottime
        self._shift = shift
        self._anchored_at = boottime()
        self._anchor = max(wall() if ahead is None else ahead + self._anchored_at, last)
        self._latest = self._anchor
        self._known_difference = 0.0

    def __call__(self) -> float:
        """The instant now."""
        elapsed = self._boottime() - self._anchored_at
        self._latest = max(self._latest, self._anchor + elapsed)
        return self._latest

    @property
    def ahead(self) -> float:
        """How far instants are ahead of this machine's uptime, for who comes after us."""
        return self._anchor - self._anchored_at

    def wall(self) -> float:
        """The machine's time of day: for the calendar and for people, never for a deadline."""
        return self._wall()

    def difference(self) -> float:
        """Seconds the wall is ahead of the instant; negative where it is behind.

        Read again when we were put to sleep between the two: that would look like a step.
        """
        for _ in range(READINGS):
            instant, wall = self(), self._wall()
            if self() - instant <= AT_ONCE:
                break
        return wall - instant

    def told(self, difference: float) -> None:
        """The calendar goes by this difference already: whoever led before was told of it."""
        self._known_difference = difference

    def stepped(self) -> float | None:
        """The new difference when it moved by more than the tolerance since last reported."""
        difference = self.difference() + self._shift()
        if abs(difference - self._known_difference) <= TOLERANCE:
            return None
        self._known_difference = difference
        return difference
