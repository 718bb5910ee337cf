"""The figures of a small day reckoned by hand, and the spread of several."""

import pytest

from telephony.acd.model import Instant
from telephony.simulation.figures import Estimate, estimates, of_day, student
from telephony.simulation.ledger import NOBODY, DayBook
from telephony.store.call_record import CallRecord
from telephony.store.intervals import Place, Span
from telephony.store.words import HungUpBy, Outcome

A = Outcome


def call(name: str, outcome: Outcome, waited: float = 0.0) -> CallRecord:
    return CallRecord(
        name, 0.0, 1, NOBODY, "0942000100", None, None, None, outcome, None, waited,
        60.0, 0.0, 10.0, 100.0, HungUpBy.CALLER, (),
    )  # fmt: skip


def span(subject: str | int, state: str, begins: float, ends: float, reason: str = "") -> Span:
    facts = {"state": state, "reason": reason or None, "call": None}
    return Span(subject, facts, Place(1, 1, 0), begins, ends)


BOOK = DayBook(
    opens=Instant(0.0),
    closes=Instant(1000.0),
    ends=Instant(1200.0),
    records=(
        call("d0.1.0", A.ANSWERED, 5.0),
        call("d0.2.0", A.ANSWERED, 25.0),
        call("d0.3.0", A.ABANDONED, 90.0),
        call("d0.3.1", A.INFORMED),
        call("d0.4.0", A.OVERFLOWED),
    ),
    agents=(
        span("a01", "ready", 0, 400),
        span("a01", "talking", 400, 500),
        span("a01", "hold", 500, 520),
        span("a01", "wrap_up", 520, 525),
        span("a01", "paused", 525, 600, "wrap_up"),
        span("a01", "paused", 600, 900, "lunch"),
        span("a01", "signed_out", 900, 1200),
    ),
    lines=(
        span(1, "menu", 100, 300),
        span(1, "talking", 300, 500),
        span(1, "idle", 500, 900),
        span(1, "talking", 900, 1200),
        span(2, "waiting", 450, 480),
        span(2, "idle", 480, 950),
        span(2, "talking", 950, 1100),
    ),
)


def test_a_day_by_hand() -> None:
    day = {key: above / below for key, (above, below) in of_day(BOOK, 2).items()}
    assert day == pytest.approx(
        {
            "offered": 5,
            "answered": 2,
            "abandoned": 1,
            "overflowed": 1,
            "answer_rate": 0.4,
            "service_level": 0.2,
            "asa": 15.0,
            "occupancy": 200 / 600,
            "all_lines_busy": (30 + 50) / 1000,  # only while the centre is open
            "informed": 1,
            "served_rate": 0.6,
            "callers": 4,
            "called_back": 0,
            "unserved": 1,
        }
    )


def test_students_t_is_the_tables() -> None:
    table = {4: 2.776, 9: 2.262, 19: 2.093, 199: 1.972}
    assert {n: student(n) for n in table} == pytest.approx(table, rel=0.02)
    assert student(9, 0.99) == pytest.approx(3.250, rel=0.01)


def test_a_rate_counts_days_by_their_calls() -> None:
    days = [dict.fromkeys(of_day(BOOK, 2), pair) for pair in ((9.0, 10.0), (10.0, 100.0))]
    assert estimates(days)["answer_rate"] == Estimate(19 / 110)


def test_the_spread_is_of_the_mean_and_of_the_days() -> None:
    counts = (8.0, 10.0, 12.0, 9.0, 11.0)
    days = [dict.fromkeys(of_day(BOOK, 2), (count, 1.0)) for count in counts]
    found = estimates(days)["offered"]
    deviation = 2.5**0.5
    assert found.value == 10
    assert found.spread == pytest.approx(deviation)
    assert found.most_days == pytest.approx(
        (10 - 2.73 * deviation, 10 + 2.73 * deviation), rel=0.02
    )
    assert found.interval == pytest.approx((10 - 1.22 * deviation, 10 + 1.22 * deviation), rel=0.02)
    assert not found.holds(15.0, 0.5)
    assert found.holds(14.0, 0.5)
    assert found.differs(12.5, 200, 0.0, 5)
    assert not found.differs(11.0, 200, 0.0, 5)


def test_nothing_answered_has_no_time_to_answer() -> None:
    days = [dict.fromkeys(of_day(BOOK, 2), (0.0, 0.0))] * 6
    assert estimates(days)["asa"].value is None
