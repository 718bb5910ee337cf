"""Who phones when: the assumed shape of a day, and the same citizens whatever the staffing."""

from collections import Counter

import pytest

from telephony.simulation.dice import Dice
from telephony.simulation.model import Surge
from telephony.simulation.population import callers
from telephony.simulation.run import Plan, Run, staffed
from telephony.simulation.scenario import load, load_town
from tests.builders import rules
from tests.simulation.plans import HOUR, STRAIGHT, scenario, silent, town

TOWN = load_town()


def many_days(name: str, days: int = 60) -> list[float]:
    of = load(name, TOWN)
    return [c.arrives for day in range(days) for c in callers(of, TOWN, 1.0, Dice("shape", day))]


def test_a_day_has_the_assumed_shape() -> None:
    times = many_days("peak-day")
    busiest = sum(10 * HOUR <= at < 11 * HOUR for at in times) / len(times)
    assert busiest == pytest.approx(0.155, abs=0.006)
    assert min(times) >= 8.5 * HOUR
    assert max(times) < 17.25 * HOUR
    assert len(times) / 60 == pytest.approx(500, abs=9)


def test_a_failing_system_brings_calls_while_it_fails() -> None:
    times = many_days("outage-day")
    rate = {
        hour: sum(hour * HOUR <= at < (hour + 1) * HOUR for at in times) for hour in (9, 10, 13, 16)
    }
    assert rate[10] / rate[9] == pytest.approx(3 * 1.40 / 1.35, rel=0.1)
    assert rate[13] / rate[16] == pytest.approx(1.8 * 1.05 / 0.60, rel=0.12)


def test_arrivals_are_a_poisson_process() -> None:
    """As many in a minute as variance: neither in step nor in heaps."""
    even = scenario(120, 60, hours=24)
    arrivals = [c.arrives for c in callers(even, town(), 1.0, Dice("poisson"))]
    minutes = Counter(int(at // 60) for at in arrivals)
    counts = [minutes[n] for n in range(24 * 60)]
    mean = sum(counts) / len(counts)
    variance = sum((n - mean) ** 2 for n in counts) / (len(counts) - 1)
    assert mean == pytest.approx(2.0, rel=0.06)
    assert variance / mean == pytest.approx(1.0, abs=0.13)


def test_a_surge_is_part_of_the_day_and_no_addition() -> None:
    surging = scenario(60, 60, surges=(Surge(HOUR, 2 * HOUR, 5.0),))
    found = [len(callers(surging, town(), 1.0, Dice("surge", day))) for day in range(40)]
    assert sum(found) / 40 == pytest.approx(60 * 12, rel=0.02)


def test_the_same_citizens_phone_whatever_the_staffing() -> None:
    of, found = load("peak-day", TOWN), []
    for agents, lines in ((3, 6), (9, 12)):
        plan = Plan(staffed(rules(), agents, lines), of, TOWN, STRAIGHT, 5)
        (book,) = Run(plan, silent).days(1)
        first = {(r.id, r.arrived_at) for r in book.records if r.id.endswith(".0")}
        found.append(first)
    assert found[0] == found[1]


def test_talks_have_the_assumed_mean_and_variation() -> None:
    of = load("ordinary-day", TOWN)
    seconds = [c.talk + c.wrap_up for day in range(40) for c in callers(of, TOWN, 1, Dice(day))]
    assert sum(seconds) / len(seconds) == pytest.approx(282, rel=0.03)
    stretches = [Dice("stretch", n).lognormal(0.7) for n in range(4000)]
    mean = sum(stretches) / len(stretches)
    variation = (sum((s - mean) ** 2 for s in stretches) / len(stretches)) ** 0.5 / mean
    assert mean == pytest.approx(1.0, rel=0.04)
    assert variation == pytest.approx(0.7, rel=0.12)
