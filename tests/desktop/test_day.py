"""A day at the desk: calls, notes, cards, a break, and the way home."""

import re

import pytest
from playwright.async_api import expect

from tests.desktop.person import PIN
from tests.desktop.room import Room
from tests.real.waiting import pause
from tests.sip import not_hears, talk

PIECES = re.compile(r"交付前準備 (\d+) 枚")

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


async def test_a_day_at_the_desk(r: Room) -> None:
    c = r.centre
    await c.phone("a01")
    one, two = await r.person("a01"), await r.seated("a02")
    await one.sign_in()
    await one.sit()
    await one.press_on_page("r")
    await one.is_so("受付可")

    # What is said to this seat reaches the page that sat down since it was opened.
    said = {"key": "to-the-seat-1", "to": "a01", "text": "十時に朝礼です。"}
    assert (await two.fetch("POST", "/api/messages", said))[0] == 200
    await expect(one.region("連絡")).to_contain_text("十時に朝礼です。")

    # A citizen calls: the card is there before it rings.
    call = await r.booking()
    await one.is_so("呼出中")
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    leg = await r.answer(one)
    await talk(call, leg)
    seen = await one.instants()
    # Not before the card; on a machine so busy that the card is late, 300 ms after the offer.
    assert seen["card"] <= seen["ring"] or seen["ring"] - seen["offer"] >= 300, seen

    # Held, and talked to again.
    await one.press("F2")
    await one.is_so("保留中")
    await pause(0.3)
    await not_hears(call, leg.tone_hz, for_=0.4)
    await one.press("F2")
    await one.is_so("通話中")
    await talk(call, leg)

    # Handed to a colleague.
    await two.press_on_page("r")
    await two.is_so("受付可")
    await one.press("Shift+F4")
    await one.dialog.get_by_role("button", name="(a02)").click()
    await expect(two.region("通話")).to_contain_text("受取予約・新規")
    theirs = await r.answer(two)
    await talk(call, theirs)
    await leg.ended

    # What came of it: the menu filled in most of it.
    await one.is_so("後処理")
    outcome = one.region("応対結果")
    await expect(outcome).to_contain_text("R1 新規")
    await expect(outcome.get_by_role("combobox", name="結果")).to_have_value("D02")
    await one.field("メモ").fill("受取は来週の希望。")
    await expect(outcome).to_contain_text("下書き保存済み")
    await one.keeps()

    # The colleague talks to the end.
    await two.press("Shift+F2")
    await call.ended
    await two.is_so("後処理")
    await two.keeps()
    await two.press_on_page("a")
    await two.dialog.get_by_role("button", name="研修").click()
    await two.is_so("研修")

    # Cards in between, and called away from them.
    await one.press_on_page("w")
    await one.dialog.get_by_role("button").first.click()
    await one.is_so("受付可 · 交付前準備")
    cards = one.region("自分の状態")
    await expect(cards).to_contain_text(PIECES)
    found = PIECES.search(await cards.inner_text())
    assert found
    await one.press_on_page("+")
    await expect(cards).to_contain_text(f"交付前準備 {int(found[1]) + 1} 枚")
    away = await r.booking()
    await one.is_so("呼出中")
    leg = await r.answer(one)
    await talk(away, leg)
    await away.hang_up()
    await one.is_so("後処理")
    await one.keeps("受付可 · 交付前準備")

    # A break locks the page; the PIN of the day opens it.
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="休憩", exact=True).click()
    await expect(one.page.get_by_role("heading", name="画面をロックしています")).to_be_visible()
    assert (await c.agent_is("a01", "state", "paused"))["reason"] == "break"
    await one.field("PIN").fill(PIN)
    await one.button("ロックを解除").click()
    await one.is_so("休憩")

    # What the next shift must know, and home.
    handover = one.region("申し送り")
    await handover.get_by_role("button", name="書く").click()
    await one.field("本文").fill("午後の予約枠に空きがあります。")
    await one.button("送る", exact=True).click()
    await expect(handover).to_contain_text("午後の予約枠に空きがあります。")
    await expect(two.region("申し送り")).to_contain_text("午後の予約枠に空きがあります。")
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
    await expect(one.page.locator("body")).not_to_contain_text("0942")
    await c.agent_is("a01", "state", "signed_out")
    record = await c.record(call)
    assert (record["outcome"], record["menu_path"]) == ("answered", "1/1")
