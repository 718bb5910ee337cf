"""Headline 4: with an event stream that drops, doubles and reorders, the records are those of a
good day: the same calls, the same ends, every time within two seconds."""

from typing import Final

from telephony.simulation.shell.faults import Blackout, Lies
from telephony.simulation.shell.script import Script
from telephony.simulation.shell.theatre import Result
from tests.simulation.shell.staging import played, steady, without_faults

WITHIN: Final = 2.0
SHARE: Final = 0.05
CALLS: Final = 30
ALL_DAY: Final = CALLS * 30.0 + 60.0


def lied_to(lies: Lies) -> Script:
    return steady(lies, calls=CALLS, lasts=ALL_DAY)


def compared(script: Script) -> tuple[Result, list[str]]:
    """The run, and every difference to the same people's good day."""
    lied, true = played(script), played(without_faults(script))
    told = {record.id: record for record in lied.records.calls()}
    differences = []
    for record in true.records.calls():
        other = told[record.id]
        if (other.outcome, other.queue, other.menu_path) != (
            record.outcome,
            record.queue,
            record.menu_path,
        ):
            differences.append(f"{record.id}: {other.outcome} instead of {record.outcome}")
        for name in ("arrived_at", "waited", "talked", "ended_at"):
            off = getattr(other, name) - getattr(record, name)
            if abs(off) > WITHIN:
                differences.append(f"{record.id}: {name} is off by {off:.3f}")
    assert len(told) == len(true.records.calls()) == CALLS
    return lied, differences


def test_d1_doubled_and_reordered_events_change_no_record() -> None:
    lies = Lies(at=5.0, lasts=ALL_DAY - 10.0, drop=0.0, double=SHARE, late=SHARE)
    lied, differences = compared(lied_to(lies))
    assert (lied.findings, differences) == ([], [])


def test_d1_every_second_event_twice_changes_no_record() -> None:
    lies = Lies(at=5.0, lasts=ALL_DAY - 10.0, drop=0.0, double=0.5, late=0.0)
    lied, differences = compared(lied_to(lies))
    assert (lied.findings, differences) == ([], [])


def test_d1_lost_events_change_no_record() -> None:
    lies = Lies(at=5.0, lasts=ALL_DAY - 10.0, drop=SHARE, double=SHARE, late=SHARE)
    lied, differences = compared(lied_to(lies))
    assert (lied.findings, differences) == ([], [])


def test_a_blackout_of_thirty_seconds_costs_no_record() -> None:
    lied = played(steady(Blackout(at=45.0, lasts=30.0), calls=CALLS, lasts=ALL_DAY))
    assert lied.findings == []
    assert len(lied.records.calls()) == CALLS
    assert {record.outcome for record in lied.records.calls()} <= {"answered", "abandoned"}
