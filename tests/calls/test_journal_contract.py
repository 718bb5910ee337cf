"""The journal in Redis and the one of the tests keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from telephony.calls.journal import (
    AT_ONCE,
    STREAM,
    Journal,
    JournalAway,
    KeptSnapshot,
    Place,
    Record,
    RedisJournal,
    StaleEpoch,
)
from telephony.simulation.shell.journal import FakeJournal
from tests.calls.redis_server import emptied

HUNG_UP = {"is": "CallerHungUp", "call": "c1"}


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.asterisk)])
async def journal(request: pytest.FixtureRequest) -> AsyncIterator[Journal]:
    """An empty journal."""
    if request.param == "fake":
        yield FakeJournal()
        return
    socket: Path = request.getfixturevalue("redis_socket")
    async with emptied(socket) as client:
        yield RedisJournal(client)


def record(epoch: int, seq: int) -> Record:
    return Record(Place(epoch, seq), 1700000000.25, "", "1", "cafe", HUNG_UP, "00ff")


def snapshot(epoch: int, seq: int) -> KeptSnapshot:
    return KeptSnapshot(Place(epoch, seq), "1", "cafe", '{"窓口":1}'.encode(), 1700000000.5)


async def all_of(journal: Journal, after: Place | None = None) -> list[Record]:
    return [each async for each in journal.read(after)]


async def test_an_entry_comes_back_as_it_was(journal: Journal) -> None:
    entries = [
        record(1, 1),
        replace(record(1, 2), mark="poison", command={"is": "Pause", "reason": "休憩"}),
        replace(record(1, 3), mark="gap", command=None, effects=""),
    ]
    await journal.append(entries)
    assert await all_of(journal) == entries


async def test_entries_stand_under_the_place_they_were_given(journal: Journal) -> None:
    await journal.append([record(3, 0), record(3, 7)])
    assert await journal.last() == Place(3, 7)


async def test_an_empty_journal_has_no_last_entry_and_no_snapshot(journal: Journal) -> None:
    assert await journal.last() is None
    assert await journal.snapshot() is None
    assert await all_of(journal) == []


async def test_a_snapshot_brings_the_flow_of_its_configuration(journal: Journal) -> None:
    for seq, config, version in ((1, "old", b"one"), (2, "old", b"one"), (3, "new", b"two")):
        kept = replace(snapshot(1, seq), config=config, version=version)
        await journal.keep(kept)
        assert await journal.snapshot() == kept


@pytest.mark.parametrize("place", [(2, 5), (2, 4), (1, 9)])
async def test_a_duplicate_and_a_stale_epoch_are_refused(
    journal: Journal, place: tuple[int, int]
) -> None:
    await journal.append([record(2, 5)])
    with pytest.raises(StaleEpoch):
        await journal.append([record(*place)])
    assert await all_of(journal) == [record(2, 5)]


async def test_a_whole_batch_of_a_stale_epoch_is_refused(journal: Journal) -> None:
    await journal.append([record(2, 0)])
    with pytest.raises(StaleEpoch):
        await journal.append([record(1, 1), record(1, 2), record(1, 3)])
    assert await all_of(journal) == [record(2, 0)]


async def test_the_first_entry_of_a_new_epoch_shuts_out_the_old_one(journal: Journal) -> None:
    await journal.append([record(1, 1_000_000)])
    await journal.append([record(2, 0)])
    with pytest.raises(StaleEpoch):
        await journal.append([record(1, 1_000_001)])


async def test_everything_after_a_place_is_read_in_order_over_many_pages(journal: Journal) -> None:
    entries = [record(1, seq) for seq in range(1, 2 * AT_ONCE + 2)] + [record(2, 0), record(2, 1)]
    await journal.append(entries)
    assert await all_of(journal) == entries
    assert await all_of(journal, Place(1, AT_ONCE)) == entries[AT_ONCE:]
    assert await all_of(journal, Place(2, 1)) == []


async def test_who_waits_for_news_is_told_of_the_next_entry(journal: Journal) -> None:
    await journal.append([record(1, 1)])
    async with asyncio.timeout(30.0):
        await journal.news(None, 60.0)  # is there already
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(journal.news(Place(1, 1), 60.0))
            await asyncio.sleep(0.1)  # noqa: TID251 -- a real server's time cannot be set
            assert not waiting.done()
            await journal.append([record(2, 0)])


async def test_who_waits_for_news_does_not_wait_for_ever(journal: Journal) -> None:
    async with asyncio.timeout(30.0):
        await journal.news(None, 0.05)
        await journal.append([record(1, 1)])
        await journal.news(Place(1, 1), 0.05)
    assert await all_of(journal) == [record(1, 1)]


async def test_who_ceases_to_wait_for_news_leaves_the_journal_usable(journal: Journal) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await journal.news(None, 60.0)
    await journal.append([record(1, 1)])
    assert await all_of(journal) == [record(1, 1)]


async def test_a_later_snapshot_replaces_the_kept_one(journal: Journal) -> None:
    await journal.keep(snapshot(1, 9))
    await journal.keep(snapshot(1, 10))
    assert await journal.snapshot() == snapshot(1, 10)
    await journal.keep(snapshot(2, 1))
    assert await journal.snapshot() == snapshot(2, 1)


@pytest.mark.parametrize("late", [(2, 4), (1, 999)])
async def test_a_leader_of_old_cannot_replace_a_newer_snapshot(
    journal: Journal, late: tuple[int, int]
) -> None:
    await journal.keep(snapshot(2, 5))
    await journal.keep(snapshot(*late))
    assert await journal.snapshot() == snapshot(2, 5)


async def test_what_is_before_a_place_can_be_dropped(journal: Journal) -> None:
    await journal.append([record(1, seq) for seq in range(1, 6)] + [record(2, 0)])
    assert await journal.trim(Place(1, 4)) == 3
    assert [each.place for each in await all_of(journal)] == [Place(1, 4), Place(1, 5), Place(2, 0)]
    assert await journal.trim(Place(1, 4)) == 0


async def test_a_trimmed_place_stays_taken(journal: Journal) -> None:
    await journal.append([record(1, 1), record(1, 2)])
    await journal.trim(Place(1, 2))
    with pytest.raises(StaleEpoch):
        await journal.append([record(1, 1)])


@pytest.mark.asterisk
async def test_a_redis_that_refuses_for_another_reason_is_away_and_nobody_is_demoted(
    redis_socket: Path,
) -> None:
    async with emptied(redis_socket) as client:
        await client.set(STREAM, "not a stream")
        with pytest.raises(JournalAway):
            await RedisJournal(client).append([record(1, 1)])
        with pytest.raises(JournalAway):
            await all_of(RedisJournal(client))


async def test_a_redis_that_is_not_there_is_away(tmp_path: Path) -> None:
    socket = str(tmp_path / "none.sock")
    async with Redis(unix_socket_path=socket, retry=Retry(NoBackoff(), 0)) as nobody:
        journal = RedisJournal(nobody)
        asked: list[Coroutine[Any, Any, object]] = [
            journal.append([record(1, 1)]),
            journal.append([record(1, 1), record(1, 2)]),
            journal.keep(snapshot(1, 1)),
            journal.snapshot(),
            journal.last(),
            journal.trim(Place(1, 1)),
            all_of(journal),
        ]
        for each in asked:
            with pytest.raises(JournalAway):
                await each


async def test_what_it_holds_can_be_asked_of_single_entries(journal: Journal) -> None:
    assert not await journal.holds([Place(1, 1)])
    await journal.append([record(1, 1), record(1, 3)])
    assert await journal.holds([])
    assert await journal.holds([Place(1, 1), Place(1, 3)])
    assert not await journal.holds([Place(1, 1), Place(1, 2)])
