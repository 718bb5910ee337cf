"""Bookings typed while a citizen talks, where the city's system is the master."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.desktop.booking import HANAKO, Hands, finished, published, talking, told
from tests.desktop.ime import InputMethod
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import look
from tests.desktop.test_guard import DIGITS, MASKED, left
from tests.real.waiting import pause

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]


@pytest_asyncio.fixture(loop_scope="package")
async def boss(r: Room) -> AsyncIterator[Person]:
    """A leader, who has told the city's times of next week, and sees that nothing stays owed."""
    person = await r.person("s01")
    await person.sign_in()
    first = date.today() + timedelta(days=7)  # noqa: DTZ011 -- the desk runs on this machine's clock
    await told(person, [(first, "10:00"), (first, "10:30"), (first, "11:00")])
    yield person
    _, found = await person.fetch("GET", "/api/bookings/owed")
    for at, one in enumerate(found["bookings"]):
        number = one["number"] or f"Z-{one['id'][:8]}"
        body = {"key": f"clean-{at}-{one['id'][:12]}", "version": one["version"], "number": number}
        status, said = await person.fetch("PUT", f"/api/bookings/{one['id']}/number", body)
        assert status == 200, said


async def agreed(one: Person, hands: Hands, number: str) -> None:
    """A booking of Hanako's that the city's system has."""
    await hands.new()
    await expect(hands.panel).to_contain_text("ただいまは仮受付です")
    await hands.number(number)
    await expect(hands.panel).to_contain_text("予約済み")
    await expect(one.region("応対結果").get_by_role("combobox", name="結果")).to_have_value("D02")


async def test_a_new_booking_until_the_citys_number(r: Room, boss: Person) -> None:
    one = await talking(r)
    hands = Hands(one.page)
    await hands.new()
    await expect(hands.panel).to_contain_text("仮受付")
    await expect(hands.panel).to_contain_text("ただいまは仮受付です")
    await expect(one.region("市のシステムに未入力")).to_contain_text("窓口 花子")
    await look(one.page, "booking-provisional")
    await hands.number("C-1001")
    await expect(hands.panel).to_contain_text("予約済み")
    await expect(hands.panel).to_contain_text("予約番号は、チャイナのC、イチ ゼロ ゼロ イチです")
    await look(one.page, "booking-entered")
    assert len(hands.pressed) == published("新規、市の番号まで")
    await finished(one, "D02")


async def test_a_change_of_an_existing_booking(r: Room, boss: Person) -> None:
    one = await talking(r)
    await agreed(one, Hands(one.page), "C-1002")
    await finished(one, "D02")
    one = await talking(r, "2", one)
    hands = Hands(one.page)
    await hands.find("C-1002")
    await look(one.page, "booking-change")
    await hands.is_at("日時")
    await hands.type("2")
    await hands.press("F4")
    await expect(hands.panel).to_contain_text("市のシステムに未入力(変更)")
    await expect(hands.panel).to_contain_text("午前10時30分")
    await hands.press("e", "Enter")  # its number stands there already
    await expect(hands.panel).not_to_contain_text("市のシステムに未入力")
    assert len(hands.pressed) == published("変更、市のシステムへの入力まで")
    await finished(one, "D03")


async def test_a_cancellation_and_taking_it_back(r: Room, boss: Person) -> None:
    one = await talking(r)
    await agreed(one, Hands(one.page), "C-1003")
    await finished(one, "D02")
    one = await talking(r, "3", one)
    hands = Hands(one.page)
    await hands.find("C-1003")
    await hands.is_at("理由")
    await hands.press("F4")
    await expect(hands.panel).to_contain_text("ご予約を取り消しました")
    await look(one.page, "booking-cancelled")
    await hands.press("e", "Enter")
    await expect(hands.panel).not_to_contain_text("市のシステムに未入力")
    assert len(hands.pressed) == published("取消、市のシステムへの入力まで")
    await finished(one, "D04")


