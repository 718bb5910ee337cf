"""One person's own day: a fold of intervals, outcomes and pieces, never a counter beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agents.calls.found import Kept
from telephony.store.intervals import AgentInterval

IN_CALL: Final = frozenset({"talking", "hold"})


@dataclass(frozen=True, slots=True)
class Sitting:
    """That this person sat at a seat, from and until; still there when `until` is None."""

    seat: str
    since: float
    until: float | None


@dataclass(slots=True)
class Day:
    """Seconds and counts; what is not over yet counts up to now."""

    answered: int = 0
    talked: float = 0.0
    held: float = 0.0
    wrapped_up: float = 0.0
    ready: float = 0.0
    worked: dict[str, float] = field(default_factory=dict)  # card work, without the calls
    paused: dict[str, float] = field(default_factory=dict)
    dispositions: dict[str, int] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)


def day_of(
    intervals: Iterable[AgentInterval],
    sittings: Sequence[Sitting],
    outcomes: Iterable[Kept],
    pieces: Mapping[str, int],
    now: float,
) -> Day:
    """The day of whoever sat so; other people's time at the same seats is theirs."""
    day = Day(pieces=dict(pieces))
    calls: set[str] = set()
    for interval in intervals:
        seconds = sum(_overlap(interval, sitting, now) for sitting in sittings)
        if seconds <= 0.0:
            continue
        if interval.state in IN_CALL and interval.call is not None:
            calls.add(interval.call)
        _add(day, interval, seconds)
    day.answered = len(calls)
    for outcome in outcomes:
        code = outcome.entered.disposition
        day.dispositions[code] = day.dispositions.get(code, 0) + 1
    return day


def _overlap(interval: AgentInterval, sitting: Sitting, now: float) -> float:
    if interval.seat != sitting.seat:
        return 0.0
    since = max(interval.started_at, sitting.since)
    until = min(_or(interval.ended_at, now), _or(sitting.until, now), now)
    return max(0.0, until - since)


def _or(at: float | None, now: float) -> float:
    return now if at is None else at


def _add(day: Day, interval: AgentInterval, seconds: float) -> None:
    match interval.state:
        case "talking":
            day.talked += seconds
        case "hold":
            day.held += seconds
        case "wrap_up":
            day.wrapped_up += seconds
        case "ready" if interval.reason:
            day.worked[interval.reason] = day.worked.get(interval.reason, 0.0) + seconds
        case "ready":
            day.ready += seconds
        case "paused":
            reason = interval.reason or ""
            day.paused[reason] = day.paused.get(reason, 0.0) + seconds
        case _:
            pass
