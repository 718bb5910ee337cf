"""The judge at the end: which words fit what a citizen lived through, and what is excused."""

import pytest

from telephony.simulation.shell.faults import Crash, Fault, JournalLost
from telephony.simulation.shell.people import Visit
from telephony.simulation.shell.script import Citizen
from telephony.simulation.shell.verdict import outcomes
from telephony.store.words import Outcome
from tests.simulation.shell.staging import played, steady

GREETED = ["greeting", "main_menu"]
INFORMED = [*GREETED, "renewal_info", "info_menu"]
CUT_SHORT = [*GREETED, "renewal_info", "wrong_key", "info_menu"]  # by a key that means nothing
AFTER_ALL = [*CUT_SHORT, "renewal_info", "info_menu"]


def visit(heard: list[str], **lived: bool | float | set[int]) -> Visit:
    seen = Visit(Citizen("0942000101", 10.0), "fake-1", 10.0, 120.0, heard=heard, ended_at=200.0)
    for name, value in lived.items():
        setattr(seen, name, value)
    return seen


@pytest.mark.parametrize(
    ("seen", "fits"),
    [
        (visit(GREETED, queued_at=20.0, talked=True, left=True), {Outcome.ANSWERED}),
        (visit(GREETED, queued_at=20.0, talked=True, died=True), {Outcome.ANSWERED}),
        (visit(GREETED, queued_at=20.0, died=True), {Outcome.LOST}),
        (visit([], left=True), {Outcome.ABANDONED}),
        (visit(GREETED, queued_at=20.0, left=True), {Outcome.ABANDONED}),
        (
            visit(GREETED, queued_at=20.0, left=True, nearly=True),
            {Outcome.ABANDONED, Outcome.ANSWERED},  # as they were being put together
        ),
        (visit(INFORMED, left=True, content=True), {Outcome.INFORMED}),
        (visit(INFORMED, left=True), {Outcome.INFORMED, Outcome.ABANDONED}),
        (visit(INFORMED, queued_at=60.0, left=True), {Outcome.ABANDONED}),
        (visit([*INFORMED, "goodbye"]), {Outcome.INFORMED}),
        (visit([*CUT_SHORT, "goodbye"], cut={2}), {Outcome.ABANDONED}),
        (visit([*CUT_SHORT, "goodbye"]), {Outcome.INFORMED, Outcome.ABANDONED}),  # at its very end
        (visit([*CUT_SHORT, "wrong_key", "info_menu", "goodbye"], cut={2}), {Outcome.ABANDONED}),
        (visit([*AFTER_ALL, "goodbye"], cut={2}), {Outcome.INFORMED}),
        (visit([*INFORMED, "wrong_key", "info_menu", "goodbye"], cut={3}), {Outcome.INFORMED}),
        (visit([*GREETED, "info_menu", "goodbye"]), {Outcome.ABANDONED}),  # Asterisk refused it
        (visit([*GREETED, "renewal_info", "goodbye"]), {Outcome.INFORMED}),  # but for the menu
        (visit([*GREETED, "queue_full"]), {Outcome.OVERFLOWED}),
        (visit([*GREETED, "max_wait_sorry"], queued_at=20.0, left=True), {Outcome.OVERFLOWED}),
        (visit([*GREETED, "sorry_call_back"], queued_at=20.0, left=True), {Outcome.OVERFLOWED}),
        (visit([*GREETED, "number_choice", "request_taken"], queued_at=20.0), {Outcome.OVERFLOWED}),
        (
            visit([*GREETED, "number_choice"], queued_at=20.0, left=True),
            {Outcome.ABANDONED, Outcome.OVERFLOWED},
        ),
        (visit([]), {Outcome.OVERFLOWED}),  # no line was free
    ],
)
def test_what_was_lived_through_is_called_by_its_name(seen: Visit, fits: set[Outcome]) -> None:
    assert outcomes(seen) == fits


BOTH = Crash(at=45.0, where="both", lasts=2.0)


@pytest.mark.parametrize(
    ("faults", "forgotten"),
    [
        ((JournalLost(at=45.0),), 0),
        ((JournalLost(at=45.0, last=1.0),), 0),
        ((JournalLost(at=45.0), Crash(at=45.001)), 0),  # the standby knows
        ((BOTH, JournalLost(at=46.0)), 1),
        ((JournalLost(at=45.0), BOTH), 1),
    ],
)
def test_only_what_nobody_can_know_any_more_is_excused(
    faults: tuple[Fault, ...], forgotten: int
) -> None:
    result = played(steady(*faults, calls=3, lasts=150.0))
    assert result.findings == []
    assert len(result.forgotten) == forgotten


def test_d9_a_record_that_nobody_else_remembers_is_closed_by_what_sql_has() -> None:
    """Both are dead and the journal is lost as the caller hangs up."""
    nobody = Crash(at=52.0, where="both", lasts=6.0)
    result = played(steady(nobody, JournalLost(at=53.0), calls=1, lasts=150.0))
    assert result.findings == []
    (record,) = result.records.calls()
    assert record.outcome is Outcome.ANSWERED
    assert [event.event for event in record.timeline][-1] == "closed_by_reconcile"
