"""Somebody's telephone in a tab that is behind another one, in a Chromium with windows.

A driver that holds on to a page keeps it in the foreground as far as the page can tell. So it lets
go once the agent takes calls, another tab is opened before theirs, and what is asked from then on
is asked over a bare line to the browser. Their tab's timers are held back as Chromium does it with
one that is out of sight: to once a second. Once a minute, after five minutes, is for pages that
have no microphone open; the flag has that begin soon, and another tab, which is no telephone,
proves that it has begun. An open socket spares a page nothing.
"""

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp
from playwright.async_api import async_playwright

from tests.desktop.audio import ASK, Sound
from tests.desktop.headset import CHOSEN_HZ, MICROPHONES, TONE_HZ, at_the_page
from tests.desktop.person import LEAVE, SAW
from tests.desktop.room import FLAGS, Room, chromium
from tests.real.waiting import pause, until, until_true

SOON: Final = 5  # seconds
NOTHING: Final = "about:blank"
WINDOWS: Final = (
    "--headless=new",
    "--remote-debugging-port=0",
    f"--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/{SOON}",
)
TICKS: Final = "window.ticks = 0; setInterval(() => { window.ticks += 1; }, 100)"
PRESS: Final = """(name) => {
  const all = [...document.querySelectorAll('button')];
  const found = all.find((each) => each.textContent.startsWith(name));
  found?.click();
  return found !== undefined;
}"""
LISTENS: Final = 2.0  # seconds, in which a timer that is free fires twenty times
LONGER: Final = 10.0  # seconds in which one that is held back to once a second fires
BY_THE_MINUTE: Final = 180.0  # seconds until a tab's timers are held back so, at most


@dataclass
class Tab:
    """A page that cannot be seen; `name` is whose it is."""

    name: str
    _browser: aiohttp.ClientSession
    _line: aiohttp.ClientWebSocketResponse
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _saw: set[str] = field(default_factory=set)

    async def evaluate(self, expression: str) -> Any:
        """What the page says to that."""
        number = next(self._numbers)
        asked = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        await self._line.send_json({"id": number, "method": "Runtime.evaluate", "params": asked})
        while (told := await self._line.receive_json()).get("id") != number:
            if told.get("method") == "Runtime.consoleAPICalled":
                self._saw |= _seen(told["params"]["args"])
        result = told["result"]
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def sound(self) -> Sound:
        """What the page counts now."""
        return Sound(**await self.evaluate(f"({ASK})()"))

    async def saw(self) -> set[str]:
        """What it said by itself."""
        await self.evaluate("0")
        return self._saw

    async def forget_instants(self) -> None:
        """Begin again."""
        await self.evaluate("window.seen = {}")
        self._saw.clear()

    async def press(self, button: str) -> None:
        """By a script: nobody can press what is out of sight, but from the small window."""
        pressed = f"({PRESS})({json.dumps(button)})"
        await until_true(lambda: self.evaluate(pressed), bool, f"{button} can be pressed")

    async def throttled(self) -> None:
        """Wait until the browser holds its timers back."""
        await self.evaluate(TICKS)
        await pause(2 * SOON)
        await until_true(
            lambda: self.ticked(LISTENS), lambda now: now <= LISTENS, "its timers are held back"
        )

    async def goes_on_where_another_waits(self, url: str) -> None:
        """A page without a telephone, as far out of sight, is held back to once a minute."""
        await _open(self._browser, url)
        async with _tab(self._browser, url, url) as other:
            await _open(self._browser, NOTHING)
            await until_true(lambda: other.evaluate("document.hidden"), bool, "it is behind, too")
            await other.evaluate(TICKS)

            async def ticked() -> tuple[int, int]:
                return await asyncio.gather(other.ticked(LONGER), self.ticked(LONGER))

            await until_true(
                ticked,
                lambda now: now[0] == 0 and now[1] > 1,
                "this one's timers fire, and the other's do not",
                BY_THE_MINUTE,
            )

    async def ticked(self, seconds: float) -> int:
        """So often its timer fires meanwhile."""
        before = await self.evaluate("window.ticks")
        await pause(seconds)
        return int(await self.evaluate("window.ticks") - before)


def _seen(said: list[dict[str, Any]]) -> set[str]:
    line = str(said[0].get("value", "")) if said else ""
    return {line.split()[-2]} if line.startswith(SAW) else set()


@asynccontextmanager
async def behind(r: Room, name: str) -> AsyncIterator[Tab]:
    """Their page, checked as a telephone and ready for calls, behind another one."""
    with tempfile.TemporaryDirectory() as profile:
        browser = await asyncio.create_subprocess_exec(
            chromium(), *FLAGS, *WINDOWS, f"--user-data-dir={profile}", NOTHING,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            address = await _address(Path(profile))
            url = await _takes_calls(r, name, address)
            async with aiohttp.ClientSession(address) as line, _tab(line, url, name) as tab:
                await _open(line, NOTHING)
                await until_true(lambda: tab.evaluate("document.hidden"), bool, "it is behind")
                try:
                    yield tab
                finally:
                    await tab.evaluate(f"({LEAVE})()")
        finally:
            os.killpg(browser.pid, signal.SIGTERM)
            await browser.wait()


async def _address(profile: Path) -> str:
    """Where the browser can be asked."""
    told = profile / "DevToolsActivePort"
    await until(lambda: told.exists() and "\n" in told.read_text(), "the browser is there")
    return f"http://127.0.0.1:{told.read_text().splitlines()[0]}"


async def _takes_calls(r: Room, name: str, address: str) -> str:
    """Of their page, which nobody holds on to any more."""
    async with async_playwright() as playwright:
        driven = await playwright.chromium.connect_over_cdp(address)
        context = driven.contexts[0]
        await context.add_init_script(MICROPHONES % (0.05, TONE_HZ, CHOSEN_HZ))
        one = await at_the_page(r, name, context)
        r.people.remove(one)
        await one.press_on_page("r")
        await one.is_so("受付可")
        assert one.complaints() == []
        await one.forget_instants()
        url = one.page.url
        await driven.close()
        return url


async def _open(line: aiohttp.ClientSession, url: str) -> None:
    """In a tab before all others."""
    async with line.put(f"/json/new?{url}") as opened:
        opened.raise_for_status()


@asynccontextmanager
async def _tab(line: aiohttp.ClientSession, url: str, name: str) -> AsyncIterator[Tab]:
    async def there() -> list[dict[str, Any]]:  # one that was just opened is nowhere yet
        async with line.get("/json/list") as listed:
            return [each for each in await listed.json() if each["url"] == url]

    (found,) = await until_true(there, bool, f"{url} is open")
    async with line.ws_connect(found["webSocketDebuggerUrl"], max_msg_size=0) as socket:
        await socket.send_json({"id": 0, "method": "Runtime.enable"})
        yield Tab(name, line, socket)
