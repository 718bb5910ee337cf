"""A telephone whose tab is behind others: how soon it rings, and answers."""

import asyncio
from time import monotonic
from typing import Final

from benchmarks.desk_office import ahead
from benchmarks.desk_pages import waited
from benchmarks.measure import Sample
from benchmarks.page_phones import AS_SHIPPED, a_room
from benchmarks.plan import Plan
from benchmarks.report import Row
from tests.desktop.behind import Tab, behind
from tests.desktop.faults import VOICE, voice
from tests.desktop.room import Room
from tests.real.waiting import until_true

SOON: Final = 2.0  # seconds
RANG: Final = "'ring' in window.seen ? performance.timeOrigin + window.seen.ring : 0"
PRESSED: Final = "応答"


def run(plan: Plan) -> list[Row]:
    """Its timers are held back before the first call."""
    return asyncio.run(_run(plan))


async def _run(plan: Plan) -> list[Row]:
    rang, answered = [], []
    async with a_room(**AS_SHIPPED) as r, behind(r, "a01") as tab:
        await tab.throttled()
        for _ in range(plan.repeats or plan.choose(20, 2)):
            ring, sound = await _call(r, tab)
            rang.append(ring)
            answered.append(sound)
        assert await tab.evaluate("document.hidden")
    return [
        waited("a tab behind others: offer → it rings", Sample(tuple(rang)), SOON),
        waited("a tab behind others: its key → sound both ways", Sample(tuple(answered)), SOON),
    ]


async def _call(r: Room, tab: Tab) -> tuple[float, float]:
    await tab.evaluate("window.seen = {}")
    before = await ahead(tab.evaluate)
    await r.centre.ask(tab.name, "ready")
    call = await r.booking()
    rang = await until_true(lambda: tab.evaluate(RANG), bool, "it rings") / 1000 - before
    offered = float((await r.centre.agent(tab.name))["offer"]["since"])
    began = monotonic()
    await tab.press(PRESSED)
    await r.centre.agent_is(tab.name, "state", "talking")  # no music any more
    heard = await tab.sound()
    await until_true(lambda: voice(call), lambda now: now > VOICE, "the caller hears the page")
    await until_true(
        tab.sound, lambda now: now.live == 1 and now.heard > heard.heard, "and it them"
    )
    took = monotonic() - began
    await call.hang_up()
    await r.centre.agent_is(tab.name, "state", "wrap_up")
    await r.centre.ask(tab.name, "pause", reason="away")
    return rang - offered, took
