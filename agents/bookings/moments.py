"""A day and a time on the clock of the centre's wall, which is what people agree on. Pure."""

from datetime import date, time
from typing import NamedTuple, Self


class Moment(NamedTuple):
    """Civil time, without a zone: the counter's own."""

    day: date
    at: time

    @classmethod
    def parsed(cls, day: str, at: str) -> Self:
        """From 2026-12-03 and 09:30."""
        return cls(date.fromisoformat(day), time.fromisoformat(at))
