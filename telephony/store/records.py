"""The publisher's pen: journal entries become rows, each exactly once, while the epoch is ours.

The transaction first locks the site's row in `controller`, so there is one writer at a time and
what it reads cannot change under it. Entries up to the cursor are skipped, the others are folded
in memory by the rules of `drafts` and `intervals`, and rows and cursor are committed together.
"""

from collections.abc import Sequence
from zlib import crc32

from sqlalchemy import Connection

from config.database import Database
from telephony.owing.model import Terms
from telephony.store import fence, owing, rows
from telephony.store.changes import CallNoted, Change
from telephony.store.fence import Cursor, Fence
from telephony.store.history import History
from telephony.store.intervals import Place
from telephony.store.migrate import migrate

Entry = tuple[int, Sequence[Change]]


class Records(History):
    """The history of one site, and the right to add to it."""

    def __init__(self, database: Database, site: str = "main", terms: Terms | None = None) -> None:
        super().__init__(database)
        self._site = site
        self._terms = terms or Terms()

    async def epoch(self) -> int:
        """The newest leader's epoch that the database has seen; 0 before the first."""
        return (await self._fence()).epoch

    async def cursor(self) -> Cursor:
        """Where publishing resumes: the last entry written."""
        return (await self._fence()).cursor

    async def claim(self, epoch: int, core_version: str = "") -> Cursor:
        """Shut out every older leader; tells where publishing resumes."""

        def take(connection: Connection) -> Cursor:
            cursor = fence.hold(connection, self._site, epoch)
            fence.write(connection, self._site, epoch=epoch, core_version=core_version)
            return cursor

        return await self._database.write(take)

    async def apply(
        self, epoch: int, entries: Sequence[Entry], *, leader: int | None = None
    ) -> None:
        """Write entries of `epoch` in one transaction; those written before are skipped.

        After a takeover the new `leader` first writes what the old epoch left, then its own:
        an entry behind the cursor counts as written.
        """
        writer = epoch if leader is None else leader
        if epoch > writer:
            raise ValueError(f"entries of epoch {epoch} are not the leader's of {writer}")

        def publish(connection: Connection) -> None:
            cursor = fence.hold(connection, self._site, writer)
            placed = _placed(epoch, entries, cursor)
            rows.write(connection, placed)
            self._fold(connection, [change for _, change in placed])
            last = max([cursor, *(Cursor(epoch, seq) for seq, _ in entries)])
            place = {"cursor_epoch": last.epoch, "cursor_seq": last.seq}
            fence.write(connection, self._site, epoch=writer, **place)

        await self._database.write(publish)

    async def add(self, leader: int, changes: Sequence[Change]) -> None:
        """Write what comes from no journal entry; the same changes again write nothing twice.

        Each kind of event is in a call's timeline once, in whatever company it is written.
        """

        def publish(connection: Connection) -> None:
            fence.hold(connection, self._site, leader)
            placed = [(Place(0, 0, _part(change)), change) for change in changes]
            rows.write(connection, placed)
            self._fold(connection, changes)

        await self._database.write(publish)

    async def begin_owing(self, leader: int, now: float) -> None:
        """Note what is agreed of callbacks from now on."""

        def note(connection: Connection) -> None:
            fence.hold(connection, self._site, leader)
            owing.begin(connection, self._site, now, self._terms)

        await self._database.write(note)

    async def read_former(self, leader: int) -> bool:
        """Open what calls of before the ledger owe, some at a time; whether there may be more."""

        def read(connection: Connection) -> bool:
            fence.hold(connection, self._site, leader)
            return owing.read_former(connection, self._site, self._terms)

        return await self._database.write(read)

    def _fold(self, connection: Connection, changes: Sequence[Change]) -> None:
        owing.fold(connection, self._site, changes, self._terms)

    async def _fence(self) -> Fence:
        return await self._database.read(lambda connection: fence.read(connection, self._site))


class LateRecords(Records):
    """Records of a database that may not be there yet: its schema comes with the claim."""

    def __init__(self, database: Database, url: str, terms: Terms | None = None) -> None:
        super().__init__(database, terms=terms)
        self._url = url
        self._migrated = False

    async def claim(self, epoch: int, core_version: str = "") -> Cursor:
        """Bring it to the present schema, and then shut out every older leader."""
        if not self._migrated:
            await migrate(self._url)
            self._migrated = True
        return await super().claim(epoch, core_version)


def _part(change: Change) -> int:
    """A place that depends on nothing but what happened."""
    return crc32(change.event.encode()) >> 1 if isinstance(change, CallNoted) else 0


def _placed(epoch: int, entries: Sequence[Entry], cursor: Cursor) -> list[rows.Placed]:
    return [
        (Place(epoch, seq, part), change)
        for seq, changes in entries
        if (epoch, seq) > cursor
        for part, change in enumerate(changes)
    ]
