"""The engine on a real Redis: what is journaled, and what a stall of the server costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from telephony.calls.engine import Applied, Engine
from telephony.calls.journal import JournalAway, Place, RedisJournal
from telephony.calls.rebuild import rebuild
from telephony.centre import commands as cmd
from telephony.centre.core import Centre
from tests.builders import ANA, MONDAY, rules
from tests.calls.leading import arrives, everybody_ready, image, later
from tests.calls.redis_server import emptied
from tests.calls.test_journal_contract import all_of, record

pytestmark = pytest.mark.asterisk


async def test_f2_a_stalled_redis_delays_nobody_and_loses_nothing(redis_socket: Path) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    released: list[Applied] = []
    async with emptied(redis_socket) as client:
        journal = RedisJournal(client)
        engine = Engine(
            Centre(rules()),
            lambda: MONDAY + loop.time() - began,
            journal,
            Place(1, 0),
            lambda _: None,
            released.append,
        )
        work = loop.create_task(engine.run())
        for command in everybody_ready(ANA):
            engine.submit(command)
        await later(0.1)
        assert len(released) == 2
        await client.execute_command("CLIENT", "PAUSE", "600", "ALL")  # type: ignore[no-untyped-call]
        engine.submit(arrives("c1"))
        await later(0.3)
        assert engine.away
        assert released[-1].command == arrives("c1")
        await later(0.6)
        await engine.come_back()
        engine.submit(cmd.KeyPressed(arrives("c1").call, "*"))
        await later(0.1)
        places = [record.place.seq async for record in journal.read(None) if not record.mark]
        assert places == [1, 2, 3, 4]
        found = await rebuild(journal, rules())
        assert found.complete
        assert image(found.centre) == image(engine.centre)
        work.cancel()


async def test_an_answer_that_is_lost_is_no_word_about_who_leads(
    redis_socket: Path, tmp_path: Path
) -> None:
    """Sent again, the entry would be refused as a duplicate, and look like another's epoch."""
    async with emptied(redis_socket) as client, silent(redis_socket, tmp_path / "s") as broken:
        with pytest.raises(JournalAway):
            await RedisJournal(broken).append([record(1, 1)])
        assert await all_of(RedisJournal(client)) == [record(1, 1)]


@asynccontextmanager
async def silent(server: Path, door: Path) -> AsyncIterator[Redis]:
    """A client whose first entry is taken, but whose connection breaks before it hears so."""
    broken = False

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal broken
        from_server, to_server = await asyncio.open_unix_connection(server)
        while asked := await reader.read(4096):
            to_server.write(asked)
            answer = await from_server.read(4096)
            if b"XADD" in asked and not broken:
                broken = True
                break
            writer.write(answer)
        for each in (to_server, writer):
            each.close()
            await each.wait_closed()

    async with (
        await asyncio.start_unix_server(pass_on, door),
        Redis(unix_socket_path=str(door)) as client,
    ):
        yield client
