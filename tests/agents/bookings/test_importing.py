"""Bookings that the city's system has, those made on the web too, taken over whole or not."""

from base64 import b64encode
from typing import Any

from sqlalchemy import select

from agents.bookings.csv_bookings import COLUMNS
from agents.bookings.tables import BOOKINGS, HISTORY
from agents.people import Role
from tests.agents.asking import Browser
from tests.agents.bookings.people import KNOWN
from tests.agents.bookings.test_web import agreed
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import Desk

__all__ = ["schema", "url"]
NUMBER = "000000000019"  # a valid check digit, and nobody's


def row(number: str, state: str = "予約", start: str = "10:00", **said: str) -> str:
    told = {
        "name": "窓口 花子", "kana": "マドグチ ハナコ", "birth": "1948/5/3",
        "notice": "AB1-000001", "phone": "0942000101",
    } | said  # fmt: skip
    return ",".join([number, state, "本庁舎", "2026/02/12", start, *told.values()])


async def sent(page: Browser, key: str, *rows: str, encoding: str = "utf-8") -> Any:
    data = "\r\n".join([",".join(COLUMNS), *rows]).encode(encoding)
    body = {"key": key, "content": b64encode(data).decode()}
    return await page.ask("POST", "/api/booking-files/bookings", body)


def taken(**counts: int) -> dict[str, int]:
    return {"made": 0, "changed": 0, "cancelled": 0, "same": 0, "left": 0} | counts


async def listed(page: Browser) -> dict[str, tuple[str, str, int]]:
    found = (await page.ask("POST", "/api/bookings/search", {"name": "まどぐち"})).body["bookings"]
    return {one["number"]: (one["status"], one["start"], one["people"]) for one in found}


async def test_bookings_of_the_web_come_change_and_go(whole: Desk) -> None:
    page = await whole.signed_in("leader", Role.SUPERVISOR)
    rows = [row("W1"), row("W2", start="10:30"), row("W2", start="10:30", name="窓口 一郎")]
    assert (await sent(page, "import-001", *rows, encoding="cp932")).body == taken(made=2)
    assert await listed(page) == {"W1": ("booked", "10:00", 1), "W2": ("booked", "10:30", 2)}
    assert (await sent(page, "import-002", *rows)).body == taken(same=2)
    later = [row("W1", start="11:00"), row("W2", "取消", "10:30")]
    assert (await sent(page, "import-003", *later)).body == taken(changed=1, cancelled=1)
    assert await listed(page) == {"W1": ("booked", "11:00", 1), "W2": ("cancelled", "10:30", 2)}
    assert (await sent(page, "import-004", row("W9", "取消"))).body == taken(same=1)
    sheet = (await page.ask("GET", "/api/booking-sheets/pick?day=2026-02-12")).body
    assert [one["number"] for one in sheet["rows"]] == ["W1"]
    figures = await page.ask("GET", "/api/booking-figures?first=2026-02-09&last=2026-02-09")
    assert {(one["what"], one["channel"], one["bookings"]) for one in figures.body["counts"]} == {
        ("new", "web", 2), ("change", "web", 1), ("cancel", "web", 1),
    }  # fmt: skip
    assert (await page.ask("GET", "/api/bookings/owed-count")).body["owed"] == 0
    assert len(await whole.deeds("bookings_imported")) == 4
    assert (await whole.verdict()).sound


async def test_what_an_agent_has_changed_since_stays(whole: Desk) -> None:
    page = await whole.signed_in("leader", Role.SUPERVISOR)
    made = await agreed(page)
    path = f"/api/bookings/{made['id']}"
    await page.ask("PUT", f"{path}/number", {"key": "number-01", "version": 1, "number": "C1"})
    body = {"key": "cancel-001", "version": 2, "identity": KNOWN}
    await page.ask("POST", f"{path}/cancellation", body)
    assert (await sent(page, "import-001", row("C1"))).body == taken(left=1)
    assert (await listed(page))["C1"][0] == "cancelled"


async def test_one_wrong_row_of_ten_thousand_and_nothing_is_taken(whole: Desk) -> None:
    page = await whole.signed_in("leader", Role.SUPERVISOR)
    # Short ones: aiohttp's client warns of bodies beyond a megabyte.
    said = {"name": "花子", "kana": "ハナコ", "notice": "", "phone": ""}
    rows = [row(f"W{at}", start=f"{9 + at % 8:02}:00", **said) for at in range(10_000)]
    broken = [*rows[:9_997], row("W9997", birth="S65.5.3"), *rows[9_998:]]
    told = await sent(page, "import-001", *broken)
    assert told.status == 422
    assert list(told.body["fields"]) == ["row 9999"]
    assert "平成2年5月3日ではありませんか" in told.body["fields"]["row 9999"]
    assert not await whole.database.read(lambda c: c.execute(select(BOOKINGS).limit(1)).all())
    assert (await sent(page, "import-002", *rows)).body == taken(made=10_000)
    lines = await whole.database.read(lambda c: len(c.execute(select(HISTORY.c.key)).all()))
    assert lines == 10_000


async def test_no_individual_number_comes_in_with_a_file(whole: Desk) -> None:
    page = await whole.signed_in("leader", Role.SUPERVISOR)
    for said in ({"name": f"花子 {NUMBER}"}, {"notice": NUMBER}, {"phone": NUMBER}):
        told = await sent(page, "import-001", row("W1", **said))
        assert told.status == 422
        assert "個人番号らしい数字" in told.body["fields"]["row 2"]
    told = await sent(page, "import-001", row("W1"), row("W1", start="11:00"))
    assert "食い違っています" in told.body["fields"]["row 3"]
