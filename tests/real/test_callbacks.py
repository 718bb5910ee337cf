"""Citizens who are called back on the real Asterisk: once each, also when the controller dies."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from telephony.link.client import Refused
from telephony.supervisor import control
from tests.real.centre import Centre, centre
from tests.real.invariants import invariants
from tests.real.test_kill import back, killed
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter, IncomingCall, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

CITIZEN = "0942000981"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own: its controller dies."""
    async with centre(tmp_path_factory.mktemp("callbacks"), ring_for=20.0) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def k(running: Centre) -> AsyncIterator[Centre]:
    """The instance at rest, and at rest again afterwards."""
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


async def dialled(k: Centre) -> tuple[IncomingCall, IncomingCall]:
    """A talk with a citizen has broken off; the agent has picked up again, and theirs rings."""
    phone = await k.ready("a01")
    call = await k.call("0", from_number=CITIZEN)
    leg = await phone.rings()
    await leg.answer()
    await k.agent_is("a01", "state", "talking")
    assert await call.heard(leg.tone_hz)
    await call.hang_up()
    await leg.ended
    await k.agent_is("a01", "state", "wrap_up")
    await k.agent_is("a01", "phone", "free")
    await k.ask("a01", "call_again")
    mine = await phone.rings()
    assert k.trunk.incoming.empty()  # nobody is rung before somebody is there for them
    await mine.answer()
    theirs = await k.trunk.rings()
    assert theirs.dialled == CITIZEN
    assert theirs.caller == "0942000100"  # the number that citizens know us by
    return mine, theirs


async def attempt(k: Centre) -> tuple[str, str]:
    """What became of the one call that the agent began in this test."""
    found = await until_true(
        lambda: k.records_of.own_calls(k.began), lambda found: bool(found), "the attempt's record"
    )
    assert len(found) == 1
    return found[0].kind, found[0].end


async def test_the_agent_is_rung_first_and_both_hear_each_other(k: Centre) -> None:
    mine, theirs = await dialled(k)
    assert (await k.status())["lines"][0]["state"] == "dialling"
    await theirs.answer()
    await talk(mine, theirs)
    own = next(call for call in (await k.status())["calls"] if call["direction"] == "callback")
    await k.ask("a01", "attempt_result", attempt=own["id"], result="reached")
    await theirs.hang_up()
    await mine.ended
    assert await attempt(k) == ("callback", "hung_up")
    await k.agent_is("a01", "state", "wrap_up")
    assert CITIZEN[1:] not in repr(await k.journal())


async def test_what_is_owed_is_called_back_once_and_is_then_over(k: Centre) -> None:
    call = await k.call("0", from_number=CITIZEN)
    await k.waiting(1)
    await pause(1.5)
    await call.hang_up()
    record = await k.record(call)
    assert record["outcome"] == "abandoned"
    obligation = f"ob-{record['id']}"
    phone = await k.phone("a01")
    await k.ask("a01", "pause", reason="折り返し")
    await k.ask("a01", "call_back", obligation=obligation)
    mine = await phone.rings()
    await mine.answer()
    theirs = await k.trunk.rings()
    assert theirs.dialled == CITIZEN
    await theirs.answer()
    await talk(mine, theirs)
    own = next(one for one in (await k.status())["calls"] if one["direction"] == "callback")
    assert own["target"] == obligation
    await theirs.hang_up()
    await mine.ended
    await k.agent_is("a01", "state", "wrap_up")
    await k.ask("a01", "attempt_result", attempt=own["id"], result="reached")
    await k.agent_is("a01", "state", "paused")
    with pytest.raises(Refused):
        await k.ask("a01", "call_back", obligation=obligation)
    assert len(k.trunk.rung) == 1


async def test_f5_a_citizen_who_is_busy_leaves_no_second_wrap_up(k: Centre) -> None:
    mine, theirs = await dialled(k)
    await theirs.busy()
    await mine.ended
    assert await attempt(k) == ("callback", "no_answer")
    await k.agent_is("a01", "state", "ready")


async def test_f5_the_citizen_who_rings_in_and_is_answered_is_rung_no_more(k: Centre) -> None:
    mine, theirs = await dialled(k)
    other = await k.ready("a02", AnswerAfter(0.2))
    call = await k.call("0", from_number=CITIZEN)
    await k.agent_is("a02", "state", "talking")
    await theirs.ended
    await mine.ended
    assert await attempt(k) == ("callback", "cancelled")
    assert await call.heard(other.rung[-1].tone_hz)


@pytest.mark.parametrize("answered", [False, True])
async def test_a_controller_that_is_killed_in_a_dial_makes_no_second_call(
    k: Centre, answered: bool
) -> None:
    mine, theirs = await dialled(k)
    if answered:
        await theirs.answer()
        await talk(mine, theirs)
    await killed(k)
    with pytest.raises(Refused):  # it goes on: the same agent dials nobody beside it
        await k.ask("a01", "call_again")
    if not answered:
        await theirs.answer()
    await talk(mine, theirs)
    await theirs.hang_up()
    await mine.ended
    assert await attempt(k) == ("callback", "hung_up")
    await pause(2.0)  # time for a second one, were there one
    assert [each.dialled for each in k.trunk.rung] == [CITIZEN]
    await control.restart(k.instance.home, "controller")
    await back(k)
