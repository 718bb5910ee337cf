"""One real Redis for all contract tests of a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calls.redis_server import redis_server


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    """A private redis-server."""
    with redis_server() as socket:
        yield socket
