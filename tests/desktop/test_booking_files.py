"""Files of the city's system, as whoever leads hands them in, and how old what it told is."""

from datetime import date, timedelta

import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import look

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]
SLOTS = "空き枠(場所,日付,時刻,定員,予約済み)"
BOOKINGS = "予約(市のシステムにあるもの)"
RESULTS = "来庁の結果(予約番号,結果)"
CHOOSE = "ファイルを選ぶ(CSV、UTF-8 または Shift_JIS)"
NUMBER = "000000000019"  # a valid check digit, and nobody's


def day() -> str:
    """Where no other test books."""
    return (date.today() + timedelta(days=27)).isoformat()  # noqa: DTZ011 -- the desk's own clock


def csv(*rows: str, encoding: str = "utf-8") -> FilePayload:
    data = "\r\n".join(rows).encode(encoding)
    return FilePayload(name="city.csv", mimeType="text/csv", buffer=data)


async def hand_in(person: Person, title: str, file: FilePayload) -> Locator:
    """Choose it and send it; the panel."""
    panel = person.region(title)
    await panel.get_by_label(CHOOSE, exact=True).set_input_files(file)
    await panel.get_by_role("button", name="取り込む", exact=True).click()
    return panel


async def at_the_files(r: Room) -> Person:
    boss = await r.person("s01")
    await boss.sign_in()
    await boss.page.goto(f"{boss.address}/#booking-files")
    await boss.page.reload()
    await expect(boss.page.get_by_role("heading", level=1)).to_have_text("市のシステムとの受け渡し")
    return boss


async def test_a_file_is_taken_whole_and_says_how_old_it_is(r: Room) -> None:
    boss = await at_the_files(r)
    heads = "場所,日付,時刻,定員,予約済み"
    panel = await hand_in(boss, SLOTS, csv(heads, f"本庁舎,{day()},10:00,4,1", encoding="cp932"))
    await expect(panel).to_contain_text("1行を取り込みました")
    await expect(panel).to_contain_text("0 分前")
    await expect(panel).to_contain_text("本庁舎")
    await look(boss.page, "booking-files")

    # One wrong row, and nothing of it: corrected, the file is chosen again.
    boss.expects("status of 422")
    wrong = csv(heads, f"本庁舎,{day()},10:30,4,1", "月面,2026-02-30,10:30,4,1")
    panel = await hand_in(boss, SLOTS, wrong)
    await expect(panel.get_by_role("alert")).to_contain_text("一行も取り込んでいません")
    rows = panel.get_by_role("list", name="直す行").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("3行目")
    await expect(rows.first).to_contain_text("場所が登録されていません")
    await look(boss.page, "booking-files-wrong")
    _, free = await boss.fetch("GET", f"/api/bookings/slots?site=main&day={day()}")
    assert [one["start"] for one in free["slots"] if one["day"] == day()] == ["10:00"]


async def test_bookings_come_in_and_no_individual_number(r: Room) -> None:
    boss = await at_the_files(r)
    heads = "予約番号,状態,場所,日付,時刻,氏名,フリガナ,生年月日,通知書番号,電話番号"
    row = f"F-1,予約,本庁舎,{day()},10:00,窓口 三郎,マドグチ サブロウ,S23.5.3,AB1-000001,"
    boss.expects("status of 422")
    panel = await hand_in(boss, BOOKINGS, csv(heads, row.replace("三郎", f"三郎{NUMBER}")))
    rows = panel.get_by_role("list", name="直す行").get_by_role("listitem")
    await expect(rows.first).to_contain_text("個人番号らしい数字")
    assert NUMBER not in await boss.page.content()
    panel = await hand_in(boss, BOOKINGS, csv(heads, row))
    await expect(panel).to_contain_text("追加 1")
    panel = await hand_in(boss, BOOKINGS, csv(heads, row))
    await expect(panel).to_contain_text("同じ 1")
    panel = await hand_in(boss, RESULTS, csv("予約番号,結果", "F-1,無断"))
    await expect(panel).to_contain_text("1行を取り込みました")
    _, found = await boss.fetch("POST", "/api/bookings/search", {"number": "F-1"})
    assert [one["status"] for one in found["bookings"]] == ["no_show"]


async def test_only_whoever_leads_hands_files_in(r: Room) -> None:
    one = await r.seated("a01")
    await expect(one.button("市のシステムとの受け渡し")).to_have_count(0)
    await one.page.goto(f"{one.address}/#booking-files")
    await one.page.reload()
    await expect(one.does).to_be_visible()  # still the desk
    one.expects("status of 403")
    status, _ = await one.fetch("GET", "/api/booking-deliveries")
    assert status == 403
