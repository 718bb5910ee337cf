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


# What is not in this list (the check after sleep, the journal's fence) is a second line of defence.
@pytest.mark.parametrize("left_out", ["from_asking", "grows", "replaces", "hears"])
def test_without_any_one_rule_they_would(left_out: str) -> None:
    found = checked(Rules(**{left_out: False}))
    assert found.trace is not None
    assert found.trace[-1].endswith("requests")
