"""No two controllers act for one site, in any order of events; and each rule is needed for it."""

from functools import partial

import pytest

from tests.models.explorer import Found, explore
from tests.models.lease import Controller, Rules, World, steps


def checked(rules: Rules, controllers: int = 2) -> Found[World]:
    start = World(all_=(Controller(),) * controllers)
    return explore(start, partial(steps, rules=rules), lambda world: bool(world.wrong))


def test_d5_no_two_controllers_act_whatever_sleeps_dies_or_is_cut_off() -> None:
    found = checked(Rules())
    assert found.trace is None
    assert found.states > 10_000  # or it did not look


@pytest.mark.parametrize("left_out", ["from_asking", "grows", "replaces", "hears", "looks"])
def test_without_any_one_rule_they_would(left_out: str) -> None:
    found = checked(Rules(**{left_out: False}))
    assert found.trace is not None
    assert found.trace[-1].endswith("requests")


# What the model does not show to be needed; docs/decisions/0019 says why both are there.
def test_the_check_after_sleep_and_the_fence_are_second_lines_of_defence() -> None:
    assert checked(Rules(tenure=False, fenced=False)).trace is None


def test_without_being_told_of_the_next_leader_the_check_after_sleep_is_missed() -> None:
    without_both = checked(Rules(tenure=False, replaces=False)).trace
    without_one = checked(Rules(replaces=False)).trace
    assert without_both is not None
    assert without_one is not None
    assert len(without_both) < len(without_one)
