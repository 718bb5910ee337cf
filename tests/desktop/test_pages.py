"""Every page and state: accessible by axe, whole at the smallest screen, told to screen readers."""

import re

import pytest
from playwright.async_api import expect

from tests.desktop.person import PIN, Person
from tests.desktop.room import Room
from tests.desktop.seen import look, narrow

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


async def test_the_way_in_and_the_locked_page(r: Room) -> None:
    one = await r.person("a01")
    await look(one.page, "sign-in")
    one.expects("status of 401")
    await one.field("パスワード").fill("wrong-but-long-enough")
    await one.button("サインイン").click()
    await expect(one.page.get_by_role("alert").filter(has_text="違い")).to_be_visible()
    await look(one.page, "sign-in-refused")
    await one.button("English").click()
    await look(one.page, "sign-in-en")
    await one.button("日本語").click()
    await one.field("パスワード").fill(one.password)
    await one.button("サインイン").click()
    await expect(one.field("PIN").or_(one.button("(a01)"))).to_be_visible()
    if await one.field("PIN").is_visible():
        await look(one.page, "pin")
    await one.set_pin()
    await expect(one.button("(a01)")).to_be_enabled()
    await look(one.page, "seat")
    await one.sit()
    await one.button("ロック").click()
    await expect(one.field("PIN")).to_be_focused()
    await look(one.page, "locked")
    await one.field("PIN").fill("000000")
    await one.button("ロックを解除").click()
    await expect(one.page.get_by_role("alert").filter(has_text="PIN")).to_be_visible()
    await look(one.page, "locked-refused")
    await one.field("PIN").fill(PIN)
    await one.button("ロックを解除").click()
    await expect(one.does).to_be_visible()


@pytest.mark.at_length
async def test_the_desk_between_calls(r: Room) -> None:
    one = await r.seated("a01")
    await expect(one.page.get_by_role("heading", name="今日の自分")).to_be_visible()
    await look(one.page, "desk-seated")
    await one.press_on_page("r")
    await one.is_so("受付可")
    await look(one.page, "desk-ready")
    for key, name in (("?", "keys"), ("a", "pause"), ("w", "work")):
        await one.press_on_page(key)
        await expect(one.dialog).to_be_visible()
        await look(one.page, f"window-{name}")
        await one.press("Escape")
        await expect(one.dialog).to_be_hidden()
    for region, name in (("連絡", "message"), ("申し送り", "handover")):
        await one.region(region).get_by_role("button", name="書く").click()
        await one.field("本文").fill("書きかけ")
        await look(one.page, f"window-{name}")
        await one.press("Escape")
    await one.button("内線・市役所へ発信").click()
    await expect(one.dialog).to_be_visible()
    await look(one.page, "window-call")
    await one.press("Escape")
    await one.press_on_page("h")
    await expect(one.region("連絡")).to_contain_text("手上げ中")
    await one.press_on_page("w")
    await one.dialog.get_by_role("button", name="交付前準備").click()
    await one.is_so("交付前準備")
    await one.press_on_page("+")
    await expect(one.region("自分の状態")).to_contain_text(re.compile(r"交付前準備 \d+ 枚"))
    await look(one.page, "desk-card-work")
    await one.press_on_page("h")
    await one.button("English").click()
    await look(one.page, "desk-card-work-en")
    await one.button("日本語").click()
    await narrow(one.page, "desk-card-work")


