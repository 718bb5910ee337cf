"""The pages away from the telephone: each is accessible, whole, and works by the keyboard alone."""

from typing import Final

import pytest
from playwright.async_api import expect

from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.security_key import SecurityKey
from tests.desktop.seen import look, narrow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

MOST_TABS: Final = 60


async def signed_in(r: Room, name: str) -> Person:
    """Somebody without a desk, at their first page."""
    person = await r.person(name)
    await person.sign_in(pin=False)
    await expect(person.page.get_by_role("navigation", name="画面の切り替え")).to_be_visible()
    return person


async def go(person: Person, title: str) -> None:
    """To a page of the office, by the keyboard alone."""
    await by_keys(person, title)
    await person.press("Enter")
    await expect(person.page.get_by_role("heading", level=1)).to_contain_text(title)


async def by_keys(person: Person, button: str) -> None:
    """Tab until the button of this name has the focus."""
    wanted = person.button(button, exact=True).first
    for _ in range(MOST_TABS):
        await person.press("Tab")
        if await wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {button}")


async def test_accounts_from_the_first_day_to_the_last(r: Room) -> None:
    admin = await signed_in(r, "admin")
    await go(admin, "利用者")
    await expect(admin.button("a01", exact=True)).to_be_visible()
    await look(admin.page, "users")
    await narrow(admin.page, "users")

    await by_keys(admin, "利用者を追加")
    await admin.press("Enter")
    form = admin.dialog
    await form.get_by_label("ユーザー名").fill("Aoki!")
    await form.get_by_label("名乗る名前").fill("青木 一")
    await form.get_by_label("役割").select_option("agent")
    await form.get_by_label("指定番号").fill("000000000019")
    await expect(form.get_by_label("指定番号")).to_have_value("●" * 12)
    await look(admin.page, "user-new")
    await form.get_by_label("指定番号").fill("")
    admin.expects("status of 422")
    await form.get_by_role("button", name="利用者を追加").click()
    await expect(form.get_by_text("入力に誤りがあります")).to_be_visible()
    await look(admin.page, "user-new-refused")
    await expect(form.get_by_label("名乗る名前")).to_have_value("青木 一")
    await form.get_by_label("ユーザー名").fill("aoki1")
    await form.get_by_role("button", name="利用者を追加").click()
    await expect(admin.dialog).to_contain_text("この画面でしか表示されません")
    await look(admin.page, "user-password")
    await admin.dialog.get_by_role("button", name="閉じる").click()

    await admin.button("aoki1", exact=True).click()
    await expect(admin.page.get_by_role("heading", name="aoki1")).to_be_visible()
    await admin.field("指定番号").fill("指定 7")  # another button changes the account meanwhile
    await admin.button("セキュリティキーの登録を許可").click()
    await expect(admin.page.get_by_text("次のサインインで登録できます").first).to_be_visible()
    await expect(admin.field("指定番号")).to_have_value("指定 7")
    await admin.button("保存").click()
    await admin.button("コード発生器を登録").click()
    await look(admin.page, "user-generator")
    await admin.press("Escape")
    await look(admin.page, "user")
    await narrow(admin.page, "user")
    await admin.button("利用を終了する").click()
    await look(admin.page, "user-end")
    await admin.dialog.get_by_role("button", name="利用を終了する").click()
    await expect(admin.button("利用を再開する")).to_be_visible()
    await expect(admin.field("指定番号")).to_have_value("指定 7")
    await look(admin.page, "user-ended")
    await admin.button("English").click()
    await look(admin.page, "user-en")


