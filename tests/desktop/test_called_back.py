"""From a click at the worklist to a citizen who was reached: browser, controller and Asterisk."""

import pytest
from playwright.async_api import expect

from tests.desktop.headset import at_the_page, is_heard, is_not_heard, tone_microphone
from tests.desktop.room import Room
from tests.desktop.seen import look
from tests.real.waiting import pause
from tests.sip import talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

CITIZEN = "0942000967"
LONG_ENOUGH = 1.3  # seconds; this site's `short_abandon` is 1


async def test_a_click_rings_the_agent_then_the_citizen_and_the_row_is_done(r: Room) -> None:
    centre = r.centre
    call = await centre.call("0", from_number=CITIZEN)
    await centre.waiting(1)
    await pause(LONG_ENOUGH)
    await call.hang_up()
    assert (await centre.record(call))["outcome"] == "abandoned"
    one = await r.seated("a01")
    await one.page.evaluate("() => { window.location.hash = '#callbacks'; }")
    row = one.page.locator("tbody tr").filter(has_text="0967")
    await expect(row).to_have_count(1)
    await row.get_by_role("button", name="発信").click()
    await expect(row).to_contain_text("発信中")
    await expect(row.get_by_role("button", name="発信")).to_have_count(0)
    mine = await centre.phones["a01"].rings()
    assert centre.trunk.incoming.empty()  # nobody is rung before somebody is there for them
    await mine.answer()
    theirs = await centre.trunk.rings()
    assert (theirs.dialled, theirs.caller) == (CITIZEN, "0942000100")
    await theirs.answer()
    await talk(mine, theirs)
    await expect(row).to_contain_text("通話中")
    await look(one.page, "callbacks-talking")
    await theirs.hang_up()
    await mine.ended
    who = row.get_by_role("group", name="電話に出たのは?")
    await expect(who).to_be_visible()
    await who.get_by_role("button").first.click()  # the citizen
    await expect(row).to_have_count(0)
    await one.page.get_by_role("button", name="終わったもの").click()
    await expect(row).to_have_count(1)
    assert [each.dialled for each in centre.trunk.rung] == [CITIZEN]


async def test_a_page_that_is_loaded_again_has_the_citizen_again(r: Room) -> None:
    centre = r.centre
    call = await centre.call("0", from_number=CITIZEN)
    await centre.waiting(1)
    await pause(LONG_ENOUGH)
    await call.hang_up()
    assert (await centre.record(call))["outcome"] == "abandoned"
    await (await centre.phone("a01")).unregister()
    one = await at_the_page(r, "a01", await tone_microphone(await r.context()))
    await one.page.evaluate("() => { window.location.hash = '#callbacks'; }")
    row = one.page.locator("tbody tr").filter(has_text="0967")
    await row.get_by_role("button", name="発信").click()
    theirs = await centre.trunk.rings()  # the page has answered by itself
    await theirs.answer()
    await is_heard(theirs)
    await one.page.reload()
    await centre.agent_is("a01", "reason", "phone_lost")
    await is_not_heard(theirs)
    await is_heard(theirs)
    await centre.agent_is("a01", "reason", "callback")
    await expect(row).to_contain_text("通話中")  # as before it was loaded again
    await expect(row.get_by_role("button", name="発信")).to_have_count(0)
    await look(one.page, "callbacks-again")
    await theirs.hang_up()
    await centre.agent_is("a01", "state", "wrap_up")


async def test_what_an_agent_promises_during_the_call_is_on_the_worklist(r: Room) -> None:
    one = await r.seated("a01")
    call, _ = await r.talking("a01", from_number="0942000968")
    await one.is_so("通話中")
    await expect(one.button("折り返しを約束")).to_be_visible()  # their card is there
    await one.press_on_page("p")
    await expect(one.dialog.get_by_role("textbox", name="用件")).to_be_focused()
    await one.page.keyboard.type("更新の件 000000000019")
    await look(one.page, "callbacks-promise")
    await one.press("F4")
    await expect(one.dialog).to_be_hidden()
    await expect(one.region("応対結果")).to_be_visible()  # the same key has not kept the outcome
    await call.hang_up()
    await one.is_so("後処理")
    await one.page.get_by_role("combobox", name="結果").select_option("D08")
    await one.press("F4")
    await one.is_so("受付可")
    await one.page.evaluate("() => { window.location.hash = '#callbacks'; }")
    row = one.page.locator("tbody tr").filter(has_text="0968")
    await expect(row).to_contain_text("約束")
    await expect(row).to_contain_text("更新の件 " + "●" * 12)
