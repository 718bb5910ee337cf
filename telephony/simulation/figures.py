"""The figures of many days, each a fold over closed records, with how far chance moves it. Pure.

Every figure is a ratio of two sums over the days: a count is one over days, a rate one over calls
or seconds. The interval is that of a ratio estimator, by Student's t over the days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

from telephony.acd.model import AgentState
from telephony.centre.effects import LineState
from telephony.simulation.ledger import DayBook
from telephony.simulation.staff import WRAP_UP
from telephony.store.call_record import CallRecord
from telephony.store.figures import totals
from telephony.store.intervals import Span
from telephony.store.words import Outcome

Pair = tuple[float, float]  # a day's share of the numerator and of the denominator
ANSWER_WITHIN: Final = 20.0
ENOUGH_DAYS: Final = 5  # for an interval
CONFIDENCE: Final = 0.95
BUSY: Final = frozenset({AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP})
KEYS: Final = (
    "offered", "answered", "abandoned", "overflowed", "answer_rate", "service_level", "asa",
    "occupancy", "all_lines_busy", "informed", "served_rate", "callers", "called_back", "unserved",
)  # fmt: skip
SHARES: Final = ("answer_rate", "service_level", "occupancy", "all_lines_busy", "served_rate")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, where its mean and where most days lie; no spread when the days are too few."""

    value: float | None  # None: there was nothing to measure
    interval: Pair | None = None  # 95 % confidence, of the mean
    most_days: Pair | None = None  # 95 % of the days
    spread: float = 0.0  # standard deviation of a day

    def holds(self, planned: float, half_a_step: float) -> bool:
        """The planned figure lies where 95 % of the days do, rounding apart."""
        if self.most_days is None:
            return True
        least, most = self.most_days
        return least - half_a_step <= planned <= most + half_a_step

    def differs(self, planned: float, planned_days: int, half_a_step: float, days: int) -> bool:
        """The planned mean is further off than chance and rounding would put it."""
        if self.value is None or days < ENOUGH_DAYS:
            return False
        chance = student(days - 1) * self.spread * sqrt(1 / days + 1 / planned_days)
        return abs(self.value - planned) > chance + half_a_step


def of_day(book: DayBook, lines: int) -> Mapping[str, Pair]:
    """One day's part in every figure."""
    sums = totals(book.records)
    answered = [r for r in book.records if r.outcome is Outcome.ANSWERED]
    waits = [r.waited or 0.0 for r in answered]
    offered = float(len(sums.offered))
    return {
        "offered": (offered, 1.0),
        "answered": (float(len(sums.answered)), 1.0),
        "abandoned": (float(len(sums.abandoned)), 1.0),
        "overflowed": (float(len(sums.overflowed)), 1.0),
        "answer_rate": (float(len(sums.answered)), offered),
        "service_level": (float(sum(wait <= ANSWER_WITHIN for wait in waits)), offered),
        "asa": (sum(waits), float(len(waits))),
        "occupancy": _occupancy(book),
        "all_lines_busy": (_all_busy(book, lines), book.closes - book.opens),
        "informed": (float(len(sums.informed)), 1.0),
        "served_rate": (float(len(sums.answered) + len(sums.informed)), offered),
        "callers": (float(_people(book.records)), 1.0),
        "called_back": (float(len(book.reached)), 1.0),
        "unserved": (float(_unserved(book)), 1.0),
    }


def _people(records: Sequence[CallRecord]) -> int:
    """Citizens, however often each phoned."""
    return len({record.id.rpartition(".")[0] for record in records})


def _unserved(book: DayBook) -> int:
    """Citizens who wanted somebody, and talked to nobody all day."""
    served = {Outcome.ANSWERED, Outcome.INFORMED}
    content = {_citizen(record) for record in book.records if record.outcome in served}
    return len({_citizen(record) for record in book.records} - content - book.reached)


def _citizen(record: CallRecord) -> str:
    return "c" + record.id.rpartition(".")[0].removeprefix("d")


def _occupancy(book: DayBook) -> Pair:
    """Talk, hold and wrap-up, out of these and of being there for the next call."""
    busy = _seconds(span for span in book.agents if _is_busy(span))
    there = {AgentState.READY, AgentState.OFFERED}
    return busy, busy + _seconds(span for span in book.agents if span.facts["state"] in there)


def _is_busy(span: Span) -> bool:
    state, reason = span.facts["state"], span.facts["reason"]
    return state in BUSY or (state == AgentState.PAUSED and reason == WRAP_UP)


def _all_busy(book: DayBook, lines: int) -> float:
    """Seconds of the opening hours in which every line was taken."""
    changes = []
    for span in book.lines:
        if span.facts["state"] != LineState.IDLE:
            changes += [(span.started_at, 1), (_end(span), -1)]
    taken, since, seconds = 0, 0.0, 0.0
    for at, change in sorted(changes):
        if taken == lines:
            seconds += max(0.0, min(at, book.closes) - max(since, book.opens))
        taken, since = taken + change, at
    return seconds


def _seconds(spans: Iterable[Span]) -> float:
    return sum(_end(span) - span.started_at for span in spans)


def _end(span: Span) -> float:
    assert span.ended_at is not None  # the books are closed
    return span.ended_at


def estimates(days: Sequence[Mapping[str, Pair]]) -> dict[str, Estimate]:
    """Every figure over all days."""
    return {key: _estimate([day[key] for day in days]) for key in KEYS}


def _estimate(pairs: Sequence[Pair]) -> Estimate:
    above, below = sum(n for n, _ in pairs), sum(d for _, d in pairs)
    if below == 0:
        return Estimate(None)
    value, mean_below = above / below, below / len(pairs)
    if len(pairs) < ENOUGH_DAYS:
        return Estimate(value)
    residue = [(n - value * d) / mean_below for n, d in pairs]
    spread = sqrt(sum(each * each for each in residue) / (len(pairs) - 1))
    half = student(len(pairs) - 1) * spread
    return Estimate(value, _around(value, half / sqrt(len(pairs))), _around(value, half), spread)


def _around(value: float, half: float) -> Pair:
    """No figure of ours can be below nothing."""
    return max(0.0, value - half), value + half


def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Student's t for a two-sided interval, by Cornish and Fisher; good from four degrees on."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2
