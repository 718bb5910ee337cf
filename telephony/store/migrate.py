"""Bringing a database to the present schema; the first thing a controller does with it.

Alembic is loaded only for a database that is not there yet: whoever takes over is in a hurry.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import URL, Connection, inspect, text

from config.database import database_url, open_database

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger(__name__)

_VERSION: Final = "alembic_version"
_LOCK: Final = 0x6D61646F  # any number, the same in every process
_OWNER_ONLY: Final = 0o600


async def migrate(url: str) -> None:
    """Create or upgrade the schema in one transaction; several processes may try at once.

    A schema that is later than ours is left as it is: a part that was renewed first, or a way back
    to a former version, must not leave the city without a controller.
    """
    create_private(database_url(url))
    database = open_database(url)
    try:
        await database.write(_upgrade)
    finally:
        await database.close()


def configuration() -> Config:
    """Alembic's configuration, without a file: the scripts lie beside us, installed or not."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    found = _version(connection)
    if found == head():
        return
    if found is not None and found not in _revisions():
        log.warning("schema_is_later", found=found, ours=head())
        return
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def head() -> str:
    """The newest revision."""
    return max(_revisions())


@cache
def _revisions() -> frozenset[str]:
    """Those that we know: each script's name begins with its own."""
    scripts = (each.name for each in files("migrations.versions").iterdir())
    return frozenset(name.partition("_")[0] for name in scripts if name[:1].isdigit())


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSION}"))
    return found


def create_private(url: URL) -> None:
    """The file of an SQLite database, closed to others from its first moment."""
    # SQLite gives its journal files the mode of the database.
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file and file != ":memory:" and not Path(file).exists():
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
