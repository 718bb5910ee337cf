"""The contract for people, on a network without any other machine."""

from typing import Final

import pytest
from playwright.async_api import Error, Route, expect

from agents.api import routes
from tests.desktop.by_hand import Office
from tests.desktop.seen import PICTURES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="function"),
]

ELSEWHERE: Final = "http://elsewhere.localhost/"


async def test_the_contract_is_read_where_nothing_else_answers(office: Office) -> None:
    """Every route stands there, styled; to any other address nothing was even asked."""
    one = await office.window("ana")
    refused: list[str] = []

    async def only_ours(route: Route) -> None:
        if route.request.url.startswith(one.address):
            await route.continue_()
        else:
            refused.append(route.request.url)
            await route.abort()

    await one.page.context.route("**/*", only_ours)
    await one.page.goto(f"{one.address}/api/docs", wait_until="networkidle")
    await expect(one.page.get_by_role("heading", level=1).first).to_be_visible()
    wanted = {route.path for route in routes()}
    told = set(await one.page.locator("h2 > code").all_inner_texts())
    assert told == wanted
    assert len(wanted) > 50
    looks = await one.page.evaluate("getComputedStyle(document.body).maxWidth")
    assert looks == "960px"  # its style sheet has come, too
    await one.page.screenshot(path=PICTURES / "contract.png")  # all of it is no picture any more
    assert refused == []
    assert one.complaints() == []
    with pytest.raises(Error):  # the gate does count what leaves
        await one.page.goto(ELSEWHERE)
    assert refused == [ELSEWHERE]