async def test_what_is_typed_survives_a_reload_and_is_booked_once(r: Room, boss: Person) -> None:
    one = await talking(r)
    hands = Hands(one.page)
    await hands.begin()
    for text in HANAKO:
        await hands.say(text)
    await expect(hands.panel).to_contain_text("下書き保存済み")
    await one.page.reload()
    await one.button("受取予約", exact=True).wait_for()
    await one.press_on_page("b")
    await expect(hands.panel.get_by_label("お名前", exact=True)).to_have_value(HANAKO[1])
    await expect(hands.panel).to_contain_text("昭和23年5月3日")
    await hands.panel.get_by_label("日時", exact=True).fill("1")
    await hands.panel.get_by_label("本人", exact=False).first.check()
    await expect(hands.panel).to_contain_text("下書き保存済み")

    # It arrives and is done, but the answer is lost on its way.
    devtools = await one.page.context.new_cdp_session(one.page)

    async def lost(paused: dict[str, Any]) -> None:
        how = {"requestId": paused["requestId"], "errorReason": "ConnectionReset"}
        await devtools.send("Fetch.failRequest", how)

    devtools.on("Fetch.requestPaused", lost)
    answers = {"urlPattern": "*/api/bookings", "requestStage": "Response"}
    await devtools.send("Fetch.enable", {"patterns": [answers]})
    one.expects("ERR_CONNECTION_RESET")
    await one.press("F4")
    await expect(hands.panel).to_contain_text("サーバーにつながりません")
    await devtools.send("Fetch.disable")
    await one.press("F4")
    await expect(hands.panel).to_contain_text("ただいまは仮受付です")
    before = [json.loads(each.post_data or "{}")["key"] for each in one.asked_for("/api/bookings")]
    assert len(before) == 2
    assert len(set(before)) == 1  # the same request, done once
    await one.page.reload()
    await one.button("受取予約", exact=True).wait_for()
    await one.press_on_page("b")
    await expect(hands.panel).to_contain_text("ただいまは仮受付です")
    await expect(one.region("市のシステムに未入力").get_by_text("窓口 花子")).to_have_count(1)
    await finished(one, "D02")


async def test_one_key_copies_each_field_and_whoever_goes_home_is_told_what_is_owed(
    r: Room, boss: Person
) -> None:
    context = await r.context(permissions=["clipboard-read", "clipboard-write"])
    one = await r.seated("a01", context)
    await r.centre.ready("a01")
    await talking(r, one=one)
    hands = Hands(one.page)
    await hands.new()
    await expect(hands.panel).to_contain_text("市のシステムに未入力(新規)")
    rows = hands.panel.get_by_role("list", name="転記(市の予約システムへ)").get_by_role("listitem")
    await expect(rows.first).to_contain_text("AB1000001")
    texts = await rows.locator("span.select-all").all_inner_texts()
    assert texts[:3] == ["AB1000001", "窓口 花子", "マドグチ\u3000ハナコ"]
    for at, text in enumerate(texts):
        await one.press("c")
        await expect(rows.nth(at)).to_contain_text("✓")
        assert await one.page.evaluate("navigator.clipboard.readText()") == text
    await one.press("c")
    await hands.is_at("市の予約番号")
    await finished(one, "D02")

    await one.button("サインアウト").click()
    await expect(one.dialog).to_contain_text("今日中に入力 1件")
    owed = one.dialog.get_by_role("list", name="市のシステムに未入力").get_by_role("listitem")
    await expect(owed).to_have_count(1)
    await expect(owed).to_contain_text("新規")
    await expect(owed).not_to_contain_text("花子")  # as it stands on the wall
    await look(one.page, "booking-close-of-day")
    await one.dialog.get_by_role("button", name="戻る", exact=True).click()
    await one.button("転記する: 窓口 花子").click()
    await look(one.page, "booking-owed")
    await one.dialog.get_by_label("市の予約番号", exact=True).fill("C-1005")
    await one.press("Enter")
    await expect(one.region("市のシステムに未入力")).to_contain_text("未入力の予約はありません")


