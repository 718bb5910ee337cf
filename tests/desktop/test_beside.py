"""Working in the city's own system: the page is behind others, or in a small window above them."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.desktop.audio import LOUD
from tests.desktop.behind import behind
from tests.desktop.faults import VOICE, voice
from tests.desktop.headset import answered, at_the_page, is_beeped_at
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

# As a page is behind others: it paints nothing, so no frame ever comes.
BEHIND = """
  Object.defineProperty(document, 'hidden', { get: () => true });
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  window.requestAnimationFrame = () => 0;
  window.notices = [];
  window.Notification = class {
    static permission = 'granted';
    constructor(title, more) { window.notices.push(`${title} ${more.body}`); }
    close() {}
  };
"""
SMALL = "documentPictureInPicture.window?.document.body.innerText ?? ''"
TIMER = "documentPictureInPicture.window.document.querySelector('[role=timer]').innerText"
PRESS = """(name) => {
  const all = documentPictureInPicture.window.document.querySelectorAll('button');
  [...all].find((each) => each.textContent === name).click();
}"""


async def test_a_page_behind_others_rings_and_answers_and_names_nobody(r: Room) -> None:
    context = await r.context()
    await context.add_init_script(BEHIND)
    one = await at_the_page(r, "a01", context)
    await one.press_on_page("r")
    await one.is_so("受付可")
    call = await r.booking()
    await one.is_so("呼出中")

    async def rang() -> bool:
        return "ring" in await one.instants()

    await until_true(rang, bool, "it rings without a frame painted")
    notices: list[str] = await one.page.evaluate("window.notices")
    assert notices == ["着信 電話が鳴っています。画面を開いてください。"]
    await one.press("F2")
    await one.is_so("通話中")
    await is_beeped_at(call)
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_tab_that_is_long_out_of_sight_rings_and_answers(r: Room) -> None:
    async with behind(r, "a01") as tab:
        await tab.throttled()
        await tab.forget_instants()  # its check had sounded a tone
        call = await r.booking()
        await until_true(tab.saw, lambda seen: "ring" in seen, "it rings")
        await tab.press("応答")
        await r.centre.agent_is("a01", "state", "talking")
        await until_true(lambda: voice(call), lambda now: now > VOICE, "the caller hears the page")
        begun = await tab.sound()
        await until_true(tab.sound, lambda now: now.heard > begun.heard + LOUD, "it hears them")
        assert await tab.evaluate("document.hidden")
        await call.hang_up()
        await r.centre.agent_is("a01", "state", "wrap_up")
        await until_true(tab.sound, lambda now: now.live == 0, "its session is over")


async def small(one: Person) -> str:
    told: Any = await one.page.evaluate(SMALL)
    return str(told)


async def shows(one: Person, words: str) -> None:
    """The small window does."""
    await until_true(lambda: small(one), lambda text: re.search(words, text) is not None, words)


async def goes_on(one: Person) -> None:
    """So does its time."""

    async def told() -> int:
        minutes, seconds = str(await one.page.evaluate(TIMER)).split(":")
        return 60 * int(minutes) + int(seconds)

    before = await told()
    await until_true(told, lambda now: now > before, "its time goes on")


async def test_the_small_window_answers_holds_and_hangs_up(r: Room) -> None:
    one = await at_the_page(r, "a01")
    await one.button("小窓").click()
    await shows(one, "停止中")
    await one.press_on_page("r")
    call = await r.booking()
    await shows(one, "呼出中")
    await shows(one, "応答")
    await shows(one, r"固定電話 0942-\*\*-09\d\d · 受取予約・新規")  # who calls, about what
    await one.page.evaluate(PRESS, "応答")
    await one.is_so("通話中")
    await shows(one, r"通話中 0:\d\d")
    await goes_on(one)
    await is_beeped_at(call)
    await shows(one, "保留")
    await one.page.evaluate(PRESS, "保留")
    await one.is_so("保留中")
    await shows(one, "保留解除")
    await one.page.evaluate(PRESS, "保留解除")
    await one.is_so("通話中")
    await is_beeped_at(call)
    r.centre.told_to_end.add(caller(call))
    await one.page.evaluate(PRESS, "切断")
    await call.ended
    await one.is_so("後処理")
    await shows(one, "後処理")
    await one.button("小窓").click()
    await expect(one.button("小窓")).to_have_attribute("aria-pressed", "false")


async def test_the_small_window_offers_nothing_that_would_be_refused(r: Room) -> None:
    """As on the page: while somebody is consulted, hold and hang-up mean other things."""
    one = await at_the_page(r, "a01")
    two = await r.seated("a02")
    await one.button("小窓").click()
    call = await answered(r, one)
    await shows(one, r"保留\n+切断")
    await r.centre.ask("a01", "consult", target="a02")
    leg = await r.centre.phones["a02"].rings()
    await leg.answer()
    await two.is_so("通話中")
    await shows(one, r"^保留中 · 取次中 .*\n+固定電話 .*受取予約・新規$")
    await r.centre.ask("a01", "swap")
    await one.is_so("通話中")
    await shows(one, r"^通話中 .*\n+固定電話 .*受取予約・新規$")
    await r.centre.ask("a01", "end_consult")
    await shows(one, r"保留\n+切断")
    await call.hang_up()
    await one.is_so("後処理")
