"""The whole product on PostgreSQL; and F1, PostgreSQL gone under calls.

`MADOGUCHI_OUTAGE=60 pytest -s tests/real/test_postgresql.py` for an outage as long as the row's.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from random import Random  # noqa: TID251 -- the instants of a test, by its seed

import pytest
import pytest_asyncio

from tests.real import outage
from tests.real.brain import REACH, WITHIN, Blow, strike
from tests.real.centre import Centre, caller, centre
from tests.real.dying import back, insist, kill
from tests.real.invariants import invariants
from tests.sip import AnswerAfter, Talk, talk
from tests.store import postgres

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]

AWAY_FOR = float(os.environ.get("MADOGUCHI_OUTAGE") or 8)


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL of this module's own: it is stopped a lot."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    with postgres.running(programs) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    tmp_path_factory: pytest.TempPathFactory, server: postgres.Server
) -> AsyncIterator[Centre]:
    """An instance whose records are in PostgreSQL."""
    url = await postgres.create(server.socket, "madoguchi")
    folder = tmp_path_factory.mktemp("pg")
    async with centre(folder, ring_for=2 * WITHIN, database=url, reach_for=REACH) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def c(running: Centre) -> AsyncIterator[Centre]:
    """The instance at rest, and at rest again afterwards."""
    running.begin()
    yield running
    await running.clear()
    await invariants(running)


@asynccontextmanager
async def stopped(server: postgres.Server) -> AsyncIterator[None]:
    """Gone at once, as in a crash; in a thread, because we are the telephones, too."""
    await asyncio.to_thread(server.stop, signal.SIGQUIT)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def test_call_talk_pause_and_record_over_a_killed_controller(c: Centre) -> None:
    call, leg = await c.talking("a01")
    await talk(call, leg)
    await c.phone("a02")
    await c.ask("a02", "ready")
    await c.ask("a02", "pause", reason="lunch")
    await kill(c)
    await back(c)
    agent = await c.agent("a02")
    assert (agent["state"], agent["reason"]) == ("paused", "lunch")
    await talk(call, leg)
    await call.hang_up()
    record = await c.record(call)
    assert (record["outcome"], record["agent"]) == ("answered", "a01")
    assert record["caller"]["number"] == "+81" + caller(call)[1:]
    assert not c.instance.home.database.exists()


async def test_nothing_is_lost_with_the_brain(c: Centre) -> None:
    await strike(c, Blow.KILL, Random(1), "2")


async def test_f1_postgresql_gone_under_calls(c: Centre, server: postgres.Server) -> None:
    await outage.through(c, lambda: stopped(server), AWAY_FOR)


@asynccontextmanager
async def frozen(server: postgres.Server) -> AsyncIterator[None]:
    """There, and it answers nothing."""
    server.send(signal.SIGSTOP)
    try:
        yield
    finally:
        server.send(signal.SIGCONT)


async def test_f1_postgresql_hangs_under_calls(c: Centre, server: postgres.Server) -> None:
    await outage.through(c, lambda: frozen(server), AWAY_FOR / 2)


async def test_f1_controller_killed_while_postgresql_is_gone(
    c: Centre, server: postgres.Server
) -> None:
    talking, leg = await c.talking("a01")
    await talk(talking, leg)
    watched = Talk(talking, leg)
    await c.phone("a03")
    granted = outage.Granted()
    async with stopped(server):
        await granted.ask(c, "a03", "ready", "ready")
        await granted.ask(c, "a03", "pause", "paused", reason="1")
        waiting = await c.call("0")
        await c.waiting(1)
        await kill(c)
        await back(c)  # it leads without SQL
        agent = await c.agent("a03")
        assert (agent["state"], agent["reason"]) == ("paused", "1")
        phone = await c.phone("a02", AnswerAfter())
        await insist(c, "a02", "ready")
        await talk(waiting, await phone.rings())
        await granted.ask(c, "a03", "ready", "ready")
        await granted.ask(c, "a03", "pause", "paused", reason="2")
        await waiting.hang_up()
        await kill(c)
        await back(c)
        await granted.ask(c, "a03", "sign_out", "signed_out")
    await outage.written(c)
    await talk(talking, leg)
    assert await watched.lost_ms() < outage.GAP
    await talking.hang_up()
    for call in (talking, waiting):
        record = await c.record(call)
        assert record["outcome"] == "answered"
        assert record["caller"]["number"] is not None
    assert await outage.states(c, "a03") == granted.states
    assert list(c.instance.home.spool.glob("*.damaged")) == []
