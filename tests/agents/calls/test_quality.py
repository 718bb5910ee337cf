"""How a call sounded at the page is kept with the call, leg by leg, and shown on its card."""

from typing import Any

import pytest

from agents.calls import quality
from agents.people import Role
from config.database import Database
from tests.agents.calls.test_calls import CALL, talking
from tests.agents.desk import Desk
from tests.agents.room import at_the_phone

GOOD: dict[str, Any] = {
    "attempt": 1,
    "seconds": 61.5,
    "heard": {"loss": 0.0, "jitter": 0.003},
    "heard_delay": 0.04,
    "sent": {"loss": 0.05, "jitter": 0.02},
    "round_trip": 0.03,
}
PATH = f"/api/calls/{CALL}/quality"


async def seen(page: Any) -> list[dict[str, Any]]:
    return list((await page.ask("GET", f"/api/calls/{CALL}/card")).body["quality"])


async def test_a_leg_is_kept_and_judged_each_way(whole: Desk) -> None:
    page = await talking(whole)
    assert await seen(page) == []
    assert (await page.ask("PUT", PATH, GOOD)).status == 204
    (leg,) = await seen(page)
    assert (leg["seat"], leg["attempt"], leg["seconds"]) == ("a01", 1, 61.5)
    assert leg["heard"] == {"loss": 0.0, "jitter": 0.003, "mos": 4.41}
    assert leg["sent"]["mos"] == pytest.approx(3.9, abs=0.05)  # R 77.4


async def test_the_last_word_of_a_leg_counts_and_a_second_leg_is_another(whole: Desk) -> None:
    page = await talking(whole)
    for told in (GOOD | {"seconds": 5.0}, GOOD, GOOD | {"attempt": 2, "sent": None}):
        assert (await page.ask("PUT", PATH, told)).status == 204
    first, second = await seen(page)
    assert (first["seconds"], second["attempt"], second["sent"]) == (61.5, 2, None)


@pytest.mark.parametrize(
    "change",
    [
        {"heard": {"loss": 1.1, "jitter": 0.0}}, {"seconds": -1.0}, {"attempt": 0},
        {"heard_delay": 1e9}, {"mos": 5.0}, {"round_trip": "x"},
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused(whole: Desk, change: dict[str, Any]) -> None:
    page = await talking(whole)
    assert (await page.ask("PUT", PATH, GOOD | change)).status == 422
    assert await seen(page) == []


async def test_a_leader_sees_it_and_a_stranger_tells_nothing(whole: Desk) -> None:
    page = await talking(whole)
    assert (await page.ask("PUT", PATH, GOOD)).status == 204
    other = await whole.signed_in("bo", seat="a02")
    assert (await other.ask("PUT", PATH, GOOD | {"seconds": 1.0})).status == 404
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    assert (await seen(leader))[0]["seconds"] == 61.5


async def test_nobody_tells_of_another_seats_leg(whole: Desk) -> None:
    page = await talking(whole)
    assert (await page.ask("PUT", PATH, GOOD)).status == 204
    other = await whole.signed_in("bo", seat="a02")
    await at_the_phone(whole, "a02", "talking", CALL)  # handed over
    assert (await other.ask("PUT", PATH, GOOD | {"seconds": 1.0})).status == 409
    assert (await other.ask("PUT", PATH, GOOD | {"attempt": 2})).status == 204
    assert [(leg["seat"], leg["seconds"]) for leg in await seen(other)] == [
        ("a01", 61.5),
        ("a02", 61.5),
    ]


async def test_a_call_back_is_told_of_too(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await at_the_phone(whole, "a01", "talking", "own-1.1")
    assert (await page.ask("PUT", "/api/calls/own-1.1/quality", GOOD)).status == 204
    database = whole.tools.get(Database)  # type: ignore[type-abstract]
    kept = await database.read(lambda one: quality.of_call(one, "own-1.1"))
    assert [(leg.seat, leg.seconds) for leg in kept] == [("a01", 61.5)]
