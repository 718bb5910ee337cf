"""How soon a part is started again."""

from itertools import pairwise

from telephony.supervisor.backoff import PAUSES, STABLE_AFTER, BackOff


def test_at_once_then_ever_later_up_to_a_limit() -> None:
    back_off = BackOff()
    pauses = [back_off.after(lived=0.1) for _ in range(20)]
    assert pauses[0] == 0
    assert all(before <= after for before, after in pairwise(pauses))
    assert pauses[1] > 0
    assert pauses[-1] == PAUSES[-1]


def test_a_stable_life_makes_the_next_death_the_first_again() -> None:
    back_off = BackOff()
    for _ in range(5):
        back_off.after(lived=0.1)
    assert back_off.after(lived=STABLE_AFTER) == 0
    assert back_off.after(lived=0.1) > 0


def test_a_restart_that_was_asked_for_counts_nothing() -> None:
    back_off = BackOff()
    back_off.after(lived=0.1)
    back_off.forget()
    assert back_off.after(lived=0.1) == 0
