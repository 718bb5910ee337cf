"""Headline 4: with an event stream that lies, the records are those of a good day.

`python -m benchmarks lying_stream` does the same with ten thousand calls.
"""

from functools import cache

import pytest

from telephony.simulation.shell.faults import Blackout, Lies
from telephony.simulation.shell.theatre import Result
from telephony.store.words import Outcome
from tests.simulation.shell.compared import Comparison, compare
from tests.simulation.shell.scenes import Kind, Scene, in_truth, lied_to, scenes, site
from tests.simulation.shell.staging import demo_rules, played, steady, without_faults

SEED = 1
EVERY_SORT = 3  # somebody gives up in the queue, too
ANOTHERS_TURN = 4  # a talk is refused: from then on the turns are others
UNHEARD = 17  # an information is refused: who heard nothing of it was not informed
NO_REASON = 47  # an agent's leg ends while a doubt is looked into, and why is told too late


@cache
def both(kind: Kind, seed: int = SEED) -> tuple[Result, Result, Comparison]:
    """One scene of this kind, as it should be and lied to."""
    of: list[Scene] = scenes(seed, 1, (kind,))
    script, rules = lied_to(seed, of), site(demo_rules())
    true, lied = played(in_truth(script), rules), played(script, rules)
    return true, lied, compare(true, lied, of)


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("lies", SEED),
        ("refusals", SEED),
        ("blackout", SEED),
        ("both", SEED),
        ("refusals", ANOTHERS_TURN),
        ("refusals", UNHEARD),
        ("refusals", NO_REASON),
    ],
)
def test_d1_the_records_are_those_of_a_good_day(kind: Kind, seed: int) -> None:
    true, lied, found = both(kind, seed)
    assert (true.findings, lied.findings) == ([], [])
    assert found.unexplained == []
    assert found.calls[kind] == len(true.people.visits)


@pytest.mark.parametrize("seed", [SEED, EVERY_SORT])
def test_d1_lost_doubled_and_late_events_change_no_field_of_any_record(seed: int) -> None:
    _, lied, found = both("lies", seed)
    assert lied.findings == []
    assert found.differing == {}
    assert found.same["lies"] == found.calls["lies"] == 40
    (leader,) = lied.hosts
    assert leader.controller is None or leader.lives == 1


def test_the_good_day_has_every_sort_of_call() -> None:
    true, _, _ = both("lies", EVERY_SORT)
    records = true.records.calls()
    assert {record.outcome for record in records} >= {
        Outcome.ANSWERED,
        Outcome.ABANDONED,
        Outcome.INFORMED,
        Outcome.OVERFLOWED,
    }
    assert any(record.held for record in records)
    assert {record.hung_up_by for record in records} >= {"caller", "agent", "system"}
    ends = [event.detail.get("end") for record in records for event in record.timeline]
    assert "declined" in ends
    assert any((record.waited or 0.0) > 20.0 for record in records)


def test_what_happened_before_a_blackout_is_as_ever_and_most_of_the_rest_too() -> None:
    _, _, found = both("blackout")
    assert {why for _, _, why in found.differing} <= {"dark"}
    assert 0 < found.same["blackout"] < found.calls["blackout"]


def test_requests_are_refused_delayed_and_answered_into_the_void() -> None:
    _, lied, _ = both("refusals")
    asked = {str(trouble.request[0]) for trouble in lied.troubled}
    assert asked & {"answer", "play", "add_channel", "originate", "hang_up"}


def test_every_second_event_twice_changes_no_record() -> None:
    lies = Lies(at=5.0, lasts=600.0, drop=0.0, double=0.5, late=0.0)
    script = steady(lies, calls=15)
    lied, true = played(script), played(without_faults(script))
    assert lied.findings == []
    of = [Scene("lies", 0.0)]
    assert compare(true, lied, of).differing == {}


def test_a_blackout_of_thirty_seconds_costs_no_record() -> None:
    script = steady(Blackout(at=45.0, lasts=30.0), calls=15)
    lied, true = played(script), played(without_faults(script))
    assert lied.findings == []
    found = compare(true, lied, [Scene("blackout", 0.0, (45.0, 75.0))])
    assert found.unexplained == []
    assert found.records == 15
