"""News by number: who comes back hears what was missed, or begins again from the whole."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from agents.floor import hub
from agents.people import Role
from telephony.link.news import BeganNews, ClosingNews, DeskNews, LineNews, encode
from telephony.link.seen import ClosingSeen, LineSeen
from tests.agents.desk import MONDAY, Desk
from tests.real.waiting import until

ROOM = {"number": 1, "state": "idle", "call": None, "agent": None, "since": None}


async def tell(desk: Desk, state: str, number: int = 1) -> None:
    line = LineSeen(number=number, state=state)
    await desk.news.tell([encode(LineNews(at=MONDAY, line=line))])


async def hears(ws: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await ws.receive_str(timeout=10))
    return found


async def test_a_page_begins_with_the_whole_and_hears_what_follows(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        first = await hears(ws)
        assert first["floor"]["away"] is False
        await tell(whole, "ringing")
        second = await hears(ws)
        assert (second["news"]["kind"], second["news"]["line"]["state"]) == ("line", "ringing")
        assert second["seq"] != first["seq"]


async def test_who_has_to_stay_is_told_and_stands_in_the_whole(whole: Desk) -> None:
    closing = ClosingSeen(calls_left=2, asked_to_stay=("a01",))
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        assert (await hears(ws))["floor"]["closing"]["calls_left"] == 0
        await whole.news.tell([encode(ClosingNews(at=MONDAY, closing=closing))])
        assert (await hears(ws))["news"]["closing"]["asked_to_stay"] == ["a01"]
    async with page.socket("/api/news") as ws:
        assert (await hears(ws))["floor"]["closing"] == closing.model_dump(mode="json")


async def test_who_comes_back_hears_only_what_was_missed(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        await tell(whole, "ringing")
        seq = (await hears(ws))["seq"]
    await tell(whole, "menu")
    await tell(whole, "waiting")
    await until(lambda: whole.hub.seq.startswith("3"), "the desk has heard it")
    async with page.socket(f"/api/news?after={seq}") as ws:
        heard = [await hears(ws), await hears(ws)]
        assert [each["news"]["line"]["state"] for each in heard] == ["menu", "waiting"]


async def test_a_number_that_nobody_remembers_gets_the_whole(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    await tell(whole, "ringing")
    await until(lambda: whole.hub.seq == "1-0", "the desk has heard it")
    async with page.socket("/api/news?after=7-7") as ws:
        whole_room = await hears(ws)
        assert whole_room["floor"]["lines"][0]["state"] == "ringing"


async def test_after_a_takeover_every_page_begins_again(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        whole.link.room = {**whole.link.room, "lines": [{**ROOM, "state": "talking"}]}
        await whole.news.tell([encode(BeganNews(at=MONDAY, epoch=2))])
        states: list[str] = []
        while states[-1:] != ["talking"]:
            floor = (await hears(ws))["floor"]
            states = [line["state"] for line in floor["lines"]]


async def test_while_nobody_leads_the_pages_say_so_and_show_how_it_was(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        whole.link.away = True
        await whole.news.tell([encode(BeganNews(at=MONDAY, epoch=2))])
        assert (await hears(ws))["floor"]["away"] is True
        whole.link.away = False
        assert (await hears(ws))["floor"]["away"] is False


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk that looks often whether somebody leads."""
    monkeypatch.setattr(hub, "LOOKS_EVERY", 0.02)


@pytest.mark.usefixtures("hasty")
async def test_controllers_that_died_without_a_word_are_missed(whole: Desk) -> None:
    """Nothing comes then, as in a quiet night; and whoever hung is back without a word, too."""
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        first = (await hears(ws))["floor"]
        assert (first["away"], first["led"]) == (False, True)
        whole.link.away = True
        dead = (await hears(ws))["floor"]
        assert (dead["away"], dead["led"]) == (True, False)
        whole.link.room = {**whole.link.room, "lines": [{**ROOM, "state": "talking"}]}
        whole.link.away = False
        alive = dead
        while alive is None or alive["away"]:
            alive = (await hears(ws))["floor"]
        assert alive["led"] is True
        assert alive["lines"][0]["state"] == "talking"


