"""Pages at a real desk whose controller is a fake: what they are told is told by hand."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from agents.people import Role
from agents.web.pages import Pages
from config.site_model import Desk as DeskSettings
from telephony.store.migrate import migrate
from tests.agents.desk import PASSWORD, Desk, a_desk
from tests.desktop.person import Person
from tests.desktop.room import LIKE_A_PC, a_browser


@dataclass
class Office:
    """A desk with a ledger, and a browser."""

    desk: Desk
    browser: Browser

    async def person(
        self, name: str, role: Role = Role.AGENT, seat: str | None = None, timed: bool = False
    ) -> Person:
        """Somebody's window, signed in, at this seat; `timed`, its clock is in the test's hand."""
        if name not in self.desk.ids:
            await self.desk.has(name, role)
        person = await self.window(name, timed=timed)
        page = person.page
        await person.sign_in(pin=role is Role.AGENT)
        if seat is not None:
            await person.button(f"({seat})").click()
            await expect(page.get_by_role("heading", name="席を選んでください")).to_be_hidden()
        return person

    async def window(self, name: str, password: str = PASSWORD, timed: bool = False) -> Person:
        """A profile of its own, at the sign-in."""
        context = await self.browser.new_context(**LIKE_A_PC)
        page = await context.new_page()
        if timed:
            await page.clock.install()
        person = Person(name, page, self.desk.door.port, password)
        await person.open()
        return person

    async def page(self, name: str, role: Role = Role.AGENT, seat: str | None = None) -> Page:
        """The same with the callbacks in front."""
        page = (await self.person(name, role, seat)).page
        await page.evaluate("() => { window.location.hash = '#callbacks'; }")
        await expect(page.get_by_role("heading", name="折り返し", exact=True)).to_be_visible()
        return page


@asynccontextmanager
async def an_office(
    folder: Path, settings: DeskSettings | None = None, **given: Any
) -> AsyncIterator[Office]:
    """Nobody is there yet; `given`, what else `a_desk` takes."""
    url = f"sqlite:///{folder}/madoguchi.db"
    await migrate(url)
    async with a_desk(url, settings, pages=Pages(), **given) as desk, a_browser() as browser:
        # The page shows ages by the server's clock, and the browser's own must not be years off.
        desk.clock.now = time.time()  # noqa: TID251 -- the browser has no other
        yield Office(desk, browser)
