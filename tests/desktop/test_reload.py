"""A page that is loaded again is as it was, and the call never notices."""

import pytest
from playwright.async_api import expect

from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.sip import Talk, talk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]


A_GAP = 200.0  # milliseconds


async def reloaded(person: Person, words: str) -> None:
    """Load it again, and tell how long it took until the state was there."""
    await person.page.reload()
    await person.is_so(words)
    took = await person.page.evaluate("performance.now()")
    print(f"\nreload while {words}: {took:.0f} ms until the page is back")  # noqa: T201


async def test_a_reload_at_any_moment_of_a_call(r: Room) -> None:
    one = await r.seated("a01")
    await one.press_on_page("r")
    await one.is_so("受付可")
    call = await r.booking()
    await one.is_so("呼出中")
    await reloaded(one, "呼出中")
    await expect(one.button("応答")).to_be_visible()
    await expect(one.region("通話")).to_contain_text("受取予約・新規")
    leg = await r.answer(one)
    await talk(call, leg)
    await one.field("メモ").fill("書きかけのメモ")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    watched = Talk(call, leg)
    await reloaded(one, "通話中")
    await expect(one.field("メモ")).to_have_value("書きかけのメモ")
    await talk(call, leg)
    # A packet or two that this machine was late with are no gap; a call set up anew has a long one.
    assert await watched.lost_ms() < A_GAP
    assert (leg.re_invited, call.re_invited) == (0, 0)

    await call.hang_up()
    await one.is_so("後処理")
    await reloaded(one, "後処理")
    await expect(one.field("メモ")).to_have_value("書きかけのメモ")
    await expect(one.region("応対結果").get_by_role("combobox", name="結果")).to_have_value("D02")
    await one.keeps()


@pytest.mark.at_length
async def test_what_was_just_typed_survives_a_reload_a_lock_and_another_browser(r: Room) -> None:
    one = await r.seated("a01")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    # Sooner than half a second after the last key.
    await one.field("メモ").fill("一つめ")
    await one.page.reload()
    await expect(one.field("メモ")).to_have_value("一つめ")
    await one.field("メモ").fill("二つめ")
    await one.button("ロック").click()
    await one.field("PIN").fill("135790")
    await one.button("ロックを解除").click()
    await expect(one.field("メモ")).to_have_value("二つめ")
    # Half a second after the last key it is on the server: another browser has it.
    await one.field("メモ").fill("三つめ")
    await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
    elsewhere = await r.person("a01")
    await elsewhere.sign_in()
    await elsewhere.button("この席に移る").click()
    await expect(elsewhere.field("メモ")).to_have_value("三つめ")
    await expect(one.page.get_by_role("heading", name="席を選んでください")).to_be_visible()
    await call.hang_up()
    await elsewhere.is_so("後処理")
    await elsewhere.keeps()


@pytest.mark.at_length
async def test_a_draft_without_a_reason_takes_what_the_menu_says(r: Room) -> None:
    """Somebody typed before the menu's path was recorded, and loads the page after it was."""
    one = await r.seated("a01")
    call, _ = await r.talking("a01")
    await one.is_so("通話中")
    result = one.region("応対結果").get_by_role("combobox", name="結果")
    await expect(result).to_have_value("D02")
    form: dict[str, object] = {"reasons": [], "disposition": None, "flags": [], "citizen": None}
    form["note"] = "先に入力"
    path = f"/api/calls/{(await r.centre.agent('a01'))['call']}/draft"
    status, told = await one.fetch("PUT", path, {"version": 0, "form": form})
    assert status == 200, told
    await reloaded(one, "通話中")
    await expect(one.field("メモ")).to_have_value("先に入力")
    await expect(result).to_have_value("D02")
    await expect(one.button("外す: R1 新規")).to_be_visible()
    await call.hang_up()
    await one.is_so("後処理")
    await one.keeps()
