"""A PC on a network of the house: the desk by HTTPS, the voice by the LAN, the PCs' policies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Error, Page

from agents.web.security import Door
from tests.desktop.audio import hears_something, sound
from tests.desktop.faults import VOICE, voice
from tests.desktop.headset import answered, at_the_page, tone_microphone
from tests.desktop.lan import CENTRE_AT, Lan
from tests.desktop.lan_room import PASSWORD, House, house
from tests.desktop.pc import AUTHORITY, browser_at
from tests.desktop.room import Room
from tests.real.centre import caller
from tests.real.invariants import invariants
from tests.real.waiting import until_true

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOME: Final = 100  # packets of sound: two seconds of it
ALLOWED: Final = """async () => Promise.all(
  ['microphone', 'notifications'].map(async (name) =>
    (await navigator.permissions.query({ name })).state))"""
REMOTE: Final = """async () => {
  const [peer] = window.peers.filter((each) => each.connectionState === 'connected');
  const told = [...(await peer.getStats()).values()];
  return told.filter((each) => each.type === 'remote-candidate').map((each) => each.address);
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(lan: Lan, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A centre on the network, and a PC."""
    async with house(tmp_path_factory.mktemp("lan"), lan) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def r(home: House) -> AsyncIterator[Room]:
    """The room with nobody in it, and with nobody in it again afterwards."""
    home.room.centre.begin()
    yield home.room
    complaints = await home.room.leave()
    await home.room.centre.clear()
    await invariants(home.room.centre)
    assert complaints == []


async def test_a_call_on_a_page_of_the_house(r: Room, lan: Lan) -> None:
    context = await tone_microphone(await r.context())
    sockets: list[str] = []
    context.on("page", lambda page: page.on("websocket", lambda each: sockets.append(each.url)))
    one = await at_the_page(r, "a01", context)
    call = await answered(r, one)
    await until_true(lambda: voice(call), lambda now: now > VOICE, "the caller hears the page")
    await hears_something(one)

    # All of it went over the cable, and to the centre's address there.
    carried, before = lan.crossed(), await sound(one)
    after = await until_true(
        lambda: sound(one),
        lambda now: min(now.came - before.came, now.went - before.went) >= SOME,
        "the page hears and sends",
    )
    crossed = lan.crossed()
    assert crossed.from_pc - carried.from_pc >= SOME
    assert crossed.to_pc - carried.to_pc >= SOME
    assert set(await one.page.evaluate(REMOTE)) == {CENTRE_AT}
    assert after.live == 1

    # One origin, encrypted; the session is a cookie that no other name and no script gets.
    home = r.origin.replace("https://", "wss://")
    assert {url.partition("?")[0] for url in sockets} == {f"{home}/phone", f"{home}/api/news"}
    (cookie,) = await context.cookies()
    assert cookie["name"] == Door(r.desk_port).cookie
    assert (cookie["secure"], cookie["httpOnly"], cookie["path"]) == (True, True, "/")
    assert cookie["sameSite"] == "Strict"

    r.centre.told_to_end.add(caller(call))
    await one.press("Shift+F2")
    await call.ended
    await one.is_so("後処理")
    await one.press("F4")
    await one.is_so("受付可")


@pytest.mark.at_length
async def test_a_new_agent_begins_at_the_pages(r: Room, home: House) -> None:
    given = await home.account("aoki")
    one = await r.person("aoki")
    await one.field("ユーザー名").fill("aoki")
    await one.field("パスワード").fill(given)
    await one.button("サインイン").click()
    await one.field("新しいパスワード").fill(PASSWORD)
    await one.button("次へ").click()
    await one.set_pin()
    await one.sit("a03")
    await one.is_so("着席")


@pytest.mark.at_length
async def test_a_pc_without_the_authority_does_not_open_the_desk(
    r: Room, home: House, tmp_path: Path
) -> None:
    policies = {name: value for name, value in home.policies.items() if name != AUTHORITY}
    async with browser_at(home.lan, tmp_path, policies) as untold:
        page = await untold.new_page()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            await page.goto(r.origin)


@pytest.mark.at_length
async def test_a_pc_that_knows_the_authority_alone_asks_before_it_lets_anybody_listen(
    r: Room, home: House, tmp_path: Path
) -> None:
    assert await allowed(await (await r.context()).new_page(), r.origin) == ["granted"] * 2
    policies = {AUTHORITY: home.policies[AUTHORITY]}
    async with browser_at(home.lan, tmp_path, policies) as untold:
        assert await allowed(await untold.new_page(), r.origin) == ["prompt"] * 2


async def allowed(page: Page, where: str) -> list[str]:
    """What the browser says of microphone and notifications at this address."""
    await page.goto(where)
    told: list[str] = await page.evaluate(ALLOWED)
    return told


@pytest.mark.at_length
async def test_without_https_there_is_neither_a_desk_nor_a_microphone(
    r: Room, home: House, tmp_path: Path
) -> None:
    """Also where somebody allowed such an address the microphone."""
    page = await (await r.context()).new_page()
    with pytest.raises(Error, match=r"ERR_EMPTY_RESPONSE|ERR_CONNECTION"):
        await page.goto(f"http://{CENTRE_AT}:{r.desk_port}")
    async with plain_page() as where:
        policies = home.policies | {"AudioCaptureAllowedUrls": [where]}
        async with browser_at(home.lan, tmp_path, policies) as browser:
            page = await browser.new_page()
            await page.goto(where)
            assert await page.evaluate("[isSecureContext, 'mediaDevices' in navigator]") == [
                False, False,
            ]  # fmt: skip


@asynccontextmanager
async def plain_page() -> AsyncIterator[str]:
    """The address of a page at the centre that comes without encryption."""

    async def page(_: web.BaseRequest) -> web.Response:
        return web.Response(text="<p>窓口", content_type="text/html")

    runner = web.ServerRunner(web.Server(page))
    await runner.setup()
    try:
        await web.TCPSite(runner, CENTRE_AT, 0).start()
        yield f"http://{CENTRE_AT}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
