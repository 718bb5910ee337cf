"""What may follow what, under both masters, and the number that survives the telephone."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bookings.numbers import LAST, number
from agents.bookings.states import Deed, Master, Refused, Status, after, owed

serials = st.integers(1, LAST)


def walk(master: Master, *deeds: Deed) -> tuple[Status | None, Deed | None]:
    status: Status | None = None
    debt: Deed | None = None
    for deed in deeds:
        then = after(master, status, deed)
        debt = owed(master, status, deed, debt)
        status = then
    return status, debt


@pytest.mark.parametrize(
    ("deeds", "ends", "debt"),
    [
        ([Deed.AGREE], Status.PROVISIONAL, Deed.AGREE),
        ([Deed.AGREE, Deed.CHANGE], Status.PROVISIONAL, Deed.AGREE),
        ([Deed.AGREE, Deed.CANCEL], Status.CANCELLED, None),
        ([Deed.AGREE, Deed.ENTER], Status.BOOKED, None),
        ([Deed.AGREE, Deed.ENTER, Deed.CHANGE], Status.BOOKED, Deed.CHANGE),
        ([Deed.AGREE, Deed.ENTER, Deed.CHANGE, Deed.ENTER], Status.BOOKED, None),
        ([Deed.AGREE, Deed.ENTER, Deed.CHANGE, Deed.CANCEL], Status.CANCELLED, Deed.CANCEL),
        ([Deed.AGREE, Deed.ENTER, Deed.CANCEL, Deed.ENTER], Status.CANCELLED, None),
        ([Deed.AGREE, Deed.ENTER, Deed.MISS, Deed.VISIT], Status.VISITED, None),
        ([Deed.AGREE, Deed.ENTER, Deed.CHANGE, Deed.VISIT], Status.VISITED, Deed.CHANGE),
    ],
)
def test_under_the_city_everything_is_owed_until_its_number_is_said(
    deeds: list[Deed], ends: Status, debt: Deed | None
) -> None:
    assert walk(Master.CITY, *deeds) == (ends, debt)


@pytest.mark.parametrize(
    ("deeds", "ends"),
    [
        ([Deed.HOLD], Status.HELD),
        ([Deed.HOLD, Deed.CANCEL], Status.EXPIRED),
        ([Deed.HOLD, Deed.EXPIRE], Status.EXPIRED),
        ([Deed.HOLD, Deed.AGREE, Deed.CHANGE, Deed.CANCEL], Status.CANCELLED),
    ],
)
def test_under_our_own_nothing_is_owed(deeds: list[Deed], ends: Status) -> None:
    assert walk(Master.OWN, *deeds) == (ends, None)


@pytest.mark.parametrize(
    ("master", "deeds"),
    [
        (Master.OWN, [Deed.AGREE]),
        (Master.OWN, [Deed.HOLD, Deed.HOLD]),
        (Master.OWN, [Deed.HOLD, Deed.EXPIRE, Deed.AGREE]),
        (Master.OWN, [Deed.HOLD, Deed.AGREE, Deed.ENTER]),
        (Master.OWN, [Deed.HOLD, Deed.AGREE, Deed.CANCEL, Deed.CHANGE]),
        (Master.CITY, [Deed.HOLD]),
        (Master.CITY, [Deed.AGREE, Deed.CANCEL, Deed.CHANGE]),
        (Master.CITY, [Deed.AGREE, Deed.VISIT]),
    ],
)
def test_what_cannot_follow_is_refused(master: Master, deeds: list[Deed]) -> None:
    with pytest.raises(Refused):
        walk(master, *deeds)


def test_only_what_the_city_does_not_know_is_provisional() -> None:
    for master, status, deed in product(Master, [None, *Status], Deed):
        try:
            then = after(master, status, deed)
        except Refused:
            continue
        debt = owed(master, status, deed, None)
        assert then is not Status.PROVISIONAL or debt is Deed.AGREE
        assert master is Master.CITY or debt is None


def is_ours(text: str) -> bool:
    """Whether its last digit is the check of the others."""
    return 1 <= int(text[:-1]) <= LAST and text == number(int(text[:-1]))


@given(serial=serials)
def test_a_number_is_short_of_an_individual_number(serial: int) -> None:
    assert number(serial)[:-1] == f"{serial:07}"
    assert len(number(serial)) == 8


@given(serial=serials, at=st.integers(0, 7), digit=st.integers(0, 9))
def test_one_wrong_digit_is_found(serial: int, at: int, digit: int) -> None:
    said = number(serial)
    wrong = said[:at] + str(digit) + said[at + 1 :]
    assert is_ours(wrong) is (wrong == said)


@given(serial=serials, at=st.integers(0, 6))
def test_two_neighbours_that_change_places_are_found(serial: int, at: int) -> None:
    said = number(serial)
    wrong = said[:at] + said[at + 1] + said[at] + said[at + 2 :]
    assert is_ours(wrong) is (wrong == said)
