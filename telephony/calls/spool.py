"""The spool: where promises are kept while SQL is away, until it has them.

A folder of the home with a mark, the newest epoch that has led here, and the files of each leader
under its own epoch. A leader writes, syncs, and looks at the mark before it calls anything kept; a
new one sets the mark and only then reads what the former ones left. So whatever was called kept
is read, and a leader of old, waking up, keeps nothing any more.

Room is taken ahead: a full disk shows before a promise is made, not half way through it.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, TypeVar

import structlog

from config.files import write_atomically
from telephony.calls.journal import StaleEpoch
from telephony.calls.owed import Owed, decode, encode
from telephony.calls.spool_file import Segment, read, sync_folder

log = structlog.get_logger(__name__)
T = TypeVar("T")

MARK: Final = "epoch"
SEGMENT: Final = 512 * 1024  # bytes taken at a time
RESERVE: Final = 64 * 1024  # bytes left when the next file is begun
_NAME: Final = re.compile(r"(\d+)-(\d+)\.spool")


class SpoolFailed(Exception):
    """The disk does not take it."""


class Spool(Protocol):
    """A place on the disk of this machine."""

    @property
    def full(self) -> bool:
        """There is no room for another promise."""

    async def newest(self) -> int:
        """The newest epoch that has led here; 0 when none is known."""

    async def begin(self, epoch: int) -> list[Owed]:
        """Shut out every older leader; what they left. Raises StaleEpoch."""

    async def append(self, owed: Sequence[Owed]) -> None:
        """Return when the disk has them. Raises SpoolFailed, and StaleEpoch when not leading."""

    async def clear(self) -> None:
        """SQL has all of it, and of what `begin` gave."""


class NoSpool:
    """Nothing is kept here."""

    full = True

    async def newest(self) -> int:
        """None has led here."""
        return 0

    async def begin(self, epoch: int) -> list[Owed]:
        """Nobody left anything."""
        return []

    async def append(self, owed: Sequence[Owed]) -> None:
        """Refuse."""
        raise SpoolFailed("there is no spool")

    async def clear(self) -> None:
        """There is nothing to clear."""


class FileSpool:
    """The spool in a folder of its own, written in a thread: a disk may take its time."""

    def __init__(self, folder: Path, secret: str, segment: int = SEGMENT) -> None:
        """Each file takes `segment` bytes at once."""
        self.full = False
        self._folder = folder
        self._secret = secret
        self._segment = segment
        self._epoch = 0
        self._former: list[Path] = []  # files that former leaders left
        self._damaged: set[Path] = set()  # those of them that do not open as a whole
        self._mine: list[Segment] = []  # the last one is being filled
        self._made = 0
        # Whoever stops waiting does not stop the thread: the next must not write beside it.
        self._alone = Lock()

    async def newest(self) -> int:
        """From the mark and the names of the files."""
        return await asyncio.to_thread(self._newest)

    async def begin(self, epoch: int) -> list[Owed]:
        """Set the mark, and only then read."""
        return await self._in_turn(partial(self._begin, epoch))

    async def append(self, owed: Sequence[Owed]) -> None:
        """Write, sync, and look at the mark."""
        await self._in_turn(partial(self._append, [encode(each) for each in owed]))

    async def clear(self) -> None:
        """Delete the files: numbers of callers stay no longer than they must."""
        await self._in_turn(self._clear)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        def alone() -> T:
            with self._alone:
                return work()

        return await asyncio.to_thread(alone)

    def _newest(self) -> int:
        try:
            marked = _marked(self._folder)
        except OSError as unreadable:
            log.error("spool_mark_unreadable", error=unreadable)
            marked = 0
        return max([marked, *(_epoch(path) for path in self._files())])

    def _begin(self, epoch: int) -> list[Owed]:
        self._epoch = epoch
        try:
            self._check()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self._folder / MARK, f"{epoch}\n")
            sync_folder(self._folder)
        except OSError as refused:  # calls go on; what can be read is read
            log.error("spool_not_marked", error=refused)
        self._former = [path for path in self._files() if _epoch(path) < epoch]
        left = [owed for path in self._former for owed in self._read(path)]
        self._reserve()
        return left

    def _read(self, path: Path) -> list[Owed]:
        """What the file holds, as far as it opens."""
        try:
            found = read(path, self._secret)
            owed = [decode(text) for text in found.texts]
        except (OSError, ValueError, LookupError) as bad:
            log.error("spool_unreadable", error=bad)
            self._damaged.add(path)
            return []
        if found.damaged:
            log.error("spool_damaged", count=found.damaged)
            self._damaged.add(path)
        return owed

    def _append(self, texts: list[bytes]) -> None:
        try:
            segment = self._with_room(texts)
            segment.append(segment.sealed(texts))
            self._check()
        except OSError as refused:
            self.full = True
            raise SpoolFailed(refused.strerror) from refused
        if segment.room < RESERVE:
            self._reserve()

    def _check(self) -> None:
        if _marked(self._folder) > self._epoch:
            raise StaleEpoch(f"epoch {self._epoch} has been followed by another")

    def _with_room(self, texts: list[bytes]) -> Segment:
        needed = sum(map(_sealed_size, texts))
        if not self._mine or self._mine[-1].room < needed:
            self._mine.append(self._new(max(self._segment, needed)))
            self.full = False
        return self._mine[-1]

    def _reserve(self) -> None:
        """Take room for what is to come."""
        try:
            self._mine.append(self._new(self._segment))
        except OSError as refused:
            log.error("spool_full", error=refused)
            self.full = True
        else:
            self.full = False

    def _new(self, size: int) -> Segment:
        self._made += 1
        name = f"{self._epoch:08d}-{self._made:06d}.spool"
        return Segment(self._folder / name, self._secret, size)

    def _clear(self) -> None:
        try:
            kept = self._mine[-1:] if self._mine and self._mine[-1].empty else []
            for segment in self._mine:
                if segment not in kept:
                    segment.close()
                    segment.path.unlink()
            self._mine = kept
            for path in self._former:
                if path in self._damaged:  # the operator's, from now on
                    path.rename(path.with_suffix(".damaged"))
                else:
                    path.unlink()
            self._former = []
            sync_folder(self._folder)
        except OSError as refused:
            log.error("spool_not_cleared", error=refused)
        if not self._mine:
            self._reserve()

    def _files(self) -> list[Path]:
        """Of every leader, in the order in which they were written."""
        found = [path for path in self._folder.glob("*.spool") if _NAME.fullmatch(path.name)]
        return sorted(found, key=lambda path: [int(part) for part in path.stem.split("-")])


def _marked(folder: Path) -> int:
    """Raises OSError when nobody can tell."""
    try:
        return int((folder / MARK).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0


def _epoch(path: Path) -> int:
    return int(path.stem.split("-")[0])


def _sealed_size(text: bytes) -> int:
    """In base64, with nonce, tag and line end."""
    return 4 * ((len(text) + 28 + 2) // 3) + 1
