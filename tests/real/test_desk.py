"""What a desk beside a phone needs: news of what happens, and requests of the person at it."""

from collections.abc import AsyncGenerator

import pytest

from telephony.link import news as told
from telephony.link.news_reader import Heard, Missed, follow
from telephony.link.news_stream import STREAM, RedisNews
from tests.real.centre import Centre

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
    await call.hang_up()
    wrapping = await until_agent(following, "a01", "wrap_up")
    status = await c.agent("a01")
    assert wrapping.agent.call == status["call"] == offered.agent.call
    await following.aclose()
    everything = str(await c.redis.xrange(STREAM))
    assert not [number for number in c.numbers if number.removeprefix("0") in everything]
