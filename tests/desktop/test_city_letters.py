"""The whole way of a letter: from an agent's key to the city's system, and its number back."""

import os
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from agents.web.letters import Seal
from config.clock import Clock
from tests.agents.bookings.city.receiver import KEY, CitySystem, city_system
from tests.desktop.room import Room, room
from tests.desktop.seen import look
from tests.real.invariants import invariants
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]
VARIABLE = "CITY_KEY_OF_TESTS"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def city() -> AsyncIterator[CitySystem]:
    async with city_system(Seal.of(KEY), Clock().wall()) as system:
        yield system


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def telling(
    running: Room, tmp_path_factory: pytest.TempPathFactory, city: CitySystem
) -> AsyncIterator[Room]:
    """A centre that tells this city's system."""
    os.environ[VARIABLE] = KEY
    booking = {"webhook_url": city.url, "webhook_secret_env": VARIABLE}
    folder = tmp_path_factory.mktemp("telling")
    async with room(folder, running.browser, booking=booking) as made:
        yield made
    del os.environ[VARIABLE]


async def test_what_is_agreed_is_entered_by_the_city_itself(
    telling: Room, city: CitySystem
) -> None:
    telling.centre.begin()
    boss = await telling.person("s01")
    await boss.sign_in()
    day = (date.today() + timedelta(days=7)).isoformat()  # noqa: DTZ011 -- the desk's own clock
    city.status = [503]  # it is ill at first
    made = []
    for at in range(2):
        card = {"name": f"窓口 {at}郎", "kana": "マドグチ", "birth_date": "S23.5.3"}
        body = {"key": f"told-{at:06}", "site": "main", "day": day, "start": "10:00",
                "party": [card]}  # fmt: skip
        status, told = await boss.fetch("POST", "/api/bookings", body)
        assert status == 200, told
        made.append(told["id"])

    async def entered() -> list[Any]:
        _, found = await boss.fetch("POST", "/api/bookings/search", {"name": "まどぐち"})
        return [(one["status"], one["number"]) for one in found["bookings"]]

    found = await until_true(
        entered, lambda all_: {status for status, _ in all_} == {"booked"}, "both are entered"
    )
    assert {number for _, number in found} == {"C-0001", "C-0002"}
    assert sorted(city.entered) == sorted(made)
    await boss.page.goto(f"{boss.address}/#booking-files")
    await boss.page.reload()
    letters = boss.region("市のシステムへの送信")
    await expect(letters).to_contain_text("送信待ち 0")
    await expect(letters).to_contain_text("滞りなく送信しています")
    await look(boss.page, "city-letters")
    logs = "".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in telling.centre.instance.home.logs.glob("*.log*")
    )
    for secret in ("窓口 0郎", "1948", KEY, *made):
        assert secret not in logs
    assert await telling.leave() == []
    await telling.centre.clear()
    await invariants(telling.centre)
