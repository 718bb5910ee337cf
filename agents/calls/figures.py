"""One person's own day: a fold of intervals, outcomes and pieces, never a counter beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from agents.calls.found import Kept
from telephony.store.intervals import AgentInterval

WITH_A_CALL: Final = frozenset({"talking", "hold", "wrap_up"})
BEGUN_HERE: Final = "own-"  # how the id of a call begins that no citizen has made


@dataclass(frozen=True, slots=True)
class Sitting:
    """That this person sat at a seat, from and until; still there when `until` is None."""

    seat: str
    since: float
    until: float | None

    def has(self, seat: str, at: float) -> bool:
        """Whether they sat there at this instant."""
        is_over = self.until is not None and at >= self.until
        return seat == self.seat and at >= self.since and not is_over


@dataclass(slots=True)
class Share:
    """What one had to do with one citizen's call, in seconds."""

    talked: float = 0.0
    held: float = 0.0
    wrapped_up: float = 0.0

    @property
    def is_answered(self) -> bool:
        """They have spoken, or a moment of it falls into the day."""
        return self.talked + self.held > 0.0


@dataclass(slots=True)
class Day:
    """Seconds and counts; what is not over yet counts up to now."""

    calls: dict[str, Share] = field(default_factory=dict)  # what the figures of calls are made of
    begun: float = 0.0  # calls to colleagues, the city and back to citizens, and what followed
    ready: float = 0.0
    worked: dict[str, float] = field(default_factory=dict)  # card work, without the calls
    paused: dict[str, float] = field(default_factory=dict)
    dispositions: dict[str, int] = field(default_factory=dict)
    pieces: dict[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Citizens one spoke to."""
        return sum(share.is_answered for share in self.calls.values())

    @property
    def talked(self) -> float:
        """To them, in all."""
        return sum(share.talked for share in self.calls.values())

    @property
    def held(self) -> float:
        """While they heard music."""
        return sum(share.held for share in self.calls.values())

    @property
    def wrapped_up(self) -> float:
        """After them."""
        return sum(share.wrapped_up for share in self.calls.values())


def day_of(
    intervals: Iterable[AgentInterval],
    sittings: Sequence[Sitting],
    outcomes: Iterable[Kept],
    pieces: Mapping[str, int],
    now: float,
) -> Day:
    """The day of whoever sat so; other people's time at the same seats is theirs."""
    day = Day(pieces=dict(pieces))
    for interval in sorted(intervals, key=lambda one: one.started_at):
        seconds = sum(_overlap(interval, sitting, now) for sitting in sittings)
        if seconds <= 0.0:
            continue
        if interval.state in WITH_A_CALL and interval.call is not None:
            _add_call(day, interval.state, interval.call, seconds)
        else:
            _add(day, interval, seconds)
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


def _add_call(day: Day, state: str, call: str, seconds: float) -> None:
    if call.startswith(BEGUN_HERE):
        day.begun += seconds
        return
    share = day.calls.setdefault(call, Share())
    match state:
        case "talking":
            share.talked += seconds
        case "hold":
            share.held += seconds
        case _:
            share.wrapped_up += seconds


def _add(day: Day, interval: AgentInterval, seconds: float) -> None:
    match interval.state:
        case "ready" if interval.reason:
            day.worked[interval.reason] = day.worked.get(interval.reason, 0.0) + seconds
        case "ready":
            day.ready += seconds
        case "paused":
            reason = interval.reason or ""
            day.paused[reason] = day.paused.get(reason, 0.0) + seconds
        case _:
            pass
