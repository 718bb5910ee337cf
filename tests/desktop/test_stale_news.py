"""The news are stale, or there are none: the page gives no citizen up because of what it read."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, WebSocketRoute, expect

from tests.desktop.audio import hears_something
from tests.desktop.headset import IS_PHONE, answered, at_the_page, is_beeped_at
from tests.desktop.person import Person
from tests.desktop.room import Room, room
from tests.real.stores import without_redis
from tests.real.waiting import pause, until_true

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="package"),
]

LOST: Final = "最新の状態を取得できません"
AWAY: Final = "交換制御が応答していません。表示は少し前のものです"
LONGER: Final = 3.0  # seconds, than a page keeps a call that live news do not know
UNHEARD: Final = r"Failed to load resource|WebSocket|ERR_"
PULLED: Final = "window.peers.forEach((peer) => peer.close())"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def mortal(running: Room, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    """A centre of this module's own: its parts are killed."""
    async with room(tmp_path_factory.mktemp("stale"), running.browser) as made:
        yield made


@dataclass
class Cables:
    """Of one profile: its news, and its telephone's signalling."""

    news: list[WebSocketRoute] = field(default_factory=list)
    phone: list[WebSocketRoute] = field(default_factory=list)
    no_news: asyncio.Event = field(default_factory=asyncio.Event)
    no_phone: asyncio.Event = field(default_factory=asyncio.Event)
    agent: dict[str, Any] = field(default_factory=dict)  # the last news of one

    async def of(self, context: BrowserContext) -> None:
        """From now on."""

        async def news(line: WebSocketRoute) -> None:
            if self.no_news.is_set():
                await line.close()
                return
            self.news.append(line)
            line.connect_to_server().on_message(lambda told: self._hear(line, str(told)))

        async def phone(line: WebSocketRoute) -> None:
            if self.no_phone.is_set():
                await line.close()
                return
            self.phone.append(line)
            line.connect_to_server()

        await context.route_web_socket("**/api/news**", news)
        await context.route_web_socket(re.compile(r"/phone\?"), phone)

    def _hear(self, line: WebSocketRoute, told: str) -> None:
        message = json.loads(told)
        if (message.get("news") or {}).get("kind") == "agent":
            self.agent = message
        line.send(told)

    async def cut_news(self) -> None:
        """Until they may come again."""
        self.no_news.set()
        await self.news[-1].close()

    async def cut_phone(self) -> None:
        """The same of the telephone."""
        self.no_phone.set()
        await self.phone[-1].close()


async def ready_at_the_page(own: Room) -> tuple[Person, Cables]:
    """a01, and what leads to their page."""
    context, cables = await own.context(), Cables()
    await cables.of(context)
    one = await at_the_page(own, "a01", context)
    one.expects(UNHEARD)
    return one, cables


async def attempt(own: Room) -> int:
    """Of the leg at a01 that is up; 0 while they do not talk."""
    agent = await own.centre.agent("a01")
    return int(agent["offer"]["attempt"]) if agent["state"] == "talking" and agent["offer"] else 0


async def test_no_call_is_given_up_while_the_news_are_away(own: Room) -> None:
    one, _ = await ready_at_the_page(own)
    await one.press_on_page("r")
    await one.is_so("受付可")
    async with without_redis(own.centre):
        await expect(one.page.get_by_text(AWAY)).to_be_visible()
        call = await own.booking()
        rings = one.page.get_by_role("alert").get_by_role("button", name="応答")
        await expect(rings).to_be_visible()
        await pause(LONGER)
        await rings.click()
        await is_beeped_at(call)
        await pause(LONGER)
        assert await attempt(own) == 1
        await is_beeped_at(call)
        await hears_something(one)
    await one.is_so("通話中")
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_leg_that_is_newer_than_the_news_is_kept(own: Room) -> None:
    """The line was dead: the telephone is back, and has its caller again, before the news are."""
    one, cables = await ready_at_the_page(own)
    call = await answered(own, one)
    await is_beeped_at(call)
    await cables.cut_news()
    await cables.cut_phone()
    await one.page.evaluate(PULLED)
    await own.centre.agent_is("a01", "reason", "phone_lost")
    cables.no_phone.clear()
    fresh = await until_true(lambda: attempt(own), lambda now: now > 1, "a fresh leg is up")
    await expect(one.page.get_by_text(LOST)).to_be_visible()
    await pause(LONGER)
    assert await attempt(own) == fresh
    await is_beeped_at(call)
    cables.no_news.clear()
    await expect(one.page.get_by_text(LOST)).to_be_hidden()
    await pause(LONGER)
    assert await attempt(own) == fresh
    await call.hang_up()
    await one.is_so("後処理")


async def test_a_call_that_is_given_up_by_mistake_comes_back_to_the_page(own: Room) -> None:
    """To the controller the page was lost; nobody has hung up."""
    one, cables = await ready_at_the_page(own)
    call = await answered(own, one)
    await is_beeped_at(call)
    agent = cables.agent["news"]["agent"] | {"state": "ready", "offer": None, "call": None}
    wrong = cables.agent | {"news": cables.agent["news"] | {"agent": agent}}
    cables.news[-1].send(json.dumps(wrong))
    await until_true(lambda: attempt(own), lambda now: now > 1, "the same caller, on a fresh leg")
    await one.is_so("通話中")
    await is_beeped_at(call)
    await hears_something(one)
    await call.hang_up()
    await one.is_so("後処理")
    events = [each["event"] for each in (await own.centre.record(call))["timeline"]]
    assert events.index("phone_lost") < events.index("phone_back")
    await expect(one.page.get_by_text(IS_PHONE)).to_be_visible()
