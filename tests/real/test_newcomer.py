"""The shipped demo site as whoever runs `madoguchi up` for the first time meets it: nothing is
replaced by tones, short times or stand-ins. And what that very product does when `up` itself dies
or is told to stop.
"""

import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from config.home import Home
from tests.real.centre import CARRIER, Centre, begun
from tests.real.invariants import invariants
from tests.real.waiting import pause, until, until_true
from tests.sip import OutgoingCall, Talk, talk
from tests.supervisor.instance import instance

pytestmark = pytest.mark.asterisk

SPEECH = -35.0  # dBov over a third of a second; the greeting is at about -20
GAP = 100  # milliseconds of audio that a talking pair would miss


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Centre]:
    """The demo site, and nothing of a former run."""
    async with instance(tmp_path / "home") as made:
        command = _up(made.home, made.base)
        async with begun(made, command, made.base + CARRIER) as started:
            started.begin()
            yield started


def _up(home: Home, base: int) -> list[str]:
    words = ["up", "--home", str(home.path), "--port-base", str(base)]
    return [sys.executable, "-m", "telephony", *words]


async def spoken_to(call: OutgoingCall) -> None:
    """A voice: loud enough, and not one tone all the time."""
    await until(lambda: call.rms() > SPEECH, "somebody speaks", within=5)
    levels = []
    for _ in range(20):
        await pause(0.1)
        levels.append(call.media.ear.rms(0.1))
    assert max(levels) > SPEECH
    assert max(levels) - min(levels) > 6, levels  # words and pauses, no steady sound


async def test_a_citizen_is_greeted_presses_0_and_is_answered(demo: Centre) -> None:
    phone = await demo.ready("a01")
    call = await demo.call()
    await call.answered
    await spoken_to(call)
    await call.send_key("0")
    leg = await phone.rings()
    await leg.answer()
    await talk(call, leg)
    await call.hang_up()
    record = await demo.record(call)
    assert (record["outcome"], record["agent"], record["queue"]) == ("answered", "a01", "general")
    await demo.agent_is("a01", "state", "ready")  # five seconds later, by itself
    await demo.clear()
    await invariants(demo)


async def test_when_up_is_killed_a_talk_goes_on_and_the_next_up_finds_it(demo: Centre) -> None:
    call, leg = await demo.talking("a01")
    await talk(call, leg)
    watched = Talk(call, leg)
    before = await demo.instance.pids()
    epoch = (await demo.status())["controller"]["epoch"]
    demo.supervisor.process.kill()
    await demo.supervisor.ends()

    again = await demo.instance.up(*_up(demo.instance.home, demo.instance.base))
    await again.ready()
    after = await demo.instance.pids()
    assert {part: after[part] for part in ("asterisk", "redis")} == {
        part: before[part] for part in ("asterisk", "redis")
    }
    status = await until_true(demo.status, lambda told: bool(told["ready"]), "ready again")
    assert status["controller"]["epoch"] > epoch
    assert status["lines"][0]["agent"] == "a01"
    await talk(call, leg)
    assert await watched.lost_ms() < GAP
    await leg.hang_up()
    await call.ended
    assert (await demo.record(call))["timeline"][-1]["hung_up_by"] == "agent"
    await demo.clear()
    await invariants(demo)


async def test_ctrl_c_leaves_no_process_of_the_product_behind(demo: Centre) -> None:
    await demo.talking("a01")  # also with a call up
    supervisor = demo.supervisor
    supervisor.process.send_signal(signal.SIGINT)
    assert await supervisor.ends() == 0
    assert demo.instance.processes() == []
