"""One person, two PCs: one of them is the telephone of the seat, and the other says so."""

import asyncio
from typing import Final

import pytest
from playwright.async_api import Locator, Route, WebSocket, expect

from tests.desktop.audio import KEEP, hears_something, sound
from tests.desktop.headset import (
    CHOSEN_HZ,
    IS_PHONE,
    TAKE_CALLS,
    TONE_HZ,
    answered,
    at_the_page,
    check,
    is_heard,
    is_not_heard,
    tone_microphone,
    tried,
)
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

FIRST_HZ, SECOND_HZ = TONE_HZ, CHOSEN_HZ
MOVE: Final = "この席に移る"


async def first_pc(r: Room, said: list[str] | None = None) -> Person:
    """Somebody whose only telephone is the page of this PC; what it says to the desk by sockets."""
    await (await r.centre.phone("a01")).unregister()  # another test may have left it there
    context = await tone_microphone(await r.context(), hertz=FIRST_HZ)

    def listen(line: WebSocket) -> None:
        line.on("framesent", lambda frame: None if said is None else said.append(str(frame)))

    context.on("page", lambda page: page.on("websocket", listen))
    return await at_the_page(r, "a01", context)


async def second_pc(r: Room) -> Person:
    """The same person signs in at another one, where nothing of the first is known."""
    context = await tone_microphone(await r.context(), hertz=SECOND_HZ)
    await context.add_init_script(KEEP)
    other = await r.person("a01", context)
    await other.sign_in()
    return other


async def moved(one: Person, other: Person) -> None:
    """The seat is the second PC's, and the first is a telephone no more.

    The first one asks every few seconds whether it still sits there. Here it asks just then, and
    hears of it before the desk has ended its telephone: what is given up hangs nobody up.
    """
    asked, taken = asyncio.Event(), asyncio.Event()

    async def just_then(route: Route) -> None:
        asked.set()
        await taken.wait()
        await route.continue_()

    await one.page.route("**/api/session", just_then)
    await asked.wait()
    async with other.page.expect_response("**/api/seat"):
        await other.button(MOVE).click()
    taken.set()
    await expect(no_seat(one)).to_be_visible()
    await one.page.unroute("**/api/session")
    await expect(other.does).to_be_visible()
    await until_true(lambda: sound(one), lambda now: now.live == 0, "it has no call any more")
    await other.button(TAKE_CALLS).click()
    await expect(other.page.get_by_text(IS_PHONE)).to_be_visible()


def no_seat(person: Person) -> Locator:
    """The page sits nowhere any more."""
    return person.page.get_by_role("heading", name="席を選んでください")


async def test_the_other_pc_says_that_the_seat_is_in_use_and_takes_it_over(r: Room) -> None:
    one = await first_pc(r)
    other = await second_pc(r)
    await expect(other.button(f"(a01) — {MOVE}")).to_be_visible()
    # Nothing has changed as long as nobody has said so.
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await moved(one, other)
    await expect(one.button(f"(a01) — {MOVE}")).to_be_visible()
    await check(other)
    call = await answered(r, other)
    await is_heard(call, SECOND_HZ)
    await hears_something(other)
    await call.hang_up()
    await other.is_so("後処理")
    # And back, which is the telephone again by itself: that was chosen there once.
    await one.button(MOVE).click()
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await expect(no_seat(other)).to_be_visible()
    await tried(one)


async def test_taken_over_in_a_talk_the_citizen_is_kept(r: Room) -> None:
    said: list[str] = []
    one = await first_pc(r, said)
    call = await answered(r, one)
    await is_heard(call, FIRST_HZ)
    (before,) = (await r.centre.status())["calls"]
    other = await second_pc(r)
    await is_heard(call, FIRST_HZ)
    said.clear()
    await moved(one, other)
    assert [each for each in said if each.startswith("BYE ")] == []
    await is_heard(call, SECOND_HZ)
    await is_not_heard(call, FIRST_HZ)
    await hears_something(other)
    await other.is_so("通話中")
    assert not call.ended.happened
    (after,) = (await r.centre.status())["calls"]
    assert (after["id"], after["agent"]) == (before["id"], "a01")
    await call.hang_up()
    await other.is_so("後処理")
    record = await r.centre.record(call)
    assert (record["agent"], record["outcome"]) == ("a01", "answered")
    events = [each["event"] for each in record["timeline"]]
    assert events.index("phone_lost") < events.index("phone_back")
    await tried(other)
