"""Whoever talks to Redis can be cancelled at any moment."""

import asyncio

from redis.asyncio import Redis

from config.redis_client import cancellable
from tests.calls.redis_server import redis_server

STEPS = 40  # of the event loop, each a moment at which to cancel
TRIES = 5


async def _cancelled_after(socket: str, steps: int) -> bool | None:
    """Whether a request that is cancelled so late ends by that; None when it was over before."""
    async with cancellable(Redis(unix_socket_path=socket)) as redis:
        asking = asyncio.ensure_future(redis.eval("return 1", 0))
        for _ in range(steps):
            await asyncio.sleep(0)  # noqa: TID251 -- one step of the loop
        if not asking.cancel():
            return None
        await asyncio.wait([asking])
        return asking.cancelled()


async def test_a_request_that_is_cancelled_never_goes_on() -> None:
    with redis_server() as socket:
        moments = [steps for steps in range(STEPS) for _ in range(TRIES)]
        ended = [await _cancelled_after(str(socket), steps) for steps in moments]
    assert True in ended
    assert False not in ended


async def test_the_next_request_gets_its_own_answer() -> None:
    with redis_server() as socket:
        async with cancellable(Redis(unix_socket_path=str(socket))) as redis:
            for steps in range(STEPS):
                asking = asyncio.ensure_future(redis.eval("return 1", 0))
                for _ in range(steps):
                    await asyncio.sleep(0)  # noqa: TID251 -- one step of the loop
                asking.cancel()
                await asyncio.wait([asking])
                assert await redis.eval("return 2", 0) == 2
