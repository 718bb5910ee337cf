"""Taking a backup while the system runs, or not."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection

from config.database import Database
from config.home import Home
from telephony.keeping import tables
from telephony.keeping.bundle import OWNER_ONLY, Bundle, Shrank
from telephony.keeping.contents import SQL, Contents, Kept, contents
from telephony.keeping.manifest import FORMAT, Manifest
from telephony.keeping.sealed import SealedWriter

OPENED: Final = os.O_RDONLY | os.O_NONBLOCK  # a pipe that took a file's place must not hold us


class BackupFailed(Exception):
    """No backup was written; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to back up, to where."""

    home: Home
    target: Path
    passphrase: str
    taken_at: float


async def back_up(order: Order, database: Database) -> Manifest:
    """Write the target whole or not at all. Raises BackupFailed, and DatabaseFailed."""
    kept = contents(order.home, order.home.instance())
    with _written(order.target) as file:
        out = SealedWriter(_Told(file, order.target), order.passphrase)
        bundle = Bundle(out)
        # Files before records: what moves from a file into SQL meanwhile is then in both, and
        # being imported twice writes nothing twice; the other way round it would be in neither.
        _add_files(bundle, kept)

        def finish(connection: Connection) -> Manifest:
            manifest = _add_records(bundle, connection, order, kept)
            bundle.finish(manifest)
            out.finish()
            return manifest

        return await database.read(finish)


def _add_files(bundle: Bundle, kept: Contents) -> None:
    for each in kept.files:
        try:
            _add_file(bundle, each)
        except FileNotFoundError:
            continue  # imported, or expired, since it was listed
        except Shrank:
            raise BackupFailed(f"{each.path} became shorter while it was read: try again") from None
        except OSError as wrong:
            raise BackupFailed(f"{each.path} cannot be read: {wrong.strerror}") from None


def _add_file(bundle: Bundle, kept: Kept) -> None:
    with open(os.open(kept.path, OPENED), "rb") as file:
        bundle.add(kept.name, file, os.fstat(file.fileno()).st_size)


def _add_records(bundle: Bundle, connection: Connection, order: Order, kept: Contents) -> Manifest:
    schema = tables.revision(connection)
    if schema is None:
        raise BackupFailed("the database has no records of ours: start the system once before")
    bundle.add_bytes(f"{SQL}/revision", schema.encode())
    for table in tables.tables(connection):
        for number, portion in enumerate(tables.portions(connection, table)):
            bundle.add_bytes(f"{SQL}/{table.name}/{number:06}", portion)
    return Manifest(
        format=FORMAT,
        version=version("madoguchi"),
        taken_at=order.taken_at,
        engine=connection.dialect.name,
        figures=tables.figures(connection),
        members=bundle.members,
        left_out=tuple(kept.left_out),
    )


class _Told:
    """A file whose refusals are sentences: the database would take them for its own."""

    def __init__(self, file: BinaryIO, target: Path) -> None:
        self._file, self._target = file, target

    def write(self, data: bytes, /) -> int:
        try:
            return self._file.write(data)
        except OSError as wrong:
            raise _unwritable(self._target, wrong) from None


def require_new(target: Path) -> None:
    """Raise BackupFailed where something has this name: asked before anybody types a passphrase."""
    if os.path.lexists(target):
        raise _there_already(target)


def _there_already(target: Path) -> BackupFailed:
    return BackupFailed(f"{target} is there already: name another file")


def _unwritable(path: Path, wrong: OSError) -> BackupFailed:
    return BackupFailed(f"{path} cannot be written: {wrong.strerror}")


@contextmanager
def _written(target: Path) -> Iterator[BinaryIO]:
    """A new file of its owner's alone, under its name only when it is whole and on the disk."""
    try:
        handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as wrong:
        raise _unwritable(target.parent, wrong) from None
    try:
        with open(handle, "wb") as file:
            os.fchmod(file.fileno(), OWNER_ONLY)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(scratch, target)  # unlike a rename, it replaces nothing
        sync_folder(target.parent)
    except FileExistsError:
        raise _there_already(target) from None
    except OSError as wrong:
        raise _unwritable(target, wrong) from None
    finally:
        Path(scratch).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
