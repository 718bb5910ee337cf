"""Headline 3, rows B1, B2, B5: every cell has a written outcome, and in none is anything wrong.

A change of behaviour shows here as a difference to `race-matrix.csv`. When it was wanted, write the
file anew with `python -m tests.simulation.shell.race`, and let somebody read the difference.
"""

from collections.abc import Iterator

import pytest
import structlog

from tests.simulation.shell.race import cells, play, written
from tests.simulation.shell.race_stages import CONSULTATIONS, LOST_PHONES, STAGES
from tests.simulation.shell.racing import ANSWERS, ORDERS, Answer, Order, Stage

CRITICAL = 50
by_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
both_orders = pytest.mark.parametrize("order", ORDERS)
every_answer = pytest.mark.parametrize("answer", ANSWERS)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    yield
    structlog.configure(**before)


def named(name: str) -> Stage:
    return next(stage for stage in STAGES if stage.name == name)


@by_stage
def test_b1_every_cell_ends_as_it_is_written(stage: Stage) -> None:
    assert list(cells(stage)) == [row for row in written() if row.stage == stage.name]


def test_the_matrix_is_whole_and_nothing_in_it_is_wrong() -> None:
    rows = written()
    met = sum(len(stage.events) for stage in STAGES)
    assert len(rows) == met * len(ORDERS) * len(ANSWERS) == 6072
    assert [row for row in rows if row.wrong or not row.outcome] == []
    assert "no race" not in {row.event_was for row in rows}


def test_every_stage_is_met_by_the_leader_s_death_and_goes_on() -> None:
    died = [row for row in written() if row.event == "the leader dies"]
    assert len(died) == len(STAGES) * len(ORDERS) * len(ANSWERS)
    assert {row.event_was for row in died} == {""}
    talks = [row for row in died if row.stage in {"put on hold", "resumed"} and row.answer == "ok"]
    assert {(row.then, row.outcome) for row in talks} <= {
        ("talking", "answered"),
        ("hold", "answered"),
    }


@pytest.mark.parametrize("stages", [CONSULTATIONS, LOST_PHONES], ids=["consulted", "lost"])
def test_b8_c1_no_caller_is_dropped_unless_their_channel_is_or_the_agent_says_so(
    stages: tuple[Stage, ...],
) -> None:
    names = {stage.name for stage in stages}
    ends = {"caller hangs up", "agent ends the call"}
    rows = [row for row in written() if row.stage in names and not row.event_was]
    kept = [row for row in rows if row.event not in ends and row.answer != "gone"]
    assert {row.stage for row in kept} == names
    assert [row for row in kept if row.then == "over" or row.hung_up_by != "caller"] == []


def test_f5_a_citizen_who_was_dialled_has_one_attempt_on_record_whatever_raced() -> None:
    rows = [row for row in written() if "citizen" in row.stage and row.outcome]
    assert {row.stage for row in rows} >= {"calling a citizen back", "citizen answers"}
    assert all(row.offers and " " not in row.offers for row in rows)
    up = [row for row in rows if row.stage == "citizen answers"]
    assert {row.offers for row in up if row.answer not in {"409", "500"}} == {"answered"}
    kept = [row for row in up if row.then == "lost"]  # they could not be joined: rung once more
    assert {(row.answer, row.offers) for row in kept} == {(a, "broken_off") for a in ("409", "500")}
    assert {row.offers for row in up if row.then != "lost"} == {"answered"}


@both_orders
@every_answer
def test_b2_an_agent_answers_as_the_caller_abandons(order: Order, answer: Answer) -> None:
    row = play(named("answered"), "caller hangs up", order, answer)
    assert (row.then, row.outcome, row.wrong) == ("over", "answered", "")
    assert row.ana in {"wrap_up", "ready"}
    assert row.offers == "answered"


@both_orders
def test_b2_the_caller_leaves_as_the_telephone_begins_to_ring(order: Order) -> None:
    row = play(named("offered"), "caller hangs up", order, "ok")
    assert (row.outcome, row.offers, row.wrong) == ("abandoned", "withdrawn", "")
    assert row.ana == "ready"  # at once, and not charged with a missed call


@both_orders
@every_answer
def test_b5_the_longest_wait_is_over_as_an_agent_answers(order: Order, answer: Answer) -> None:
    row = play(named("answered"), "longest wait is over", order, answer)
    assert (row.event_was, row.wrong) == ("not due", "")  # the answer has won
    not_joined = answer in {"409", "500"}  # they wait on, and are not answered yet
    assert row.outcome == ("abandoned" if not_joined else "answered")


@both_orders
def test_b5_the_longest_wait_is_over_as_the_telephone_rings(order: Order) -> None:
    row = play(named("room made ready"), "longest wait is over", order, "ok")
    assert (row.wrong, row.then) == ("", "waiting")  # given its chance: no half-move
