"""The line between page and desk is cut: calls go on, and the page catches up by itself."""

import pytest
from playwright.async_api import expect

from tests.desktop.cutting import way_to
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import pause
from tests.sip import talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

LOST = "最新の状態を取得できません"
A_MOMENT = 1.0
LONG = 30.0


def forgives(person: Person) -> None:
    """The browser itself notes what it could not reach."""
    person.expects("ERR_|WebSocket|Failed to load resource")


async def test_a_second_without_a_line(r: Room) -> None:
    """A call comes and is answered at the telephone meanwhile; the page shows it afterwards."""
    c = r.centre
    async with way_to(r.desk_port) as way:
        one = await r.seated("a01", through=way.port)
        forgives(one)
        await one.press_on_page("r")
        await one.is_so("受付可")
        way.cut()
        await expect(one.page.get_by_text(LOST)).to_be_visible()
        call = await r.booking()
        leg = await c.phones["a01"].rings()
        await leg.answer()
        await pause(A_MOMENT)
        way.mend()
        await one.is_so("通話中")
        await expect(one.region("通話")).to_contain_text("受取予約・新規")
        await expect(one.page.get_by_text(LOST)).to_be_hidden()
        await talk(call, leg)
        # What is typed while the line is away is kept once it is back, without another key.
        way.cut()
        await one.field("メモ").fill("回線が切れている間のメモ")
        await expect(one.region("応対結果")).to_contain_text("下書きを保存できていません")
        told = one.region("応対結果").get_by_role("alert")
        await expect(told).to_contain_text("入力した内容はこの画面に残っています")
        way.mend()
        await expect(one.region("応対結果")).to_contain_text("下書き保存済み")
        await one.page.reload()
        await expect(one.field("メモ")).to_have_value("回線が切れている間のメモ")
        await call.hang_up()
        await one.is_so("後処理")
        await one.keeps()
        await one.leave()


async def test_half_a_minute_in_which_everything_is_swallowed(r: Room) -> None:
    """No connection ends, nothing comes: the page notices by the silence, and catches up."""
    c = r.centre
    async with way_to(r.desk_port) as way:
        one = await r.seated("a01", through=way.port)
        forgives(one)
        other = await r.seated("a02")
        await other.press_on_page("r")
        await other.is_so("受付可")
        way.swallow()
        call = await r.booking()
        leg = await c.phones["a02"].rings()
        await leg.answer()
        handover = other.region("申し送り")
        await handover.get_by_role("button", name="書く").click()
        await other.field("本文").fill("切れていた間の申し送り")
        await other.button("送る", exact=True).click()
        await expect(one.page.get_by_text(LOST)).to_be_visible(timeout=1000 * LONG)
        await pause(LONG - 20)
        await talk(call, leg)
        way.mend()
        await expect(one.region("回線")).to_contain_text("窓口2")
        await expect(one.region("申し送り")).to_contain_text("切れていた間の申し送り")
        await expect(one.page.get_by_text(LOST)).to_be_hidden()
        await call.hang_up()
        await other.is_so("後処理")
        await other.keeps()
        await one.leave()
