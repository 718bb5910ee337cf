"""Every store test runs on a real SQLite file, and on a real PostgreSQL where there is one."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from config.database import Database, open_database
from telephony.store.migrate import migrate
from telephony.store.records import Records
from tests.store import postgres

NAMES = (f"t{number}" for number in count())


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[str]:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    with postgres.server(programs) as socket:
        yield socket


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/madoguchi.db"
    return await postgres.create(request.getfixturevalue("postgres_socket"), next(NAMES))


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at the present schema with nothing in it: made once, copied often."""
    file = tmp_path_factory.mktemp("schema") / "madoguchi.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database at the present schema."""
    if request.param == "sqlite":
        kept = request.getfixturevalue("schema")
        return f"sqlite:///{shutil.copy(kept, tmp_path / 'madoguchi.db')}"
    socket = request.getfixturevalue("postgres_socket")
    return asyncio.run(postgres.migrated(socket, next(NAMES)))


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = open_database(url)
    yield opened
    await opened.close()


@pytest.fixture
def records(database: Database) -> Records:
    return Records(database)