async def test_a_wall_board_from_its_token_to_its_end(r: Room) -> None:
    admin = await signed_in(r, "admin")
    await go(admin, "掲示板")
    await admin.button("掲示板の鍵を発行").click()
    await admin.dialog.get_by_label("利用者").select_option(index=1)
    await admin.dialog.get_by_label("設置場所").fill("入口")
    await look(admin.page, "boards-new")
    await admin.dialog.get_by_role("button", name="掲示板の鍵を発行").click()
    shown = admin.dialog.locator("p.select-all")
    await expect(shown).to_be_visible()
    token = (await shown.inner_text()).strip()
    await admin.dialog.get_by_role("button", name="閉じる").click()
    await look(admin.page, "boards")
    await narrow(admin.page, "boards")

    wall = await r.person("display")
    wall.expects("status of 401|WebSocket")
    await wall.button("掲示板として開く").click()
    await wall.field("掲示板の鍵").fill("x" * 40)
    await wall.button("開く", exact=True).click()
    await expect(wall.page.get_by_role("alert")).to_be_visible()
    await look(wall.page, "wall-refused")
    await wall.field("掲示板の鍵").fill(token)
    await wall.button("開く", exact=True).click()
    await expect(wall.page.get_by_role("heading", name="回線の状況")).to_be_visible()
    await r.centre.ready("a01")
    call = await r.booking()
    leg = await r.centre.phones["a01"].rings()
    await leg.answer()
    await expect(wall.page.get_by_text("通話中").first).to_be_visible()
    await expect(wall.page.locator("body")).not_to_contain_text("0942")
    await look(wall.page, "wall")
    await narrow(wall.page, "wall")
    await call.hang_up()

    await by_keys(admin, "無効にする: 入口")
    await admin.press("Enter")
    await expect(wall.page.get_by_role("heading", name="サインイン")).to_be_visible()


async def test_the_audit_log_is_searched_and_proved(r: Room) -> None:
    auditor = await signed_in(r, "auditor")
    await go(auditor, "監査記録")
    await by_keys(auditor, "改ざんがないか確かめる")
    await auditor.press("Enter")
    await expect(auditor.page.get_by_text("改ざんはありません")).to_be_visible()
    who, deed = (auditor.page.get_by_role("combobox", name=name) for name in ("だれが", "操作"))
    await deed.select_option("サインイン (signed in)")
    await auditor.button("検索").click()
    log = auditor.region("監査記録").get_by_role("table")
    await expect(log).to_contain_text("auditor")
    await expect(log).to_contain_text("サインイン signed in")
    await expect(log).to_contain_text("実行 done")
    await expect(log).not_to_contain_text("signed_in")
    await deed.select_option("")
    await who.select_option("起動時の準備 (start-up)")
    await auditor.button("検索").click()
    await expect(log.locator("tbody tr").first).to_contain_text("利用者の追加 user added")
    people = await log.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert {each.strip() for each in people} == {"起動時の準備 start-up"}
    await look(auditor.page, "audit")
    await narrow(auditor.page, "audit")
    thing = auditor.field("対象")
    await thing.fill("nothing_of_the_kind")
    await auditor.press("Enter")
    await expect(auditor.page.get_by_text("該当する記録はありません")).to_be_visible()
    auditor.expects("status of 422")
    await thing.fill("ほげ ほげ")
    await auditor.press("Enter")
    await expect(auditor.page.get_by_role("alert").first).to_be_visible()
    await look(auditor.page, "audit-refused")
    await thing.fill("")
    await who.select_option(label="監査 次郎 (auditor)")
    await deed.select_option("サインイン (signed in)")
    await auditor.button("検索").click()  # what was refused is put right and sent again
    await expect(log).to_contain_text("auditor")


async def test_ones_own_security_key_is_registered_and_asked_for(r: Room) -> None:
    one = await signed_in(r, "city")
    await SecurityKey.plugged_in(one.page)
    await go(one, "自分の設定")
    await expect(one.page.get_by_text("この画面", exact=False).first).to_be_visible()
    await look(one.page, "security")
    await narrow(one.page, "security")
    await one.button("セキュリティキーを登録").click()
    await one.dialog.get_by_label("キーの呼び名").fill("No. 12")
    await one.dialog.get_by_label("パスワード").fill(one.password)
    await look(one.page, "security-key")
    await one.dialog.get_by_role("button", name="次へ").click()
    await expect(one.region("2つめの確認")).to_contain_text("No. 12")
    await one.button("サインアウト").click()
    await expect(one.page.get_by_role("heading", name="サインイン", exact=True)).to_be_visible()
    await one.sign_in(pin=False)
    await expect(one.button("セキュリティキーで確認")).to_be_visible()
    await look(one.page, "sign-in-factor")
    await one.button("セキュリティキーで確認").click()
    await go(one, "自分の設定")
    await one.button("外す: No. 12").click()
    await one.dialog.get_by_label("パスワード").fill(one.password)
    await look(one.page, "security-key-remove")
    await one.dialog.get_by_role("button", name="外す").click()
    await expect(one.region("2つめの確認")).to_contain_text("登録されていません")


