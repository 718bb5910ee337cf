"""The schema that migrations make is the schema the code reads."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, select, table, text

from agents.floor.tables import MESSAGES
from agents.schema import METADATA as DESK
from agents.tables import SEATINGS
from config.database import Database, open_database
from telephony.store.migrate import configuration, head, migrate
from telephony.store.records import Records
from telephony.store.tables import METADATA
from tests.store.examples import an_answered_call, content

ROOT = Path(__file__).parents[2]


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    both = [METADATA, DESK]
    return list(compare_metadata(context, both))  # type: ignore[arg-type]  # its stub knows one


async def test_the_tables_are_those_of_the_migrations(database: Database) -> None:
    assert await database.read(differences) == []


async def test_indexes_are_compared_with_their_conditions(database: Database) -> None:
    def conditions(connection: Connection) -> dict[str, str]:
        found = inspect(connection)
        dialect = connection.dialect.name
        return {
            str(index["name"]): str(index.get("dialect_options", {}).get(f"{dialect}_where"))
            for table in (*METADATA.tables, *DESK.tables)
            for index in found.get_indexes(table)
        }

    found = await database.read(conditions)
    partial = {name: text for name, text in found.items() if text != "None"}
    free = partial.pop("ix_booking_slots_free")
    assert free.replace('"', "").strip("()") == "left > 0"
    assert sorted(partial) == [
        "ix_calls_open",
        "uq_agent_intervals_open",
        "uq_line_intervals_open",
        "uq_obligations_open",
        "uq_seatings_open_seat",
        "uq_seatings_open_user",
    ]
    assert all("IS NULL" in text for text in partial.values())


async def test_migrating_again_keeps_everything(url: str, database: Database) -> None:
    await Records(database).apply(1, an_answered_call("c1", 1000.0, first=1))
    before = await content(database)

    await migrate(url)

    assert await content(database) == before


async def test_a_schema_that_is_later_than_ours_is_worked_with(
    url: str, database: Database
) -> None:
    """The desk was renewed first, or the controller went back to the version before."""

    def a_step_that_is_not_ours(connection: Connection) -> None:
        connection.execute(text("ALTER TABLE calls ADD COLUMN of_tomorrow TEXT"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await database.write(a_step_that_is_not_ours)

    await migrate(url)

    await Records(database).apply(1, an_answered_call("c1", 1000.0, first=1))
    assert (
        await database.read(
            lambda connection: connection.scalar(text("SELECT version_num FROM alembic_version"))
        )
        == "9999"
    )


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))

    database = open_database(empty_url)
    assert await database.read(differences) == []
    await database.close()


async def test_the_way_back_leaves_an_empty_database(database: Database) -> None:
    def go_back(connection: Connection) -> list[str]:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    assert await database.write(go_back) == ["alembic_version"]


async def test_a_message_to_a_seat_is_its_sitters_of_then(database: Database) -> None:
    seats = [("a01", 10.0, "ana", 20.0), ("a01", 20.0, "bo", None), ("a02", 10.0, "cy", 12.0)]
    sent = [("m1", "a01", 15.0), ("m2", "a01", 25.0), ("m3", "a02", 15.0), ("m4", None, 15.0)]

    def as_it_was(connection: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0013")
        for seat, since, user, until in seats:
            row = {"seat": seat, "started_at": since, "user": user, "ended_at": until}
            connection.execute(SEATINGS.insert().values(**row, announced_name="x", session="s"))
        was = table("messages", *map(column, ("id", "user", "announced_name", "to", "text", "at")))
        for id_, to, at in sent:
            row = {"id": id_, "user": "sue", "announced_name": "x", "to": to, "text": "x", "at": at}
            connection.execute(was.insert().values(**row))
        command.upgrade(config, "head")

    await database.write(as_it_was)
    query = select(MESSAGES.c.id, MESSAGES.c.to_user).order_by(MESSAGES.c.id)
    found = await database.read(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in found] == [
        ("m1", "ana"), ("m2", "bo"), ("m3", None), ("m4", None),
    ]  # fmt: skip


async def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "madoguchi.db"
    await migrate(f"sqlite:///{file}")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_migrating_works_from_any_directory(tmp_path: Path) -> None:
    """The scripts are found through the package, not through the working directory."""
    program = (
        "import asyncio\n"
        "from telephony.store.migrate import migrate\n"
        "asyncio.run(migrate('sqlite:///here.db'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)

    assert (tmp_path / "here.db").stat().st_size > 0


def test_the_head_that_needs_no_alembic_is_alembics() -> None:
    assert head() == ScriptDirectory.from_config(configuration()).get_current_head()


async def test_a_database_of_today_is_left_alone_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'of-today.db'}"
    await migrate(url)
    again = f"import asyncio, sys; from telephony.store.migrate import migrate; \
asyncio.run(migrate({url!r})); print('alembic' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", again]) == b"False\n"
