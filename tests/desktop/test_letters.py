"""A message is its person's: refused with a sentence where nobody sits, and not the next one's."""

import pytest
from playwright.async_api import expect

from tests.agents.room import at_the_phone
from tests.desktop.by_hand import Office

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]


async def test_whom_it_was_for_has_left_and_nothing_typed_is_lost(office: Office) -> None:
    desk = office.desk
    other = await desk.signed_in("bo", seat="a02")
    one = await office.person("ana", seat="a01")
    for seat, state in (("a01", "paused"), ("a02", "paused"), ("a03", "signed_out")):
        await at_the_phone(desk, seat, state, None, since=desk.clock.now)
    await one.region("連絡").get_by_role("button", name="書く").click()
    to = one.dialog.get_by_label("宛先")
    assert await to.locator("option").all_inner_texts() == ["全員", "a01 (a01)", "a02 (a02)"]
    await to.select_option("a02")
    await one.field("本文").fill("昼交代")
    assert (await other.ask("DELETE", "/api/session")).status == 204
    one.expects("status of 409")
    await one.button("送る", exact=True).click()
    await expect(one.dialog).to_contain_text("その席にはいまだれも着席していません")
    await expect(one.field("本文")).to_have_value("昼交代")
    desk.clock.goes_on(5)
    next_one = await office.person("cy", seat="a02")
    await one.button("送る", exact=True).click()
    await expect(one.dialog).to_be_hidden()
    await expect(next_one.region("連絡")).to_contain_text("昼交代")
