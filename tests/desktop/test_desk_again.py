"""The desk is started again: whoever was ready for calls is ready for them still."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from agents.phone.watch import BACK_WITHIN
from tests.desktop.behind import behind
from tests.desktop.faults import VOICE, voice
from tests.desktop.headset import IS_PHONE, at_the_page
from tests.desktop.room import Room, kill_the_desk, room
from tests.real.waiting import pause, until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

UNHEARD = r"Failed to load resource|WebSocket|ERR_"


@pytest_asyncio.fixture(loop_scope="package")
async def own(running: Room, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    """A centre of its own, whose desk is killed."""
    async with room(tmp_path_factory.mktemp("again"), running.browser) as made:
        yield made
        assert await made.leave() == []


@pytest.mark.parametrize("reloads", [False, True], ids=["as it was", "loaded again before"])
async def test_a_page_that_was_checked_takes_calls_after_the_desk_was_started_again(
    own: Room, reloads: bool
) -> None:
    """The desk has forgotten every check, and a page that was loaded again has made none itself."""
    one = await at_the_page(own, "a01")
    one.expects(UNHEARD)
    await one.press_on_page("r")
    await one.is_so("受付可")
    if reloads:
        await one.page.reload()
        await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await kill_the_desk(own)
    await own.centre.agent_is("a01", "phone", "free")
    await pause(2 * BACK_WITHIN)  # in which a page that has not said that it is fit is paused
    await own.centre.agent_is("a01", "state", "ready")
    await one.is_so("受付可")


async def test_so_does_one_that_is_long_out_of_sight(own: Room) -> None:
    """Its microphone spares it what becomes of other tabs: to be woken once a minute."""
    async with behind(own, "a01") as tab:
        await tab.throttled()
        await tab.goes_on_where_another_waits(f"http://a02.localhost:{own.desk_port}/")
        await kill_the_desk(own)
        await own.centre.agent_is("a01", "phone", "free")
        await pause(2 * BACK_WITHIN)
        await own.centre.agent_is("a01", "state", "ready")
        await own.centre.agent_is("a01", "phone", "free")
        await tab.forget_instants()  # its check had sounded a tone
        call = await own.booking()
        await until_true(tab.saw, lambda seen: "ring" in seen, "it rings")
        await tab.press("応答")
        await until_true(lambda: voice(call), lambda now: now > VOICE, "the caller hears the page")
        await call.hang_up()
        await own.centre.agent_is("a01", "state", "wrap_up")