async def test_the_desk_in_a_call(r: Room) -> None:
    c = r.centre
    earlier = await c.call("0", from_number="0942000950")
    await earlier.hang_up()
    one = await r.seated("a01")
    await one.press_on_page("r")
    await one.is_so("受付可")
    await one.button("カレンダー").click()  # whoever is called sees the card nevertheless
    await expect(one.page.get_by_role("heading", name="開庁カレンダー")).to_be_visible()
    call = await r.booking(from_number="0942000950")
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    await expect(one.region("この番号からの履歴")).to_contain_text("担当者につながらずに終了")
    await one.is_so("呼出中")
    await says(one, "alert", "着信")
    await look(one.page, "call-ringing")
    await narrow(one.page, "call-ringing")
    await r.answer(one)
    await expect(one.region("応対結果")).to_be_visible()
    await look(one.page, "call-talking")
    shortcuts = await one.page.evaluate(
        "[...document.querySelectorAll('[aria-keyshortcuts]')].map(e => e.ariaKeyShortcuts)"
    )
    assert {"F2", "Shift+F2", "F4", "Shift+F4", "R", "A", "W", "L"} <= set(shortcuts)
    await narrow(one.page, "call-talking")
    await one.press("Shift+F4")
    await expect(one.dialog).to_contain_text("転送先")
    await look(one.page, "window-transfer")
    await one.press("Escape")
    await one.button("引き継ぎ").click()
    await one.field("伝えること").fill("番号は000000000019です")
    await look(one.page, "window-escalate")
    await one.press("Escape")
    await one.press("F2")
    await one.is_so("保留中")
    await says(one, "status", "保留")
    await look(one.page, "call-hold")
    await one.press("F2")
    await one.is_so("通話中")
    mine = one.region("自分の状態")
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="研修").click()
    await expect(mine).to_contain_text("研修")  # after the call
    await one.is_so("通話中")
    await look(one.page, "call-afterwards")
    await mine.get_by_role("button", name="取り消して続ける").click()
    await expect(mine).not_to_contain_text("研修")
    await one.field("メモ").fill("番号は0000 0000 0019とのこと。")
    await expect(one.page.get_by_role("alert").filter(has_text="消しました")).to_be_visible()
    await look(one.page, "outcome-masked")
    await call.hang_up()
    await one.is_so("後処理")
    await look(one.page, "wrap-up")
    await one.button("外す: R1 新規").click()
    one.expects("status of 422")
    await one.press("F4")
    await expect(one.page.get_by_text("問い合わせ分類を選んでください")).to_be_visible()
    await says(one, "alert", "まだ保存していません")
    await look(one.page, "wrap-up-refused")
    await narrow(one.page, "wrap-up-refused")
    await one.page.get_by_role("combobox", name="問い合わせ分類").select_option("P2")
    await one.keeps()


@pytest.mark.at_length
async def test_a_wrap_up_beyond_its_target_asks_one_reason(r: Room) -> None:
    one = await r.seated("a01")
    phone = await r.centre.ready("a01")
    call = await r.centre.call("0")
    await (await phone.rings()).answer()
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    why = one.page.get_by_role("combobox", name="後処理が目標を超えた理由")
    await expect(why).to_be_visible()
    await look(one.page, "wrap-up-late")
    await one.page.get_by_role("combobox", name="問い合わせ分類").select_option("P2")
    await one.page.get_by_role("combobox", name="結果").select_option("D01")
    await one.press("F4")
    await expect(one.page.get_by_role("alert").filter(has_text="理由を一つ選んで")).to_be_visible()
    await one.is_so("後処理")
    await look(one.page, "wrap-up-late-refused")
    await narrow(one.page, "wrap-up-late-refused")
    await why.select_option(index=1)
    await one.keeps()


async def says(one: Person, role: str, words: str) -> None:
    """A screen reader says it without being asked."""
    live = one.page.get_by_role(role)  # type: ignore[arg-type]
    await expect(live.filter(has_text=words).first).to_be_attached()


@pytest.mark.at_length
async def test_a_raised_hand_is_seen_and_taken_by_the_supervisor(r: Room) -> None:
    """Raised, seen on both sides and aloud, taken; raised again and taken back."""
    one, boss = await r.seated("a01"), await r.seated("s01")
    hers, theirs = one.region("連絡"), boss.region("連絡")
    await one.press_on_page("h")
    await expect(one.button("手上げを下ろす")).to_be_visible()
    await expect(hers).to_contain_text("手上げ中: 窓口1")
    await expect(hers.get_by_role("button", name="対応した")).to_have_count(0)  # a leader's key
    await says(boss, "status", "手上げ中")
    come = theirs.get_by_role("button", name="窓口1 — 対応した")
    await expect(come).to_be_visible()
    await look(boss.page, "hand-up")
    await narrow(boss.page, "hand-up")
    await boss.page.reload()
    await come.press("Enter")
    for side in (hers, theirs):
        await expect(side).not_to_contain_text("手上げ中")
    await expect(one.button("手上げ", exact=False)).to_be_visible()
    await one.press_on_page("h")
    await expect(come).to_be_visible()
    await one.press_on_page("h")
    for side in (hers, theirs):
        await expect(side).not_to_contain_text("手上げ中")


@pytest.mark.at_length
async def test_the_board(r: Room) -> None:
    manager = await r.person("manager")
    await manager.sign_in(pin=False)
    await expect(manager.page.get_by_role("heading", name="回線の状況")).to_be_visible()
    await r.centre.ready("a01")
    await r.booking()
    await expect(manager.page.get_by_text("呼出中")).to_be_visible()
    await look(manager.page, "board")
    await narrow(manager.page, "board")
    await manager.button("English").click()
    await look(manager.page, "board-en")
