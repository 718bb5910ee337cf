"""A break, and one key, lock the page: whichever page it is."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.desktop.cutting import Way, way_to
from tests.desktop.person import PIN, Person
from tests.desktop.room import Room
from tests.desktop.seen import look
from tests.real.waiting import until_true

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

LOCKED = "画面をロックしています"
UNTOLD = "サーバーにはまだ伝わっていません"
BREAK_UNTOLD = "離席はまだ伝わっていません"
WRITTEN = "weekly:\n  weekdays: 8:30-17:15\n"
PAGES = {"カレンダー": "開庁カレンダー", "折り返し": "折り返し"}


async def unlock(one: Person) -> None:
    """With the PIN of the day."""
    await expect(one.page.get_by_role("heading", name=LOCKED)).to_be_visible()
    await one.field("PIN").fill(PIN)
    await one.press("Enter")


async def test_a_break_and_one_key_lock_whatever_page_is_open(r: Room) -> None:
    """Chosen at the telephone, as it is after a call; unlocked, the same page is there."""
    one = await r.seated("a01")
    one.expects("status of 423")  # what the page was reading just then
    for name, heading in PAGES.items():
        await one.button(name, exact=True).click()
        shown = one.page.get_by_role("heading", name=heading, exact=True)
        await expect(shown).to_be_visible()
        await r.centre.ask("a01", "pause", reason="break")
        await unlock(one)
        await expect(shown).to_be_visible()
        await one.press_on_page("l")
        await unlock(one)
        await expect(shown).to_be_visible()
        await r.centre.ask("a01", "pause", reason="away")
        await one.page.go_back()
        await one.is_so("離席")


async def is_blank(page: Page) -> None:
    """Nothing of the desk is in the page any more, and it says that only it knows so far."""
    await expect(page.get_by_role("region", name=LOCKED)).to_contain_text(UNTOLD)
    await expect(page.get_by_role("region")).to_have_count(1)


def forgives(person: Person) -> None:
    """The browser itself notes what it could not reach."""
    person.expects("ERR_|WebSocket|Failed to load resource|status of 423")


@pytest.mark.parametrize("away", [Way.cut, Way.swallow], ids=["cut", "silent"])
async def test_l_blanks_the_page_also_where_the_desk_does_not_answer(
    r: Room, away: Callable[[Way], None]
) -> None:
    """In a call, with something typed: it is kept first, then the desk locks, then a PIN opens."""
    async with way_to(r.desk_port) as way:
        one = await r.seated("a01", through=way.port)
        forgives(one)
        call, _ = await r.talking("a01")
        await expect(one.region("通話")).to_contain_text("受取予約・新規")
        away(way)
        await one.field("メモ").fill("紫陽花の件")
        await one.press_on_page("l")
        await is_blank(one.page)
        way.mend()
        await expect(one.page.get_by_text(UNTOLD)).to_have_count(0)
        assert (await one.fetch("GET", "/api/session"))[1]["locked"]
        await unlock(one)
        await one.is_so("通話中")
        await expect(one.field("メモ")).to_have_value("紫陽花の件")
        await call.hang_up()
        await one.is_so("後処理")
        await one.keeps()
        await one.leave()


async def test_a_break_blanks_the_page_and_begins_when_the_desk_is_back(r: Room) -> None:
    async with way_to(r.desk_port) as way:
        one = await r.seated("a01", through=way.port)
        forgives(one)
        await one.press_on_page("r")
        await one.is_so("受付可")
        way.cut()
        await one.press_on_page("a")
        await one.dialog.get_by_role("button", name="昼休憩", exact=True).click()
        await is_blank(one.page)
        await look(one.page, "locked-untold")
        await one.field("PIN").fill(PIN)
        await one.press("Enter")  # only the desk can open it
        await expect(one.page.get_by_text("サーバーにつながりません")).to_be_visible()
        await is_blank(one.page)
        way.mend()
        await until_true(
            lambda: r.centre.agent("a01"), lambda agent: agent["reason"] == "lunch", "the break"
        )
        await unlock(one)
        await one.is_so("昼休憩")
        await one.leave()


async def test_every_window_is_blank_and_stays_so_over_a_reload(r: Room) -> None:
    """Until it is unlocked; then none is."""
    one = await r.seated("a01")
    forgives(one)
    paper = await one.page.context.new_page()
    await paper.goto(f"{one.address}/#paper")
    await expect(paper.get_by_role("heading", name="帳票")).to_be_visible()

    async def fails(route: Route) -> None:
        await route.abort()

    await one.page.context.route("**/api/session/lock", fails)
    await one.press_on_page("l")
    for window in (one.page, paper):
        await is_blank(window)
        await window.reload()
        await is_blank(window)
    await one.page.context.unroute("**/api/session/lock", fails)
    for window in (one.page, paper):
        await expect(window.get_by_text(UNTOLD)).to_have_count(0)
    assert (await one.fetch("GET", "/api/session"))[1]["locked"]
    await unlock(one)
    await expect(one.does).to_be_visible()
    await expect(paper.get_by_role("heading", name="帳票")).to_be_visible()
    await paper.close()


async def test_a_break_that_the_controller_has_not_heard_of_is_told_again(r: Room) -> None:
    """The desk answers, and locks; nothing is lost of the break meanwhile."""
    one = await r.seated("a01")
    forgives(one)
    one.expects("status of 503")

    async def is_away(route: Route) -> None:
        told = {"problem": "電話の制御が応答しません。", "problem_en": "The controller is away."}
        await route.fulfill(status=503, json=told)

    await one.page.route("**/api/agent/pause", is_away)
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="休憩", exact=True).click()
    await expect(one.page.get_by_text(BREAK_UNTOLD)).to_be_visible()
    assert (await one.fetch("GET", "/api/session"))[1]["locked"]
    await one.page.unroute("**/api/agent/pause", is_away)
    await expect(one.page.get_by_text(BREAK_UNTOLD)).to_have_count(0)
    await unlock(one)
    await one.is_so("休憩")


@pytest.mark.at_length
async def test_a_break_locks_the_window_with_the_sheets_of_paper_too(r: Room) -> None:
    one = await r.seated("a01")
    one.expects("status of 423")
    paper = await one.page.context.new_page()
    await paper.goto(f"{one.address}/#paper")
    await expect(paper.get_by_role("heading", name="帳票")).to_be_visible()
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="昼休憩", exact=True).click()
    for window in (one.page, paper):
        await expect(window.get_by_role("heading", name=LOCKED)).to_be_visible()
    await unlock(one)
    await one.is_so("昼休憩")
    await paper.close()


@pytest.mark.at_length
async def test_what_is_typed_and_not_sent_is_there_after_a_break_and_a_reload(r: Room) -> None:
    one = await r.seated("a01")
    await r.seated("a02")  # whom the message is for
    one.expects("status of 423")
    told = one.region("今日の通話").get_by_role("listitem")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    before = await told.count()  # others have been here today
    await call.hang_up()
    await one.is_so("後処理")
    await one.keeps()
    await expect(told).to_have_count(before + 1)
    today = told.first
    await today.get_by_role("button", name="メモを追加").click()
    memo = one.dialog.get_by_role("textbox", name="後からのメモ")
    await memo.fill("紫陽花の件")
    await one.press("Escape")
    await expect(today).to_contain_text("書きかけ")
    letters = one.region("連絡")
    await letters.get_by_role("button", name="書く").click()
    await one.page.get_by_role("combobox", name="宛先").select_option("a02")
    await one.field("本文").fill("一つめ")
    # Within half a second of the last key, with the window open; from the telephone.
    await r.centre.ask("a01", "pause", reason="break")
    await unlock(one)
    await letters.get_by_role("button", name="書きかけを続ける").click()
    await expect(one.field("本文")).to_have_value("一つめ")
    await one.field("本文").fill("二つめ")
    await expect(one.dialog).to_contain_text("下書き保存済み")
    await look(one.page, "window-message-begun")
    await one.page.reload()
    await letters.get_by_role("button", name="書きかけを続ける").click()
    await expect(one.page.get_by_role("combobox", name="宛先")).to_have_value("a02")
    await expect(one.field("本文")).to_have_value("二つめ")
    await one.button("送る", exact=True).click()
    await expect(letters.get_by_role("listitem").last).to_contain_text("窓口2: 二つめ")
    await letters.get_by_role("button", name="書く").scroll_into_view_if_needed()
    await expect(letters.get_by_role("listitem").last).to_be_in_viewport()  # the list is at its end
    await expect(letters.get_by_role("button", name="書く")).to_be_visible()
    await today.get_by_role("button", name="メモを追加").click()
    await expect(memo).to_have_value("紫陽花の件")
    await one.dialog.get_by_role("button", name="メモを追加").click()
    later = one.dialog.get_by_role("region", name="後からのメモ")
    await expect(later.get_by_role("listitem")).to_contain_text("紫陽花の件")
    await expect(memo).to_have_value("")
    await one.press("Escape")
    await expect(today).not_to_contain_text("書きかけ")


@pytest.fixture
def written(r: Room) -> Iterator[Path]:
    """A calendar for the site, which has but a weekly table."""
    file = r.centre.site / "calendar.yaml"
    file.write_text(WRITTEN, encoding="utf-8")
    yield file
    file.unlink()


@pytest.mark.at_length
async def test_a_calendar_being_proposed_is_there_after_a_lock_and_a_reload(
    r: Room, written: Path
) -> None:
    one = await r.seated("s01")
    one.expects("status of 423")
    await one.button("カレンダー", exact=True).click()
    await one.button("変更", exact=True).click()
    what, text = one.field("何を変えるか"), one.field("カレンダー(calendar.yaml)")
    await what.fill("年末の休み")
    await expect(text).to_have_value(WRITTEN)
    await text.fill(f"{WRITTEN}# 2026-12-29〜2027-01-03\n")
    await expect(one.region("変更を申請する")).to_contain_text("下書き保存済み")
    await one.press_on_page("l")
    await unlock(one)
    await expect(text).to_have_value(f"{WRITTEN}# 2026-12-29〜2027-01-03\n")
    await one.page.reload()
    await expect(what).to_have_value("年末の休み")
    outdated = one.page.get_by_text("カレンダーが変わりました")
    await expect(text).to_have_value(f"{WRITTEN}# 2026-12-29〜2027-01-03\n")
    await expect(outdated).to_have_count(0)
    written.write_text(f"# 市と協議した変更\n{WRITTEN}", encoding="utf-8")
    await one.page.reload()
    await expect(outdated).to_be_visible()
    await look(one.page, "calendar-proposal-outdated")
    await text.fill("")
    await expect(text).to_have_value("")
    await one.button("今のカレンダーから書き直す").click()
    await expect(text).to_have_value(f"# 市と協議した変更\n{WRITTEN}")
    await what.fill("")
    await expect(one.region("変更を申請する")).not_to_contain_text("下書き保存")
