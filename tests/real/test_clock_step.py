"""E6: the wall clock is set by an hour, both ways, under calls; no deadline and no call moves."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.real import site_copy
from tests.real.centre import CARRIER, Centre, begun, caller, up_command
from tests.real.invariants import invariants
from tests.real.shifted_clock import HOUR, ShiftedClock
from tests.real.tones import hears
from tests.sip import AnswerAfter, Talk, talk
from tests.supervisor.instance import instance

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

GAP = 100  # milliseconds of audio that a talking pair would miss
LONGEST = 120.0  # seconds; nobody has waited for an hour


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> ShiftedClock:
    return ShiftedClock(tmp_path_factory.mktemp("clock"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def c(tmp_path_factory: pytest.TempPathFactory, clock: ShiftedClock) -> AsyncIterator[Centre]:
    folder = tmp_path_factory.mktemp("stepped")
    async with instance(folder / "home") as made:
        site = site_copy.copy(folder, made.base + CARRIER, ring_for=30.0)
        command = clock.started_with(up_command(made, site, None))
        async with begun(made, command, made.base + CARRIER) as started:
            started.begin()
            yield started


async def test_e6_the_clock_is_set_by_an_hour_and_back_under_calls(
    c: Centre, clock: ShiftedClock
) -> None:
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    phone = await c.ready("a02")
    offered = await c.call("0")
    ringing = await phone.rings()
    first = await c.call("0")
    await c.waiting(2)
    clock.step(HOUR)
    await phone.register()  # what Asterisk knew of it has run out
    second = await c.call("0")  # the net has them until the heart beats by the new time
    await c.waiting(3)
    assert await greeted(c)
    clock.step(-HOUR)
    third = await c.call("0")
    await c.waiting(4)
    assert await greeted(c)
    if ringing.ended.happened:  # Asterisk had rung for an hour, and so it is rung anew
        ringing = await phone.rings()
    await ringing.answer()
    await talk(offered, ringing)
    phone.policy = AnswerAfter()
    await offered.hang_up()
    for waiting in (first, second, third):  # wrap-up lasts 4 s, not an hour, and not for ever
        assert (await phone.rings()).caller == caller(waiting)
        await waiting.hang_up()
    await talk(talking, leg)
    assert await watched.lost_ms() < GAP
    await c.clear()
    for record in await c.some_closed(len(c.placed)):
        assert 0 <= (record.waited or 0) < LONGEST
        assert 0 <= (record.talked or 0) < LONGEST
    await invariants(c)


async def greeted(c: Centre) -> bool:
    """Whoever comes now hears what everybody hears at first."""
    late = await c.call()
    await hears(late, "greeting", since=late.invited_at)
    return await late.hang_up() is not None
