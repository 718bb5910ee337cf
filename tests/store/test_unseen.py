"""The busy tones that nobody counted, by Erlang's loss formula."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.caller_id import Caller, CallerKind
from telephony.store.call_record import CallRecord
from telephony.store.unseen import HOUR, erlang_b, offered_for, unseen

AT = 1_700_000_000.0 // HOUR * HOUR


@pytest.mark.parametrize(
    ("offered", "lost"),
    # Published loss of six lines, in per cent.
    [(1.0, 0.1), (2.0, 1.2), (3.0, 5.2), (4.0, 11.7), (5.0, 19.2), (6.0, 26.5)],
)
def test_the_loss_of_six_lines_is_that_of_the_tables(offered: float, lost: float) -> None:
    assert round(100 * erlang_b(offered, 6), 1) == lost


@given(st.floats(0.01, 3.0), st.integers(1, 30))
def test_what_was_offered_follows_from_what_was_carried(each: float, lines: int) -> None:
    offered = each * lines
    share = erlang_b(offered, lines)
    again = offered_for(offered * (1 - share), lines)
    assert erlang_b(again, lines) == pytest.approx(share, abs=1e-6)


LATER = AT + 24 * HOUR


def call(nth: int, at: float, lasts: float, line: int | None = 1) -> CallRecord:
    empty = CallRecord(
        f"c{nth}", at, line, Caller(None, CallerKind.UNKNOWN, ""), "0942000100", "", None, None,
        None, None, None, None, None, None, None, None, (),
    )  # fmt: skip
    return replace(empty, ended_at=at + lasts)


def test_a10_an_hour_that_was_full_hides_callers_and_a_quiet_one_none() -> None:
    full = [call(nth, AT + 60 * nth, 300.0) for nth in range(52)]  # 4.3 erlangs carried
    quiet = [call(100 + nth, AT + 5 * HOUR + 600 * nth, 60.0) for nth in range(6)]
    hidden = unseen([*full, *quiet], 6, LATER)
    offered = offered_for(52 * 300 / HOUR, 6)
    assert hidden == pytest.approx(52 * erlang_b(offered, 6) / (1 - erlang_b(offered, 6)), abs=0.01)
    assert 16 < hidden < 18
    assert unseen(quiet, 6, LATER) < 0.01


def test_calls_without_a_line_carry_nothing() -> None:
    assert unseen([call(0, AT, 300.0, None)], 6, LATER) == 0


def test_an_hour_that_is_not_over_is_measured_by_what_has_passed_of_it() -> None:
    whole = [call(nth, AT + 60 * nth, 300.0) for nth in range(60)]
    begun = [each for each in whole if each.arrived_at < AT + 900]
    now = [replace(each, ended_at=None) if (each.ended_at or 0) > AT + 900 else each
           for each in begun]  # fmt: skip
    assert unseen(now, 6, AT + 900) > 4
    assert unseen(begun, 6, LATER) < 0.05  # fifteen calls in a whole hour: a quiet one


def test_more_than_the_lines_can_carry_is_no_fault() -> None:
    assert unseen([call(nth, AT, 3600.0) for nth in range(7)], 6, LATER) > 0
