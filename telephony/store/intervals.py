"""States of an agent or a line as intervals that neither overlap nor leave a gap. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from telephony.store.changes import AgentMoved, LineMoved


class Place(NamedTuple):
    """Where in the journal a change stands: the order of all changes, and their identity."""

    epoch: int
    seq: int
    part: int


@dataclass(frozen=True, slots=True)
class AgentInterval:
    """What an agent was doing, and on which seat; open while `ended_at` is None."""

    agent: str
    seat: str
    state: str
    reason: str | None
    call: str | None
    started_at: float
    ended_at: float | None


@dataclass(frozen=True, slots=True)
class LineInterval:
    """What a line was doing; open while `ended_at` is None."""

    line: int
    state: str
    call: str | None
    agent: str | None
    started_at: float
    ended_at: float | None


@dataclass(slots=True)
class Span:
    """An interval of either sort while it is being written."""

    subject: str | int
    facts: Mapping[str, str | None]
    place: Place
    started_at: float
    ended_at: float | None = None


def span(move: AgentMoved | LineMoved, place: Place) -> Span:
    """The interval a move begins."""
    facts: dict[str, str | None] = {"state": move.state, "call": move.call}
    match move:
        case AgentMoved(agent=agent, seat=seat, reason=reason):
            return Span(agent, facts | {"seat": seat, "reason": reason}, place, move.at)
        case LineMoved(line=line, agent=by):
            return Span(line, facts | {"agent": by}, place, move.at)


def chained(current: dict[str | int, Span], moves: Iterable[Span]) -> list[Span]:
    """Begin each move's interval where the subject's current one ends; gives those begun.

    A move to what is already so begins nothing: a restarted controller may tell again.
    """
    begun = []
    for move in moves:
        last = current.get(move.subject)
        if last is not None:
            if last.facts == move.facts:
                continue
            move.started_at = max(move.started_at, last.started_at)
            last.ended_at = move.started_at
        current[move.subject] = move
        begun.append(move)
    return begun
