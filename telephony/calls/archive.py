"""The archive: what leaves the journal, encrypted, in one file for each day in Japan.

A file is MAGIC and then chunks: a header with the length, a random nonce, and lines of JSON that
are packed and sealed with AES-256-GCM. A chunk is bound to its day and its number: changed, moved
or repeated, it does not open. Chunks are only ever added. A crash leaves at most an unfinished one
at the end, which the next append cuts off, because nothing of it had left the journal.
"""

import asyncio
import fcntl
import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from telephony.calls.export import EntryLine
from telephony.calls.journal import Place, Record

ARCHIVE_DAYS: Final = 365
# Whatever the site's time zone is: changing that must not move an entry to another file.
JAPAN: Final = ZoneInfo("Asia/Tokyo")
NAME: Final = re.compile(r"journal-(\d{4}-\d{2}-\d{2})\.jsonl\.enc")
MAGIC: Final = b"MADOARC1"
PURPOSE: Final = b"madoguchi journal archive 1 "
HEADER: Final = struct.Struct(">II")  # length of the chunk, check of the length
KEY, NONCE = 32, 12  # bytes


class ArchiveFailed(Exception):
    """The archive could not be written or read."""


class Archive(Protocol):
    """Where entries go before the journal forgets them."""

    async def keep(self, records: Sequence[Record]) -> None:
        """Have these entries on disk, each once, however often told. Raises ArchiveFailed."""

    async def expire(self, now: float) -> int:
        """Delete the days past their time; how many went. Raises ArchiveFailed."""


class FileArchive:
    """The archive in a directory of its own, written in a thread: a disk may take its time."""

    def __init__(self, folder: Path, secret: str, days: int) -> None:
        """`days` is how long a file is kept, 0 for ever."""
        self._folder = folder
        self._secret = secret
        self._days = days

    async def keep(self, records: Sequence[Record]) -> None:
        """Append what is not there yet, and return when the disk has it."""
        await asyncio.to_thread(self._keep, records)

    async def expire(self, now: float) -> int:
        """Delete the files of days past their time."""
        return await asyncio.to_thread(self._expire, now) if self._days else 0

    def _keep(self, records: Sequence[Record]) -> None:
        if not records:
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for day, group in groupby(records, key=lambda record: day_of(record.at)):
                _append(self._folder / file_name(day), _Seal(self._secret, day), list(group))
            for folder in (self._folder, self._folder.parent):  # the files' names, too
                _sync(folder)
        except OSError as error:
            raise ArchiveFailed(error.strerror) from error

    def _expire(self, now: float) -> int:
        first_kept = day_of(now) - timedelta(days=self._days)
        try:
            past = [path for path in self._folder.glob("journal-*") if _older(path, first_kept)]
            for path in past:
                path.unlink()
        except OSError as error:
            raise ArchiveFailed(error.strerror) from error
        return len(past)


def day_of(instant: float) -> date:
    """The day in Japan."""
    return datetime.fromtimestamp(instant, JAPAN).date()


def file_name(day: date) -> str:
    """Of the day's file."""
    return f"journal-{day.isoformat()}.jsonl.enc"


def read_archive(path: Path, secret: str) -> Iterator[str]:
    """The lines of one day, in order. Raises ArchiveFailed behind the last one that is sound."""
    day = _named(path)
    if day is None:
        raise ArchiveFailed(f"its name must be {file_name(date(2026, 4, 1))} of its own day")
    seal = _Seal(secret, day)
    with path.open("rb") as file:
        size = _size(file)  # now: the controller may be adding to it
        for number, chunk in enumerate(_chunks(file, size)):
            yield from seal.open(number, chunk.read(file))
        if file.tell() != size:
            raise ArchiveFailed("it ends in an unfinished chunk: its entries are in the journal")


class _Seal:
    """Closes and opens the chunks of one day, with a key of that day alone."""

    def __init__(self, secret: str, day: date) -> None:
        self._context = PURPOSE + day.isoformat().encode()
        derived = HKDF(SHA256(), KEY, salt=None, info=self._context)
        self._cipher = AESGCM(derived.derive(secret.encode()))

    def close(self, number: int, lines: Sequence[str]) -> bytes:
        nonce = os.urandom(NONCE)
        packed = zlib.compress("\n".join(lines).encode())
        return nonce + self._cipher.encrypt(nonce, packed, self._place(number))

    def open(self, number: int, chunk: bytes) -> list[str]:
        try:
            packed = self._cipher.decrypt(chunk[:NONCE], chunk[NONCE:], self._place(number))
        except (InvalidTag, ValueError):  # the latter: too short to be a chunk
            told = f"chunk {number} does not open: it was changed, or the key is another"
            raise ArchiveFailed(told) from None
        return zlib.decompress(packed).decode().split("\n")

    def _place(self, number: int) -> bytes:
        return self._context + b" %d" % number


@dataclass(frozen=True, slots=True)
class _Chunk:
    start: int
    length: int

    def read(self, file: BinaryIO) -> bytes:
        """What was sealed; the file then stands behind it."""
        file.seek(self.start)
        return file.read(self.length)


def _chunks(file: BinaryIO, size: int) -> Iterator[_Chunk]:
    """Every whole chunk, found by the headers alone; the file is left behind the last one."""
    file.seek(0)
    if size < len(MAGIC):
        return
    if file.read(len(MAGIC)) != MAGIC:
        raise ArchiveFailed("it is no archive of ours")
    at = len(MAGIC)
    while at + HEADER.size <= size:
        file.seek(at)
        start, length = at + HEADER.size, _length(file.read(HEADER.size))
        if start + length > size:
            break
        yield _Chunk(start, length)
        at = start + length
    file.seek(at)


def _length(header: bytes) -> int:
    """A wrong length must not pass for an unfinished chunk: what follows would be cut off."""
    length: int = HEADER.unpack(header)[0]
    if header != _header(length):
        raise ArchiveFailed("the header of a chunk was changed")
    return length


def _header(length: int) -> bytes:
    return HEADER.pack(length, zlib.crc32(length.to_bytes(4, "big")))


def _append(path: Path, seal: _Seal, records: Sequence[Record]) -> None:
    """Add the entries behind the last one that is there, and wait for the disk."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # a leader that was just replaced may not be done
        chunks = list(_chunks(file, _size(file)))
        file.truncate()
        last = _last_place(file, seal, chunks)
        lines = [_line(record) for record in records if last is None or record.place > last]
        file.seek(0, os.SEEK_END)
        if file.tell() == 0:
            file.write(MAGIC)
        if lines:
            sealed = seal.close(len(chunks), lines)
            file.write(_header(len(sealed)) + sealed)
        file.flush()
        # Also when nothing is new: who wrote it may have died before this.
        os.fsync(file.fileno())


def _last_place(file: BinaryIO, seal: _Seal, chunks: Sequence[_Chunk]) -> Place | None:
    """Entries come in order, so whatever is not behind this one is there already."""
    if not chunks:
        return None
    lines = seal.open(len(chunks) - 1, chunks[-1].read(file))
    epoch, seq = json.loads(lines[-1])["place"].split("-")
    return Place(int(epoch), int(seq))


def _line(record: Record) -> str:
    """As an export has it."""
    return EntryLine.model_validate(
        {**asdict(record), "place": str(record.place)}
    ).model_dump_json()


def _named(path: Path) -> date | None:
    named = NAME.fullmatch(path.name)
    try:
        return date.fromisoformat(named[1]) if named else None
    except ValueError:
        return None


def _older(path: Path, first_kept: date) -> bool:
    day = _named(path)
    return day is not None and day < first_kept


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
