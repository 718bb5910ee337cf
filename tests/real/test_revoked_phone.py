"""What ends a page as a telephone ends it at Asterisk, and its secret is worth nothing then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic
from typing import Final

import aiohttp
import pytest
import pytest_asyncio

from agents.phone.phones import LEFT
from agents.phone.relay import PROTOCOL
from agents.web.security import Door
from config.telephones import browser_of, sip_socket
from tests.agents.asking import Browser
from tests.real.centre import Centre
from tests.real.many_desks import centre_of
from tests.real.page_phone import (
    CHALLENGED,
    OK,
    PAGE,
    PagePhone,
    at_asterisk,
    entered,
    signed_in,
    through_the_desk,
)
from tests.real.waiting import until, until_true

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

SEAT: Final = "a01"
NOBODY: Final = "9999"  # a number that leads nowhere


@dataclass
class House:
    """A centre with a desk, and connections to it."""

    c: Centre
    password: str
    http: aiohttp.ClientSession

    @property
    def door(self) -> Door:
        return Door(self.c.ports.desk)

    async def state(self) -> str:
        """Of the page's telephone at Asterisk."""
        return str((await self.c.ari.endpoint(browser_of(SEAT))).state)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("revoked")
        c, password = await stack.enter_async_context(centre_of(folder, 2))
        jar = aiohttp.DummyCookieJar()
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        yield House(c, password, http)


async def closed_its_line(house: House, page: Browser, phone: PagePhone) -> None:
    """The page is gone, and its session lives on."""
    await phone.ws.close()


async def signed_out(house: House, page: Browser, phone: PagePhone) -> None:
    """By whoever sat there."""
    assert (await page.ask("DELETE", "/api/session")).status == 204


async def ended_elsewhere(house: House, page: Browser, phone: PagePhone) -> None:
    """By an administrator, who ends where they are signed in."""
    admin, user = await administrator(house)
    assert (await admin.ask("DELETE", f"/api/users/{user['id']}/sessions")).status == 204


async def blocked(house: House, page: Browser, phone: PagePhone) -> None:
    """Their account has ended."""
    admin, user = await administrator(house)
    change = {"version": user["version"], "enabled": False}
    told = await admin.ask("PATCH", f"/api/users/{user['id']}", change)
    assert told.status == 200, told.body


async def administrator(house: House) -> tuple[Browser, dict[str, object]]:
    """Signed in, and the account of whoever sits at the seat."""
    admin = await entered(house.http, house.door, "admin", house.password)
    users = (await admin.ask("GET", "/api/users")).body["users"]
    (user,) = [each for each in users if each["name"] == SEAT]
    return admin, user


Ends = Callable[[House, Browser, PagePhone], Awaitable[None]]
ENDS: Final[dict[str, Ends]] = {
    each.__name__: each for each in (closed_its_line, signed_out, ended_elsewhere, blocked)
}


@pytest.mark.parametrize("how", ENDS)  # the last one leaves nobody to sign in as
async def test_a_page_that_is_a_telephone_no_more_can_do_nothing(house: House, how: str) -> None:
    house.c.begin()
    page = await signed_in(house.http, house.door, SEAT, house.password)
    async with through_the_desk(page, SEAT) as phone:
        assert await phone.register() == OK
        assert await phone.dial(NOBODY) not in {OK, CHALLENGED}  # it may call, if not there
        await until_true(house.state, "online".__eq__, "it is a telephone")
        began = monotonic()
        await ENDS[how](house, page, phone)
        await until_true(house.state, "offline".__eq__, "it is none any more")
        print(f"\n{how}: {monotonic() - began:.2f} s")  # noqa: T201 -- seen with `pytest -s`
        await until(lambda: phone.ws.closed, "its line is closed")

    # Nor is there another way in: not by a line of its own, and not at Asterisk itself.
    assert await opens_again(house, page) in {LEFT, 401, 403, 409}
    async with at_asterisk(house.http, sip_socket(house.c.ports), SEAT, phone.secret) as stolen:
        assert await stolen.register() == CHALLENGED
        assert await stolen.dial(NOBODY) == CHALLENGED
    # Nobody is rung there.
    agent = await house.c.agent(SEAT)
    assert agent["phone"] == "gone"


async def opens_again(house: House, page: Browser) -> int | None:
    """How the desk closes another line of that page; it may be refused before it is open."""
    headers = {name: value for name, value in page._usual("POST").items() if value}
    url = f"http://127.0.0.1:{page.port}/phone?page={PAGE}"
    try:
        async with house.http.ws_connect(url, headers=headers, protocols=(PROTOCOL,)) as ws:
            await ws.receive()
            return ws.close_code
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status
