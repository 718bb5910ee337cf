"""Nobody is forgotten: what real calls leave in the ledger, which agrees with their records."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from telephony.owing.model import Obligation, State
from telephony.store.worklist import Whole, Worklist
from tests.real.centre import Centre
from tests.real.invariants import invariants
from tests.real.waiting import pause, until, until_true
from tests.sip import talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

LINES = 6
LONG_ENOUGH = 1.3  # seconds; this site's `short_abandon` is 1


@pytest_asyncio.fixture(loop_scope="package")
async def o(running: Centre) -> AsyncIterator[Centre]:
    """The instance; afterwards its ledger agrees with every record there is (`invariants`)."""
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


async def owed(c: Centre, number: str) -> list[Obligation]:
    """What is owed to a number as a caller shows it."""
    return await Worklist(c.database).of_number(f"+81{number[1:]}")


async def opens(
    c: Centre, number: str, good: Callable[[list[Obligation]], bool] = bool
) -> list[Obligation]:
    """The same, once it is as expected."""
    return await until_true(lambda: owed(c, number), good, f"owed to {number[-4:]}")


async def history(c: Centre, one: Obligation) -> Whole:
    whole = await Worklist(c.database).whole(one.id)
    assert whole is not None
    return whole


async def gives_up(c: Centre, number: str) -> str:
    """Somebody waits for a while and hangs up; the id of their call."""
    call = await c.call("0", from_number=number)
    await c.waiting(1)
    await pause(LONG_ENOUGH)
    await call.hang_up()
    record = await c.record(call)
    assert record["outcome"] == "abandoned"
    return str(record["id"])


async def test_a_caller_who_gives_up_is_owed_one_callback_and_a_short_one_none(o: Centre) -> None:
    call = await gives_up(o, "0942000811")
    (one,) = await opens(o, "0942000811")
    assert (one.id, one.cause, one.state) == (f"ob-{call}", "abandoned", State.OPEN)
    short = await o.call(from_number="0942000812")
    await short.hang_up()
    await o.record(short)
    assert await owed(o, "0942000812") == []


async def test_a12_five_calls_of_one_number_are_one_obligation_with_five_events(o: Centre) -> None:
    calls = [await gives_up(o, "0942000813") for _ in range(5)]
    (one,) = await opens(o, "0942000813", lambda found: bool(found) and found[0].events == 5)
    assert [event.call for event in (await history(o, one)).events] == calls


async def test_the_seventh_caller_is_refused_and_not_forgotten(o: Centre) -> None:
    for number in range(1, LINES + 1):
        await o.call()
        await o.line_is(number, "menu")
    seventh = await o.call(from_number="0942000814")
    assert (await seventh.ended).status == 486
    (one,) = await opens(o, "0942000814")
    assert one.cause == "overflow"


async def test_who_gets_through_is_contacted_for_now(o: Centre) -> None:
    await gives_up(o, "0942000815")
    (one,) = await opens(o, "0942000815")
    phone = await o.ready("a01")
    call = await o.call("0", from_number="0942000815")
    leg = await phone.rings()
    await leg.answer()
    await o.together("a01")
    # While they talk: nobody else may ring them meanwhile.
    await opens(o, "0942000815", lambda found: found == [])
    known = (await history(o, one)).obligation
    assert (known.state, known.provisional) == (State.CONTACTED, True)
    await talk(call, leg)
    await call.hang_up()
    record = await o.record(call)
    assert (record["outcome"], known.closed_by) == ("answered", record["id"])


async def test_twenty_give_up_at_once_and_each_is_owed_one(o: Centre) -> None:
    numbers = [f"09420007{number:02}" for number in range(20)]
    calls = [await o.call(from_number=number) for number in numbers]
    await until(
        lambda: sum(call.answered.happened for call in calls) == LINES, "six lines are taken"
    )
    await pause(LONG_ENOUGH)
    for call in calls:
        call.hang_up()
    for call in calls:
        await call.ended
    await o.quiet()
    records = await o.some_records(len(numbers))
    outcomes = sorted(record["outcome"] for record in records)
    assert outcomes == ["abandoned"] * LINES + ["overflowed"] * (20 - LINES)
    for number in numbers:
        (one,) = await opens(o, number)
        assert one.events == 1


async def test_a_memo_and_a_claim_at_the_real_controller(o: Centre) -> None:
    opened = await o.link.open_callback("p1", key="memo-1", cause="memo", number="0942000816")
    (one,) = await opens(o, "0942000816")
    assert one.id == opened
    asked = [
        o.link.do_callback(opened, "claim", person, key=f"claim-{person}")
        for person in ("p1", "p2")
    ]
    told = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in told if each is not None]
    assert len(refused) == 1
    assert "ほかの人" in str(refused[0])
    home = str(o.instance.home.path)
    command = (sys.executable, "-m", "telephony", "callbacks", "balance", "--json", "--home", home)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    figures = json.loads(out)
    opened_ones = figures.pop("opened")
    assert opened_ones == sum(figures.values()) > 0
