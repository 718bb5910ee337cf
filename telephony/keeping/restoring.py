"""A home from a backup, whole or not at all.

It grows under a hidden name beside its place and is renamed there when the disk has everything:
whatever dies before leaves no home, and what it left is told from one by its name.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from config.database import database_url, open_database
from config.files import write_atomically
from config.home import Home, Instance
from config.ports import DEFAULT_BASE, Ports
from telephony.keeping import tables
from telephony.keeping.backup import sync_folder
from telephony.keeping.bundle import OWNER_ONLY, Found
from telephony.keeping.contents import HOME, SITE
from telephony.keeping.manifest import Manifest, described
from telephony.keeping.reading import backup_file, read_into
from telephony.keeping.sealed import Unreadable
from telephony.store.migrate import create_private

NOTE: Final = "restored.json"  # in the home: what it was restored from


class RestoreFailed(Exception):
    """Nothing was restored; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to restore to."""

    home: Home
    restored_at: float
    replace: bool = False  # what is there is put aside
    database_url: str | None = field(default=None, repr=False)  # else a file of the home


async def restore(file: Path, passphrase: str, place: Place) -> Manifest:
    """Raises RestoreFailed, Unreadable, DatabaseFailed; the home is then as it was."""
    with backup_file(file, passphrase) as reader, _staged(place.home.path) as staging:
        url = place.database_url or f"sqlite:///{staging / place.home.database.name}"
        create_private(database_url(url))
        database = open_database(url)

        def fill(connection: Connection) -> Manifest:
            if not tables.is_empty(connection):
                raise RestoreFailed(
                    "the database of MADOGUCHI_DATABASE_URL is not empty: name a new one"
                )
            with _told(place.home.path.parent):
                manifest = read_into(connection, reader, lambda found: _keep(staging, found))
                _settle(staging, place, manifest)
            return manifest

        try:
            manifest = await database.write(fill)
        finally:
            await database.close()
        _put_in_place(staging, place)
        return manifest


@contextmanager
def _staged(path: Path) -> Iterator[Path]:
    """A directory beside the home's place; gone unless it was moved there."""
    with _told(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.restoring-"))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the disk refuses, as a sentence."""
    try:
        yield
    except OSError as wrong:
        where = wrong.filename or folder
        raise RestoreFailed(f"{where} cannot be written: {wrong.strerror}") from None


def _keep(staging: Path, found: Found) -> None:
    folder = {HOME: staging, SITE: Home(staging).own_site}.get(found.name.parts[0])
    if folder is None:
        raise Unreadable(f"it holds a name that is not ours: {found.name}")
    path = folder.joinpath(*found.name.parts[1:])
    for parent in reversed(path.relative_to(staging).parents):  # `parents=True` forgets the mode
        (staging / parent).mkdir(mode=0o700, exist_ok=True)
    made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, OWNER_ONLY)
    with open(made, "wb") as file:
        shutil.copyfileobj(found.content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _settle(staging: Path, place: Place, manifest: Manifest) -> None:
    """What the home must know of its new place, and where it comes from; all names on the disk."""
    instance = Instance(Ports(DEFAULT_BASE), place.home.own_site)
    Home(staging).describe(instance)
    note = {"restored_at": place.restored_at, "backup": described(manifest)}
    write_atomically(staging / NOTE, json.dumps(note, indent=2) + "\n")
    for folder, _, _ in os.walk(staging):
        sync_folder(Path(folder))


def _put_in_place(staging: Path, place: Place) -> None:
    """The one step that makes it a home."""
    home = place.home.path
    with _told(home):
        sync_folder(staging)
        if place.replace and home.exists():
            place.home.discard_runtime()
            home.rename(put_aside(place))
        staging.rename(home)  # onto an empty directory, or where there is none; else it is refused
        sync_folder(home.parent)


def put_aside(place: Place) -> Path:
    """Where a home that is replaced goes."""
    home = place.home.path
    return home.with_name(f"{home.name}.before-{place.restored_at:.0f}")
