"""The lease: which controller leads. Kept in Redis, renewed each second, fenced by epoch."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEY: Final = "madoguchi:lease"
EPOCH: Final = "madoguchi:epoch"
RELEASED: Final = "madoguchi:released"  # a list with a word in it for whoever waits
NO_KEY: Final = -2  # what PTTL says
GRACE: Final = 1.0  # seconds until a Redis that should have answered counts as away
TTL: Final = 5.0  # seconds a lease holds whose holder is stopped, or away; a dead one's is released

# Compare and act in one step; the lease's value is its holder's name. A word that nobody waits for
# does no harm: whoever takes it later asks once in vain.
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
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('RPUSH', KEYS[2], '')
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
"""


def holder_name(pid: int, home: Path) -> str:
    """A name nobody else has at this Redis, which a supervisor can tell of its child too.

    Two containers may give the same pid to both of a pair, two machines the same path.
    """
    return f"{pid}@{socket.gethostname()}/{os.readlink('/proc/self/ns/pid')}{home}"


class LeaseAway(Exception):
    """The lease could not be asked for."""


class Demoted(Exception):
    """Somebody else leads, or may do so."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease we hold."""

    holder: str
    epoch: int


class Tenure:
    """How long we may act on what we last heard of our lease.

    A machine that was suspended, or a process that was stopped, wakes with requests half made: it
    must not send them when the lease may be somebody else's by now. While Redis does not answer a
    leader goes on without the lease, but only as long as it hears Asterisk, which would tell it
    that another has taken the application; and that word counts as soon as it is there, not when
    its turn comes (tests/models/lease.py tries every order of events).
    """

    def __init__(
        self,
        clock: Callable[[], float],
        hears: Callable[[], bool],
        replaced: Callable[[], bool],
        ttl: float = TTL,
    ) -> None:
        """The clock must go on while the machine sleeps, as `config.clock` does."""
        self._clock = clock
        self._hears = hears
        self._replaced = replaced
        self._ttl = ttl
        self._granted_at = self._tried_at = clock()

    def granted(self, asked_at: float) -> None:
        """The lease was ours when we asked."""
        self._granted_at = self._tried_at = max(self._granted_at, asked_at)

    def unanswered(self, asked_at: float) -> None:
        """Redis said nothing to what we asked then."""
        self._tried_at = max(self._tried_at, asked_at)

    def check(self) -> None:
        """Raises Demoted when another may lead by now."""
        if self._replaced():
            raise Demoted("another controller has the application")
        now = self._clock()
        if now - self._tried_at >= self._ttl:
            raise Demoted("slept for longer than the lease lasts")
        if now - self._granted_at >= self._ttl and not self._hears():
            raise Demoted("has neither the lease nor word from Asterisk")


class Lease(Protocol):
    """Who leads."""

    async def lapses_in(self) -> float:
        """Seconds until it is free unless it is renewed; 0 when it is. Raises LeaseAway."""

    async def released(self, within: float) -> None:
        """Wait until its holder gives it up, but no longer than this. Raises LeaseAway."""

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

    async def lapses_in(self) -> float:
        """What is left of its time."""
        try:
            left = int(await self._redis.pttl(KEY))
        except (RedisError, OSError) as away:
            raise LeaseAway(str(away)) from away
        if left == NO_KEY:
            return 0.0
        return max(left, 1) / 1000

    async def released(self, within: float) -> None:
        """Wait for the word that `release` leaves, on a connection that the pool lends us."""
        try:
            async with asyncio.timeout(within + GRACE):
                await self._redis.blpop([RELEASED], timeout=within)
        except (RedisError, OSError, TimeoutError) as away:
            raise LeaseAway(str(away)) from away

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
            await self._redis.eval(_RELEASE, 2, KEY, RELEASED, holder, str(self._milliseconds))
        except (RedisError, OSError) as away:
            raise LeaseAway(str(away)) from away
