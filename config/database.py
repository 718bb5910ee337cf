"""Opening the SQL database: SQLite by default, PostgreSQL by URL, each with what it needs.

A transaction is a plain function of a connection. On SQLite it runs as a whole in a thread: an
asynchronous driver would cross between threads several times a statement, which costs more than
the statements and delays whoever shares the event loop (measured: 7 ms a transaction, not 2).
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from config.home import Home

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+asyncpg"}
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",  # readers never block the writer
    "PRAGMA synchronous=FULL",  # a committed promise survives a power cut
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
)
_THREADS: Final = 4


class DatabaseFailed(Exception):
    """The database or a statement failed; the text is fit for a log.

    Both drivers quote values in their messages, and values are telephone numbers, so of the cause
    only its kind and the statement are kept.
    """


class Database(Protocol):
    """One process's connections to the database, and the two ways to use them."""

    async def read(self, work: Work[Result]) -> Result:
        """Ask within one consistent view of the database."""
        ...

    async def write(self, work: Work[Result]) -> Result:
        """One transaction: committed at the end, rolled back on any error; keep it short."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


def open_database(text: str) -> Database:
    """Connections made on demand; `sqlite:///file` and `postgresql://host/name` are enough."""
    url = database_url(text)
    return _Sqlite(url) if url.get_backend_name() == "sqlite" else _Postgres(url)


def configured_url(home: Home) -> str:
    """The operator's database, or a file of the home."""
    return os.environ.get("MADOGUCHI_DATABASE_URL") or f"sqlite:///{home.database}"


def database_url(text: str) -> URL:
    """The URL with the driver we use, or `ValueError`."""
    url = make_url(text)
    driver = _DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise ValueError(f"{url.get_backend_name()} is no database we support")
    return url.set(drivername=driver)


class _Sqlite:
    def __init__(self, url: URL) -> None:
        self._engine: Engine = create_engine(url, hide_parameters=True)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sql")
        event.listen(self._engine, "connect", _set_up)
        event.listen(self._engine, "begin", _begin)

    async def read(self, work: Work[Result]) -> Result:
        return await self._run(self._engine, work)

    async def write(self, work: Work[Result]) -> Result:
        return await self._run(self._engine.execution_options(writes=True), work)

    async def close(self) -> None:
        # First the threads: a cancelled caller may have left one that is still committing.
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)
        self._engine.dispose()

    async def _run(self, engine: Engine, work: Work[Result]) -> Result:
        def transaction() -> Result:
            with _without_values(), engine.begin() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, transaction)


class _Postgres:
    def __init__(self, url: URL) -> None:
        # It loads an object mapper, which with SQLite nobody need wait for at each start.
        from sqlalchemy.ext.asyncio import create_async_engine

        self._engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True)

    async def read(self, work: Work[Result]) -> Result:
        return await self._run(
            self._engine.execution_options(isolation_level="REPEATABLE READ"), work
        )

    async def write(self, work: Work[Result]) -> Result:
        return await self._run(self._engine, work)

    async def close(self) -> None:
        await self._engine.dispose()

    async def _run(self, engine: "AsyncEngine", work: Work[Result]) -> Result:
        with _without_values():
            async with engine.begin() as connection:
                return await connection.run_sync(work)


@contextmanager
def _without_values() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        cause = error.orig.__cause__ or error.orig if error.orig else error
        raise DatabaseFailed(f"{type(cause).__name__} in {error.statement}") from None
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseFailed(type(error).__name__) from None


class _Cursor(Protocol):
    def execute(self, statement: str, /) -> object: ...
    def close(self) -> None: ...


class _SqliteConnection(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


def _set_up(connection: _SqliteConnection, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions late and in its own way; `_begin` does instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads before it writes cannot wait for the lock unless it has it already.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
