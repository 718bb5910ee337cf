"""SQL is away for a while, with talks, arrivals and agents' requests going on; then it is back."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from telephony.store.intervals import AgentInterval
from tests.real.centre import Centre
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter, OutgoingCall, Talk, talk

GAP: Final = 100  # milliseconds of audio that a talking pair would miss
EVERY: Final = 1.0  # seconds between two callers
BACK_WITHIN: Final = 30.0
Status = dict[str, Any]
Away = Callable[[], AbstractAsyncContextManager[object]]


@dataclass
class Granted:
    """What an agent was granted, and how long each answer took."""

    states: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    async def ask(self, c: Centre, seat: str, do: str, state: str, **given: str) -> None:
        """Ask, and note the state that was promised."""
        began = time.monotonic()
        await c.ask(seat, do, **given)
        self.took.append(time.monotonic() - began)
        self.states.append(state)


async def through(c: Centre, away: Away, seconds: float) -> None:
    """Nobody who talks notices, calls are routed, requests granted; SQL has each thing once."""
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    await c.ready("a02", AnswerAfter())
    await c.phone("a03")
    granted, calls = Granted(), list[OutgoingCall]()
    began = time.monotonic()
    async with away():
        while time.monotonic() < began + seconds:
            calls.append(await one_call(c))
            await granted.ask(c, "a03", "ready", "ready")
            await granted.ask(c, "a03", "pause", "paused", reason=f"{len(calls)}")
            await pause(EVERY)
        assert (await c.status())["controller"]["records_away"]
    tell(f"{len(calls)} calls, {len(granted.took)} requests, slowest {max(granted.took):.3f} s")
    await written(c)
    assert await watched.lost_ms() < GAP
    await talking.hang_up()
    for call in [talking, *calls]:
        assert (await c.record(call))["outcome"] == "answered"
    assert await states(c, "a03") == granted.states


async def one_call(c: Centre) -> OutgoingCall:
    """A citizen is put through, and leaves."""
    await c.ask("a02", "ready")
    call = await c.call("0")
    await c.together("a02")
    await call.hang_up()
    await c.agent_is("a02", "state", "wrap_up")
    await c.ask("a02", "wrap_up_done")
    return call


async def written(c: Centre) -> None:
    """SQL has everything, and the spool nothing."""
    await until_true(
        c.status,
        lambda status: (
            not status["controller"]["records_away"]
            and status["controller"]["records_behind"] == 0
            and status["controller"]["records_spooled"] == 0
        ),
        "everything written",
        BACK_WITHIN,
    )


async def states(c: Centre, seat: str) -> list[str]:
    """What SQL says the agent was since the test began, in order."""
    found: list[AgentInterval] = await c.records_of.agent_intervals(c.began, c.wall())
    mine = [each for each in found if each.agent == seat and each.started_at >= c.began]
    return [each.state for each in sorted(mine, key=lambda each: each.started_at)]


def tell(measured: str) -> None:
    """Seen with `pytest -s`."""
    print(measured)  # noqa: T201
