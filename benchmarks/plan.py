"""How much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Bounds every benchmark in count; `quick` only shows that it works."""

    quick: bool = False
    runs: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.runs <= 20:
            raise ValueError("runs: 1 to 20")

    def choose(self, full: int, quick: int) -> int:
        """A count."""
        return quick if self.quick else full
