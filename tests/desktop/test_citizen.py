"""The demo alone has a citizen's telephone: one browser shows a call from both its ends."""

from time import monotonic

import pytest
from playwright.async_api import BrowserContext, expect

from tests.desktop.audio import KEEP, hears_something, page_hears, page_hears_no, sound
from tests.desktop.headset import CHOSEN_HZ, TONE_HZ, at_the_page, tone_microphone
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.desktop.seen import look
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

NUMBER = "0942000901"  # what the page says, unless somebody types another


async def agent_waits(r: Room) -> Person:
    """Somebody with a headset takes calls; their microphone is a tone."""
    one = await at_the_page(r, "a01", await tone_microphone(await r.context(), 0.2))
    await one.press_on_page("r")
    await one.is_so("受付可")
    return one


async def citizen_of(r: Room, context: BrowserContext) -> Person:
    """Their page, open and connected."""
    await context.add_init_script(KEEP)
    return await r.person("citizen", context)


async def calls(r: Room, citizen: Person, one: Person) -> None:
    """Through the menu by its keys, until the agent has answered with theirs."""
    await citizen.button("電話をかける").click()
    await expect(citizen.page.get_by_text("つながっています")).to_be_visible()
    (arrived,) = [each["arrived_at"] for each in (await r.centre.status())["calls"]]
    r.centre.raw.append(monotonic() - (r.centre.wall() - arrived))  # it came by no trunk of ours
    r.centre.numbers.add(NUMBER)
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


async def is_over(citizen: Person, one: Person) -> None:
    """For both of them, and nothing of it is left."""
    await expect(citizen.page.get_by_text("切れました")).to_be_visible()
    await one.is_so("後処理")
    for person in (citizen, one):
        await has_no_call(person)


async def has_no_call(person: Person) -> None:
    await until_true(lambda: sound(person), lambda now: now.live == 0, "no call")


async def test_a_citizen_calls_by_the_built_in_voice_and_hangs_up(r: Room) -> None:
    one = await agent_waits(r)
    # Without a microphone, so the browser hides its addresses from the page.
    citizen = await citizen_of(r, await r.context(permissions=[]))
    await look(citizen.page, "citizen")
    await calls(r, citizen, one)
    await page_hears(citizen, TONE_HZ)
    await hears_something(one)  # there is nobody else who could be heard
    await hears_something(citizen)
    await citizen.button("電話を切る").click()
    await is_over(citizen, one)


async def test_a_citizen_calls_by_the_microphone_and_the_agent_hangs_up(r: Room) -> None:
    one = await agent_waits(r)
    citizen = await citizen_of(r, await tone_microphone(await r.context(), 0.2, CHOSEN_HZ))
    await citizen.page.get_by_label("話す声").select_option("microphone")
    await calls(r, citizen, one)
    await page_hears(one, CHOSEN_HZ)
    await page_hears(citizen, TONE_HZ)
    await one.press("F2")
    await one.is_so("保留中")
    await page_hears_no(citizen, TONE_HZ)
    await hears_something(citizen)  # music
    await one.press("F2")
    await page_hears(citizen, TONE_HZ)
    r.centre.told_to_end.add(NUMBER)
    await one.press("Shift+F2")
    await is_over(citizen, one)
