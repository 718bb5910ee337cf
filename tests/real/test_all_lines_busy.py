"""Every line is taken, and two channels lie beyond them: the real Asterisk, with audio."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from telephony.store.worklist import Worklist
from tests.real import site_copy
from tests.real.centre import CARRIER, REACH_FOR, RING_FOR, Centre, begun, up_command
from tests.real.invariants import invariants
from tests.real.tones import hears
from tests.real.waiting import pause, until_true
from tests.sip import OutgoingCall, Policy
from tests.supervisor.instance import instance

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

BEYOND = "all_lines_busy: {lines: 2, exit: all_busy}\n"
# They may come to a person from there by 0, so they hear first that calls are recorded.
ALL_BUSY = "  all_busy: {kind: say, prompt: greeting, then: other_line}\n"
HIDDEN = {"from_uri": "sip:anonymous@anonymous.invalid", "display": "Anonymous"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """A centre of one line, whose carrier lets five calls through."""
    folder = tmp_path_factory.mktemp("beyond")
    async with instance(folder / "home") as made:
        carrier = made.base + CARRIER
        site = site_copy.copy(folder, carrier, RING_FOR, REACH_FOR)
        file = site / "site.yaml"
        text = file.read_text("utf-8").replace("lines: 6\n", "lines: 1\n")
        file.write_text(text.replace("trunk:\n", "trunk:\n  sessions: 5\n") + BEYOND, "utf-8")
        flow = site / "flows" / "main.yaml"
        flow.write_text(flow.read_text("utf-8") + ALL_BUSY, "utf-8")
        async with begun(made, up_command(made, site), carrier) as started:
            yield started


@pytest_asyncio.fixture(loop_scope="module")
async def b(running: Centre) -> AsyncIterator[Centre]:
    """The instance at rest, and at rest again afterwards."""
    running.begin()
    yield running
    running.trunk.policy = Policy.RING
    await running.clear()
    await invariants(running)


async def takes_the_line(b: Centre) -> OutgoingCall:
    call = await b.call()
    await b.line_is(1, "menu")
    return call


async def owed(b: Centre, number: str) -> str:
    """Why one callback is, once it is."""
    found = await until_true(
        lambda: Worklist(b.database).of_number(number), bool, f"owed to {number[-4:]}"
    )
    assert len(found) == 1
    return found[0].cause


async def test_the_other_line_takes_the_call_and_says_that_it_was_solved(b: Centre) -> None:
    await takes_the_line(b)
    call = await b.call(from_number="0942000961")
    leg = await b.trunk.rings()
    assert leg.dialled == "0942000198"
    await leg.answer()
    await hears(leg, "overflow_intro")
    await leg.send_keys("1", held_for=0.1)
    assert await leg.heard(call.tone_hz, 15)
    assert await call.heard(leg.tone_hz)
    lines = (await b.status())["lines"]
    assert [line["overflow"] for line in lines] == [False, True, True]
    third = await b.call()
    assert (await third.ended).status == 486  # and is counted all the same
    await call.hang_up()
    await leg.ended
    record = await b.record(call)
    assert (record["outcome"], record["overflow_reason"]) == ("overflowed", "all_lines_busy")
    assert record["line"] == 2
    assert (await b.record(third))["overflow_reason"] == "all_lines_busy"
    assert await Worklist(b.database).of_number("+81942000961") == []  # it was solved there


async def test_who_reaches_nobody_there_either_hears_that_they_are_called_back(b: Centre) -> None:
    await takes_the_line(b)
    b.trunk.policy = Policy.BUSY
    call = await b.call(from_number="0942000962")
    await hears(call, "sorry_call_back", since=call.invited_at)
    await call.ended
    record = await b.record(call)
    assert (record["outcome"], record["overflow_reason"]) == ("overflowed", "all_lines_busy")
    assert await owed(b, "+81942000962") == "overflow"


async def test_who_shows_no_number_may_leave_one(b: Centre) -> None:
    await takes_the_line(b)
    b.trunk.policy = Policy.BUSY
    call = await b.call(**HIDDEN)
    await hears(call, "request_offer", since=call.invited_at)
    await call.send_keys("1", held_for=0.1)
    await hears(call, "number_ask")
    await pause(0.2)
    await call.send_keys("0942000963#", held_for=0.06)
    await hears(call, "number_confirm")
    await call.send_keys("1", held_for=0.1)
    await hears(call, "request_taken")
    await call.ended
    assert await owed(b, "+81942000963") == "requested"
