"""What is filled in by itself, and what an outcome must say."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from agents.calls.rules import Entered, completed, faults, prefill
from agents.catalogue.catalogue import load
from telephony.caller_id import Caller, CallerKind
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.store.words import HungUpBy, Outcome

WORDS = load()
TODAY = date(2026, 11, 27)
CALL = CallRecord(
    id="n1-1700000000.1", arrived_at=1.7e9, line=1,
    caller=Caller(None, CallerKind.WITHHELD, "", "", None), dialled="0942000100",
    menu_path="", queue="general", agent="a01", outcome=Outcome.ANSWERED, overflow_reason=None,
    waited=3.0, talked=60.0, held=0.0, wrapped_up=None, ended_at=1.7e9 + 70,
    hung_up_by=HungUpBy.CALLER, timeline=(),
)  # fmt: skip


def filled(*, escalated: str | None = None, **changes: Any) -> tuple[tuple[str, ...], str | None]:
    found = prefill(WORDS, replace(CALL, **changes), escalated=escalated)
    return found.reasons, found.disposition


def test_a_plain_enquiry_from_one_topic_needs_no_key() -> None:
    reasons, disposition = filled(menu_path="2/1")
    assert (reasons, disposition) == (("P2",), "D01")
    assert disposition is not None
    assert faults(WORDS, Entered(reasons, disposition), TODAY) == {}


@pytest.mark.parametrize(("disposition", "reasons"), [("D12", ("X2",)), ("D11", ("X3",))])
def test_wrong_number_and_silence_need_one_key(disposition: str, reasons: tuple[str, ...]) -> None:
    assert filled(menu_path="0") == ((), None)
    entered = completed(WORDS, Entered((), disposition))
    assert entered.reasons == reasons
    assert faults(WORDS, entered, TODAY) == {}


def test_what_was_done_wins_over_what_was_meant() -> None:
    outside = TimelineEvent(1.7e9, "dialled", {})
    assert filled(menu_path="2/1", timeline=(outside,)) == (("P2",), "D06")
    assert filled(menu_path="2/1", escalated="supervisor") == (("P2",), "D07")
    assert filled(menu_path="2/1", escalated="city") == (("P2",), "D09")
    assert WORDS.outcomes.dispositions["D09"].counts == "open"


@pytest.mark.parametrize(
    ("events", "disposition"),
    [
        ("connected transfer dialled", "D06"),
        ("connected transfer dialled connected_outside", "D06"),
        ("connected consulted transfer connected_outside", "D06"),
        ("queued left_queue dialled connected_outside", "D06"),
        ("connected transfer dialled returned", "D01"),
        ("connected transfer dialled returned connected", "D01"),
        ("connected transfer dialled returned connected transfer dialled", "D06"),
        ("dialled queued", "D01"),  # by the flow, before it rings at an agent's
        ("dialled connected", "D01"),
        ("dialled found_talking", "D01"),
        ("transfer returned", "D01"),
    ],
)
def test_whoever_nobody_took_outside_was_not_transferred(events: str, disposition: str) -> None:
    timeline = tuple(
        TimelineEvent(1.7e9 + at, event, {}) for at, event in enumerate(events.split())
    )
    assert filled(menu_path="2/1", timeline=timeline) == (("P2",), disposition)


def test_a_caller_who_hung_up_at_once_was_cut_off() -> None:
    assert filled(talked=1.0) == (("X3",), "D10")
    assert filled(talked=1.0, hung_up_by=HungUpBy.AGENT) == ((), None)


@pytest.mark.parametrize(
    ("entered", "wrong"),
    [
        (Entered((), "D01"), {"reasons"}),
        (Entered(("R1", "R1"), "D01"), {"reasons"}),
        (Entered(("R1", "R2", "R3", "R4"), "D01"), {"reasons"}),
        (Entered(("Q1",), "D01"), {"reasons"}),
        (Entered(("Z3",), "D01"), {"reasons"}),
        (Entered(("R1",), "D99"), {"disposition"}),
        (Entered(("R1",), "D09", note=" \n"), {"note"}),
        (Entered(("R1",), "D01", flags=("nonsense",)), {"flags"}),
        (Entered(("R1",), "D01", flags=("foreign_language",)), {"flags"}),
        (Entered(("R1",), "D01", flags=("foreign_language:xx",)), {"flags"}),
        (Entered(("R1",), "D01", flags=("complaint:vi",)), {"flags"}),
        (Entered(("R1",), "D01", flags=("complaint", "complaint")), {"flags"}),
        (Entered(("R1",), "D01", flags=("foreign_language:vi", "foreign_language:ko")), {"flags"}),
        (Entered(("R1",), "D01", flags=("complaint", "foreign_language:vi")), set()),
        (Entered(("R1",), "D01", overrun="nonsense"), {"overrun"}),
        (Entered((), "D99", flags=("x",)), {"reasons", "disposition", "flags"}),
    ],
)
def test_every_fault_is_told_at_once_by_its_field(entered: Entered, wrong: set[str]) -> None:
    told = faults(WORDS, entered, TODAY)
    assert set(told) == wrong
    assert all("(" in sentence for sentence in told.values())  # in both languages
