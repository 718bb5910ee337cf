"""Whether the telephone of a seat can be talked through, as far as the desk knows."""

from dataclasses import dataclass
from typing import Protocol

from agents.web.problems import Sentence


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why it cannot: the reason of a pause, and the sentence for who sits there."""

    reason: str
    said: Sentence


class Fit(Protocol):
    """Knows what was found of the page that rings at a seat."""

    def unfit(self, seat: str) -> Unfit | None:
        """None where nothing speaks against it, such as with a desk phone alone."""
        ...
