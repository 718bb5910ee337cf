"""The desk's pages in a real browser: when a card is painted, and what a page weighs."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.desk import a_system, password_of
from benchmarks.measure import Sample, figures, least, milliseconds, told
from benchmarks.plan import Plan
from benchmarks.product import CARRIER, OURS
from benchmarks.report import Row
from config.clock import Clock
from config.ports import Ports
from config.secrets import read_secrets
from telephony.link.client import Link
from telephony.runtime.programs import SetUpNeeded, find
from tests.real.waiting import until_true
from tests.sip import DeskPhone, Trunk

SEATS: Final = ("a01", "a02", "a03", "a04", "a05", "a06")
PAINTED: Final = 0.100  # seconds, p95
SLOWED_PAINTED: Final = 0.300
SLOWER: Final = 4  # times
WEIGHS: Final = 450_000  # bytes, compressed
SHARED: Final = 10.0  # seconds
LAST: Final = SEATS[-1]
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


def run(plan: Plan) -> list[Row]:
    """Six desks at their own PCs' speed, then at a quarter of it; and the first load."""
    return asyncio.run(_run(plan))


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


async def _run(plan: Plan) -> list[Row]:
    async with office() as at:
        rows = []
        for slower, limit in ((1, PAINTED), (SLOWER, SLOWED_PAINTED)):
            if slower != 1:  # one page: each that is slowed down burns a processor by itself
                await _leave_alone(at, SEATS[0])
            throttle = {"rate": slower}
            await at.places[SEATS[0]].cdp.send("Emulation.setCPUThrottlingRate", throttle)
            count = plan.choose(30, 4)
            runs = [await _cards(at, count, seed) for seed in range(min(plan.runs, 2))]
            what = "offer → card painted, 6 desks" + (
                "" if slower == 1 else f", its processor {slower}× slower"
            )
            target, met = f"p95 ≤ {milliseconds(limit)}", least(runs, 95) <= limit
            rows.append(Row(what, told(runs), target=target, met=met, figures=figures(runs)))
        weight = f"{at.loaded / 1000:.0f} kB"
        heavy = Row(
            "first load of an agent's page, as sent", weight, target=f"≤ {WEIGHS // 1000} kB",
            met=at.loaded <= WEIGHS, figures={"bytes": at.loaded},
        )  # fmt: skip
        count = plan.choose(10, 1)
        unlocked = Sample(tuple([await _unlock(at) for _ in range(count)]))
        changed = Sample(tuple([await _change(at, number) for number in range(count)]))
        return [
            *rows,
            heavy,
            _shared("unlock: first key of the PIN → the desk", unlocked),
            _shared("change of person: sign out → the next one's desk", changed),
        ]


def _shared(what: str, sample: Sample) -> Row:
    """People type slower than a script: what is measured is what they wait for."""
    met = sample.worst <= SHARED
    target = f"each ≤ {SHARED:g} s"
    return Row(what, told([sample]), target=target, met=met, figures=figures([sample]))


async def _unlock(at: Office) -> float:
    """Locked by one key; opened by six and Enter."""
    page = at.places[LAST].page
    await page.evaluate("document.activeElement?.blur()")
    await page.keyboard.press("l")
    await page.get_by_label("PIN", exact=True).wait_for()
    began = time.monotonic()
    await page.keyboard.type(PIN)
    await page.keyboard.press("Enter")
    await page.get_by_text(NO_CALL).wait_for()
    return time.monotonic() - began


async def _change(at: Office, number: int) -> float:
    """One signs out, the other signs in and sits down; two people in turn."""
    page, name = at.places[LAST].page, ("s01", LAST)[number % 2]
    began = time.monotonic()
    await page.get_by_role("button", name="サインアウト").click()
    await page.get_by_label("ユーザー名").fill(name)
    await page.get_by_label("パスワード").fill(at.password)
    await page.keyboard.press("Enter")
    seats = page.get_by_role("button", name=f"({LAST})")
    later = page.get_by_role("button", name="あとで")
    await seats.or_(later).wait_for()
    if await later.is_visible():
        await later.click()
    await seats.click()
    await page.get_by_text(NO_CALL).wait_for()
    return time.monotonic() - began


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
        found: str | Path | None = find().chromium
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
    place.ahead = await _ahead(page)
    return place, weight


async def sign_in(page: Page, password: str) -> None:
    """As far as the choice of a seat."""
    await page.get_by_label("パスワード").fill(password)
    await page.keyboard.press("Enter")
    await page.get_by_label("PIN", exact=True).fill(PIN)
    await page.keyboard.press("Enter")


async def _ahead(page: Page) -> float:
    """Of our clock, in seconds: by the quickest of some questions."""
    clock, best = Clock(), (1.0, 0.0)
    for _ in range(20):
        asked = clock()
        said = await page.evaluate("performance.timeOrigin + performance.now()") / 1000
        took = clock() - asked
        best = min(best, (took, said - (asked + took / 2)))
    return best[1]


async def _cards(at: Office, count: int, seed: int) -> Sample:
    dice = Random(seed)
    return Sample(tuple([await _card(at, dice) for _ in range(count)]))


async def _card(at: Office, dice: Random) -> float:
    """The controller gives a call to somebody → their page has painted its card."""
    await until_true(lambda: _agents(at), _are_ready, "they are ready", WITHIN)
    before = {seat: await _painted(place.page) for seat, place in at.places.items()}
    call = await at.trunk.call(OURS)
    await call.answered
    await asyncio.sleep(0.3 + dice.random() / 2)
    await call.send_key("0")
    seat, since = await _offered(at)
    place = at.places[seat]
    wanted = len(before[seat]) + 1
    seen = await until_true(
        lambda: _painted(place.page), lambda all_: len(all_) >= wanted, "the card", WITHIN
    )
    painted = seen[-1] / 1000 - place.ahead
    leg = await place.phone.rings(WITHIN)
    call.hang_up()
    await call.ended
    await leg.ended
    return painted - since


async def _painted(page: Page) -> list[float]:
    found: list[float] = await page.evaluate("window.painted")
    return found


async def _agents(at: Office) -> list[dict[str, Any]]:
    agents: list[dict[str, Any]] = (await at.link.status())["agents"]
    return [agent for agent in agents if agent["seat"] in at.places]


def _are_ready(agents: list[dict[str, Any]]) -> bool:
    """Nobody is being given a call any more, and somebody can be."""
    states = {agent["state"] for agent in agents}
    return "ready" in states and states <= {"ready", "paused"}


async def _leave_alone(at: Office, seat: str) -> None:
    """All others are away, with their pages open."""
    for other in at.places:
        if other != seat:
            await at.link.request(other, "pause", reason="away")


def _is_given(agents: list[dict[str, Any]]) -> bool:
    return any(agent["state"] == "offered" for agent in agents)


async def _offered(at: Office) -> tuple[str, float]:
    """Who was given the call, and the controller's instant of it."""
    agents = await until_true(lambda: _agents(at), _is_given, "somebody is given the call", WITHIN)
    given = next(agent for agent in agents if agent["state"] == "offered")
    return str(given["seat"]), float(given["since"])
