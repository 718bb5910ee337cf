"""Reading a backup into a database: what a restore and a proof have in common."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Table
from sqlalchemy.exc import SQLAlchemyError

from telephony.keeping import tables
from telephony.keeping.bundle import Found, opened
from telephony.keeping.contents import SQL
from telephony.keeping.manifest import Manifest
from telephony.keeping.sealed import SealedReader, Unreadable
from telephony.store.migrate import configuration

LARGEST_PORTION: Final = 256 << 20  # bytes
Keep = Callable[[Found], None]


@contextmanager
def backup_file(path: Path, passphrase: str) -> Iterator[SealedReader]:
    """The file, opened. Raises Unreadable."""
    try:
        file = path.open("rb")
    except OSError as wrong:
        raise Unreadable(f"it cannot be opened: {wrong.strerror}") from None
    with file:
        yield SealedReader(file, passphrase)


def read_into(connection: Connection, reader: SealedReader, keep: Keep) -> Manifest:
    """All records into an empty database, in its transaction; every other member to `keep`.

    The schema is first the backup's own, and brought to ours when everything has been compared.
    Raises Unreadable.
    """
    present: dict[str, Table] = {}
    for found in opened(reader):
        if isinstance(found, Manifest):
            _compare(found, connection)
            upgrade(connection, "head")
            return found
        if found.name.parts[0] != SQL:
            keep(found)
        elif found.name.name == "revision":
            present = _begin(connection, found.content.read(LARGEST_PORTION).decode())
        else:
            _load(connection, present, found)
    raise Unreadable("it has no manifest")


def upgrade(connection: Connection, to: str) -> None:
    """The schema of this revision."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _begin(connection: Connection, revision: str) -> dict[str, Table]:
    try:
        ScriptDirectory.from_config(configuration()).get_revision(revision)
    except CommandError:
        raise Unreadable(
            f"its records have the schema {revision}, which this version does not know: "
            "restore it with the version that wrote it, or a later one"
        ) from None
    upgrade(connection, revision)
    return {table.name: table for table in tables.tables(connection)}


def _load(connection: Connection, present: dict[str, Table], found: Found) -> None:
    table = present.get(found.name.parts[1])
    if table is None:
        raise Unreadable(f"it holds a table that is not ours: {found.name.parts[1]}")
    try:
        tables.load(connection, table, found.content.read(LARGEST_PORTION))
    except SQLAlchemyError as refused:  # its text would quote the values
        kind = type(refused).__name__
        raise Unreadable(f"the database refuses rows of {table.name} ({kind})") from None


def _compare(manifest: Manifest, connection: Connection) -> None:
    """The figures as they were, from what has just been written."""
    figures = tables.figures(connection)
    if figures != manifest.figures:
        raise Unreadable("its records give other figures than those it was closed with")
    if sum(figures.outcomes.values()) != figures.rows.get("calls", 0):
        raise Unreadable("its figures do not balance: calls are missing an outcome")
