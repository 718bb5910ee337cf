"""Which Redis a home uses: the operator's, or its own."""

import asyncio
import os
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from config.home import Home


def redis_client(home: Home) -> Redis:
    """The operator's Redis, or the private one of the home."""
    url = os.environ.get("MADOGUCHI_REDIS_URL")
    # An append whose answer was lost must not be sent again by itself: Redis would refuse it as
    # that of a former leader.
    once = Retry(NoBackoff(), 0)
    if url:
        return cancellable(Redis.from_url(url, retry=once))
    return cancellable(Redis(unix_socket_path=str(home.redis_socket), retry=once))


def cancellable(redis: Redis) -> Redis:
    """A client whose callers can be cancelled at any moment.

    redis-py writes under `asyncio.wait_for`, which before Python 3.12 swallows a cancellation that
    comes as the writing ends (cpython issue 86296): whoever renewed a lease renewed it for ever,
    and nobody led.
    """
    pool = redis.connection_pool
    pool.connection_class = type("Cancellable", (_Cancellable, pool.connection_class), {})
    return redis


class _Cancellable(AbstractConnection):
    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Raises CancelledError where the writing has swallowed it, and gives the connection up:
        nobody will read the answer."""
        task = asyncio.current_task()
        asked = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task and task.cancelling() > asked:
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError
