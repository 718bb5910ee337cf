"""A day at the desk with a headset: two people, no desk phone anywhere, and the way home."""

import re

import pytest
from playwright.async_api import expect

from tests.desktop.audio import KEEP, hears_something, sound
from tests.desktop.headset import (
    IS_PHONE,
    TAKE_CALLS,
    TONE_HZ,
    VOICE,
    at_the_page,
    check,
    is_beeped_at,
    tone_microphone,
)
from tests.desktop.person import PIN
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.waiting import until_true
from tests.sip import OutgoingCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]


async def hears_the_tone(call: OutgoingCall, *, is_there: bool) -> None:
    """The caller hears the first person's microphone, or does not."""

    async def level() -> float:
        return call.level(TONE_HZ)

    await until_true(level, lambda now: (now > VOICE) is is_there, f"the tone {is_there}")


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

    # A citizen calls: the card is there before it rings.
    await one.forget_instants()  # the tone of the check was no ring
    call = await r.booking()
    await one.is_so("呼出中")
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await one.is_so("通話中")
    await hears_the_tone(call, is_there=True)
    seen = await one.instants()
    assert seen["card"] <= seen["ring"] or seen["ring"] - seen["offer"] >= 300, seen

    # Held, muted, and talked to again.
    await one.press("F2")
    await one.is_so("保留中")
    await hears_the_tone(call, is_there=False)
    await one.press("F2")
    await one.is_so("通話中")
    await hears_the_tone(call, is_there=True)
    await one.button("マイクを切る").click()
    await hears_the_tone(call, is_there=False)
    await one.button("マイクを入れる").click()
    await hears_the_tone(call, is_there=True)

    # Handed to a colleague, whose page rings.
    await two.press_on_page("r")
    await two.is_so("受付可")
    await one.press("Shift+F4")
    await one.dialog.get_by_role("button", name="(a02)").click()
    await two.is_so("呼出中")
    await expect(two.button("応答")).to_be_visible()
    await two.press("F2")
    await two.is_so("通話中")
    await hears_the_tone(call, is_there=False)
    await is_beeped_at(call)
    await hears_something(two)

    # What came of it, and the colleague talks to the end.
    await one.is_so("後処理")
    await one.field("メモ").fill("受取は来週の希望。")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    await one.keeps()
    c.told_to_end.add(caller(call))
    await two.press("Shift+F2")
    await call.ended
    await two.is_so("後処理")
    await until_true(lambda: sound(two), lambda now: now.live == 0, "nothing of it is left")
    await two.keeps()

    # Card work in between, and called away from it.
    await two.press_on_page("a")
    await two.dialog.get_by_role("button", name="研修").click()
    await one.press_on_page("w")
    await one.dialog.get_by_role("button").first.click()
    await one.is_so("受付可 · 交付前準備")
    await one.press_on_page("+")
    await expect(one.region("自分の状態")).to_contain_text(re.compile(r"交付前準備 \d+ 枚"))
    away = await r.booking()
    await one.is_so("呼出中")
    await expect(one.button("応答")).to_be_visible()
    await one.press("F2")
    await one.is_so("通話中")
    await hears_the_tone(away, is_there=True)
    await away.hang_up()
    await one.is_so("後処理")
    await one.keeps("受付可 · 交付前準備")

    # A locked page is still the telephone; the way home ends it.
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="休憩", exact=True).click()
    await expect(one.page.get_by_role("heading", name="画面をロックしています")).to_be_visible()
    assert (await c.agent_is("a01", "state", "paused"))["reason"] == "break"
    assert (await c.agent("a01"))["phone"] == "free"
    await one.field("PIN").fill(PIN)
    await one.button("ロックを解除").click()
    await one.is_so("休憩")
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("heading", name="サインイン")).to_be_visible()
    await c.agent_is("a01", "state", "signed_out")

    async def registered() -> str:
        return str((await c.ari.endpoint("a01.web")).state)

    await until_true(registered, "offline".__eq__, "the page is no telephone")
    record = await c.record(call)
    assert (record["outcome"], record["menu_path"]) == ("answered", "1/1")
