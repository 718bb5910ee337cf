"""How much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Bounds every benchmark in count; `quick` only shows that it works."""

    quick: bool = False
    runs: int = 3
    repeats: int | None = None  # of what is counted one by one, instead of a hundred
    sitting: float | None = None  # seconds after which such a count is left for the next run

    def __post_init__(self) -> None:
        if not 1 <= self.runs <= 20:
            raise ValueError("runs: 1 to 20")
        if self.repeats is not None and not 1 <= self.repeats <= 1_000:
            raise ValueError("repeats: 1 to 1,000")

    def choose(self, full: int, quick: int) -> int:
        """A count."""
        return quick if self.quick else full
