"""A caller who hears their own booking: two of three, three tries, and nothing of it anywhere."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.database import DatabaseFailed
from telephony.calls.own_booking import MOST_TRIES, OwnBooking
from telephony.simulation.shell.loop import virtually
from telephony.store.own_bookings import OwnVisit, keys_of
from tests.builders import ANA, C1, flow, rules
from tests.calls.centre_site import RINGS, Site
from tests.calls.leading import later
from tests.calls.test_keypad import type_in

NOTICE, BORN = "AB1000001", "19480503"
KEYS = "221000001"
VISIT = OwnVisit(date(2026, 12, 3), time(10, 30), "main", is_provisional=False)
ASK: dict[str, Any] = {
    "kind": "collect", "field": "own_notice", "accept": "notice_number", "prompt": "ask_notice",
    "confirm": "confirm", "min_digits": 9, "max_digits": 9, "then": "born", "otherwise": "general",
}  # fmt: skip
BIRTH: dict[str, Any] = {
    "kind": "collect", "field": "own_birth", "accept": "birth_date", "prompt": "ask_birth",
    "invalid": "not_found", "min_digits": 8, "max_digits": 8, "retries": 5, "then": "mine",
    "otherwise": "general",
}  # fmt: skip
MINE = {"kind": "say", "prompt": "booking:own", "informed": True, "then": "end"}
END = {"kind": "hang_up"}


@dataclass
class Shelf:
    """One booking, and every question that was asked about it."""

    visit: OwnVisit = VISIT
    asked: list[tuple[str, date, date]] = field(default_factory=list)
    away: bool = False

    async def of(self, keys: str, born: date, today: date) -> OwnVisit | None:
        self.asked.append((keys, born, today))
        if self.away:
            raise DatabaseFailed("away")
        return self.visit if (keys, born) == (KEYS, date(1948, 5, 3)) else None


def site(shelf: Shelf | None) -> Site:
    of = flow("ask", ask=ASK, born=BIRTH, mine=MINE, end=END)
    made = Site(replace(rules(of=of), offers=frozenset({"own_booking"})), bookings=shelf)
    made.phones(RINGS, ANA)
    return made


async def asked_for(at: Site, call: str, keys: str) -> None:
    """The notice number, read back and confirmed."""
    await type_in(at, call, keys)
    await later(3.0)
    await type_in(at, call, "1")
    await later(1.0)


@virtually
async def test_they_hear_when_and_where_and_nothing_else() -> None:
    shelf = Shelf()
    at = site(shelf)
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await asked_for(at, call, KEYS)
        await type_in(at, call, BORN)
        await later(2.0)
        ((keys, born, _),) = shelf.asked
        assert (keys, born) == (KEYS, date(1948, 5, 3))
        assert at.sounds.said == [
            "ask_notice", "number:221-000001", "confirm", "ask_birth",  # read back to who typed it
            "own_booking_intro", "month:12", "day:3", "weekday:4", "word:forenoon", "hour:10",
            "minutes:30", "word:site_main", "own_booking_end",
        ]  # fmt: skip


def everything(at: Site) -> str:
    """Journal, records, news: whatever stays."""
    journal = [record.fields() for record in at.journal.records]
    kept = [repr(vars(each)) for each in (at.records, at.news)] + [repr(at.spool)]
    return json.dumps(journal, ensure_ascii=False) + "".join(kept)


@virtually
async def test_neither_number_nor_date_is_kept_anywhere() -> None:
    at = site(Shelf())
    with capture_logs() as lines:
        async with at.led():
            call = at.arrives()
            await later(1.0)
            await asked_for(at, call, KEYS)
            await type_in(at, call, BORN)
            await later(2.0)
    whole = everything(at) + str(lines)
    for secret in (KEYS, NOTICE, BORN, "1948", "221-000001"):
        assert secret not in whole
    assert at.records.inputs == {}


@virtually
async def test_three_tries_whatever_the_flow_would_allow() -> None:
    shelf = Shelf()
    at = site(shelf)
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await asked_for(at, call, KEYS)
        for _ in range(MOST_TRIES):
            await type_in(at, call, "19480504")
            await later(2.0)
        await type_in(at, call, BORN)  # right, and too late
        await later(2.0)
        assert len(shelf.asked) == MOST_TRIES
        assert "own_booking_intro" not in at.sounds.said


@pytest.mark.parametrize("born", ["19480230", "00000000", "20261301"])
def test_an_impossible_date_asks_nobody(born: str) -> None:
    shelf = Shelf()

    @virtually
    async def types() -> None:
        at = site(shelf)
        async with at.led():
            call = at.arrives()
            await later(1.0)
            await asked_for(at, call, KEYS)
            await type_in(at, call, born)
            await later(2.0)
            assert "not_found" in at.sounds.said

    types()
    assert shelf.asked == []


@virtually
async def test_records_that_are_away_are_no_booking() -> None:
    at = site(Shelf(away=True))
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await asked_for(at, call, KEYS)
        await type_in(at, call, BORN)
        await later(2.0)
        assert "not_found" in at.sounds.said


@virtually
async def test_switched_off_nobody_is_told_even_by_a_flow_that_asks() -> None:
    at = site(None)
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await asked_for(at, call, KEYS)
        await type_in(at, call, BORN)
        await later(2.0)
        assert "own_booking_intro" not in at.sounds.said


@virtually
async def test_one_caller_never_hears_anothers() -> None:
    at = site(Shelf())
    async with at.led():
        first, second = at.arrives(), at.arrives()
        await later(1.0)
        await asked_for(at, first, KEYS)
        await asked_for(at, second, "333000009")
        await type_in(at, second, BORN)
        await later(2.0)
        assert "own_booking_intro" not in at.sounds.said
        await type_in(at, first, BORN)
        await later(2.0)
        assert "own_booking_intro" in at.sounds.said


@virtually
async def test_a_new_leader_has_forgotten_and_asks_again() -> None:
    at = site(Shelf())
    async with at.led():
        call = at.arrives()
        await later(1.0)
        await asked_for(at, call, KEYS)
    async with at.led():
        await later(2.0)
        await type_in(at, call, BORN)
        await later(2.0)
        assert "own_booking_intro" not in at.sounds.said


def test_who_hears_from_a_new_leader_that_nothing_is_found_is_not_informed() -> None:
    assert outcome_of(stays=True) == "informed"
    assert outcome_of(stays=False) == "abandoned"


def outcome_of(*, stays: bool) -> str:
    """Of a caller who is told their booking, and whose leader may die in the first word of it."""
    at = site(Shelf())

    @virtually
    async def called() -> None:
        async with at.led():
            call = at.arrives()
            await later(1.0)
            await asked_for(at, call, KEYS)
            await type_in(at, call, BORN)
            await later(20.0 if stays else 0.1)
        if not stays:
            async with at.led():
                await later(20.0)
                assert at.sounds.said[-1] == "own_not_found"

    called()
    (closed,) = at.records.closed()
    return str(closed.outcome)


async def test_a_call_that_ends_while_its_booking_is_looked_for_leaves_nothing() -> None:
    class Leaving(Shelf):
        async def of(self, keys: str, born: date, today: date) -> OwnVisit | None:
            own.forget(C1)
            return await super().of(keys, born, today)

    own = OwnBooking(Leaving(), lambda: date(2026, 12, 1))
    own.note(C1, KEYS)
    assert not await own.is_theirs(C1, BORN)
    assert own.spoken(C1) == ("own_not_found",)


def test_letters_are_the_keys_they_stand_on() -> None:
    assert keys_of("AB1000001") == KEYS
    assert keys_of("abcdefghijklmnopqrstuvwxyz") == "22233344455566677778889999"
