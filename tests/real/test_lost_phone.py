"""A telephone that falls dead in a talk: music, and whoever is at the seat has the caller again."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import yaml

from tests.real.centre import CARRIER, Centre, begun, up_command
from tests.real.invariants import invariants
from tests.real.site_copy import copy
from tests.real.tones import hears
from tests.real.waiting import until_true
from tests.sip import Call, IncomingCall, talk
from tests.supervisor.instance import instance

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

RING_FOR, REACH_FOR = 20.0, 10.0
MUSIC = -45.0  # dBov


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance whose desk phones always send sound, and count as dead when they do not."""
    folder = tmp_path_factory.mktemp("lost")
    async with instance(folder / "home") as made:
        site = copy(folder, made.base + CARRIER, RING_FOR, REACH_FOR)
        file = site / "site.yaml"
        plain = yaml.safe_load(file.read_text(encoding="utf-8"))
        plain["phones"] = {"phone_lost_after": 1.5}
        file.write_text(yaml.safe_dump(plain, allow_unicode=True), encoding="utf-8")
        async with begun(made, up_command(made, site), made.base + CARRIER) as started:
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def c(running: Centre) -> AsyncIterator[Centre]:
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


async def hears_music(call: Call, not_hertz: float) -> None:
    """Something is heard, and not the agent's telephone."""

    async def heard() -> bool:
        return call.rms() > MUSIC and call.level(not_hertz) < MUSIC

    await until_true(heard, bool, "music")


async def test_the_same_talk_goes_on_at_the_telephone_that_is_there(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await talk(call, leg)
    leg.media.stop_sending()
    await c.agent_is("a01", "reason", "phone_lost")
    await hears_music(call, leg.tone_hz)
    assert "phone_lost" in [each["id"] for each in (await alarms(c))]
    again = await c.phones["a01"].rings()
    await again.answer()
    await talk(call, again)
    assert (await c.agent("a01"))["state"] == "talking"
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["agent"]) == ("answered", "a01")
    events = [each["event"] for each in record["timeline"]]
    assert events.index("phone_lost") < events.index("phone_back") < events.index("ended")


async def test_one_that_does_not_come_back_leaves_the_caller_to_somebody_else(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await talk(call, leg)
    later = await c.call("0")
    leg.media.stop_sending()
    await c.agent_is("a01", "reason", "phone_lost")
    await hears_music(call, leg.tone_hz)
    await c.agent_is("a01", "state", "wrap_up", within=40)  # nobody lifts the handset that rings
    other = await c.ready("a02")
    taken = await other.rings()
    await taken.answer()
    await talk(call, taken)  # and not the one who came later
    calls = (await c.status())["calls"]
    assert [each["resumed"] for each in sorted(calls, key=lambda each: each["arrived_at"])] == [
        True,
        False,
    ]
    await call.hang_up()
    await later.hang_up()
    await c.agent_is("a01", "reason", "phone_lost")  # paused: this telephone is to be seen to
    assert (await c.agent("a01"))["state"] == "paused"


async def called_back(c: Centre) -> tuple[IncomingCall, IncomingCall]:
    """The agent's leg and the citizen's: a talk has broken off and is taken up again."""
    call, leg = await c.talking("a01")
    await call.hang_up()
    await leg.ended
    await c.agent_is("a01", "state", "wrap_up")
    await c.agent_is("a01", "phone", "free")
    await c.ask("a01", "call_again")
    mine = await c.phones["a01"].rings()
    await mine.answer()
    citizen = await c.trunk.rings()
    await citizen.answer()
    await talk(citizen, mine)
    return citizen, mine


async def test_a_citizen_who_is_called_back_hears_music_and_the_agent_again(c: Centre) -> None:
    citizen, mine = await called_back(c)
    mine.media.stop_sending()
    await c.agent_is("a01", "reason", "phone_lost")
    assert (await c.status())["lines"][0]["state"] == "hold"
    assert "phone_lost" in [each["id"] for each in (await alarms(c))]
    await hears_music(citizen, mine.tone_hz)
    again = await c.phones["a01"].rings()
    await again.answer()
    await talk(citizen, again)
    agent = await c.agent("a01")
    assert (agent["state"], agent["reason"]) == ("talking", "callback")
    await citizen.hang_up()
    await again.ended
    assert await ends(c) == ["hung_up"]


async def test_one_who_is_not_taken_back_hears_what_follows_before_the_line_is_given_up(
    c: Centre,
) -> None:
    citizen, mine = await called_back(c)
    mine.media.stop_sending()
    await c.agent_is("a01", "reason", "phone_lost")
    await hears_music(citizen, mine.tone_hz)
    await c.agent_is("a01", "state", "wrap_up", within=40)  # nobody lifts the handset that rings
    assert not citizen.ended.happened
    await hears(citizen, "broken_off_ring_again")
    await citizen.ended
    assert await ends(c) == ["phone_lost"]
    await c.line_is(1, "idle")


async def ends(c: Centre) -> list[str]:
    """How the calls ended that agents began in this test."""
    found = await until_true(lambda: c.records_of.own_calls(c.began), bool, "the record")
    return [each.end for each in found]


async def alarms(c: Centre) -> list[dict[str, object]]:
    """Those that are raised, once there are any."""

    async def raised() -> list[dict[str, object]]:
        found: list[dict[str, object]] = (await c.status())["alarms"]
        return found

    return await until_true(
        raised, lambda found: any(each["id"] == "phone_lost" for each in found), "the alarm"
    )
