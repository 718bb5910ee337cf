"""What a desk beside a phone needs: news of what happens, and requests of the person at it."""

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, update

from agents.tables import SEATINGS
from telephony.link import news as told
from telephony.link.client import Refused
from telephony.link.news_reader import Heard, Missed, follow
from telephony.link.news_stream import STREAM, RedisNews
from telephony.store.changes import OwnCallClosed
from tests.real.centre import WRAP_UP, Centre
from tests.real.waiting import pause, until_true
from tests.sip.call import Call

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="package")]


async def until_agent(
    following: AsyncGenerator[Heard | Missed, None], seat: str, state: str
) -> told.AgentNews:
    """The news that this agent is so."""
    async for heard in following:
        if isinstance(heard, Heard) and heard.news.kind == "agent":
            agent = heard.news.agent
            if (agent.seat, agent.state) == (seat, state):
                return heard.news
    raise AssertionError("the news have no end")


async def test_news_are_told_of_a_call_as_it_goes_and_name_nobody(c: Centre) -> None:
    stream = RedisNews(c.redis)
    following = follow(stream, None)
    assert isinstance(await anext(following), Missed)
    phone = await c.ready("a01")
    call = await c.call("0")
    leg = await phone.rings()
    offered = await until_agent(following, "a01", "offered")
    assert offered.agent.offer is not None
    assert offered.agent.offer.call == offered.agent.call
    await leg.answer()
    await until_agent(following, "a01", "talking")
    await c.together("a01")
    await call.hang_up()
    wrapping = await until_agent(following, "a01", "wrap_up")
    status = await c.agent("a01")
    assert wrapping.agent.call == status["call"] == offered.agent.call
    await following.aclose()
    everything = str(await c.redis.xrange(STREAM))
    assert not [number for number in c.numbers if number.removeprefix("0") in everything]


# -- people at desks ----------------------------------------------------------------------------


@asynccontextmanager
async def seated(c: Centre, seat: str, person: str) -> AsyncIterator[None]:
    """Somebody sits there as the desk has it, which signs out whoever it does not know of."""
    row = {"seat": seat, "started_at": c.wall(), "user": person, "announced_name": "試験"}
    begin = insert(SEATINGS).values(session=f"test-{person}", **row)
    await c.database.write(lambda connection: connection.execute(begin))
    await c.ask(seat, "sign_in", person=person)
    try:
        yield
    finally:
        await c.ask(seat, "sign_out")
        here = SEATINGS.c.user == person
        end = update(SEATINGS).where(here).values(ended_at=c.wall())
        await c.database.write(lambda connection: connection.execute(end))


async def test_a_card_worker_is_called_when_nobody_else_is_and_goes_back_to_the_cards(
    c: Centre,
) -> None:
    async with seated(c, "a02", "u1"):
        await card_worker(c)


async def card_worker(c: Centre) -> None:
    """Prepares cards, is called away, and comes back."""
    phone = await c.phone("a02")
    await c.ask("a02", "ready", work="card_pre")
    cards = await c.agent_is("a02", "state", "ready")
    assert (cards["reason"], cards["availability"], cards["person"]) == (
        "card_pre",
        "reserve",
        "u1",
    )
    call = await c.call("0")
    await c.waiting(1)
    leg = await phone.rings()
    await leg.answer()
    assert await leg.heard(call.tone_hz)
    answered_at = time.monotonic()
    await call.hang_up()
    wrapping = await c.agent_is("a02", "state", "wrap_up")
    assert (wrapping["wrap_up_target"], wrapping["wrap_up_ends"]) == (WRAP_UP, False)
    waited = (await c.record(call))["waited"]
    assert 10 <= waited <= answered_at - call.invited_at
    await pause(WRAP_UP + 0.5)  # longer than a phone agent's
    assert (await c.agent("a02"))["state"] == "wrap_up"
    await c.ask("a02", "wrap_up_done")
    assert (await c.agent_is("a02", "state", "ready"))["reason"] == "card_pre"


# -- the answer key -----------------------------------------------------------------------------


async def test_the_page_answers_the_desk_phone(c: Centre) -> None:
    phone = await c.ready("a01")
    call = await c.call("0")
    leg = await phone.rings()
    await answered_by_page(c)
    assert leg.asked_to_talk == 1
    assert await call.heard(phone.tone_hz)
    assert await leg.heard(call.tone_hz)


