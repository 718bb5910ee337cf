"""What takes a page away in the middle of a call, and what becomes of the citizen meanwhile.

Each fault strikes the real thing: the process that draws the page, the browser's own network
process, the socket, the cable. A browser is shared by everybody in it, so it must be one of its own
here.
"""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Error, expect

from tests.desktop.cutting import Line
from tests.desktop.headset import (
    IS_PHONE,
    TONE_HZ,
    answered,
    at_the_page,
    offered,
    tone_microphone,
    tried_or_done,
)
from tests.desktop.person import Person
from tests.desktop.room import Room
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter, IncomingCall, OutgoingCall

STAGES: Final = ("ringing", "talking", "hold", "consult")
AWAY_FOR: Final = 6.0  # seconds that a PC sleeps or its network is gone: longer than counts as lost
VOICE: Final = -45.0  # dBov
BUSY: Final = "() => { const from = performance.now(); while (performance.now() - from < 700); }"


@dataclass
class Struck:
    """A citizen's call at a page that is about to be struck."""

    room: Room
    person: Person
    context: BrowserContext
    way: Line
    call: OutgoingCall
    colleague: IncomingCall | None = None  # whoever is consulted, at a desk phone


Fault = Callable[[Struck], Awaitable[None]]


# -- the faults ---------------------------------------------------------------------------------


async def reloaded(at: Struck) -> None:
    """The page is loaded again."""
    await at.person.page.reload()


async def closed(at: Struck) -> None:
    """The tab is closed, and opened again."""
    await at.person.page.close()
    await reopen(at)


async def killed(at: Struck) -> None:
    """The process that draws the page dies."""
    pid = await renderer_of(at.room.browser, at.person)
    os.kill(pid, signal.SIGKILL)
    await pause(1.0)  # somebody looks at the broken page
    with suppress(Error):
        await at.person.page.close()
    await reopen(at)


async def cut(at: Struck) -> None:
    """The socket to the desk is cut, and stays so for a while; the sound has its own way."""
    at.way.cut()
    await pause(AWAY_FOR)
    at.way.mend()


async def asleep(at: Struck) -> None:
    """Nothing of the page runs, as in a PC that sleeps."""
    pid = await renderer_of(at.room.browser, at.person)
    await stopped(pid)


async def frozen(at: Struck) -> None:
    """The browser itself freezes the page, as it does with one that was long in the background."""
    devtools = await at.context.new_cdp_session(at.person.page)
    await devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    await pause(AWAY_FOR)
    await devtools.send("Page.setWebLifecycleState", {"state": "active"})


async def throttled(at: Struck) -> None:
    """A PC that has next to no processor left for the page."""
    devtools = await at.context.new_cdp_session(at.person.page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    await pause(AWAY_FOR)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})


async def offline(at: Struck) -> None:
    """The network is gone for signalling and sound alike."""
    await stopped(await network_of(at.room.browser))


async def unplugged(at: Struck) -> None:
    """The cable of the PC is pulled: its signalling and its sound are gone, and it knows."""
    at.way.cut()
    await pause(AWAY_FOR)
    at.way.mend()


FAULTS: Final[Mapping[str, Fault]] = {
    each.__name__: each
    for each in (reloaded, closed, killed, cut, asleep, frozen, throttled, offline)
}


async def reopen(at: Struck) -> None:
    """Somebody opens the address anew: it is the telephone again by itself."""
    at.person = await at.room.person(at.person.name, at.context, at.way.port)
    forgives(at.person)
    await expect(at.person.page.get_by_text(IS_PHONE)).to_be_visible(timeout=30_000)


async def stopped(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        await pause(AWAY_FOR)
    finally:
        os.kill(pid, signal.SIGCONT)


async def _processes(browser: Browser) -> list[dict[str, Any]]:
    devtools = await browser.new_browser_cdp_session()
    try:
        found: list[dict[str, Any]] = (await devtools.send("SystemInfo.getProcessInfo"))[
            "processInfo"
        ]
        return found
    finally:
        await devtools.detach()


async def renderer_of(browser: Browser, person: Person) -> int:
    """The process that draws this page: the one that works while the page does."""
    before = {each["id"]: each["cpuTime"] for each in await _processes(browser)}
    await person.page.evaluate(BUSY)
    used = {
        each["id"]: each["cpuTime"] - before.get(each["id"], 0.0)
        for each in await _processes(browser)
        if each["type"] == "renderer"
    }
    return int(max(used, key=lambda pid: used[pid]))


async def network_of(browser: Browser) -> int:
    """The process that has all sockets of the browser."""
    for each in await _processes(browser):
        words = Path(f"/proc/{each['id']}/cmdline").read_bytes()
        if b"network.mojom.NetworkService" in words:
            return int(each["id"])
    raise AssertionError("the browser has no network process of its own")


# -- the stages ---------------------------------------------------------------------------------


@asynccontextmanager
async def about_to(r: Room, way: Line, stage: str) -> AsyncIterator[Struck]:
    """A citizen whose call has come as far as that; afterwards nobody is left."""
    context = await tone_microphone(await r.context())
    person = await at_the_page(r, "a01", context, way.port)
    forgives(person)
    at = Struck(r, person, context, way, await _as_far_as(r, person, stage))
    if stage == "consult":
        at.colleague = await _consulted(r)
    try:
        yield at
    finally:
        way.mend()
        await r.centre.hang_up()
    await tried_or_done(at.person)  # opened anew, it tries its sound only now


def forgives(person: Person) -> None:
    """The browser itself notes what it could not reach."""
    person.expects("ERR_|WebSocket|Failed to load resource|status of")


async def _as_far_as(r: Room, person: Person, stage: str) -> OutgoingCall:
    if stage == "ringing":
        call = await offered(r, person)
        await until_true(lambda: loudness(call), lambda now: now > VOICE, "music")
        return call
    call = await answered(r, person)
    await until_true(lambda: voice(call), lambda now: now > VOICE, "the caller hears the page")
    if stage == "hold":
        await person.press("F2")
        await person.is_so("保留中")
        await until_true(lambda: voice(call), lambda now: now < VOICE, "on hold")
        await until_true(lambda: loudness(call), lambda now: now > VOICE, "music")
    return call


async def _consulted(r: Room) -> IncomingCall:
    colleague = await r.centre.phone("a02", AnswerAfter())
    await r.centre.link.request("a02", "pause", reason="training")
    await r.centre.ask("a01", "consult", target="a02")
    leg = await colleague.rings()
    await leg.answered

    async def asked() -> float:
        return leg.level(TONE_HZ)

    await until_true(asked, lambda now: now > VOICE, "they hear the agent")
    return leg


async def loudness(call: OutgoingCall) -> float:
    return call.rms()


async def voice(call: OutgoingCall) -> float:
    return call.level(TONE_HZ)
