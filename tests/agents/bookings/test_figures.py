"""Counts are a fold of the history; what is past its time goes, whole."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from agents.bookings.retention import DAY, BookingRetention
from agents.bookings.tables import BOOKINGS, DRAFTS, HISTORY, PARTY, SHEETS
from agents.people import Role
from tests.agents.asking import Browser
from tests.agents.bookings.people import KNOWN, a_wish
from tests.agents.conftest import schema
from tests.agents.conftest import url as url
from tests.agents.desk import SECRETS, Desk

__all__ = ["schema", "url"]
TODAY = "2026-02-09"
KEEP = 365


async def agreed(page: Browser, key: str, **more: Any) -> dict[str, Any]:
    told = await page.ask("POST", "/api/bookings", a_wish(key, **more))
    assert told.status == 200, told.body
    return dict(told.body)


async def counts(page: Browser, first: str = TODAY, last: str = TODAY) -> dict[str, int]:
    told = await page.ask("GET", f"/api/booking-figures?first={first}&last={last}")
    assert told.status == 200, told.body
    return {
        f"{one['what']} {one['site']} {one['channel']}": one["people"]
        for one in told.body["counts"]
    }


async def test_counts_by_what_was_done_site_and_channel(whole: Desk) -> None:
    page = await whole.signed_in("leader", Role.SUPERVISOR)
    two = a_wish("x")["party"] * 2
    first = await agreed(page, "agreed-01", party=two)
    await agreed(page, "agreed-02", channel="counter")
    gone = await agreed(page, "agreed-03", site="kitano", day="2026-02-20")
    path = f"/api/bookings/{first['id']}/appointment"
    later = a_wish("changed-01", start="11:00", version=1, party=two, identity=KNOWN)
    await page.ask("PUT", path, later)
    body = {"key": "cancel-001", "version": 1, "identity": KNOWN}
    await page.ask("POST", f"/api/bookings/{gone['id']}/cancellation", body)
    assert await counts(page) == {
        "new main phone": 2, "new main counter": 1, "new kitano phone": 1, "change main phone": 2,
        "cancel kitano phone": 1,
    }  # fmt: skip
    undone = {"key": "undone-001", "version": 2, "identity": KNOWN}
    await page.ask("POST", f"/api/bookings/{first['id']}/undoing", undone)
    assert "change main phone" not in await counts(page)
    assert await counts(page, "2026-02-08", "2026-02-08") == {}
    for wrong in ("first=2026-02-10&last=2026-02-09", "first=2020-01-01&last=2026-02-09"):
        assert (await page.ask("GET", f"/api/booking-figures?{wrong}")).status == 422


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/booking-figures?first={}&last={}",
        "/api/booking-files/day?day={}",
        "/api/booking-sheets/pick?day={}",
        "/api/booking-sheets/dispatch?day={}",
        "/api/bookings/slots?day={}",
    ],
)
async def test_days_at_the_calendars_ends_are_refused_with_a_sentence(
    whole: Desk, path: str, day: str
) -> None:
    page = await whole.signed_in("leader", Role.SUPERVISOR)
    answer = await page.ask("GET", path.format(day, day))
    assert answer.status == 422
    assert "2000年から2099年" in str(answer.body["fields"])


async def test_bookings_past_their_time_go_with_everything_about_them(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    old = await agreed(page, "agreed-01")
    owing = await agreed(page, "agreed-02", start="11:00")
    number = {"key": "number-01", "version": 1, "number": "C-1"}
    await page.ask("PUT", f"/api/bookings/{old['id']}/number", number)
    sheet = {"key": "printed-01", "day": "2026-02-12"}
    await page.ask("POST", "/api/booking-sheets/pick", sheet)
    retention = BookingRetention(whole.database, bytes.fromhex(SECRETS.audit_key), KEEP)
    visit = (date(2026, 2, 12) - date(2026, 2, 9)).days
    now = whole.clock.now + (visit + KEEP) * DAY
    assert await retention.look(now) == 0  # not yet over
    assert await retention.look(now + timedelta(days=1).total_seconds()) == 1

    async def rows(table: Any, column: Any, thing: str) -> int:
        query = select(func.count()).select_from(table).where(column == thing)
        found = await whole.database.read(lambda c: c.scalar(query))
        return int(found or 0)

    for table, column in (
        (BOOKINGS, BOOKINGS.c.id),
        (PARTY, PARTY.c.booking),
        (HISTORY, HISTORY.c.booking),
    ):
        assert await rows(table, column, old["id"]) == 0, table.name
        assert await rows(table, column, owing["id"]) > 0, table.name  # the city is still owed
    assert await whole.database.read(lambda c: c.execute(select(SHEETS)).all()) == []
    assert await whole.database.read(lambda c: c.execute(select(DRAFTS)).all()) == []
    assert (await whole.verdict()).sound
    assert [word for word, _, _ in await whole.deeds("bookings_pruned")] == ["bookings_pruned"]
