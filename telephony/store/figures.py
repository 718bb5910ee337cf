"""Figures as a fold of call records: each is a set of calls, so each opens what it counts. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from telephony.store.call_record import CallRecord
from telephony.store.words import Outcome


@dataclass(frozen=True, slots=True)
class Totals:
    """The calls of a period by how they ended, as call ids; a count is a length."""

    offered: tuple[str, ...]  # every INVITE that reached us
    answered: tuple[str, ...]
    informed: tuple[str, ...]
    abandoned: tuple[str, ...]
    overflowed: tuple[str, ...]
    closed: tuple[str, ...]
    refused: tuple[str, ...]
    lost: tuple[str, ...]
    still_open: tuple[str, ...]  # shown apart: they have no outcome yet

    @property
    def balanced(self) -> bool:
        """Invariant I1: each offered call is in exactly one of the others."""
        ended = self.answered + self.informed + self.abandoned + self.overflowed
        ended += self.closed + self.refused + self.lost
        return sorted(self.offered) == sorted(ended + self.still_open)


def totals(records: Iterable[CallRecord]) -> Totals:
    """Sort the calls by outcome."""
    seen = list(records)

    def ended(outcome: Outcome | None) -> tuple[str, ...]:
        return tuple(record.id for record in seen if record.outcome is outcome)

    return Totals(
        offered=tuple(record.id for record in seen),
        answered=ended(Outcome.ANSWERED),
        informed=ended(Outcome.INFORMED),
        abandoned=ended(Outcome.ABANDONED),
        overflowed=ended(Outcome.OVERFLOWED),
        closed=ended(Outcome.CLOSED),
        refused=ended(Outcome.REFUSED),
        lost=ended(Outcome.LOST),
        still_open=ended(None),
    )
