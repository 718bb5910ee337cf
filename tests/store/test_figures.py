"""Figures are folds of records: they balance, and each opens the calls it counts."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from telephony.caller_id import Caller, CallerKind
from telephony.store.call_record import CallRecord
from telephony.store.changes import CallOpened
from telephony.store.figures import totals
from telephony.store.records import Records
from telephony.store.words import Outcome
from tests.store.examples import closed, opened

AT = 1000.0


async def test_each_figure_opens_its_calls(records: Records) -> None:
    outcomes = [*Outcome, Outcome.ANSWERED]
    for number, outcome in enumerate(outcomes):
        call = f"{outcome}-{number}"
        await records.apply(1, [(number, [opened(call, AT), closed(call, AT + 9, outcome)])])
    await records.apply(1, [(99, [CallOpened("here", AT, 1, "0942000100", None)])])

    counted = totals([*await records.calls(limit=100), *await records.open_calls()])

    assert counted.balanced
    assert sorted(counted.answered) == ["answered-0", "answered-7"]
    for outcome in set(Outcome) - {Outcome.ANSWERED}:
        [call] = getattr(counted, outcome)
        assert call.startswith(outcome)
    assert counted.still_open == ("here",)
    assert len(counted.offered) == 9


@given(st.lists(st.sampled_from([*Outcome, None])))
def test_every_call_is_counted_once(outcomes: list[Outcome | None]) -> None:
    records = [a_record(f"c{number}", outcome) for number, outcome in enumerate(outcomes)]
    counted = totals(records)

    assert counted.balanced
    assert len(counted.offered) == len(outcomes)


def test_a_call_counted_twice_is_out_of_balance() -> None:
    counted = totals([a_record("c1", Outcome.ANSWERED)])

    assert not replace(counted, lost=("c1",)).balanced
    assert not replace(counted, answered=()).balanced


def a_record(call: str, outcome: Outcome | None) -> CallRecord:
    return CallRecord(
        id=call,
        arrived_at=AT,
        line=1,
        caller=Caller(None, CallerKind.WITHHELD, "非通知"),
        dialled="0942000100",
        menu_path=None,
        queue=None,
        agent=None,
        outcome=outcome,
        overflow_reason=None,
        waited=None,
        talked=None,
        held=None,
        wrapped_up=None,
        ended_at=None,
        hung_up_by=None,
        timeline=(),
    )
