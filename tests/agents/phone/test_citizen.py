"""Nobody signs in to play the citizen, so it exists on the demo alone."""

import asyncio

import pytest

from agents.phone.citizen import CitizenLine
from config.telephones import CITIZEN
from tests.agents.desk import Desk
from tests.agents.phone.test_relay import FakeAsterisk, asterisk
from tests.real.waiting import until

__all__ = ["asterisk"]
NUMBER = "0942000100"


async def test_elsewhere_there_is_none(whole: Desk, asterisk: FakeAsterisk) -> None:
    page = whole.page("citizen.localhost")
    assert (await page.ask("GET", "/api/citizen")).status == 404
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": page.origin}
    assert (await page.ask("GET", "/citizen-phone", None, headers)).status == 404
    assert not asterisk.open


async def test_on_the_demo_it_is_told_whom_to_call_and_its_words_go_both_ways(
    whole: Desk, asterisk: FakeAsterisk
) -> None:
    whole.tools.put(CitizenLine, CitizenLine(asterisk.url, NUMBER))
    page = whole.page("citizen.localhost")
    told = await page.ask("GET", "/api/citizen")
    assert (told.status, told.body) == (200, {"user": CITIZEN, "number": NUMBER})
    headers = {name: value for name, value in page._usual("POST").items() if value}
    url = f"http://127.0.0.1:{page.port}/citizen-phone"
    async with page.http.ws_connect(url, headers=headers, protocols=("sip",)) as ws:
        await ws.send_str("\r\n\r\n")
        assert await ws.receive_str(timeout=5) == "\r\n"  # the line is not dead
        await ws.send_str("INVITE")
        await until(lambda: asterisk.came == ["INVITE"], "it came")
        await asterisk.say("SIP/2.0 100 Trying")
        async with asyncio.timeout(5):
            assert await ws.receive_str() == "SIP/2.0 100 Trying"
    await until(lambda: not asterisk.open, "Asterisk is left, too")


@pytest.mark.parametrize("origin", ["", "http://evil.example"])
async def test_no_page_of_anybody_else_gets_through(
    whole: Desk, asterisk: FakeAsterisk, origin: str
) -> None:
    whole.tools.put(CitizenLine, CitizenLine(asterisk.url, NUMBER))
    page = whole.page("citizen.localhost")
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": origin}
    assert (await page.ask("GET", "/citizen-phone", None, headers)).status == 403
    assert not asterisk.open
