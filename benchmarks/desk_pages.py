"""The desk's pages in a real browser: when a card is painted, and what people wait for."""

import asyncio
import time
from random import Random
from typing import Any, Final

from playwright.async_api import Page

from benchmarks.desk_office import NO_CALL, PIN, SEATS, WITHIN, Office, office
from benchmarks.measure import Sample, figures, least, milliseconds, told
from benchmarks.plan import Plan
from benchmarks.product import OURS
from benchmarks.report import Row
from tests.real.waiting import until_true

PAINTED: Final = 0.100  # seconds, p95
SLOWED_PAINTED: Final = 0.300
SLOWER: Final = 4  # times
WEIGHS: Final = 450_000  # bytes, compressed
SHARED: Final = 10.0  # seconds
REBUILT: Final = 1.0
LAST: Final = SEATS[-1]


def run(plan: Plan) -> list[Row]:
    """Six desks at their own PCs' speed, then at a quarter of it; and the first load."""
    return asyncio.run(_run(plan))


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
        rebuilt = await _reloads(at, count)
        return [
            *rows,
            heavy,
            waited("reload during a call → its card painted again", rebuilt, REBUILT),
            _shared("unlock: first key of the PIN → the desk", unlocked),
            _shared("change of person: sign out → the next one's desk", changed),
        ]


def _shared(what: str, sample: Sample) -> Row:
    """People type slower than a script: what is measured is what they wait for."""
    return waited(what, sample, SHARED)


def waited(what: str, sample: Sample, limit: float) -> Row:
    """What somebody waits for, each time within so many seconds."""
    met = sample.worst <= limit
    target = f"each ≤ {limit:g} s"
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


async def _reloads(at: Office, count: int) -> Sample:
    """Somebody talks and loads the page again and again: from the key to the painted card."""
    await _leave_alone(at, LAST)
    await at.link.request(LAST, "ready")
    place = at.places[LAST]
    call = await at.trunk.call(OURS)
    await call.answered
    await call.send_key("0")
    leg = await place.phone.rings(WITHIN)
    await leg.answer()
    took = []
    for _ in range(count):
        await place.page.reload()
        seen = await until_true(lambda: _painted(place.page), bool, "the card", WITHIN)
        began: float = await place.page.evaluate("performance.timeOrigin")
        took.append((seen[0] - began) / 1000)
    call.hang_up()
    await call.ended
    return Sample(tuple(took))


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
