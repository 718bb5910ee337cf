"""Sheets of A4: made into PDF by the browser itself, and looked at as pictures."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import PICTURES, look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]
A4_AT_96: Final = {"width": 794, "height": 1123}
VISITS: Final = 40  # more than one page holds
MARGIN: Final = "8mm"


@pytest_asyncio.fixture(loop_scope="package")
async def boss(r: Room) -> AsyncIterator[Person]:
    """A leader with a day of bookings; everything is in the city's system in the end."""
    person = await r.person("s01")
    await person.sign_in()
    yield person
    _, found = await person.fetch("GET", "/api/bookings/owed")
    for at, one in enumerate(found["bookings"]):
        number = one["number"] or f"Y-{one['id'][:8]}"
        body = {"key": f"paper-{at}-{one['id'][:12]}", "version": one["version"], "number": number}
        await person.fetch("PUT", f"/api/bookings/{one['id']}/number", body)


def visit_day() -> date:
    """Far enough away that no other test books on it."""
    return date.today() + timedelta(days=20)  # noqa: DTZ011 -- the desk's own clock


async def booked(person: Person, at: int, **more: Any) -> dict[str, Any]:
    """Somebody's booking, made by a request of the page."""
    answers = {
        "who": "self", "notice": "held", "holder_id": "photo_other", "old_notification": "none",
        "resident_card": "none", "present_card": "held",
    }  # fmt: skip
    card = {"name": f"窓口 {at}郎", "kana": f"マドグチ {at}ロウ", "birth_date": "S23.5.3",
            "notice_no": f"AB1{at:06}"}  # fmt: skip
    body = {
        "key": f"paper-{at:06}", "site": "main", "day": visit_day().isoformat(),
        "start": f"{9 + at % 8:02}:{30 * (at % 2):02}", "party": [card], "answers": answers,
        "docs_version": "2025-12-02", "needs": ["wheelchair"] if at % 7 == 0 else [],
    }  # fmt: skip
    status, told = await person.fetch("POST", "/api/bookings", body | more)
    assert status == 200, told
    return dict(told)


async def pages_of(page: Page, name: str, *, buttons: int = 0) -> int:
    """As it leaves the printer; how many sheets. A picture of the first stays to be looked at."""
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button")).to_have_count(buttons)  # else unprinted
    await page.set_viewport_size(A4_AT_96)  # type: ignore[arg-type]
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")
    margin = dict.fromkeys(("top", "bottom", "left", "right"), MARGIN)
    pdf = await page.pdf(format="A4", margin=margin)  # type: ignore[arg-type]
    (PICTURES / f"{name}.pdf").write_bytes(pdf)
    assert pdf.startswith(b"%PDF-")
    await page.emulate_media(media="screen")
    await page.set_viewport_size({"width": 1280, "height": 720})
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


async def test_the_list_of_a_day_and_what_changed_after_it_was_printed(
    r: Room, boss: Person
) -> None:
    made = [await booked(boss, at) for at in range(VISITS)]
    page = boss.page
    await page.goto(f"{boss.address}/#paper")
    await page.evaluate("window.print = () => {}")
    await boss.field("日付").fill(visit_day().isoformat())
    sheet = page.get_by_role("article")
    await expect(sheet.get_by_role("row")).to_have_count(VISITS + 2)  # with both of the head
    await expect(sheet).to_contain_text("取扱注意")
    await look(page, "paper-pick")
    await expect(sheet).to_contain_text("まだ印刷していません")
    await boss.button("印刷(A4)").click()
    await expect(sheet).to_contain_text("初回の印刷")
    assert await pages_of(page, "paper-pick-print") == 2

    # K15: after it was printed one is cancelled, and one is added.
    known = {"name": "窓口 0郎", "birth_date": "S23.5.3"}
    body = {"key": "paper-cancel-1", "version": 1, "identity": known}
    await boss.fetch("POST", f"/api/bookings/{made[0]['id']}/cancellation", body)
    await booked(boss, VISITS)
    await page.reload()
    await page.evaluate("window.print = () => {}")
    await boss.field("日付").fill(visit_day().isoformat())
    await expect(sheet).to_contain_text("その後の変更 2件")
    gone = sheet.get_by_role("row").filter(has_text="取消・移動")
    await expect(gone).to_have_count(1)
    await expect(gone).to_contain_text("窓口 0郎")
    await expect(sheet.get_by_role("row").filter(has_text="追加")).to_contain_text(
        f"窓口 {VISITS}郎"
    )
    await pages_of(page, "paper-pick-changed")
    text = await sheet.inner_text()
    assert "AB1000001" not in text
    assert "1948" not in text
    assert "昭和" not in text


