"""The stream of news in Redis and the one of the tests keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from telephony.link.news import (
    BEGINNING,
    BeganNews,
    DeskNews,
    NewsAway,
    NewsStream,
    QueueNews,
    encode,
)
from telephony.link.news_reader import Heard, Missed, follow
from telephony.link.news_stream import AT_ONCE, KEPT, STREAM, RedisNews
from telephony.link.seen import QueueSeen
from telephony.simulation.shell.news import FakeNews
from tests.calls.redis_server import emptied, redis_server

SOON = 0.05


@pytest.fixture(scope="module")
def redis_socket() -> Iterator[Path]:
    with redis_server() as socket:
        yield socket


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.asterisk)])
async def stream(request: pytest.FixtureRequest) -> AsyncIterator[NewsStream]:
    """An empty stream."""
    if request.param == "fake":
        yield FakeNews()
        return
    socket: Path = request.getfixturevalue("redis_socket")
    async with emptied(socket) as client:
        yield RedisNews(client)


def waits(count: int, epoch: int = 1) -> str:
    """So many wait."""
    return encode(QueueNews(epoch=epoch, at=float(count), queue=QueueSeen(name="q", waiting=count)))


def counts(found: list[Heard | Missed]) -> list[int | str]:
    """How many waited each time, or that it was missed."""
    return [
        each.news.queue.waiting if isinstance(each, Heard) and each.news.kind == "queue" else "?"
        for each in found
    ]


async def first(
    stream: NewsStream, after: str | None, count: int, wait: float = SOON
) -> list[Heard | Missed]:
    """The first so many that a reader gets."""
    found: list[Heard | Missed] = []
    following = follow(stream, after, wait)
    async with asyncio.timeout(10):
        while len(found) < count:
            found.append(await anext(following))
    await following.aclose()
    return found


async def test_what_is_told_is_read_in_order_and_after_each_id(stream: NewsStream) -> None:
    assert await stream.last() == BEGINNING
    await stream.tell([waits(count) for count in range(3)])
    found = await stream.read(BEGINNING, SOON)
    assert [text for _, text in found] == [waits(0), waits(1), waits(2)]
    assert [text for _, text in await stream.read(found[0][0], SOON)] == [waits(1), waits(2)]
    assert await stream.read(found[2][0], SOON) == []
    assert await stream.last() == found[2][0]
    assert await stream.holds(found[0][0])
    assert await stream.holds(BEGINNING)


async def test_who_waits_hears_at_once(stream: NewsStream) -> None:
    async with asyncio.TaskGroup() as group, asyncio.timeout(20):
        reading = group.create_task(stream.read(BEGINNING, 30.0))
        await asyncio.sleep(SOON)  # noqa: TID251 -- the reader waits by then
        await stream.tell([waits(7)])
        assert [text for _, text in await reading] == [waits(7)]


async def test_a_reader_goes_on_after_the_id_it_came_to(stream: NewsStream) -> None:
    await stream.tell([waits(count) for count in range(AT_ONCE + 50)])
    found = await first(stream, BEGINNING, 20)
    assert counts(found) == list(range(20))
    rest = await first(stream, found[-1].id, AT_ONCE + 30)
    assert counts(rest) == list(range(20, AT_ONCE + 50))


async def test_a_reader_without_an_id_reads_the_status_first(stream: NewsStream) -> None:
    await stream.tell([waits(1)])
    following = follow(stream, None, SOON)
    begun = await anext(following)
    assert isinstance(begun, Missed)
    await stream.tell([waits(2)])
    assert counts([await anext(following)]) == [2]
    await following.aclose()


async def test_a_reader_whose_place_was_dropped_is_told_so(stream: NewsStream) -> None:
    await stream.tell([waits(0)])
    place = await stream.last()
    following = follow(stream, place, SOON)
    for start in range(0, KEPT + 2 * AT_ONCE, AT_ONCE):  # Redis drops whole blocks of a hundred
        await stream.tell([waits(start + count) for count in range(AT_ONCE)])
    missed = await anext(following)
    assert isinstance(missed, Missed)
    assert missed.id == await stream.last()
    await stream.tell([waits(3)])
    assert counts([await anext(following)]) == [3]
    await following.aclose()


@pytest.mark.parametrize("by", ["operator", "disk"])
async def test_a_stream_that_was_emptied_is_noticed_while_nothing_is_told(
    stream: NewsStream, by: str
) -> None:
    await stream.tell([waits(1), waits(2)])
    following = follow(stream, await stream.last(), SOON)
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)  # noqa: TID251 -- it has begun to read
    if isinstance(stream, FakeNews):
        stream.forget(also_ids=by == "disk")
    elif isinstance(stream, RedisNews):
        await stream._redis.delete(STREAM)
    async with asyncio.timeout(20):
        assert isinstance(await waiting, Missed)
    await stream.tell([waits(3)])
    assert counts([await anext(following)]) == [3]
    await following.aclose()


async def test_a_new_leader_or_a_gap_is_something_missed(stream: NewsStream) -> None:
    await stream.tell([waits(1), encode(BeganNews(epoch=2, at=0.0)), waits(2, epoch=2)])
    assert counts(await first(stream, BEGINNING, 3)) == [1, "?", 2]


async def test_a_leader_of_old_is_not_listened_to_any_more(stream: NewsStream) -> None:
    late = [waits(9, epoch=2), encode(BeganNews(epoch=2, at=0.0))]
    desk = encode(DeskNews(at=0.0, what="message", id="m1"))
    await stream.tell([waits(1, epoch=3), *late, desk, waits(2, epoch=3)])
    assert counts(await first(stream, BEGINNING, 3)) == [1, "?", 2]


async def test_what_a_newer_version_tells_is_passed_over(stream: NewsStream) -> None:
    newer = '{"kind": "weather", "epoch": 1, "at": 0, "sky": "blue"}'
    grown = '{"kind": "queue", "epoch": 1, "at": 0, "queue": {"name": "q", "waiting": 4, "x": 1}}'
    await stream.tell([waits(1), newer, "no json", grown])
    assert counts(await first(stream, BEGINNING, 2)) == [1, 4]


async def test_a_stream_that_is_not_there_is_away(tmp_path: Path) -> None:
    socket = str(tmp_path / "none.sock")
    async with Redis(unix_socket_path=socket, retry=Retry(NoBackoff(), 0)) as nobody:
        news = RedisNews(nobody)
        for asked in (
            news.tell([waits(1)]), news.read(BEGINNING, 0.01), news.last(), news.holds("1-0"),
        ):  # fmt: skip
            with pytest.raises(NewsAway):
                await asked
