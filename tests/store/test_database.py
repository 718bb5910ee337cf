"""What each engine is set up to promise."""

import asyncio
import traceback
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from config.database import Database, DatabaseFailed, database_url, open_database


@pytest.fixture
async def sqlite(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path}/madoguchi.db")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 5000), ("foreign_keys", 1)],
)
async def test_sqlite_keeps_what_it_committed(
    sqlite: Database, pragma: str, value: str | int
) -> None:
    found = await sqlite.read(lambda c: c.exec_driver_sql(f"PRAGMA {pragma}").scalar())
    await sqlite.close()

    assert found == value


async def test_writers_queue_and_none_is_turned_away(sqlite: Database) -> None:
    """Each reads before it writes: without BEGIN IMMEDIATE that is 'database is locked'."""

    def count_up(connection: Connection) -> None:
        number = connection.exec_driver_sql("SELECT max(n) FROM t").scalar() or 0
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", (number + 1,))

    await sqlite.write(lambda c: c.exec_driver_sql("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    await asyncio.gather(*(sqlite.write(count_up) for _ in range(40)))
    total = await sqlite.read(lambda c: c.exec_driver_sql("SELECT max(n) FROM t").scalar())
    await sqlite.close()

    assert total == 40


async def test_a_schema_change_rolls_back_with_its_transaction(database: Database) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (n INTEGER)"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    with pytest.raises(DatabaseFailed):
        await database.read(lambda c: c.execute(text("SELECT * FROM half")).all())


async def test_a_read_sees_one_moment(sqlite: Database) -> None:
    """Two questions in one read agree, whatever is committed between them."""
    await sqlite.write(lambda c: c.execute(text("CREATE TABLE t (n INTEGER)")))
    loop = asyncio.get_running_loop()

    def ask_twice(connection: Connection) -> tuple[int, int]:
        first = connection.execute(text("SELECT count(*) FROM t")).scalar_one()
        add = sqlite.write(lambda c: c.execute(text("INSERT INTO t VALUES (1)")))
        asyncio.run_coroutine_threadsafe(add, loop).result(timeout=10)
        return first, connection.execute(text("SELECT count(*) FROM t")).scalar_one()

    seen = await sqlite.read(ask_twice)
    after = await sqlite.read(lambda c: c.execute(text("SELECT count(*) FROM t")).scalar_one())
    await sqlite.close()

    assert (seen, after) == ((0, 0), 1)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM missing WHERE n = :n",
        "INSERT INTO t (n, m) VALUES (:n, NULL)",
        "INSERT INTO t (n, m) VALUES (:n, CAST('x' || :n AS INTEGER) / 0)",
    ],
)
async def test_no_error_text_holds_a_number(database: Database, statement: str) -> None:
    number = "-".join(["0942", "00", "1234"])
    await database.write(
        lambda c: c.execute(text("CREATE TABLE t (n TEXT PRIMARY KEY, m INTEGER NOT NULL)"))
    )

    with pytest.raises(DatabaseFailed) as error:
        await database.write(lambda c: c.execute(text(statement), {"n": number}))

    told = "".join(traceback.format_exception(error.value))
    assert number not in told
    assert statement.split(":")[0] in told


async def test_a_server_that_is_not_there_is_a_failed_database(tmp_path: Path) -> None:
    for url in (f"postgresql://nobody@/x?host={tmp_path}", f"sqlite:///{tmp_path}/no/such.db"):
        nowhere = open_database(url)
        with pytest.raises(DatabaseFailed):
            await nowhere.read(lambda c: c.execute(text("SELECT 1")).all())
        await nowhere.close()


def test_other_engines_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        database_url("mysql://localhost/madoguchi")
