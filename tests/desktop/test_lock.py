"""A break, and one key, lock the page: whichever page it is."""

import pytest
from playwright.async_api import expect

from tests.desktop.person import PIN, Person
from tests.desktop.room import Room

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

LOCKED = "画面をロックしています"
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
