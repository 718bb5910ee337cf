"""A telephone whose tab is behind others: how soon it rings, and answers."""

import asyncio
from time import monotonic
from typing import Final

from benchmarks.measure import Sample, figures, told
from benchmarks.page_phones import AS_SHIPPED, a_room
from benchmarks.plan import Plan
from benchmarks.report import Row
from config.clock import Clock
from tests.desktop.behind import Tab, behind
from tests.desktop.faults import VOICE, voice
from tests.desktop.room import Room
from tests.real.waiting import until_true

SOON: Final = 2.0  # seconds
NOW: Final = "performance.timeOrigin + performance.now()"
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
        _row("a tab behind others: offer → it rings", Sample(tuple(rang))),
        _row("a tab behind others: its key → sound both ways", Sample(tuple(answered))),
    ]


def _row(what: str, sample: Sample) -> Row:
    met = sample.worst <= SOON
    told_ = told([sample])
    return Row(what, told_, target=f"each ≤ {SOON:g} s", met=met, figures=figures([sample]))


async def _call(r: Room, tab: Tab) -> tuple[float, float]:
    await tab.evaluate("window.seen = {}")
    ahead = await _ahead(tab)
    await r.centre.ask(tab.name, "ready")
    call = await r.booking()
    rang = await until_true(lambda: tab.evaluate(RANG), bool, "it rings") / 1000 - ahead
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


async def _ahead(tab: Tab) -> float:
    """Of our clock, in seconds: by the quickest of some questions."""
    clock, best = Clock(), (1.0, 0.0)
    for _ in range(20):
        asked = clock()
        said = await tab.evaluate(NOW) / 1000
        took = clock() - asked
        best = min(best, (took, said - (asked + took / 2)))
    return best[1]
