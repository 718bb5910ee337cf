"""The keyboard alone: every key of the table, and none while something is composed."""

import re

import pytest
from playwright.async_api import expect

from tests.desktop.ime import InputMethod
from tests.desktop.person import PIN
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.waiting import pause

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

PIECES = re.compile(r"交付前準備 (\d+) 枚")
OF_THE_BROWSER = ("F1", "F3", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12")


async def test_every_key_of_the_table_does_what_it_says(r: Room) -> None:
    c = r.centre
    one = await r.seated("a01")
    await r.seated("a02")
    await c.ask("a02", "ready")

    # From here on without a pointer.
    await one.press_on_page("?")
    await expect(one.dialog).to_contain_text("キーの一覧")
    listed = await one.dialog.locator("kbd").all_inner_texts()
    # The digits in `test_callbacks.py` and `test_called_back.py`, V in `test_headset.py`.
    tried = {"?", "0-9", "V"}
    await one.press("Escape")
    await expect(one.dialog).to_be_hidden()

    async def key(name: str) -> None:
        tried.add(name)
        await one.press_on_page(name.lower() if len(name) == 1 else name)

    await c.ask("a02", "pause", reason="training")
    await key("R")
    await one.is_so("受付可")
    await key("A")
    await expect(one.dialog).to_contain_text("休憩")
    await one.press("Escape")
    await key("H")
    await expect(one.region("連絡")).to_contain_text("手上げ中: 窓口1")
    await one.press_on_page("h")
    await expect(one.region("連絡")).not_to_contain_text("手上げ中")

    call = await r.booking()
    await expect(one.button("番号を表示")).to_be_visible()
    await key("N")
    await expect(one.region("通話")).to_contain_text(caller(call))
    await r.answer(one)
    tried.add("F2")
    await key("F2")
    await one.is_so("保留中")
    await key("F2")
    await one.is_so("通話中")
    await key("B")
    await expect(one.region("受取予約")).to_be_visible()
    await key("B")
    await expect(one.region("受取予約")).to_be_hidden()
    await key("Shift+F4")
    await expect(one.dialog).to_contain_text("転送先")
    await one.press("Escape")
    await key("P")
    await expect(one.dialog).to_contain_text("折り返しを約束")
    await one.press("Escape")
    await expect(one.dialog).to_be_hidden()
    came_of_it = one.region("応対結果").get_by_role("combobox", name="結果")
    for sign, disposition in (("M", "D11"), ("X", "D12")):
        await key(sign)
        await expect(came_of_it).to_have_value(disposition)
    await key("Shift+F2")
    await call.ended
    await one.is_so("後処理")
    await key("F4")
    await one.is_so("受付可")

    await key("W")
    await one.press("Tab")
    await expect(one.dialog).to_contain_text("交付前準備")
    await one.dialog.get_by_role("button", name="交付前準備").press("Enter")
    await one.is_so("交付前準備")
    mine = one.region("自分の状態")
    await expect(mine).to_contain_text(PIECES)
    found = PIECES.search(await mine.inner_text())
    assert found
    begun = int(found[1]) + 1
    await key("+")
    await expect(mine).to_contain_text(f"交付前準備 {begun} 枚")
    await key("*")
    await expect(mine).to_contain_text(f"交付前準備 {begun + 10} 枚")
    await key("-")
    await expect(mine).to_contain_text(f"交付前準備 {begun} 枚")
    for sign, count in (("＋", 1), ("ー", 0), ("＋", 1), ("－", 0), ("＊", 10), ("－", 0)):
        await one.page.evaluate(
            "key => window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))",
            sign,
        )
        await expect(mine).to_contain_text(f"交付前準備 {begun + count} 枚")
    await key("L")
    await expect(one.page.get_by_role("heading", name="画面をロックしています")).to_be_visible()
    await expect(one.field("PIN")).to_be_focused()
    await one.page.keyboard.insert_text("１３５７９０")  # full width, as an IME leaves it
    await one.press("Enter")
    await one.is_so("交付前準備")
    assert PIN == "135790"
    assert set(listed) == tried


async def test_keys_of_the_browser_are_left_to_it(r: Room) -> None:
    one = await r.seated("a01")
    for name in OF_THE_BROWSER:
        prevented = await one.page.evaluate(
            """(key) => !window.dispatchEvent(
                 new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))""",
            name,
        )
        assert not prevented, name
    await one.is_so("着席")


async def test_nothing_acts_while_something_is_composed_and_enter_only_moves_on(r: Room) -> None:
    one = await r.seated("a01")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    name, note = one.field("お名前"), one.field("メモ")
    await name.focus()
    ime = await InputMethod.on(one.page)
    sent = len([each for each in one.asked if each.url.endswith("/outcome")])
    await ime.compose("くるめ")
    for key, code in (("F2", 113), ("F4", 115), ("Enter", 13)):
        await ime.press(key, code)
    await expect(name).to_be_focused()
    await expect(name).to_have_value("くるめ")
    await ime.commit("久留米")
    await expect(name).to_have_value("久留米")
    await one.press("Enter")
    await expect(note).to_be_focused()
    await note.press_sequentially("r a w h l + * - n ?")
    await one.press("Enter")
    await expect(note).to_have_value("r a w h l + * - n ?\n")
    await pause(0.6)
    await one.is_so("通話中")
    assert len([each for each in one.asked if each.url.endswith("/outcome")]) == sent
    assert not call.ended.happened
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()
