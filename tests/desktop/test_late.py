"""What a page's telephone began and something newer has overtaken changes nothing any more."""

from typing import Final

import pytest
from playwright.async_api import expect

from tests.desktop.headset import (
    CHECK,
    IS_PHONE,
    TAKE_CALLS,
    at_the_page,
    tone_microphone,
)
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

GIVE_UP: Final = "この画面で受けるのをやめる"
FAULTS: Final = "/api/phone/faults"
# Whoever asks `navigator.permissions` while `holds` is answered when a test says so.
PERMISSIONS: Final = """
  window.held = [];
  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = async (asked) => {
    if (window.holds) await new Promise((go) => window.held.push(go));
    return query(asked);
  };
"""
UNPLUG: Final = """() => {
  window.holds = true;
  const { track } = window.microphones.at(-1);
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""


async def held(person: Person, how_many: int) -> None:
    """So many wait for the test's word."""
    await until_true(
        lambda: person.page.evaluate("window.held.length"), how_many.__eq__, "they are held"
    )


async def let_go(person: Person, which: int) -> None:
    await person.page.evaluate(f"window.held[{which}]()")


async def test_a_fault_of_a_telephone_that_was_given_up_is_not_the_next_ones(r: Room) -> None:
    """Why a microphone went silent is known only when there is another telephone in its place."""
    context = await tone_microphone(await r.context())
    await context.add_init_script(PERMISSIONS)
    one = await at_the_page(r, "a01", context)
    await one.page.evaluate(UNPLUG)
    await held(one, 1)
    await one.page.evaluate("window.holds = false")
    await one.button(GIVE_UP).click()
    await one.button(TAKE_CALLS).click()
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
    await expect(one.region(CHECK)).to_be_hidden()  # the same page was checked before
    await let_go(one, 0)
    await one.press_on_page("r")
    await one.is_so("受付可")
    await expect(one.region(CHECK)).to_be_hidden()
    assert one.asked_for(FAULTS) == []
