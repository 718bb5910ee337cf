"""The cable of an agent's PC is pulled, for a moment and for good: what becomes of the citizen.

How long that takes is the machine's, and measured by the benchmark `page_cable`.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.desktop.faults import STAGES, VOICE, Struck, about_to, unplugged, voice
from tests.desktop.lan import Lan
from tests.desktop.lan_room import AS_SHIPPED, house
from tests.desktop.outcomes import RUNG_ANEW, Agent, strike
from tests.desktop.room import Room
from tests.real.invariants import invariants
from tests.real.waiting import until_true
from tests.sip import OutgoingCall, talk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.at_length,
    pytest.mark.asyncio(loop_scope="module"),
]
AGAIN = 60.0  # seconds, until somebody else is rung


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(lan: Lan, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    """A centre on the network as shipped, and a PC."""
    async with house(tmp_path_factory.mktemp("cable"), lan, AS_SHIPPED) as made:
        yield made.room


@pytest_asyncio.fixture(loop_scope="module")
async def r(home: Room, lan: Lan) -> AsyncIterator[Room]:
    """The room with nobody in it, and with nobody in it again afterwards."""
    home.centre.begin()
    yield home
    lan.mend()
    complaints = await home.leave()
    await home.centre.clear()
    await invariants(home.centre)
    assert complaints == []


@pytest.mark.parametrize("stage", STAGES)
async def test_a_citizen_is_kept_while_the_cable_is_pulled(r: Room, lan: Lan, stage: str) -> None:
    async with about_to(r, lan, stage) as at:
        outcome = await strike(at, stage, unplugged)
    if stage in RUNG_ANEW:
        assert outcome.lost
        told = await events(r, at.call)
        assert told.index("phone_lost") < told.index("phone_back")


@pytest.mark.parametrize("stage", ["ringing", "talking", "hold"])
async def test_a_citizen_goes_to_the_next_once_the_cable_stays_pulled(
    r: Room, lan: Lan, stage: str
) -> None:
    async with about_to(r, lan, stage) as at:
        lan.cut()
        colleague = await r.centre.ready("a02")
        leg = await colleague.rings(within=AGAIN)
        await leg.answer()
        await talk(at.call, leg)
        (call,) = (await r.centre.status())["calls"]
        assert (call["agent"], call["resumed"]) == ("a02", stage in RUNG_ANEW)
        lan.mend()
        await at.call.hang_up()
        await takes_the_next(r, at)
    told = await events(r, at.call)
    assert ("phone_lost" in told) == (stage in RUNG_ANEW)


async def test_whoever_was_consulted_has_the_citizen_once_the_cable_stays_pulled(
    r: Room, lan: Lan
) -> None:
    async with about_to(r, lan, "consult") as at:
        lan.cut()
        leg = at.colleague
        assert leg is not None
        await r.centre.agent_is("a02", "state", "talking", within=AGAIN)
        await talk(at.call, leg)
        lan.mend()
        await at.call.hang_up()


@pytest.mark.parametrize("stage", RUNG_ANEW)
async def test_the_desk_phone_rings_where_the_cable_is_pulled(
    r: Room, lan: Lan, stage: str
) -> None:
    phone = await r.centre.phone("a01")
    async with about_to(r, lan, stage) as at:
        lan.cut()
        leg = await phone.rings(within=AGAIN)
        await leg.answer()
        await r.centre.agent_is("a01", "reason", None)
        if stage == "hold":
            await r.centre.ask("a01", "resume")
        await talk(at.call, leg)
        lan.mend()
        await at.call.hang_up()
    assert "phone_back" in await events(r, at.call)


async def takes_the_next(r: Room, at: Struck) -> None:
    """The page whose cable is in its place again is a telephone as before."""
    agent = await r.centre.agent("a01")
    if agent["state"] == "wrap_up":
        await at.person.is_so("後処理")
        await at.person.keeps("電話機がつながりません")
    await until_true(Agent(at).goes_on, "ready".__eq__, "they take calls again", within=AGAIN)
    call = await r.booking()
    await at.person.is_so("呼出中")
    await at.person.press("F2")
    await until_true(lambda: voice(call), lambda now: now > VOICE, "the caller hears the page")
    await call.hang_up()


async def events(r: Room, call: OutgoingCall) -> list[str]:
    """What its record tells, in order."""
    return [each["event"] for each in (await r.centre.record(call))["timeline"]]
