"""Whoever is called has the card with the news of it, and nobody else has."""

import json
from typing import Any

import aiohttp
import pytest

from tests.agents.asking import Browser
from tests.agents.desk import Desk
from tests.agents.room import a_call, at_the_phone

CALL = "n1-1770598800.1"
AFTER = "n1-1770598900.2"


async def hears(ws: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The next message of this kind: floor, news or card."""
    while True:
        message: dict[str, Any] = json.loads(await ws.receive_str(timeout=10))
        if message.get(kind) is not None:
            return message


async def hears_no_card(whole: Desk, page: Browser, ws: aiohttp.ClientWebSocketResponse) -> None:
    """What is told last is heard, and there was no card before it, which takes as many reads."""
    for _ in range(3):
        await page.ask("GET", "/api/floor")
    await whole.hub.tell("notice", "the-last")
    while True:
        message = json.loads(await ws.receive_str(timeout=10))
        assert message.get("card") is None
        if (message.get("news") or {}).get("id") == "the-last":
            return


async def test_the_card_comes_with_the_news_of_the_call_and_that_is_written_down(
    whole: Desk,
) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, menu_path="2/1", open_=True)
    async with page.socket("/api/news") as ws:
        await hears(ws, "floor")
        await at_the_phone(whole, "a01", "offered", CALL)
        heard = await hears(ws, "card")
        assert heard["seq"] == ""  # it is no news: whoever comes back asks for none of it
        asked = await page.ask("GET", f"/api/calls/{CALL}/card")
        assert heard["card"] == asked.body
        assert await whole.deeds("card_seen") == [("card_seen", whole.ids["ana"], CALL)] * 2
        # Once: that they talk now is no other call.
        await at_the_phone(whole, "a01", "talking", CALL)
        await hears_no_card(whole, page, ws)
        await a_call(whole, AFTER, open_=True)
        await at_the_phone(whole, "a01", "offered", AFTER)
        assert (await hears(ws, "card"))["card"]["call"] == AFTER


async def test_a_page_that_is_loaded_in_a_call_has_its_card_at_once(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    await at_the_phone(whole, "a01", "talking", CALL)
    async with page.socket("/api/news") as ws:
        assert (await hears(ws, "card"))["card"]["call"] == CALL


async def test_no_other_page_has_it(whole: Desk) -> None:
    await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    pages = [await whole.signed_in("bo", seat="a02"), await whole.signed_in("cy")]
    for page in pages:
        async with page.socket("/api/news") as ws:
            await hears(ws, "floor")
            await at_the_phone(whole, "a01", "offered", CALL)
            await hears_no_card(whole, page, ws)
    assert await whole.deeds("card_seen") == []


async def locked(page: Browser) -> None:
    assert (await page.ask("POST", "/api/session/lock")).status in (200, 204)


async def stood_up(page: Browser) -> None:
    assert (await page.ask("DELETE", "/api/seat")).status == 204


@pytest.mark.parametrize("what", [locked, stood_up])
async def test_a_page_that_may_not_show_it_has_none(whole: Desk, what: Any) -> None:
    page = await whole.signed_in("ana", seat="a01")
    await a_call(whole, CALL, open_=True)
    async with page.socket("/api/news") as ws:
        await hears(ws, "floor")
        await what(page)
        await at_the_phone(whole, "a01", "offered", CALL)
        await hears_no_card(whole, page, ws)
    assert await whole.deeds("card_seen") == []


async def test_of_a_call_without_a_record_there_is_none_and_news_go_on(whole: Desk) -> None:
    page = await whole.signed_in("ana", seat="a01")
    async with page.socket("/api/news") as ws:
        await hears(ws, "floor")
        await at_the_phone(whole, "a01", "offered", "own-1.1")
        await hears_no_card(whole, page, ws)
        await a_call(whole, CALL, open_=True)
        await at_the_phone(whole, "a01", "offered", CALL)
        assert (await hears(ws, "card"))["card"]["call"] == CALL
