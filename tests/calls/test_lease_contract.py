"""The lease in Redis and the one of the tests keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from telephony.calls.lease import Held, Lease, LeaseAway, RedisLease
from telephony.simulation.shell.lease import FakeLease
from tests.calls.redis_server import emptied

TTLS = {"fake": 1.0, "redis": 2.0}  # seconds; a machine with other work is late by a part of one


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.asterisk)])
async def lease(request: pytest.FixtureRequest) -> AsyncIterator[Lease]:
    """A lease that nobody has had yet."""
    if request.param == "fake":
        yield FakeLease(TTLS["fake"])
        return
    socket: Path = request.getfixturevalue("redis_socket")
    async with emptied(socket) as client:
        yield RedisLease(client, TTLS["redis"])


def ttl(lease: Lease) -> float:
    """How long this one holds."""
    return TTLS["fake" if isinstance(lease, FakeLease) else "redis"]


async def passes(seconds: float) -> None:
    await asyncio.sleep(seconds)  # noqa: TID251 -- a real server's time cannot be set


async def taken(lease: Lease, holder: str, at_least: int = 0) -> Held:
    held = await lease.take(holder, at_least)
    assert held is not None
    return held


async def test_one_of_two_contenders_has_it(lease: Lease) -> None:
    both = await asyncio.gather(lease.take("a", 0), lease.take("b", 0))
    assert sorted(each is None for each in both) == [False, True]


async def test_the_epoch_grows_with_every_holder(lease: Lease) -> None:
    epochs = []
    for holder in ("a", "b", "a"):
        epochs.append((await taken(lease, holder)).epoch)
        await lease.release(holder)
    assert epochs == [1, 2, 3]


async def test_the_epoch_is_above_what_sql_has_seen_and_stays_there(lease: Lease) -> None:
    assert await lease.take("a", 41) == Held("a", 42)
    await lease.release("a")
    assert await lease.take("b", 7) == Held("b", 43)


async def test_a_lease_that_is_not_renewed_is_free_after_its_time(lease: Lease) -> None:
    held = await taken(lease, "a")
    assert await lease.take("b", 0) is None
    await passes(ttl(lease) + 0.05)
    assert (await taken(lease, "b")).epoch == held.epoch + 1


async def test_renewing_holds_it_longer(lease: Lease) -> None:
    held = await taken(lease, "a")
    for _ in range(4):
        await passes(ttl(lease) / 2)
        assert await lease.renew(held)
    assert await lease.take("b", 0) is None


async def test_a_lease_that_ran_out_is_still_ours_while_nobody_else_has_had_it(
    lease: Lease,
) -> None:
    held = await taken(lease, "a")
    await passes(ttl(lease) + 0.05)
    assert await lease.renew(held)
    assert await lease.take("b", 0) is None


async def test_a_lease_that_another_has_had_since_cannot_be_renewed(lease: Lease) -> None:
    held = await taken(lease, "a")
    await passes(ttl(lease) + 0.05)
    await taken(lease, "b")
    await lease.release("b")
    assert not await lease.renew(held)


async def test_a_lease_that_somebody_else_has_cannot_be_renewed(lease: Lease) -> None:
    held = await taken(lease, "a")
    await passes(ttl(lease) + 0.05)
    await taken(lease, "b")
    assert not await lease.renew(held)
    assert await lease.take("c", 0) is None  # and that did not free it


async def emptied_of(lease: Lease) -> None:
    """As by FLUSHALL."""
    if isinstance(lease, RedisLease):
        await lease._redis.flushall()
    elif isinstance(lease, FakeLease):
        lease.flush()


async def test_whoever_renews_an_emptied_lease_has_it_again_under_the_same_epoch(
    lease: Lease,
) -> None:
    held = await taken(lease, "a", at_least=6)
    await emptied_of(lease)
    assert await lease.renew(held)
    assert await lease.take("b", 0) is None
    await lease.release("a")
    assert await lease.take("b", 0) == Held("b", 8)


async def test_an_emptied_lease_that_another_took_first_is_theirs(lease: Lease) -> None:
    held = await taken(lease, "a")
    await emptied_of(lease)
    await taken(lease, "b", at_least=held.epoch)
    assert not await lease.renew(held)


async def test_a_released_lease_is_free_at_once(lease: Lease) -> None:
    await taken(lease, "a")
    await lease.release("a")
    await taken(lease, "b")


async def test_it_says_how_long_it_holds(lease: Lease) -> None:
    assert await lease.lapses_in() == 0.0
    held = await taken(lease, "a")
    assert 0.0 < await lease.lapses_in() <= ttl(lease)
    await passes(ttl(lease) / 2)
    assert 0.0 < await lease.lapses_in() <= ttl(lease) / 2 + 0.001
    await lease.renew(held)
    assert ttl(lease) / 2 < await lease.lapses_in() <= ttl(lease)
    await passes(ttl(lease) + 0.05)
    assert await lease.lapses_in() == 0.0


async def test_who_waits_is_told_when_it_is_released(lease: Lease) -> None:
    await taken(lease, "a")
    async with asyncio.timeout(30.0), asyncio.TaskGroup() as group:
        waiting = group.create_task(lease.released(60.0))
        await passes(0.05)
        await lease.release("b")  # who has it not
        await passes(0.05)
        assert not waiting.done()
        await taken_again(lease, "a")
        await lease.release("a")


async def taken_again(lease: Lease, holder: str) -> None:
    """However slow the machine is, it is held now."""
    if not await lease.lapses_in():
        await taken(lease, holder)


async def test_a_release_just_before_somebody_waits_is_not_missed(lease: Lease) -> None:
    await taken(lease, "a")
    await lease.release("a")
    async with asyncio.timeout(30.0):
        await lease.released(60.0)


async def test_who_waits_for_a_release_does_not_wait_for_ever(lease: Lease) -> None:
    await taken(lease, "a")
    async with asyncio.timeout(30.0):
        await lease.released(0.05)


async def test_nobody_releases_what_another_holds(lease: Lease) -> None:
    await taken(lease, "a")
    await lease.release("b")
    assert await lease.take("b", 0) is None


async def test_a_redis_that_is_not_there_is_away(tmp_path: Path) -> None:
    socket = str(tmp_path / "none.sock")
    async with Redis(unix_socket_path=socket, retry=Retry(NoBackoff(), 0)) as nobody:
        for lease in (RedisLease(nobody), away()):
            with pytest.raises(LeaseAway):
                await lease.take("a", 0)
            with pytest.raises(LeaseAway):
                await lease.renew(Held("a", 1))
            with pytest.raises(LeaseAway):
                await lease.release("a")
            with pytest.raises(LeaseAway):
                await lease.lapses_in()
            with pytest.raises(LeaseAway):
                await lease.released(1.0)


def away() -> FakeLease:
    lease = FakeLease()
    lease.away = True
    return lease
