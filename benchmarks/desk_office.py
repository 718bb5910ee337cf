"""Six people at six desks in a real browser, each with a telephone, and a line into it."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.desk import a_system, password_of
from benchmarks.product import CARRIER
from config.clock import Clock
from config.ports import Ports
from config.secrets import read_secrets
from telephony.link.client import Link
from telephony.runtime.programs import SetUpNeeded, find
from tests.sip import DeskPhone, Trunk

SEATS: Final = ("a01", "a02", "a03", "a04", "a05", "a06")
NO_CALL: Final = "通話はありません"
PIN: Final = "135790"
WITHIN: Final = 15.0  # seconds
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
# The second frame after the card is in the page: the first has been painted by then.
WATCH: Final = """
  window.painted = [];
  let shown = null;
  const now = () => performance.timeOrigin + performance.now();
  new MutationObserver(() => {
    const card = document.querySelector('#call dl');
    if (card !== null && card !== shown)
      requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push(now())));
    shown = card;
  }).observe(document, { subtree: true, childList: true });
"""


@dataclass
class Place:
    """A seat: its telephone, its page, and how far the page's clock is ahead of ours."""

    phone: DeskPhone
    page: Page
    cdp: CDPSession
    ahead: float = 0.0


@dataclass
class Office:
    """Everybody at their desks, and a line into it."""

    trunk: Trunk
    link: Link
    places: Mapping[str, Place]
    password: str
    loaded: int  # bytes, of the first page from nothing to the desk


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    """The demo site with six people, ready."""
    async with AsyncExitStack() as stack:
        made, supervisor = await stack.enter_async_context(a_system())
        ports = Ports(made.base)
        carrier = Trunk("127.0.0.1", made.base + CARRIER, ports.trunk)
        trunk = await stack.enter_async_context(carrier)
        passwords = read_secrets(made.home.secrets).seat_passwords
        browser = await stack.enter_async_context(a_browser())
        password, places, loaded = password_of(supervisor), {}, 0
        for number, seat in enumerate(SEATS, start=1):
            local = made.base + CARRIER + number
            phone = DeskPhone(seat, seat, passwords[seat], local, ports.phones)
            await stack.enter_async_context(phone)
            await phone.register()
            places[seat], weight = await _seated(browser, seat, ports.desk, password, phone)
            loaded = loaded or weight
        yield Office(trunk, Link(made.home.controller_socket), places, password, loaded)


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """The one that set-up brought, or the machine's."""
    async with async_playwright() as playwright:
        path = _chromium()
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


def _chromium() -> str | Path:
    try:
        held = find()
        found: str | Path | None = held.chromium_shell or held.chromium
    except SetUpNeeded:
        found = None
    chosen = found or shutil.which("chromium")
    assert chosen, "no browser: `python -m telephony.runtime build --with-browser`"
    return chosen


async def _seated(
    browser: Browser, seat: str, port: int, password: str, phone: DeskPhone
) -> tuple[Place, int]:
    """Signed in, seated and ready; and what all that weighed on the wire."""
    context = await browser.new_context(viewport={"width": 1280, "height": 720}, locale="ja-JP")
    page = await context.new_page()
    cdp = await context.new_cdp_session(page)
    sizes: list[float] = []
    await cdp.send("Network.enable")
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await page.add_init_script(WATCH)
    await page.goto(f"http://{seat}.localhost:{port}")
    await sign_in(page, password)
    await page.get_by_role("button", name=f"({seat})").click()
    await page.get_by_text(NO_CALL).wait_for()
    weight = round(sum(sizes))
    await page.keyboard.press("r")
    place = Place(phone, page, cdp)
    place.ahead = await ahead(page.evaluate)
    return place, weight


async def sign_in(page: Page, password: str) -> None:
    """As far as the choice of a seat."""
    await page.get_by_label("パスワード").fill(password)
    await page.keyboard.press("Enter")
    await page.get_by_label("PIN", exact=True).fill(PIN)
    await page.keyboard.press("Enter")


async def ahead(ask: Callable[[str], Awaitable[Any]]) -> float:
    """A page of our clock, in seconds: by the quickest of some questions."""
    clock, best = Clock(), (1.0, 0.0)
    for _ in range(20):
        asked = clock()
        said = await ask("performance.timeOrigin + performance.now()") / 1000
        took = clock() - asked
        best = min(best, (took, said - (asked + took / 2)))
    return best[1]