async def test_nothing_is_read_out_before_two_of_three_are_right(r: Room, boss: Person) -> None:
    one = await talking(r)
    await agreed(one, Hands(one.page), "C-1004")
    await finished(one, "D02")
    one = await talking(r, "2", one)
    one.expects("status of 409")
    hands = Hands(one.page)
    await hands.begin()
    await hands.is_at("予約を探す")
    await hands.say("C-1004")
    await hands.is_at("生年月日")
    await hands.say("S23.5.4")
    await hands.say("窓口花子")
    await expect(hands.panel).to_contain_text("二つが合いません")
    await expect(hands.panel).not_to_contain_text("昭和23年5月3日")
    await expect(hands.panel).not_to_contain_text("AB1000001")
    await look(one.page, "booking-not-known")
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.press_on_page("b")
    await one.keeps()


async def test_no_individual_number_leaves_through_any_field(r: Room, boss: Person) -> None:
    one = await talking(r)
    one.expects("status of 422")  # a mask is no birth date
    before = len(one.asked)
    hands = Hands(one.page)
    await hands.begin()
    for label in (
        "はがきの番号",
        "お名前",
        "ふりがな",
        "生年月日",
        "日時",
        "連絡先の電話番号",
        "備考",
    ):
        field = hands.panel.get_by_label(label, exact=True)
        await field.fill(DIGITS)
        await expect(field).to_have_value("●" * 12)
        await field.fill("")
    await expect(hands.panel.get_by_text(MASKED).first).to_be_visible()
    await hands.panel.get_by_role("radio", name="変更").check()
    for label in ("予約を探す",):
        await hands.panel.get_by_label(label, exact=True).fill(DIGITS)
        await expect(hands.panel.get_by_label(label, exact=True)).to_have_value("●" * 12)
    await pause(0.8)
    assert left(one, before) == []
    stored = await one.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert stored == "[{},{}]"
    await one.press("Shift+F2")
    await one.is_so("後処理")
    await one.press_on_page("b")
    await one.keeps()


async def test_an_input_method_keeps_its_keys(r: Room, boss: Person) -> None:
    """Enter that commits a conversion goes nowhere, and a digit in it chooses nothing."""
    one = await talking(r)
    hands = Hands(one.page)
    await hands.begin()
    await hands.say("AB1000001")
    await hands.is_at("お名前")
    ime = await InputMethod.on(one.page)
    await ime.compose("まどぐち")
    await ime.press("Enter", 13)
    await hands.is_at("お名前")
    await ime.commit("窓口")
    await hands.is_at("お名前")
    await expect(hands.panel.get_by_label("お名前", exact=True)).to_have_value("窓口")
    await one.press_on_page("b")
    await finished(one, "D02")  # by the menu: nothing was booked


async def test_the_states_of_the_panel(r: Room, boss: Person) -> None:
    """Looked at, in both languages: empty, a proxy without papers, a child, the spelling card."""
    one = await talking(r)
    one.expects("status of 422")
    hands = Hands(one.page)
    await hands.begin()
    await look(one.page, "booking-new")
    panel = hands.panel
    await panel.get_by_label("生年月日", exact=True).fill("S65.5.3")
    await expect(panel).to_contain_text("平成2年5月3日ではありませんか")
    await panel.get_by_label("はがきの番号", exact=True).fill("AB1000001")
    await expect(panel).to_contain_text("アメリカのA ブラジルのB")
    await panel.get_by_role("radio", name="代理人", exact=False).last.check()
    await panel.get_by_role("radio", name="その他", exact=False).first.check()
    await expect(panel).to_contain_text("市に確認してご案内します")
    await look(one.page, "booking-proxy")
    await panel.get_by_role("button", name="人数を増やす").click()
    await panel.get_by_label("生年月日", exact=True).last.fill("2019-05-01")
    await expect(panel).to_contain_text("法定代理人がご一緒に来られます")
    await look(one.page, "booking-party")
    await one.press_on_page("s")
    await expect(one.dialog).to_contain_text("アメリカ")
    await look(one.page, "booking-spelling")
    await one.press("Escape")
    await one.button("English").click()
    await look(one.page, "booking-english")
    await one.button("日本語").click()
    await one.press_on_page("b")
    await finished(one, "D02")
