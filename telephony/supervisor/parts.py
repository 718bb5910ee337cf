"""The parts of an instance: Redis, Asterisk, controller."""

import asyncio
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError

from config.home import Home
from config.ports import Ports
from telephony.asterisk import process as asterisk
from telephony.calls.clockwork import every
from telephony.calls.lease import LeaseAway, RedisLease
from telephony.link.client import Link, NoController
from telephony.runtime.programs import Programs
from telephony.supervisor.part import Part

REDIS, ASTERISK, CONTROLLER = "redis", "asterisk", "controller"
ASKED_EVERY: Final = 0.05  # seconds
UP_WITHIN: Final = 30.0  # seconds; a large journal takes some to load
RELEASED_WITHIN: Final = 1.0  # seconds; the lease itself ends after five


def configured_redis() -> str | None:
    """The operator's Redis, which is not ours to start."""
    return os.environ.get("MADOGUCHI_REDIS_URL") or None


def redis_url(home: Home) -> str:
    """The operator's Redis, or the private one of this home."""
    return configured_redis() or f"unix://{home.redis_socket}"


def redis_part(home: Home, programs: Programs) -> Part:
    """Append-only, on a unix socket alone: it never holds less than a second ago."""
    options = {
        "port": "0",
        "unixsocket": str(home.redis_socket),
        "unixsocketperm": "600",
        "dir": str(home.redis),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Part(
        name=REDIS,
        argv=(str(programs.redis_server), *words),
        up=partial(_redis_answers, redis_url(home)),
        leaves_within=1.5,
    )


def asterisk_part(home: Home, ports: Ports, programs: Programs, password: str) -> Part:
    """Adopted when it lives: every call is in it."""
    return Part(
        name=ASTERISK,
        argv=tuple(asterisk.argv(programs, home)),
        up=partial(asterisk.ready, ports, password, UP_WITHIN),
        leaves_within=1.5,
    )


def controller_part(home: Home, argv: Sequence[str]) -> Part:
    """Never adopted: the code or the site may be others by now, and its calls survive it."""
    return Part(
        name=CONTROLLER,
        argv=tuple(argv),
        up=partial(_controller_answers, Link(home.controller_socket)),
        leaves_within=2.0,
        silent_for=10.0,  # its lease is lost after five
        ended=partial(_release_lease, home),
        adoptable=False,
    )


def controller_argv(home: Home) -> list[str]:
    """The controller of a home, under the same Python as ours."""
    return [sys.executable, "-m", "telephony", "controller", "--home", str(home.path)]


def holder(home: Home, pid: int) -> str:
    """The name under which that controller holds the lease."""
    return f"{pid}@{home.path}"


async def _redis_answers(url: str) -> bool:
    """False when it did not load in time."""
    patience = Retry(ConstantBackoff(ASKED_EVERY), int(UP_WITHIN / ASKED_EVERY))
    async with Redis.from_url(url, retry=patience) as redis:
        try:
            async with asyncio.timeout(UP_WITHIN):
                await redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
    return True


async def _controller_answers(link: Link) -> bool:
    """As long as it takes: one that waits for the lease of another is in order."""
    async for _ in every(ASKED_EVERY):
        try:
            await link.status()
        except NoController:
            continue
        return True
    return False


async def _release_lease(home: Home, pid: int) -> None:
    """A dead holder would keep everybody out for the rest of its lease."""
    async with Redis.from_url(redis_url(home)) as redis:
        try:
            async with asyncio.timeout(RELEASED_WITHIN):
                await RedisLease(redis).release(holder(home, pid))
        except (LeaseAway, TimeoutError):
            return  # then it runs out by itself
