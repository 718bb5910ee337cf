"""Proving a backup without a home: all is read, its records come to life in memory."""

from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine, text

from telephony.keeping.bundle import Found
from telephony.keeping.manifest import Manifest
from telephony.keeping.reading import backup_file, read_into
from telephony.keeping.sealed import Unreadable


def prove(path: Path, passphrase: str) -> Manifest:
    """What the backup holds; Unreadable when it could not be restored as it was."""
    engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
    try:
        with backup_file(path, passphrase) as reader, engine.begin() as connection:
            manifest = read_into(connection, reader, _pass)
            _sound(connection)
            return manifest
    finally:
        engine.dispose()


def _pass(_: Found) -> None:
    """Reading on hashes it."""


def _sound(connection: Connection) -> None:
    if connection.scalar(text("PRAGMA integrity_check")) != "ok":
        raise Unreadable("its records do not pass the database's own check")
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise Unreadable("its records refer to others that are missing")
