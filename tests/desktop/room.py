"""One running centre with its people and a browser for them."""

import os
import re
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from telephony.runtime.programs import find
from tests.desktop import site
from tests.desktop.person import Person
from tests.real.centre import CARRIER, Centre, begun, up_command
from tests.real.waiting import until_true
from tests.sip import IncomingCall, OutgoingCall
from tests.supervisor.instance import instance

# Nothing is asked of the network by the browser itself.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that beeps once a second, and is granted.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@dataclass
class Room:
    """A centre, and a browser whose windows are the people's desks."""

    centre: Centre
    browser: Browser
    password: str
    people: list[Person] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    origin: str = ""  # of everybody, where the desk has a name of its own
    pc: Mapping[str, Any] = field(default_factory=lambda: LIKE_A_PC)

    @property
    def desk_port(self) -> int:
        """Where the desk listens."""
        return self.centre.instance.base + 80

    async def context(self, **given: Any) -> BrowserContext:
        """A browser profile of its own."""
        context = await self.browser.new_context(**{**self.pc, **given})
        self.contexts.append(context)
        return context

    async def person(
        self, name: str, context: BrowserContext | None = None, through: int = 0
    ) -> Person:
        """Somebody's window, at the sign-in; `through` another port that leads to the desk."""
        within = context or await self.context()
        page = await within.new_page()
        port = through or self.desk_port
        person = Person(name, page, port, self.password, origin=self.origin)
        self.people.append(person)
        await person.open()
        return person

    async def seated(
        self, name: str, context: BrowserContext | None = None, through: int = 0
    ) -> Person:
        """Somebody at their own seat, with a telephone that works."""
        await self.centre.phone(name)
        person = await self.person(name, context, through)
        await person.sit_at_once()
        return person

    async def booking(self, **given: Any) -> OutgoingCall:
        """A citizen who wants a new booking: 1, and 1 in the menu that follows."""
        call = await self.centre.call("1", **given)

        async def paths() -> list[str]:
            return [each["menu_path"] for each in (await self.centre.status())["calls"]]

        await until_true(paths, lambda found: "1" in found, "they are in the second menu")
        await call.send_keys("1", held_for=0.06)
        return call

    async def talking(self, name: str, **given: Any) -> tuple[OutgoingCall, IncomingCall]:
        """Such a citizen and this person, who has answered at the telephone."""
        phone = await self.centre.ready(name)
        call = await self.booking(**given)
        leg = await phone.rings()
        await leg.answer()
        return call, leg

    async def answer(self, person: Person) -> IncomingCall:
        """By the page's key, once the centre has heard the telephone ring; their leg."""
        leg = await self.centre.phones[person.name].rings()
        await until_true(
            lambda: self.centre.agent(person.name),
            lambda agent: bool((agent["offer"] or {}).get("ringing")),
            "it rings",
        )
        await expect(person.button("応答")).to_be_visible()
        await person.press("F2")
        await leg.answered
        await person.is_so("通話中")
        return leg

    async def leave(self) -> list[str]:
        """Everybody signs out, every window closes; what they had to complain of."""
        complaints = []
        for person in self.people:
            if person.asked_for("/api/agent/hang-up") and person.name in self.centre.phones:
                rung = self.centre.phones[person.name].rung
                self.centre.told_to_end |= {leg.caller for leg in rung}
        await self.centre.hang_up()  # what a test left: nobody signs out of a call
        for person in self.people:
            await person.leave()
            complaints += person.complaints()
        for context in self.contexts:
            await context.close()
        self.people.clear()
        self.contexts.clear()
        return complaints


LIKE_A_PC: Final[dict[str, Any]] = {
    "viewport": {"width": 1280, "height": 720},
    "locale": "ja-JP",
    "permissions": ["microphone"],
}


def chromium() -> Path:
    """The browser that set-up brought; without it these tests are skipped."""
    found = find().chromium
    if found is None:
        pytest.skip("no browser: run `python -m telephony.runtime build --with-browser`")
    return found


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """A browser without windows: with them, each page would cost a second one for its frame."""
    path = find().chromium_shell or chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(FLAGS), timeout=180_000
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def room(
    folder: Path, shared: Browser | None = None, database: str | None = None, **more: object
) -> AsyncIterator[Room]:
    """A centre whose people have windows, in a browser that is there already or in a new one.

    Its records are in a file, or in this PostgreSQL. `more` stands in its `site.yaml`.
    """
    chromium()
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(instance(folder / "home"))
        where = site.copy(folder, made.base + CARRIER, **more)
        command = up_command(made, where, database)
        centre = await stack.enter_async_context(
            begun(made, command, made.base + CARRIER, database)
        )
        await made.until(lambda pids: "desk" in pids)
        browser = shared
        if browser is None:
            browser = await stack.enter_async_context(a_browser())
        yield Room(centre, browser, password_of(centre))


async def kill_the_desk(r: Room) -> None:
    """And wait until `up` has started another."""
    instance = r.centre.instance
    former = (await instance.pids())["desk"]
    os.kill(former, signal.SIGKILL)
    await instance.until(lambda pids: pids.get("desk", former) != former)


def password_of(centre: Centre) -> str:
    """What `up` printed for everybody of the demo."""
    found = re.search(r"共通パスワード: (\S+)", "\n".join(centre.supervisor.printed))
    assert found, centre.supervisor.printed
    return found[1]
