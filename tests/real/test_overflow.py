"""Calls that another line takes, and numbers that are typed: the real Asterisk, with audio."""

import pytest

from telephony.store.worklist import Worklist
from tests.real.centre import Centre, caller
from tests.real.invariants import invariants
from tests.real.tones import hears
from tests.real.waiting import pause, until_true
from tests.sip import IncomingCall, OutgoingCall

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]

TO_NOBODY = "79"
TYPES = "7#"
WAITS = "77"  # where callers are asked for a number, and 1 is a callback
HIDDEN = {"from_uri": "sip:anonymous@anonymous.invalid", "display": "Anonymous"}


async def rings_at_the_hall(c: Centre) -> tuple[OutgoingCall, IncomingCall]:
    """A citizen whom nobody serves, and the other line that rings for them."""
    call = await c.call(TO_NOBODY)
    leg = await c.trunk.rings()
    assert leg.dialled == "0942000199"
    assert leg.caller == "0942000100"  # whom they see: us, by the number that is ours
    return call, leg


async def talks_to_the_hall(c: Centre) -> tuple[OutgoingCall, IncomingCall]:
    """They have heard what kind of call it is, and talk."""
    call, leg = await rings_at_the_hall(c)
    await leg.answer()
    await hears(leg, "overflow_intro")
    await hears(leg, f"digit-{caller(call)[-2]}")
    assert await leg.heard(call.tone_hz, 15)
    assert await call.heard(leg.tone_hz)
    return call, leg


async def result_of(c: Centre, call: OutgoingCall) -> tuple[str, str | None, object]:
    """How the call ended, by its record."""
    record = await c.record(call)
    said = [e for e in record["timeline"] if e["event"] == "overflow_answered"]
    assert len(said) == 1
    return record["outcome"], record["overflow_reason"], said[0]["result"]


@pytest.mark.parametrize(
    ("key", "result"), [("1", "solved"), ("2", "callback"), ("3", "wrong_place")]
)
async def test_the_other_line_hears_what_it_is_and_says_by_a_key_what_came_of_it(
    c: Centre, key: str, result: str
) -> None:
    call, leg = await talks_to_the_hall(c)
    await leg.send_keys(key, held_for=0.1)
    await pause(0.3)
    await call.hang_up()
    await leg.ended
    assert await result_of(c, call) == ("overflowed", "no_agent", result)


async def test_when_the_citizen_has_gone_it_is_asked_and_their_line_is_free(c: Centre) -> None:
    call, leg = await talks_to_the_hall(c)
    await call.hang_up()
    await c.line_is(1, "idle")
    await hears(leg, "overflow_ask")
    await leg.send_keys("1", held_for=0.1)
    await leg.ended
    assert await result_of(c, call) == ("overflowed", "no_agent", "solved")


async def test_whoever_says_nothing_has_the_citizen_called_back(c: Centre) -> None:
    call, leg = await talks_to_the_hall(c)
    await leg.hang_up()
    await call.ended
    assert await result_of(c, call) == ("overflowed", "no_agent", "none")


async def test_a_line_that_is_busy_leaves_the_citizen_to_the_flow(c: Centre) -> None:
    call, leg = await rings_at_the_hall(c)
    await leg.busy()
    await hears(call, "transfer_failed")
    await call.hang_up()
    record = await c.record(call)
    assert "overflow_answered" not in [event["event"] for event in record["timeline"]]


async def test_a_number_is_read_back_and_kept_when_it_is_confirmed(c: Centre) -> None:
    call = await c.call(TYPES)
    await hears(call, "number_ask")
    await call.send_keys("0942000987#", held_for=0.06)
    await hears(call, "digit-9")  # what they typed, read back
    await hears(call, "number_confirm")
    await call.send_keys("1", held_for=0.1)
    await hears(call, "request_taken")
    await call.ended
    record = await c.record(call)
    assert await c.records_of.inputs(record["id"]) == {"callback_number": "+81942000987"}
    assert "requested" in [event["event"] for event in record["timeline"]]
    assert "942000987" not in repr(await c.journal())
    await invariants(c)


async def is_owed(c: Centre, number: str) -> list[tuple[str, str]]:
    """Why, and in which state, once something is."""
    found = await until_true(
        lambda: Worklist(c.database).of_number(f"+81{number[1:]}"), bool, f"owed to {number[-4:]}"
    )
    return [(each.cause, each.state) for each in found]


async def test_a2_who_shows_no_number_leaves_one_while_they_wait_and_is_owed_a_call(
    c: Centre,
) -> None:
    call = await c.call(WAITS, **HIDDEN)
    await c.waiting(1, "asked")
    await hears(call, "number_wait_ask", since=call.invited_at)
    await call.send_keys("0942000986#", held_for=0.06)
    await hears(call, "number_confirm")
    await call.send_keys("1", held_for=0.1)
    await hears(call, "number_thanks")
    await hears(call, "position_intro")  # and the place is theirs still
    await c.waiting(1, "asked")
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["caller"]["number"]) == ("abandoned", None)
    assert await is_owed(c, "0942000986") == [("abandoned", "open")]
    assert "942000986" not in repr(await c.journal())
    await invariants(c)


async def test_1_while_they_wait_is_a_callback_at_another_number(c: Centre) -> None:
    call = await c.call(WAITS)
    await hears(call, "wait_callback", since=call.invited_at)
    await call.send_keys("1", held_for=0.1)
    await hears(call, "number_choice")
    await call.send_keys("2", held_for=0.1)
    await hears(call, "number_ask")
    await call.send_keys("0942000985#", held_for=0.06)
    await hears(call, "number_confirm")
    await call.send_keys("1", held_for=0.1)
    await hears(call, "request_taken")
    await c.waiting(0, "asked")
    await hears(call, "callback_never")
    await call.ended
    record = await c.record(call)
    assert (record["outcome"], record["overflow_reason"]) == ("overflowed", "choice")
    assert await is_owed(c, "0942000985") == [("requested", "open")]
    await invariants(c)


async def test_b4_an_agent_who_comes_while_they_choose_is_the_one_outcome(c: Centre) -> None:
    phone = await c.phone("a06")
    call = await c.call(WAITS)
    await hears(call, "wait_callback", since=call.invited_at)
    await call.send_keys("1", held_for=0.1)
    await hears(call, "number_choice")
    await c.ask("a06", "ready")
    leg = await phone.rings()
    await call.send_keys("1", held_for=0.1)  # too late: a telephone rings for them
    await leg.answer()
    await c.together("a06")
    assert await call.heard(leg.tone_hz)
    await call.hang_up()
    record = await c.record(call)
    assert record["outcome"] == "answered"
    assert "requested" not in [event["event"] for event in record["timeline"]]
    assert await Worklist(c.database).of_number(record["caller"]["number"]) == []
