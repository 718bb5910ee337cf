"""A private redis-server on a unix socket, for as long as a test needs it."""

import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.exceptions import ConnectionError as Refused
from redis.retry import Retry

from telephony.runtime.programs import find


@contextmanager
def redis_server() -> Iterator[Path]:
    """The socket of a server that forgets everything; ended by its own process."""
    with tempfile.TemporaryDirectory(prefix="mado-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        server = subprocess.Popen(
            [find().redis_server, "--port", "0", "--unixsocket", socket, "--dir", folder,
             "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait(socket)
            yield socket
        finally:
            server.terminate()
            server.wait(10)


def _wait(socket: Path) -> None:
    patience = Retry(ConstantBackoff(0.02), 500, (Refused, BusyLoadingError, FileNotFoundError))
    with BlockingRedis(unix_socket_path=str(socket), retry=patience) as client:
        client.ping()


@asynccontextmanager
async def emptied(socket: Path) -> AsyncIterator[Redis]:
    """A client of the emptied server."""
    async with Redis(unix_socket_path=str(socket)) as client:
        await client.flushall()
        yield client
        with suppress(RedisError):  # a test may have left it paused
            await client.client_unpause()
