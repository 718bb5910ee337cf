"""The lease: which controller leads. Kept in Redis, renewed each second, fenced by epoch."""

from dataclasses import dataclass
from typing import Final, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEY: Final = "madoguchi:lease"
EPOCH: Final = "madoguchi:epoch"
TTL: Final = 5.0  # seconds a dead leader's lease holds, unless its supervisor releases it

# Compare and act in one step; the lease's value is its holder's name.
_TAKE: Final = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local epoch = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), tonumber(ARGV[3])) + 1
redis.call('SET', KEYS[2], epoch)
return epoch
"""
# One that ran out while Redis was away is still ours, if nobody has had it since.
_RENEW: Final = """
local holder, epoch = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return 0 end
if epoch and epoch ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return 1
"""
_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""


class LeaseAway(Exception):
    """The lease could not be asked for."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease we hold."""

    holder: str
    epoch: int


class Lease(Protocol):
    """Who leads."""

    async def take(self, holder: str, at_least: int) -> Held | None:
        """Take the free lease under an epoch above `at_least` and every former one."""

    async def renew(self, held: Held) -> bool:
        """Hold it longer; False once somebody else has had it."""

    async def release(self, holder: str) -> None:
        """Give it up, or take it from a holder known to be dead."""


class RedisLease:
    """The lease in Redis."""

    def __init__(self, redis: Redis, ttl: float = TTL) -> None:
        self._redis = redis
        self._milliseconds = int(ttl * 1000)

    async def take(self, holder: str, at_least: int) -> Held | None:
        """Take it if nobody holds it."""
        try:
            epoch = int(
                await self._redis.eval(
                    _TAKE, 2, KEY, EPOCH, holder, str(self._milliseconds), str(at_least)
                )
            )
        except (RedisError, OSError) as away:
            raise LeaseAway(str(away)) from away
        return Held(holder, epoch) if epoch else None

    async def renew(self, held: Held) -> bool:
        """Hold it for another `ttl`."""
        try:
            return bool(
                await self._redis.eval(
                    _RENEW, 2, KEY, EPOCH, held.holder, str(self._milliseconds), str(held.epoch)
                )
            )
        except (RedisError, OSError) as away:
            raise LeaseAway(str(away)) from away

    async def release(self, holder: str) -> None:
        """Free it at once if this holder has it."""
        try:
            await self._redis.eval(_RELEASE, 1, KEY, holder)
        except (RedisError, OSError) as away:
            raise LeaseAway(str(away)) from away