async def test_the_slip_and_the_memo(r: Room, boss: Person) -> None:
    one = await booked(boss, 900)
    page = boss.page
    await page.goto(f"{boss.address}/#slip-{one['id']}")
    sheet = page.get_by_role("article")
    await expect(sheet).to_contain_text("受取予約票")
    await expect(sheet).to_contain_text("交付通知書(はがき)")
    await expect(sheet).to_contain_text("今お使いのマイナンバーカード")
    await expect(sheet).to_contain_text("仮受付(番号は後日お知らせします)")
    await look(page, "paper-slip")
    assert await pages_of(page, "paper-slip-print") == 1
    await page.goto(f"{boss.address}/#paper")
    await page.reload()
    await page.evaluate("window.print = () => {}")
    await boss.button("電話受付メモ").click()
    await expect(sheet).to_contain_text("個人番号(12桁)と暗証番号は、書かないでください")
    await look(page, "paper-memo")
    assert await pages_of(page, "paper-memo-print") == 1


async def test_whom_an_outage_sends_home(r: Room, boss: Person) -> None:
    day = (visit_day() + timedelta(days=1)).isoformat()
    for at, start in ((910, "09:00"), (911, "10:00"), (912, "15:00")):
        await booked(boss, at, day=day, start=start, phone=f"0942-00-0{at}")
    page = boss.page
    await page.goto(f"{boss.address}/#paper-move")
    await page.reload()
    await page.evaluate("window.print = () => {}")
    await boss.field("日付").fill(day)
    sheet = page.get_by_role("article")
    await expect(sheet.get_by_role("row")).to_have_count(3 + 2)
    await boss.field("何時から").fill("9:30")  # not yet a time of day: nothing is asked
    await boss.field("何時から").fill("09:30")
    await boss.field("何時まで").fill("15:00")
    await expect(sheet).to_contain_text("09:30–15:00")
    await expect(sheet.get_by_role("row")).to_have_count(1 + 2)
    await expect(sheet).to_contain_text("窓口 911郎")
    await expect(sheet).to_contain_text("0942-00-0911")
    await look(page, "paper-move")
    await boss.button("印刷(A4)").click()
    await expect(sheet).to_contain_text("初回の印刷")
    assert await pages_of(page, "paper-move-print") == 1


async def test_the_year_is_one_sheet_for_the_wall(r: Room, boss: Person) -> None:
    page = boss.page
    await page.goto(f"{boss.address}/#calendar")
    await page.reload()
    await boss.button("年", exact=True).click()
    await expect(page.get_by_role("table")).to_have_count(12)
    await page.emulate_media(media="print")
    await expect(page.get_by_text("印刷日")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    await page.emulate_media(media="screen")
    assert await pages_of(page, "calendar-year-print", buttons=len(await _days_of(page))) == 1


async def _days_of(page: Page) -> list[Any]:
    """Each of them tells why; on paper they are plain numbers."""
    return await page.get_by_role("table").get_by_role("button").all()


async def test_what_must_be_on_its_way_to_a_branch(r: Room, boss: Person) -> None:
    await booked(boss, 901, site="kitano")
    page = boss.page
    await page.goto(f"{boss.address}/#paper")
    await page.evaluate("window.print = () => {}")
    await boss.button("支所送付リスト").click()
    before = visit_day() - timedelta(days=5)
    await boss.field("日付").fill(before.isoformat())
    sheet = page.get_by_role("article")
    await expect(sheet.get_by_role("row").filter(has_text="北野総合支所")).to_contain_text(
        "窓口 901郎"
    )
    await look(page, "paper-dispatch")
    assert await pages_of(page, "paper-dispatch-print") == 1
