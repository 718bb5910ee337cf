"""F1 and F2 on the real thing: SQLite held by another; Redis killed, silent, emptied, cut back."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from config.site_kept import load_or_kept
from telephony.acd.model import AgentId
from telephony.calls.journal import RedisJournal
from telephony.calls.lease import TTL
from telephony.calls.rebuild import Rebuilt, rebuild
from telephony.calls.rules import rules_of
from tests.real import outage
from tests.real.centre import Centre, caller, centre
from tests.real.dying import back, insist, kill
from tests.real.invariants import invariants
from tests.real.stores import journal_is_away, locked, silent_redis, without_redis
from tests.real.waiting import pause, until_true
from tests.sip import AnswerAfter, Talk, talk

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

LOCKED_FOR = 10.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Centre]:
    """An instance of its own: its stores suffer."""
    async with centre(tmp_path_factory.mktemp("stores"), ring_for=30.0) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def c(running: Centre) -> AsyncIterator[Centre]:
    """The instance at rest, and at rest again afterwards."""
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


async def test_f1_sqlite_is_held_by_another_process(c: Centre) -> None:
    await outage.through(c, lambda: locked(c.instance.home.database), LOCKED_FOR)


async def test_f2_redis_killed_under_calls(c: Centre) -> None:
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    phone = await c.phone("a02", AnswerAfter())
    first = await c.call("0")
    await c.waiting(1)
    async with without_redis(c):
        second = await c.call("0")
        await c.waiting(2)
        await until_true(c.status, journal_is_away, "the journal is away")
        await c.ask("a02", "ready")
        taken = await phone.rings()  # routing from memory
        assert taken.caller == caller(first)
        await talk(first, taken)
        third = await c.call("0")
        await c.waiting(2)
    await journaled_again(c)
    await kill(c)
    await back(c)
    await c.together("a02")
    await first.hang_up()
    await c.agent_is("a02", "state", "wrap_up")
    await insist(c, "a02", "wrap_up_done")
    assert (await phone.rings()).caller == caller(second)  # joins made meanwhile keep their order
    await c.together("a02")
    await second.hang_up()
    await c.agent_is("a02", "state", "wrap_up")
    await c.ask("a02", "wrap_up_done")
    assert (await phone.rings()).caller == caller(third)
    await talk(talking, leg)
    assert await watched.lost_ms() < outage.GAP


async def test_f2_redis_is_there_and_silent_for_longer_than_the_lease(c: Centre) -> None:
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    phone = await c.phone("a02", AnswerAfter())
    first = await c.call("0")
    await c.waiting(1)
    epoch = (await c.status())["controller"]["epoch"]
    async with silent_redis(c):
        second = await c.call("0")
        await c.waiting(2)
        await until_true(c.status, journal_is_away, "the journal is away")
        await c.ask("a02", "ready")
        assert (await phone.rings()).caller == caller(first)
        await pause(TTL)
        third = await c.call("0")
        await c.waiting(2)
    await until_true(c.status, lambda status: not journal_is_away(status), "the journal is back")
    assert (await c.status())["controller"]["epoch"] == epoch  # whoever knows it all still leads
    await kill(c)  # at once: no snapshot is needed, as nothing is missing
    await back(c)
    await c.together("a02")
    await first.hang_up()
    await c.agent_is("a02", "state", "wrap_up")
    await insist(c, "a02", "wrap_up_done")
    assert (await phone.rings()).caller == caller(second)
    await c.together("a02")
    await second.hang_up()
    await c.agent_is("a02", "state", "wrap_up")
    await c.ask("a02", "wrap_up_done")
    assert (await phone.rings()).caller == caller(third)
    await talk(talking, leg)
    assert await watched.lost_ms() < outage.GAP


async def test_f2_redis_emptied_under_calls(c: Centre) -> None:
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    await c.phone("a03")
    await c.ask("a03", "ready")
    await c.ask("a03", "pause", reason="1")
    phone = await c.phone("a02", AnswerAfter())
    waiting = [await c.call("0") for _ in range(2)]
    await c.waiting(2)
    epoch = (await c.status())["controller"]["epoch"]
    await c.redis.flushall()
    await journaled_again(c)
    await kill(c)
    await back(c)
    assert (await c.status())["controller"]["epoch"] > epoch
    agent = await c.agent("a03")
    assert (agent["state"], agent["reason"]) == ("paused", "1")
    await c.ask("a02", "ready")
    assert (await phone.rings()).caller == caller(waiting[0])
    await talk(talking, leg)
    assert await watched.lost_ms() < outage.GAP


async def test_f2_redis_comes_back_without_its_last_second(c: Centre) -> None:
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    await c.phone("a03")
    await c.ask("a03", "ready")
    phone = await c.phone("a02", AnswerAfter())
    first = await c.call("0")
    await c.waiting(1)
    await pause(1.5)  # until it is on the disk, as far as it will be
    known = appended(c)
    size = known.stat().st_size
    second = await c.call("0")
    await c.waiting(2)
    await c.ask("a03", "pause", reason="2")
    async with without_redis(c):
        os.truncate(known, size)
    await journaled_again(c)
    await kill(c)
    await back(c)
    agent = await c.agent("a03")
    assert (agent["state"], agent["reason"]) == ("paused", "2")
    await c.ask("a02", "ready")
    assert (await phone.rings()).caller == caller(first)
    await c.together("a02")
    await first.hang_up()
    await c.agent_is("a02", "state", "wrap_up")
    await c.ask("a02", "wrap_up_done")
    assert (await phone.rings()).caller == caller(second)
    await talk(talking, leg)
    assert await watched.lost_ms() < outage.GAP


def appended(c: Centre) -> Path:
    """The file Redis appends to."""
    (found,) = (c.instance.home.redis / "appendonlydir").glob("*.incr.aof")
    return found


async def journaled_again(c: Centre) -> None:
    """A leader that came now would know who waits, and who does what."""
    rules = rules_of(load_or_kept(c.site, c.instance.home.site)[0])

    async def rebuilt() -> Rebuilt:
        await pause(0.2)  # replaying takes this process, and with it the telephones, some time
        return await rebuild(RedisJournal(c.redis), rules)

    now = await c.status()
    calls = {line["call"] for line in now["lines"] if line["call"] is not None}
    agents = {agent["seat"]: agent["state"] for agent in now["agents"]}

    def knows(found: Rebuilt) -> bool:
        roster = found.centre.acd.roster
        states = {seat: roster[AgentId(seat)].state.value for seat in agents}
        return found.complete and set(found.centre.visits.calls) == calls and states == agents

    await until_true(rebuilt, knows, "snapshot and journal are there again")
