"""A copy of the tab and the windows with paper: the page that has a call stays the telephone."""

import pytest
from playwright.async_api import Page, Request, expect

from tests.desktop.audio import hears_something
from tests.desktop.headset import (
    ELSEWHERE,
    IS_PHONE,
    MOVE_HERE,
    answered,
    at_the_page,
    check,
    is_heard,
    tone_microphone,
)
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import pause
from tests.sip import OutgoingCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

LONGER = 3.0  # seconds, than a page takes to become a telephone
NAME = "sessionStorage.getItem('phone-page')"
# With its opener it gets a copy of the session's storage, as a duplicated tab does.
COPY = "() => void window.open(location.href)"
BESIDE = "(hash) => void window.open(`/${hash}`, '_blank', 'noopener')"


async def opened(one: Person, how: str, given: object = None) -> tuple[Page, list[Request]]:
    """A further window of this one, and all that it asks for."""
    asked: list[Request] = []
    async with one.page.context.expect_page() as coming:
        one.page.context.on("request", lambda request: asked.append(request))
        await one.page.evaluate(how, given)
    return await coming.value, asked


async def in_a_call(r: Room, name: str) -> tuple[Person, OutgoingCall]:
    """Somebody with a headset, whom a citizen hears."""
    one = await at_the_page(r, name, await tone_microphone(await r.context()))
    call = await answered(r, one)
    await is_heard(call)
    return one, call


async def still_talks(r: Room, one: Person, call: OutgoingCall) -> None:
    """On the leg that was answered first."""
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    assert (await r.centre.agent(one.name))["offer"]["attempt"] == 1
    await is_heard(call)
    await hears_something(one)
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_copy_of_the_tab_takes_no_telephone_from_a_call(r: Room) -> None:
    one, call = await in_a_call(r, "a01")
    copy, _ = await opened(one, COPY)
    await expect(copy.get_by_text(ELSEWHERE)).to_be_visible()
    assert await copy.evaluate(NAME) != await one.page.evaluate(NAME)
    await still_talks(r, one, call)


async def test_the_copy_is_a_page_as_any_other_and_keeps_its_own_name(r: Room) -> None:
    one = await at_the_page(r, "a01")
    one.expects("status of 409")
    page, _ = await opened(one, COPY)
    copy = Person("a01", page, one.port, one.password)
    await copy.button(MOVE_HERE).click()
    await expect(copy.page.get_by_text(IS_PHONE)).to_be_visible()
    await expect(one.page.get_by_text(ELSEWHERE)).to_be_visible()
    await check(copy)
    name = await copy.page.evaluate(NAME)
    await copy.page.reload()
    await expect(copy.page.get_by_text(IS_PHONE)).to_be_visible()
    assert await copy.page.evaluate(NAME) == name
    call = await answered(r, copy)
    await call.hang_up()
    await copy.is_so("後処理")


@pytest.mark.parametrize(
    ("name", "hash_", "shown"),
    [("a01", "#paper", "印刷"), ("a01", "#slip-1", "印刷"), ("s01", "#booking-files", "取り込")],
)
async def test_a_window_with_paper_is_no_telephone(
    r: Room, name: str, hash_: str, shown: str
) -> None:
    one, call = await in_a_call(r, name)
    page, asked = await opened(one, BESIDE, hash_)
    await expect(page.get_by_role("button", name=shown).first).to_be_visible()
    await pause(LONGER)
    theirs = [each.url for each in asked if each.frame.page == page]
    assert [url for url in theirs if url.endswith("/api/session")] != []
    assert [url for url in theirs if "/phone" in url] == []
    await still_talks(r, one, call)