@pytest.mark.usefixtures("hasty")
async def test_while_nobody_leads_the_desk_still_tells_of_its_own(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        whole.link.away = True
        assert (await hears(ws))["floor"]["led"] is False
        await whole.hub.tell("message", "m1")
        assert (await hears(ws))["news"]["id"] == "m1"


@pytest.mark.usefixtures("hasty")
async def test_that_the_news_are_away_is_not_that_nobody_leads(whole: Desk) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        whole.news.away = True
        await tell_nobody(whole)
        floor = (await hears(ws))["floor"]
        assert (floor["away"], floor["led"]) == (True, True)
        whole.link.away = True
        assert (await hears(ws))["floor"]["led"] is False
        whole.link.away = False
        floor = (await hears(ws))["floor"]
        assert (floor["away"], floor["led"]) == (True, True)


async def test_what_is_for_one_seat_reaches_no_other(whole: Desk) -> None:
    ana = await whole.signed_in("ana", seat="a01")
    bo = await whole.signed_in("bo", seat="a02")
    async with ana.socket("/api/news") as hers, bo.socket("/api/news") as his:
        await hears(hers)
        await hears(his)
        for to in ("a01", None):
            news = DeskNews(at=MONDAY, what="message", id="m1", to=to)
            await whole.news.tell([encode(news)])
        assert [(await hears(hers))["news"]["to"] for _ in range(2)] == ["a01", None]
        assert (await hears(his))["news"]["to"] is None


async def test_a_wall_board_may_listen_and_hears_no_personal_data(whole: Desk) -> None:
    page = await whole.signed_in("eye", Role.DISPLAY)
    async with page.socket("/api/news") as ws:
        assert "floor" in await hears(ws)


async def test_f2_news_that_were_away_are_heard_again_and_every_page_begins_again(
    whole: Desk,
) -> None:
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        whole.news.away = True
        await tell_nobody(whole)
        assert (await hears(ws))["floor"]["away"] is True
        whole.link.room = {**whole.link.room, "lines": [{**ROOM, "state": "talking"}]}
        whole.news.away = False
        told = await hears(ws)
        assert told["floor"]["away"] is False
        assert told["floor"]["lines"][0]["state"] == "talking"


async def tell_nobody(desk: Desk) -> None:
    """Wake whoever waits at the stream, so that it finds out."""
    waited_for, desk.news._more = desk.news._more, asyncio.Event()
    waited_for.set()


async def test_a_quiet_room_says_that_it_is_still_there(
    whole: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a page whose line is dead without a word would believe for ever what it shows."""
    monkeypatch.setattr(hub, "SAYS_SOMETHING", 0.05)
    page = await whole.signed_in("ana")
    async with page.socket("/api/news") as ws:
        await hears(ws)
        await tell(whole, "ringing")
        seq = (await hears(ws))["seq"]
        for _ in range(2):
            assert await hears(ws) == {"seq": seq, "news": None, "floor": None}
        await tell(whole, "menu")
        heard = await hears(ws)
        while heard["news"] is None:
            heard = await hears(ws)
        assert heard["news"]["line"]["state"] == "menu"


async def test_alarms_are_told_to_those_who_can_have_them_mended(whole: Desk) -> None:
    alarm = {
        "id": "certificate_ends", "since": 1.0, "critical": False, "text": "x", "text_ja": "あと",
    }  # fmt: skip
    whole.link.room["alarms"] = [alarm]
    leader = await whole.signed_in("leader", Role.SUPERVISOR)
    assert (await leader.ask("GET", "/api/alarms")).body == {"alarms": [alarm]}
    agent = await whole.signed_in("ana")
    assert (await agent.ask("GET", "/api/alarms")).status == 403
