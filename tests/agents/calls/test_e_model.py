"""The E-model gives the figures of ITU-T G.107 and G.109, and never better for a worse line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.calls.e_model import Line, mos, rating

SHARES = st.floats(0, 1)
DELAYS = st.floats(0, 5)


def test_a_line_without_fault_is_what_the_recommendation_says() -> None:
    assert rating(Line(0, 0.02)) == pytest.approx(93.2)
    assert mos(Line(0, 0.02)) == pytest.approx(4.41, abs=0.01)


# Loss after G.113 (Bpl 25.1): R = 93.2 - 95 * Ppl / (Ppl + 25.1), worked out by hand.
@pytest.mark.parametrize(("percent", "r"), [(1, 89.56), (3, 83.06), (5, 77.42), (20, 51.07)])
def test_loss_costs_what_it_costs_g711_with_concealment(percent: float, r: float) -> None:
    assert rating(Line(percent / 100, 0.05)) == pytest.approx(r, abs=0.01)


# Idd of G.107 (eq. 7-27) at one-way delays, worked out by hand.
@pytest.mark.parametrize(("delay", "idd"), [(0.1, 0.0), (0.2, 3.04), (0.4, 24.06)])
def test_delay_costs_nothing_at_first(delay: float, idd: float) -> None:
    assert 93.2 - rating(Line(0, delay)) == pytest.approx(idd, abs=0.02)


# Table B.1 of G.107: R and the opinion that goes with it.
@pytest.mark.parametrize(("r", "opinion"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10)])
def test_the_opinion_is_that_of_the_table(r: float, opinion: float) -> None:
    lost = (93.2 - r) * 25.1 / (95 - (93.2 - r))
    assert mos(Line(lost / 100, 0)) == pytest.approx(opinion, abs=0.01)


@given(SHARES, SHARES, DELAYS, DELAYS)
def test_a_worse_line_is_never_better(one: float, other: float, soon: float, late: float) -> None:
    good = Line(min(one, other), min(soon, late))
    bad = Line(max(one, other), max(soon, late))
    assert 1.0 <= mos(bad) <= mos(good) + 1e-9 <= 4.5
