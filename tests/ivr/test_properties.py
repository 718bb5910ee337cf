"""What holds of every flow and every caller.

`Journey` compares position and telephone at each step: playing, or listening, or gone.
"""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from config.site import load
from ivr_flows import engine
from ivr_flows.engine import Failed, Input, Position, PromptEnded, Silence
from ivr_flows.occasion import Occasion
from ivr_flows.schema import Flow
from tests.ivr.flows import AROUND, told
from tests.ivr.journey import MONDAY, SUNDAY, WEEKDAYS, Journey
from tests.ivr.strategies import flows, inputs

MAIN = load(Path(__file__).parents[2] / "config" / "site").flows["main"]
times = st.sampled_from([MONDAY, SUNDAY])


def follow(caller: Journey, given: list[Input]) -> Journey:
    """All inputs that the telephone could really have sent."""
    for each in given:
        if isinstance(each, PromptEnded) and not caller.playing:
            continue
        if isinstance(each, Silence) and caller.timer is None:
            continue
        caller.tell(each)
        assert caller.here.steps <= engine.BUDGET + engine.GRACE + 1
    return caller


@given(flows(), st.lists(inputs, max_size=40), times)
def test_no_caller_of_any_flow_is_ever_stranded(
    flow: Flow, given: list[Input], civil: datetime
) -> None:
    follow(Journey(flow, civil, WEEKDAYS), given)


@given(st.lists(inputs, max_size=60), times)
def test_no_caller_of_the_main_flow_is_ever_stranded(given: list[Input], civil: datetime) -> None:
    caller = follow(Journey(MAIN, civil, WEEKDAYS), given)
    caller.wait_to_the_end()


@given(flows(), st.lists(inputs, max_size=20))
def test_inputs_that_make_no_sense_raise_nothing(flow: Flow, given: list[Input]) -> None:
    here, _ = engine.start(flow, Occasion(MONDAY))
    for each in given:
        here, _ = engine.step(flow, here, each, Occasion(MONDAY))


@given(flows(), st.lists(inputs, max_size=30), st.integers(0, 30))
def test_a_restart_anywhere_goes_on_at_the_same_node(
    flow: Flow, given: list[Input], at: int
) -> None:
    caller = follow(Journey(flow), given[:at])
    here = caller.here
    if caller.left is None and here.steps < engine.BUDGET:
        caller.restart()
        assert (caller.here.node, caller.here.typed) == (here.node, 0)
        follow(caller, given[at:])


@given(flows(), st.lists(inputs, max_size=40))
def test_the_same_inputs_always_lead_the_same_way(flow: Flow, given: list[Input]) -> None:
    assert follow(Journey(flow), given).here == follow(Journey(flow), given).here


@given(flows(), st.lists(inputs, max_size=20))
def test_a_position_survives_being_written_down(flow: Flow, given: list[Input]) -> None:
    here = follow(Journey(flow), given).here
    assert Position(**asdict(here)) == here


@given(flows())
def test_e2_who_does_nothing_leaves_every_flow_the_checker_lets_pass(flow: Flow) -> None:
    if any("goes round" in fault for fault in told(flow, AROUND)):
        return
    caller = Journey(flow)
    for _ in range(60):  # seven nodes, each heard at most three times, two inputs each
        if isinstance(caller.left, engine.Transfer):
            caller.tell(Failed())
        caller.stay_silent()
    assert caller.left is not None


@given(flows(), st.lists(inputs, max_size=20))
def test_e2_a_flood_of_keys_does_not_outrun_the_budget(flow: Flow, given: list[Input]) -> None:
    caller = Journey(flow)
    for _ in range(20):
        follow(caller, given)
