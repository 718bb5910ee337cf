"""Which Redis a home uses: the operator's, or its own."""

import os

from redis.asyncio import Redis
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
        return Redis.from_url(url, retry=once)
    return Redis(unix_socket_path=str(home.redis_socket), retry=once)
