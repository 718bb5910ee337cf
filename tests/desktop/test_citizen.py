"""The demo alone has a citizen's telephone: one browser shows a call from both its ends."""

from time import monotonic

import pytest
from playwright.async_api import expect

from tests.desktop.audio import KEEP, hears_something
from tests.desktop.headset import at_the_page
from tests.desktop.room import Room
from tests.desktop.seen import look
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]


async def test_a_citizen_calls_from_a_page_and_an_agent_answers_on_another(r: Room) -> None:
    one = await at_the_page(r, "a01")
    await one.press_on_page("r")
    await one.is_so("受付可")
    context = await r.context(permissions=[])  # so the browser hides its addresses from the page
    await context.add_init_script(KEEP)
    citizen = await r.person("citizen", context)
    await look(citizen.page, "citizen")
    await citizen.button("電話をかける").click()
    await expect(citizen.page.get_by_text("つながっています")).to_be_visible()
    (arrived,) = [each["arrived_at"] for each in (await r.centre.status())["calls"]]
    r.centre.raw.append(monotonic() - (r.centre.wall() - arrived))  # it came by no trunk of ours
    await citizen.button("1", exact=True).click()

    async def paths() -> list[str]:
        return [each["menu_path"] for each in (await r.centre.status())["calls"]]

    await until_true(paths, lambda found: "1" in found, "they are in the second menu")
    await citizen.button("1", exact=True).click()
    await one.is_so("呼出中")
    await expect(one.button("応答")).to_be_visible()
    await expect(one.region("通話")).to_contain_text("0942-**-0901")
    await one.press("F2")
    await one.is_so("通話中")
    await hears_something(one)
    await hears_something(citizen)
    await citizen.button("電話を切る").click()
    await expect(citizen.page.get_by_text("切れました")).to_be_visible()
    await one.is_so("後処理")
