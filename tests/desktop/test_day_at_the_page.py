"""The day at the desk once more, with a headset: two people, and no desk phone anywhere."""

import re

import pytest
from playwright.async_api import expect

from tests.desktop.audio import KEEP, page_hears, sound
from tests.desktop.headset import (
    IS_PHONE,
    TAKE_CALLS,
    at_the_page,
    check,
    is_beeped_at,
    is_heard,
    is_not_heard,
    tone_microphone,
)
from tests.desktop.person import PIN
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.waiting import until_true

PIECES = re.compile(r"交付前準備 (\d+) 枚")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]


async def test_a_day_with_a_headset(r: Room) -> None:
    c = r.centre
    two = await at_the_page(r, "a02")  # whose microphone beeps
    context = await tone_microphone(await r.context())
    await context.add_init_script(KEEP)
    one = await r.person("a01", context)
    await one.sign_in()
    await one.sit()
    await one.button(TAKE_CALLS).click()
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await check(one)
    await one.press_on_page("r")
    await one.is_so("受付可")

    # What is said to this seat reaches the page that sat down since it was opened.
    said = {"key": "to-the-headset-1", "to": "a01", "text": "十一時に朝礼です。"}
    assert (await two.fetch("POST", "/api/messages", said))[0] == 200
    await expect(one.region("連絡")).to_contain_text("十一時に朝礼です。")

    # A citizen calls: the card is there before it rings.
    await one.forget_instants()  # the tone of the check was no ring
    call = await r.booking()
    await one.is_so("呼出中")
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await one.is_so("通話中")
    await is_heard(call)
    await page_hears(one, call.tone_hz)
    seen = await one.instants()
    assert seen["card"] <= seen["ring"] or seen["ring"] - seen["offer"] >= 300, seen

    # Held, muted, and talked to again.
    await one.press("F2")
    await one.is_so("保留中")
    await is_not_heard(call)
    await one.press("F2")
    await one.is_so("通話中")
    await is_heard(call)
    await one.button("マイクを切る").click()
    await is_not_heard(call)
    await one.button("マイクを入れる").click()
    await is_heard(call)

    # Handed to a colleague, whose page rings.
    await two.press_on_page("r")
    await two.is_so("受付可")
    await one.press("Shift+F4")
    await one.dialog.get_by_role("button", name="(a02)").click()
    await two.is_so("呼出中")
    await expect(two.button("応答")).to_be_visible()
    await two.press("F2")
    await two.is_so("通話中")
    await is_not_heard(call)
    await is_beeped_at(call)
    await page_hears(two, call.tone_hz)
    await until_true(lambda: sound(one), lambda now: now.live == 0, "the first one has left it")

    # What came of it: the menu filled in most of it.
    await one.is_so("後処理")
    outcome = one.region("応対結果")
    await expect(outcome).to_contain_text("R1 新規")
    await expect(outcome.get_by_role("combobox", name="結果")).to_have_value("D02")
    await one.field("メモ").fill("受取は来週の希望。")
    await expect(outcome).to_contain_text("下書き保存済み")
    await one.keeps()

    # The colleague talks to the end.
    c.told_to_end.add(caller(call))
    await two.press("Shift+F2")
    await call.ended
    await two.is_so("後処理")
    await until_true(lambda: sound(two), lambda now: now.live == 0, "nothing of it is left")
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
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await one.is_so("通話中")
    await is_heard(away)
    await away.hang_up()
    await one.is_so("後処理")
    await one.keeps("受付可 · 交付前準備")

    # A break locks the page, which is still the telephone; the PIN of the day opens it.
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="休憩", exact=True).click()
    await expect(one.page.get_by_role("heading", name="画面をロックしています")).to_be_visible()
    assert (await c.agent_is("a01", "state", "paused"))["reason"] == "break"
    assert (await c.agent("a01"))["phone"] == "free"
    await one.field("PIN").fill(PIN)
    await one.button("ロックを解除").click()
    await one.is_so("休憩")

    # What the next shift must know, and home, which ends the telephone.
    handover = one.region("申し送り")
    await handover.get_by_role("button", name="書く").click()
    await one.field("本文").fill("夕方の予約枠に空きがあります。")
    await one.button("送る", exact=True).click()
    await expect(handover).to_contain_text("夕方の予約枠に空きがあります。")
    await expect(two.region("申し送り")).to_contain_text("夕方の予約枠に空きがあります。")
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
    await expect(one.page.locator("body")).not_to_contain_text("0942")
    await c.agent_is("a01", "state", "signed_out")

    async def registered() -> str:
        return str((await c.ari.endpoint("a01.web")).state)

    await until_true(registered, "offline".__eq__, "the page is no telephone")
    record = await c.record(call)
    assert (record["outcome"], record["menu_path"]) == ("answered", "1/1")