async def test_a_phone_that_does_not_know_the_answer_key_is_told_of(c: Centre) -> None:
    phone = await c.ready("a01")
    await c.call("0")
    for _ in range(3):  # one offer rings for hardly longer than it takes to be sure
        leg = await phone.rings()
        leg.talks = False
        await until_granted(c)
        await leg.ended
        if not (await c.agent("a01"))["answers"]:
            break
        await c.ask("a01", "ready")
    leg = await phone.rings()
    with pytest.raises(Refused, match="受話器"):
        await until_granted(c)
    await leg.answer()
    await c.agent_is("a01", "state", "talking")


async def test_where_nothing_rings_the_answer_key_says_so(c: Centre) -> None:
    await c.ready("a01")
    with pytest.raises(Refused, match="鳴っている電話はありません"):
        await c.ask("a01", "answer")


async def until_granted(c: Centre) -> None:
    """The centre has heard the phone ring a moment after the phone itself."""
    offered = await c.agent_is("a01", "state", "offered")
    while not (offered["offer"] or {}).get("ringing"):
        offered = await c.agent("a01")
    await c.ask("a01", "answer")


async def answered_by_page(c: Centre) -> None:
    """The agent presses the key, and talks."""
    await until_granted(c)
    await c.agent_is("a01", "state", "talking")


# -- calls that agents begin, and callers handed out --------------------------------------------


RINGS_AT = 400  # hertz, in Japan


async def together(one: Call, other: Call) -> bool:
    """Each hears the other."""
    return await one.heard(other.tone_hz) and await other.heard(one.tone_hz)


async def own_record(c: Centre) -> OwnCallClosed:
    """The one call that an agent began in this test, over."""
    found = await until_true(
        lambda: c.records_of.own_calls(c.began), lambda found: bool(found), "an own call's record"
    )
    assert len(found) == 1
    return found[0]


async def test_an_agent_calls_a_colleague_and_no_citizen_is_counted(c: Centre) -> None:
    async with seated(c, "a02", "u2"):
        await colleagues(c)


async def colleagues(c: Centre) -> None:
    """One calls the other, who has just sat down."""
    one, two = await c.ready("a01"), await c.phone("a02")
    await c.ask("a01", "call", target="a02")
    mine = await one.rings()
    assert mine.caller == "a02"
    await mine.answer()
    theirs = await two.rings()
    assert theirs.caller == "a01"
    assert (await c.agent_is("a02", "state", "offered"))["reason"] == "internal"
    await theirs.answer()
    assert await together(mine, theirs)
    assert (await c.agent("a01"))["reason"] == "internal"
    await theirs.hang_up()
    await mine.ended
    await c.agent_is("a01", "state", "ready")
    assert (await c.agent_is("a02", "state", "paused"))["reason"] == "signed_in"
    record = await own_record(c)
    assert (record.kind, record.agent, record.target) == ("internal", "a01", "a02")
    assert record.end == "hung_up"


async def test_an_agent_calls_the_city_over_a_line(c: Centre) -> None:
    phone = await c.ready("a01")
    await c.ask("a01", "call", target="town")
    await c.line_is(1, "dialling")
    mine = await phone.rings()
    await mine.answer()
    town = await c.trunk.rings()
    assert town.dialled == "0942000199"
    assert await mine.heard(RINGS_AT)
    await town.answer()
    assert await together(mine, town)
    await c.line_is(1, "outbound")
    await c.ask("a01", "end")
    await town.ended
    await c.line_is(1, "idle")
    assert (await own_record(c)).kind == "outbound"
    with pytest.raises(Refused, match="許可されていません"):
        await c.ask("a01", "call", target="premium")


async def test_a_citizen_is_handed_to_the_city_and_comes_back_when_nobody_is_there(
    c: Centre,
) -> None:
    call, _ = await c.talking("a01")
    await c.ask("a01", "transfer", target="town")
    town = await c.trunk.rings()
    town.busy()
    two = await c.ready("a02")
    leg = await two.rings()
    await leg.answer()
    assert await together(call, leg)
    await c.together("a02")
    await c.ask("a02", "transfer", target="town")
    town = await c.trunk.rings()
    await town.answer()
    assert await together(call, town)
    await call.hang_up()
    await town.ended
    events = [each["event"] for each in (await c.record(call))["timeline"]]
    assert events.count("dialled") == 2
    assert "connected_outside" in events
