"""Alembic's entry: on the connection it is handed, or on the URL of a person at a shell."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from agents.schema import METADATA as DESK
from config.database import open_database
from telephony.store.tables import METADATA as RECORDS


def _run(connection: Connection) -> None:
    # Batch mode rebuilds a table where SQLite cannot alter it.
    context.configure(
        connection=connection,
        target_metadata=[RECORDS, DESK],
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _run_alone() -> None:
    database = open_database(os.environ["MADOGUCHI_DATABASE"])
    await database.write(_run)
    await database.close()


_connection = context.config.attributes.get("connection")
if _connection is None:
    asyncio.run(_run_alone())
else:
    _run(_connection)
