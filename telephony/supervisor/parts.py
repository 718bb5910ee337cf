"""The parts of an instance: Redis, Asterisk, controllers, desk."""

import asyncio
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

import aiohttp
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError, ResponseError

from config.clockwork import every
from config.home import Home
from config.ports import Ports
from config.redis_client import cancellable
from telephony.asterisk import process as asterisk
from telephony.asterisk.core_files import LOOPBACK
from telephony.calls.lease import LeaseAway, RedisLease, holder_name
from telephony.link.client import Link, NoController, Refused
from telephony.runtime.programs import Programs
from telephony.supervisor.part import Part

REDIS, ASTERISK, CONTROLLER, STANDBY = "redis", "asterisk", "controller", "standby"
DESK: Final = "desk"
# The two controllers share their work; who leads changes, so as processes they have numbers.
PAIR: Final = ("controller-1", "controller-2")
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


def controller_part(home: Home, name: str, argv: Sequence[str], port: int) -> Part:
    """Never adopted: the code or the site may be others by now, and its calls survive it."""
    return Part(
        name=name,
        argv=tuple(argv),
        up=partial(_controller_lives, f"http://{LOOPBACK}:{port}/healthz"),
        leaves_within=2.0,
        silent_for=10.0,  # its lease is lost after five
        ended=partial(_release_lease, home),
        adoptable=False,
    )


def pair_argv(home: Home) -> list[list[str]]:
    """The controller of a home and its standby, under the same Python as ours."""
    one = [sys.executable, "-m", "telephony", "controller", "--home", str(home.path)]
    return [one, [*one, "--standby"]]


def desk_part(home: Home, argv: Sequence[str]) -> Part:
    """Never adopted, like the controllers. It waits for nobody: pages come up before calls do."""
    return Part(
        name=DESK,
        argv=tuple(argv),
        up=partial(_desk_lives, home),
        leaves_within=3.0,  # browsers are told goodbye
        silent_for=10.0,
        adoptable=False,
    )


def desk_argv(home: Home) -> list[str]:
    """The desk of a home, under the same Python as ours."""
    return [sys.executable, "-m", "telephony", "desk", "--home", str(home.path)]


async def leader(home: Home) -> int | None:
    """The process of the controller that leads, if one does and says so."""
    try:
        told = await Link(home.controller_socket).status()
    except (NoController, Refused):
        return None
    pid: int | None = told["controller"].get("pid")
    return pid


def holder(home: Home, pid: int) -> str:
    """The name under which that controller holds the lease."""
    return holder_name(pid, home.path)


async def _redis_answers(url: str) -> bool:
    """False when it did not load in time."""
    patience = Retry(ConstantBackoff(ASKED_EVERY), int(UP_WITHIN / ASKED_EVERY))
    async with cancellable(Redis.from_url(url, retry=patience)) as redis:
        try:
            async with asyncio.timeout(UP_WITHIN):
                await redis.ping()
        except ResponseError:  # its disk is full, and it says so: to end it would help nobody
            return True
        except (RedisError, OSError, TimeoutError):
            return False
    return True


async def _controller_lives(url: str) -> bool:
    """As long as it takes. One that waits for what is away, or stands by, is in order."""
    async with aiohttp.ClientSession() as session:
        async for _ in every(ASKED_EVERY):
            try:
                async with session.get(url) as answer:
                    return answer.ok
            except aiohttp.ClientError:
                continue
    return False


async def _desk_lives(home: Home) -> bool:
    """It says so on a socket of its own, whatever address and certificate browsers are given."""
    connector = aiohttp.UnixConnector(path=str(home.desk_socket))
    async with aiohttp.ClientSession(connector=connector) as session:
        async for _ in every(ASKED_EVERY):
            try:
                async with session.get("http://desk/healthz") as answer:
                    return answer.ok
            except (aiohttp.ClientError, OSError):
                continue
    return False


async def _release_lease(home: Home, pid: int) -> None:
    """A dead holder would keep everybody out for the rest of its lease."""
    async with cancellable(Redis.from_url(redis_url(home))) as redis:
        try:
            async with asyncio.timeout(RELEASED_WITHIN):
                await RedisLease(redis).release(holder(home, pid))
        except (LeaseAway, TimeoutError):
            return  # then it runs out by itself
