"""Whoever only reads gives the desk a sign of life, and a page that nobody touches gives none."""

import pytest

from tests.desktop.room import Room
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

ALIVE = "/api/session/alive"
MINUTE = 60_000  # milliseconds


async def test_a_sign_of_life_follows_a_persons_input_once_a_minute(r: Room) -> None:
    one = await r.person("a01")
    await one.page.clock.install()
    await r.centre.phone("a01")
    await one.sit_at_once()

    async def goes_on(milliseconds: int) -> None:
        """Until the page has asked by itself what it asks every few seconds."""
        before = await polls()
        await one.page.clock.fast_forward(milliseconds)
        await until_true(polls, lambda now: now > before, "asked by itself")

    async def polls() -> int:
        return len(one.asked_for("/api/session"))

    await one.page.evaluate(
        "window.turned = 0; window.addEventListener('wheel', () => { window.turned += 1; })"
    )

    async def turns_the_wheel(times: int) -> None:
        """Until the page has heard of it: the driver does not wait for that."""
        await one.page.mouse.wheel(0, 100)

        async def turned() -> int:
            told: int = await one.page.evaluate("window.turned")
            return told

        await until_true(turned, lambda now: now == times, "the page has heard of it")

    async def signs() -> int:
        """How many were sent; what the page was about to send has gone before this."""
        await one.fetch("GET", "/api/session")
        return len(one.asked_for(ALIVE))

    await goes_on(10 * MINUTE)
    await one.page.evaluate("window.scrollTo(0, 200); document.body.click()")  # nobody did
    assert await signs() == 0
    await one.press("ArrowDown")
    await one.press("ArrowDown")
    await turns_the_wheel(1)
    assert await signs() == 1
    await goes_on(10 * MINUTE)
    assert await signs() == 1
    await turns_the_wheel(2)
    assert await signs() == 2
    await goes_on(MINUTE)
    await one.page.mouse.click(5, 5)
    assert await signs() == 3
    answers = [await each.response() for each in one.asked_for(ALIVE)]
    assert [answer and answer.status for answer in answers] == [204, 204, 204]
    await one.button("ロック").click()
    await one.page.get_by_role("heading", name="画面をロックしています").wait_for()
    await goes_on(MINUTE)
    await one.press("1")  # whoever only tries a PIN keeps nothing open
    assert await signs() == 3
