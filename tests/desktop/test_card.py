"""What a card says of earlier calls, what is entered after the call, and calls of one's own."""

import re

import pytest
from playwright.async_api import expect

from tests.desktop.headset import at_the_page, offered
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import look, narrow
from tests.sip import Policy

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="package")]

FAMILY = "0942000941"  # one number, several people


async def a_call_of(r: Room, one: Person, name: str, disposition: str) -> None:
    """A call of the family's number, served and written down."""
    call, _ = await r.talking("a01", from_number=FAMILY)
    await one.is_so("通話中")
    await one.field("お名前").fill(name)
    await one.page.get_by_role("combobox", name="結果").select_option(disposition)
    await call.hang_up()
    await one.is_so("後処理")
    await one.keeps()


async def test_several_people_behind_a_number_are_offered_and_none_is_assumed(r: Room) -> None:
    one = await r.seated("a01")
    await a_call_of(r, one, "窓口 花子", "D02")
    await a_call_of(r, one, "窓口 太郎", "D08")  # a callback is promised
    call, _ = await r.talking("a01", from_number=FAMILY)
    await one.is_so("通話中")
    open_ones = one.region("この番号の未対応の件")
    await expect(open_ones).to_contain_text("折り返し約束")
    await expect(one.region("この番号からの履歴")).to_contain_text("窓口 花子")
    await expect(one.field("お名前")).to_have_value("")
    people = one.page.get_by_role("group", name="この番号で名乗った方")
    await expect(people.get_by_role("button")).to_have_count(2)
    await look(one.page, "call-family")
    await narrow(one.page, "call-family")
    await people.get_by_role("button", name="窓口 太郎").click()
    await expect(one.field("お名前")).to_have_value("窓口 太郎")
    await call.hang_up()
    await one.is_so("後処理")
    await one.keeps()


@pytest.mark.at_length
async def test_what_was_not_entered_is_entered_later_and_marked(r: Room) -> None:
    one = await r.seated("a01")
    call, _ = await r.talking("a01", from_number="0942000943")
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")
    await r.centre.ask("a01", "wrap_up_done")  # by the telephone's key: nothing was written down
    await one.is_so("受付可")
    # Its own: calls of tests before may be without an outcome, too.
    mine = one.region("今日の通話").get_by_role("listitem").filter(has_text="0942-**-0943")
    await expect(mine).to_contain_text("結果が未入力")
    await mine.get_by_role("button", name="後から入力").click()
    await expect(one.dialog).to_contain_text("受取予約・新規")
    await look(one.page, "window-later")
    await narrow(one.page, "window-later")
    await one.dialog.get_by_role("textbox", name="お名前").fill("窓口 花子")
    await one.dialog.get_by_role("button", name="結果を保存").click()
    await expect(one.dialog.get_by_role("region", name="応対結果")).to_be_hidden()
    await one.dialog.get_by_role("textbox", name="後からのメモ").fill("番号は000000000019です")
    await one.dialog.get_by_role("button", name="メモを追加").click()
    memo = one.dialog.get_by_role("region", name="後からのメモ").get_by_role("listitem")
    await expect(memo).to_contain_text("番号は" + "●" * 12 + "です")
    await expect(memo).to_contain_text("後入力")
    await one.dialog.get_by_role("button", name="閉じる").click()
    await expect(mine).to_contain_text("後入力")
    await expect(mine).not_to_contain_text("未入力")


@pytest.mark.at_length
async def test_an_offer_that_was_not_taken_says_when_where_and_why(r: Room) -> None:
    one = await r.seated("a01")
    one.expects("status of 404")  # a busy page asks for the card of an offer that is gone already
    await r.centre.ready("a01", Policy.DECLINE)
    await one.is_so("受付可")
    call = await r.booking()
    missed = one.region("今日の自分").get_by_role("listitem").first
    when = re.compile(r"^\d{1,2}:\d{2} 電話機で拒否されました \(机の電話機: 使えます\)$")
    await expect(missed).to_have_text(when)
    await call.hang_up()
    await look(one.page, "desk-missed")


@pytest.mark.at_length
async def test_an_offer_that_a_page_lost_says_that_it_was_the_page_that_rang(r: Room) -> None:
    await r.centre.phone("a01")  # which stands beside it, and works
    one = await at_the_page(r, "a01")
    one.expects("status of 404")
    call = await offered(r, one)
    await one.page.reload()
    missed = one.region("今日の自分").get_by_role("listitem").first
    await expect(missed).to_contain_text("電話機につながりませんでした (この画面の電話)")
    await call.hang_up()


@pytest.mark.at_length
async def test_a_colleague_is_called_from_the_page(r: Room) -> None:
    one = await r.seated("a01")
    two = await r.seated("a02")
    mine, theirs = r.centre.phones["a01"], r.centre.phones["a02"]
    await one.button("内線・市役所へ発信").click()
    await one.dialog.get_by_role("button", name="(a02)").click()
    leg = await mine.rings()
    await leg.answer()
    other = await theirs.rings()
    await two.is_so("呼出中")
    await look(two.page, "call-of-a-colleague")
    await other.answer()
    await one.is_so("通話中")
    await two.is_so("通話中")
    assert await leg.heard(other.tone_hz)
    assert await other.heard(leg.tone_hz)
    await look(one.page, "call-to-a-colleague")
    await one.press("Shift+F2")
    await other.ended
    await one.is_so("着席")
    await two.is_so("着席")
