"""Two people on one worklist, a memo, what a caller is owed and the balance, in a browser.

The desk is real, and its ledger; the controller is a fake that keeps it as the real one does.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from agents.people import Role
from telephony.store import changes as row
from tests.agents.calls.test_callbacks import given_up, write
from tests.agents.room import a_call, at_the_phone
from tests.desktop.by_hand import Office
from tests.desktop.seen import look
from tests.real.waiting import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]


async def test_f4_two_people_on_one_worklist(office: Office) -> None:
    desk = office.desk
    desk.clock.goes_on(-4 * 3600.0)
    await given_up(desk, "n1-1.1", "0942000111")
    desk.clock.goes_on(4 * 3600.0)
    await given_up(desk, "n1-1.2", "0942000112")
    await given_up(desk, "n1-1.3", "0942000112")
    ana, ben = await office.page("ana", seat="a01"), await office.page("ben", seat="a02")
    for page in (ana, ben):
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("期限切れ")
        await expect(rows.nth(1)).to_contain_text("×2")
        await expect(rows.first).not_to_contain_text("×")
    await ana.keyboard.press("c")
    await expect(ana.locator("tbody tr").first).to_contain_text("手放す")
    await expect(ben.locator("tbody tr").first).to_contain_text("anaさんが対応中")
    await look(ben, "callbacks-worklist")
    await ben.keyboard.press("F2")  # what the first one has is not rung by the second
    await expect(ben.get_by_role("alert").filter(has_text="ほかの人")).to_be_visible()
    assert not desk.link.asked
    await ben.keyboard.press("ArrowDown")
    await ben.keyboard.press("F2")
    await expect(ben.locator("tbody tr").nth(1)).to_contain_text("手放す")
    assert [(seat, do) for seat, do, _ in desk.link.asked] == [("a02", "call_back")]
    at = desk.clock.now
    await write(
        desk, row.AttemptEnded("ob-n1-1.2", "own-1.1", "a02", at, at + 5, at + 9, "answered")
    )
    await expect(ben.get_by_role("group", name="電話に出たのは?")).to_be_visible()
    await look(ben, "callbacks-result")
    await ben.keyboard.press("1")
    await until(lambda: desk.link.asked[-1][1] == "attempt_result", "it was said who it was")
    await ana.keyboard.press("h")
    dialog = ana.get_by_role("dialog")
    await expect(dialog).to_contain_text("対応開始")
    await look(ana, "callbacks-history")
    await dialog.get_by_role("textbox", name="メモ").fill("本人より不要と連絡")
    await dialog.get_by_role("button", name="取り下げる").click()
    await expect(ana.locator("tbody tr")).to_have_count(1)
    await expect(ben.locator("tbody tr")).to_have_count(1)
    await ana.get_by_role("button", name="English").click()
    await expect(ana.get_by_role("heading", name="To be called back")).to_be_visible()
    await look(ana, "callbacks-worklist-en")


async def test_a_memo_by_the_keyboard_alone_in_few_keys(office: Office) -> None:
    page = await office.page("city", Role.CITY_VIEWER)
    await expect(page.get_by_role("textbox", name="電話番号")).to_be_focused()
    await page.keyboard.type("12")
    await page.keyboard.press("F4")
    await expect(page.get_by_text("電話番号は市外局番から入力してください")).to_be_visible()
    await look(page, "callbacks-memo-fault")
    await expect(page.get_by_role("textbox", name="電話番号")).to_have_value("12")
    await page.get_by_role("textbox", name="電話番号").fill("")
    await page.get_by_role("textbox", name="電話番号").focus()
    await page.keyboard.type("0942000131")
    await page.keyboard.press("Enter")
    await page.keyboard.type("窓口 花子")
    await page.keyboard.press("Enter")
    await page.keyboard.type("更新")
    await look(page, "callbacks-memo")
    await page.keyboard.press("F4")
    await expect(page.get_by_text("登録しました。")).to_be_visible()
    await expect(page.get_by_role("textbox", name="電話番号")).to_be_focused()
    await expect(page.get_by_role("textbox", name="電話番号")).to_have_value("")
    leader = await office.page("leader", Role.GENERAL_MANAGER)
    await expect(leader.locator("tbody tr").first).to_contain_text("窓口 花子 / 更新")
    await leader.get_by_role("button", name="受電メモ").click()
    wrong = "電話番号,氏名,用件,希望日時,メモ\r\n12,,,,\r\n".encode("cp932")
    file = FilePayload(name="memo.csv", mimeType="text/csv", buffer=wrong)
    await leader.locator("input[type=file]").set_input_files(file)
    await expect(leader.get_by_text("2 行目")).to_be_visible()
    await look(leader, "callbacks-import")


async def test_what_the_caller_is_owed_is_done_unless_it_was_somebody_else(office: Office) -> None:
    desk = office.desk
    await given_up(desk, "n1-1.1")
    memo = await desk.signed_in("cleo", Role.GENERAL_MANAGER)
    body = {"key": "memo-0001", "number": "0942000101", "name": "窓口 花子", "topic": "更新"}
    assert (await memo.ask("POST", "/api/callbacks", body)).status == 200
    desk.clock.goes_on(600.0)
    page = await office.page("ana", seat="a01")
    await a_call(desk, "n1-1.9", open_=True)
    connected = row.CallNoted("n1-1.9", desk.clock.now + 1, "connected", {"agent": "a01"})
    await write(desk, connected)
    await page.get_by_role("button", name="元の画面へ").click()
    await at_the_phone(desk, "a01", "talking", "n1-1.9")
    owed = page.get_by_role("region", name="この番号の折り返し")
    await expect(owed.get_by_text("✓ 済")).to_have_count(2)
    await look(page, "callbacks-owed")
    await page.locator("h1").click()
    await page.keyboard.press("2")
    await expect(owed.get_by_text("✓ 済")).to_have_count(1)
    await expect(owed).to_contain_text("未了")
    await page.keyboard.press("x")  # reason and disposition by one key
    await page.keyboard.press("F4")
    await expect(owed.get_by_text("✓ 済")).to_have_count(0)
    told = (await memo.ask("GET", "/api/callbacks/ob-n1-1.1")).body["callback"]
    assert (told["state"], told["provisional"]) == ("contacted", False)


async def test_the_worklist_and_a_history_print_on_a4(office: Office, tmp_path: Path) -> None:
    for number in range(30):
        await given_up(office.desk, f"n1-1.{number}", f"09420002{number:02}")
    page = await office.page("ana", seat="a01")
    await expect(page.locator("tbody tr")).to_have_count(30)
    pdf = await page.pdf(path=tmp_path / "worklist.pdf", format="A4")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="発信").first).to_be_hidden()  # keys print nothing
    await look(page, "callbacks-worklist-print")
    await page.emulate_media(media="screen")
    await page.keyboard.press("h")
    await expect(page.get_by_role("dialog")).to_contain_text("発生")
    pdf = await page.pdf(path=tmp_path / "history.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 1


async def test_the_balance_prints_on_one_sheet(office: Office, tmp_path: Path) -> None:
    await given_up(office.desk, "n1-1.1")
    page = await office.page("leader", Role.GENERAL_MANAGER)
    await page.get_by_role("button", name="収支").click()
    await expect(page.get_by_text("収支は合っています")).to_be_visible()
    await look(page, "callbacks-balance")
    pdf = await page.pdf(path=tmp_path / "balance.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    await office.desk.database.write(
        lambda connection: connection.exec_driver_sql("DELETE FROM obligations")
    )
    await page.reload()
    await page.get_by_role("button", name="収支").click()
    await expect(page.get_by_role("alert").filter(has_text="合わないもの")).to_be_visible()
    await expect(page.get_by_text("ob-n1-1.1")).to_be_visible()
    await look(page, "callbacks-balance-unsound")
