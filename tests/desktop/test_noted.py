"""That something was taken out is told until the desk has heard it; who imports is told, too."""

import json

import pytest
from playwright.async_api import FilePayload, expect

from agents.people import Role
from tests.agents.calls.test_callbacks import HEADS
from tests.agents.room import at_the_phone
from tests.desktop.by_hand import Office
from tests.desktop.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

DIGITS = "000000000019"  # a valid check digit, and nobody's
REPORT = "/api/masked"
KEPT = "sessionStorage.getItem('madoguchi.masked')"


async def who_masks(office: Office) -> Person:
    """Somebody types a number, and it is taken out; the desk does not hear of it."""
    one = await office.person("ana", seat="a01")
    await at_the_phone(office.desk, "a01", "paused", None, since=office.desk.clock.now)
    one.expects("ERR_FAILED")
    await one.page.route(f"**{REPORT}", lambda route: route.abort())
    await one.region("連絡").get_by_role("button", name="書く").click()
    note = one.field("本文")
    async with one.page.expect_event("requestfailed", lambda asked: asked.url.endswith(REPORT)):
        await note.fill(f"番号 {DIGITS}")
    await expect(note).to_have_value("番号 " + "●" * 12)
    return one


async def test_a_find_is_told_again_until_the_desk_has_heard_it(office: Office) -> None:
    one = await who_masks(office)
    kept = await one.page.evaluate(KEPT)
    assert DIGITS not in kept
    assert [report["finds"] for report in json.loads(kept)] == [
        [{"kind": "individual_number", "valid": True}]
    ]
    async with one.page.expect_event("requestfailed", lambda asked: asked.url.endswith(REPORT)):
        await one.page.reload()
    async with one.page.expect_response(f"**{REPORT}") as heard:
        await one.page.unroute(f"**{REPORT}")
    assert (await heard.value).status == 204
    assert len({json.loads(asked.post_data or "")["key"] for asked in one.asked_for(REPORT)}) == 1
    await one.page.wait_for_function(f"() => {KEPT} === null")
    details = await office.desk.details("number_masked")
    assert details == [{"where": "page", "found": 1, "incidents": 1}]


async def test_a_find_of_whoever_was_here_is_not_told_of_the_next(office: Office) -> None:
    one = await who_masks(office)
    await one.button("やめる").click()
    await one.button("サインアウト").click()
    await expect(one.field("ユーザー名")).to_be_visible()
    assert await one.page.evaluate(KEPT) is None
    await one.page.unroute(f"**{REPORT}")
    await office.desk.has("bo")
    one.name = "bo"
    before = len(one.asked_for(REPORT))
    await one.sign_in()
    assert len(one.asked_for(REPORT)) == before
    assert await office.desk.deeds("number_masked") == []


async def test_who_takes_in_a_file_is_told_how_many_cells_were_masked(office: Office) -> None:
    page = await office.page("sue", Role.SUPERVISOR)
    await page.get_by_role("button", name="受電メモ").click()
    lines = (HEADS, f"0942000131,窓口 花子,{DIGITS},,番号 {DIGITS}", "0942000132,,,,")
    content = "\r\n".join(lines).encode()
    file = FilePayload(name="memos.csv", mimeType="text/csv", buffer=content)
    await page.locator("input[type=file]").set_input_files(file)
    told = page.get_by_text("2 件を取り込みました")
    await expect(told).to_contain_text("2 か所のセルで、個人番号")
