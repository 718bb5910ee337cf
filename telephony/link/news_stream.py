"""The news in a Redis stream of bounded length."""

from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from telephony.link.news import BEGINNING, NewsAway

STREAM: Final = "madoguchi:news"
KEPT: Final = 20_000  # entries, about: a long shift of six desks, or a minute of thousands
AT_ONCE: Final = 500
_FIELD: Final = "news"


class RedisNews:
    """Told and heard through Redis. Its connection must not decode responses."""

    def __init__(self, redis: Redis, stream: str = STREAM) -> None:
        self._redis = redis
        self._stream = stream

    async def tell(self, news: Sequence[str]) -> None:
        """Append in one round trip."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for each in news:
                    pipe.xadd(self._stream, {_FIELD: each}, maxlen=KEPT, approximate=True)
                await pipe.execute()
        except (RedisError, OSError) as away:
            raise NewsAway(str(away)) from away

    async def read(self, after: str, wait: float) -> list[tuple[str, str]]:
        """Wait at Redis, which answers the moment that something comes."""
        try:
            found: Any = await self._redis.xread(
                {self._stream: after}, count=AT_ONCE, block=max(1, round(wait * 1000))
            )
        except (RedisError, OSError) as away:
            raise NewsAway(str(away)) from away
        streams = found.values() if isinstance(found, dict) else (page for _, page in found or ())
        return [
            (id_.decode(), stored.get(_FIELD.encode(), b"").decode(errors="replace"))
            for page in streams
            for id_, stored in _flat(page)
        ]

    async def last(self) -> str:
        """The id of the latest one."""
        try:
            page: Any = await self._redis.xrevrange(self._stream, count=1)
        except (RedisError, OSError) as away:
            raise NewsAway(str(away)) from away
        return str(page[0][0].decode()) if page else BEGINNING

    async def holds(self, id_: str) -> bool:
        """Only the oldest are ever dropped: while this one is there, all after it are."""
        if id_ == BEGINNING:
            return True
        try:
            return bool(await self._redis.xrange(self._stream, id_, id_))
        except (RedisError, OSError) as away:
            raise NewsAway(str(away)) from away


def _flat(page: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """RESP3 wraps a stream's page in one more list than RESP2."""
    return page[0] if page and isinstance(page[0], list) else page