async def test_the_calendar_by_day_month_and_year_and_its_changes(r: Room) -> None:
    manager = await signed_in(r, "manager")
    await by_keys(manager, "カレンダー")
    await manager.press("Enter")
    await expect(manager.page.get_by_role("heading", name="開庁カレンダー")).to_be_visible()
    for button, name, ready in (
        ("今日", "calendar-today", "決め手"),
        ("月", "calendar-month", "なぜ?"),
        ("年", "calendar-year", "印刷(A4)"),
        ("変更", "calendar-changes", "変更台帳"),
    ):
        await by_keys(manager, button)
        await manager.press("Enter")
        await expect(manager.page.get_by_text(ready).first).to_be_visible()
        if name == "calendar-year":
            await expect(manager.page.get_by_role("table")).to_have_count(12)
        await look(manager.page, name)
        await narrow(manager.page, name)
    await manager.button("月", exact=True).click()
    await manager.button("なぜ?").first.click()
    await expect(manager.dialog.get_by_role("listitem").first).to_be_visible()
    await look(manager.page, "calendar-why")
    await manager.press("Escape")
    await manager.button("English").click()
    await look(manager.page, "calendar-month-en")


async def test_what_waits_for_the_manager_and_the_city(r: Room) -> None:
    one = await r.seated("a01")
    await r.talking("a01")
    await one.is_so("通話中")
    await one.button("引き継ぎ").click()
    await one.field("伝えること").fill("委任状の様式を確かめたい。")
    await one.button("市へ照会").click()
    await expect(one.dialog).to_be_hidden()
    city = await signed_in(r, "approver")
    await go(city, "引き継ぎ・照会")
    await expect(city.page.get_by_text("委任状の様式を確かめたい。")).to_be_visible()
    await look(city.page, "escalations")
    await narrow(city.page, "escalations")
    await city.button("対応する").first.click()
    await city.button("回答").first.click()
    await city.field("回答").fill("様式4です。番号は000000000019です")
    await expect(city.field("回答")).to_have_value("様式4です。番号は" + "●" * 12 + "です")
    await look(city.page, "escalation-answer")
    await city.dialog.get_by_role("button", name="送る").click()
    await expect(one.region("通話")).to_contain_text("様式4です。")
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.keeps()


async def test_the_audit_log_says_what_the_codes_in_its_details_are(r: Room) -> None:
    one = await r.seated("a01")
    await one.press_on_page("a")
    await one.dialog.get_by_role("button", name="研修").click()
    await one.is_so("研修")
    masked = {"key": "seen-12345678901", "finds": [{"kind": "pin"}]}
    assert (await one.fetch("POST", "/api/masked", masked))[0] == 204
    auditor = await signed_in(r, "auditor")
    await go(auditor, "監査記録")
    deed = auditor.page.get_by_role("combobox", name="操作")
    log = auditor.region("監査記録").get_by_role("table")
    await deed.select_option("離席・休憩 (paused)")
    await auditor.button("検索").click()
    await expect(log).to_contain_text("理由 reason: 研修 Training")
    await expect(log).not_to_contain_text("training")
    await deed.select_option("個人番号などの伏せ字 (number masked)")
    await auditor.button("検索").click()
    await expect(log).to_contain_text(
        "書かれた書類 written in: 入力中の画面 a page, as it was typed"
    )
    await deed.select_option("監査記録の閲覧 (audit log read)")
    await auditor.button("検索").click()
    await expect(log).to_contain_text("検索した操作 deed: 離席・休憩 paused")
    await look(auditor.page, "audit-details")
