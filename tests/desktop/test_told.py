"""What an agent's page says of a call that it is told of."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.agents.room import a_call, at_the_phone
from tests.desktop.by_hand import Office, an_office
from tests.desktop.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

MASKED = "0942-**-0101"
# Every text that comes into a live region: what a screen reader says, each time it does.
LISTEN = """() => {
  window.aloud = [];
  const regions = document.querySelectorAll('.sr-only[aria-live]');
  const heard = (changes) => {
    const changed = new Set(changes.map(({ target }) =>
      (target.closest ? target : target.parentElement).closest('[aria-live]')));
    for (const region of changed)
      if (region.textContent !== '') window.aloud.push(region.textContent.trim());
  };
  const watch = new MutationObserver(heard);
  for (const each of regions)
    watch.observe(each, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as made:
        yield made


async def aloud(one: Person) -> list[str]:
    """What a screen reader has said by itself."""
    said: list[str] = await one.page.evaluate("window.aloud")
    return said


async def test_a_second_hold_and_a_second_ring_are_said_aloud_like_the_first(
    office: Office,
) -> None:
    desk = office.desk
    one = await office.person("ana", seat="a01")
    await one.page.evaluate(LISTEN)
    for call in ("n1-1.1", "n1-1.2"):  # of one number: the same words
        await a_call(desk, call, open_=True)
        await at_the_phone(desk, "a01", "offered", call)
        await one.is_so("呼出中")
        await expect(one.region("通話").get_by_text(MASKED)).to_be_visible()
        for _ in range(2):
            await at_the_phone(desk, "a01", "talking", call)
            await one.is_so("通話中")
            await at_the_phone(desk, "a01", "hold", call)
            await one.is_so("保留中")
        await at_the_phone(desk, "a01", "ready", None)
        await one.is_so("受付可")
    said = [text for text in await aloud(one) if text != "着信"]  # before the card was there
    assert said == 2 * [f"着信 {MASKED}", "保留", "保留"]
