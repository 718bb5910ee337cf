"""The engine against queueing theory: Erlang B, C and A, and six lines with patience.

The expected values are closed forms, checked against published tables where those exist. Each
figure must lie within the 99 % confidence interval over days that are independent of each other;
the first hour of each, in which the centre fills, is left out. Seeds are fixed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import pytest

from telephony.simulation.figures import student
from telephony.simulation.ledger import DayBook
from telephony.simulation.run import Run
from telephony.store.call_record import CallRecord
from telephony.store.words import Outcome
from tests.simulation.plans import HOUR, plan, scenario, silent

DAYS = 10
Judge = Callable[[CallRecord], float]


def blocked(record: CallRecord) -> float:
    return record.outcome is Outcome.OVERFLOWED


def gave_up(record: CallRecord) -> float:
    return record.outcome is Outcome.ABANDONED


def had_to_wait(record: CallRecord) -> float:
    return (record.waited or 0.0) > 0


def wait(record: CallRecord) -> float:
    return record.waited or 0.0


def in_time(record: CallRecord) -> float:
    return record.outcome is Outcome.ANSWERED and (record.waited or 0.0) <= 20


@dataclass(frozen=True)
class Row:
    """A system, and what theory says of it, per call offered."""

    name: str
    per_hour: float
    talk: float
    agents: int
    lines: int
    patience: float | None
    expected: Mapping[Judge, float]
    hours: float = 6.0


ROWS = (
    Row("Erlang B, 3 E on 6 lines", 36, 300, 6, 6, None, {blocked: 0.05215712}, 18),
    Row("Erlang B, 2 E on 6 lines", 24, 300, 6, 6, None, {blocked: 0.01208459}, 18),
    Row("Erlang C, 10 E, 14 agents", 200, 180, 14, 90, None,
        {had_to_wait: 0.17413193, in_time: 0.88835002, wait: 7.836}),
    Row("Erlang A, 10 E, 13 agents, 5 min", 200, 180, 13, 90, 300,
        {gave_up: 0.0250, had_to_wait: 0.2258, in_time: 0.8582, wait: 7.488}),
    Row("six lines, 4 agents, 3 E, 2 min", 36, 300, 4, 6, 120,
        {blocked: 0.0281, gave_up: 0.117}, 18),
    Row("six lines, 5 agents, 4 E, 2 min", 48, 300, 5, 6, 120,
        {blocked: 0.0960, gave_up: 0.060}, 18),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_engine_is_what_theory_says(row: Row) -> None:
    even = scenario(row.per_hour, row.talk, row.hours)
    run = Run(plan(row.agents, row.lines, even, seed=7, patience=row.patience), silent)
    days = [filled(book) for book in run.days(DAYS)]
    for judge, expected in row.expected.items():
        least, most = interval([[float(judge(each)) for each in day] for day in days])
        assert least <= expected <= most, judge.__name__


def filled(book: DayBook) -> list[CallRecord]:
    """The calls of a day after its first hour."""
    return [record for record in book.records if record.arrived_at >= book.opens + HOUR]


def interval(days: Sequence[Sequence[float]]) -> tuple[float, float]:
    """99 % confidence for the mean of a call, from the sums of independent days."""
    calls = sum(map(len, days))
    mean = sum(map(sum, days)) / calls
    residue = [(sum(day) - mean * len(day)) * len(days) / calls for day in days]
    spread = sqrt(sum(each * each for each in residue) / (len(days) - 1))
    half = student(len(days) - 1, 0.99) * spread / sqrt(len(days))
    return mean - half, mean + half


def test_with_as_many_agents_as_lines_nobody_waits() -> None:
    run = Run(plan(3, 3, scenario(60, 200, 4)), silent)
    (book,) = run.days(1)
    assert {record.outcome for record in book.records} == {Outcome.ANSWERED, Outcome.OVERFLOWED}
    assert max(record.waited or 0.0 for record in book.records) == 0.0
