"""The journal forgets what is old, and nothing that somebody may still need."""

import asyncio
from collections.abc import Sequence

import pytest

from telephony.app import journal_days
from telephony.calls.archive import ArchiveFailed
from telephony.calls.journal import KeptSnapshot, Place, Record
from telephony.calls.retention import DAY, EVERY, KEEP_DAYS, forget_old, trim
from telephony.simulation.shell.journal import FakeJournal
from telephony.simulation.shell.loop import run, virtually
from tests.calls.leading import later

HERE = Place(3, 90)  # far behind everything


class FakeArchive:
    """An archive in a dictionary; its disk can be full."""

    def __init__(self) -> None:
        self.records: dict[Place, Record] = {}
        self.looked: list[float] = []  # when it was asked to expire
        self.full = False

    async def keep(self, records: Sequence[Record]) -> None:
        """Each entry once."""
        if self.full:
            raise ArchiveFailed("no space left")
        self.records |= {record.place: record for record in records}

    async def expire(self, now: float) -> int:
        """Nothing is ever so old."""
        self.looked.append(now)
        return 0


def filled(snapshot: Place | None) -> FakeJournal:
    """Ten entries in each of two epochs, one a second."""
    journal = FakeJournal()
    places = [Place(epoch, seq) for epoch in (1, 2) for seq in range(10)]
    journal.records = [Record(p, float(at), "", "1", "c", None, "") for at, p in enumerate(places)]
    if snapshot is not None:
        journal.kept = KeptSnapshot(snapshot, "1", "c", b"{}")
    return journal


@pytest.mark.parametrize(
    ("before", "snapshot", "written", "first_left"),
    [
        (5.0, HERE, HERE, Place(1, 5)),  # what is older goes
        (0.0, HERE, HERE, Place(1, 0)),
        (14.0, HERE, HERE, Place(2, 4)),  # across leaders
        (14.0, Place(1, 3), HERE, Place(1, 3)),  # a new leader begins at the snapshot
        (14.0, HERE, Place(2, 1), Place(2, 1)),  # and derives the rows that are missing
        (14.0, None, HERE, Place(1, 0)),  # or from the very beginning
    ],
)
def test_what_is_left(
    before: float, snapshot: Place | None, written: Place, first_left: Place
) -> None:
    journal, archive = filled(snapshot), FakeArchive()
    was = journal.records
    gone = run(trim(journal, archive, written, before))
    assert journal.records[0].place == first_left
    assert gone == 20 - len(journal.records)
    assert [*archive.records.values(), *journal.records] == was


def test_when_everything_is_old_the_last_snapshot_still_counts() -> None:
    journal = filled(Place(2, 7))
    run(trim(journal, FakeArchive(), HERE, before=1e9))
    assert [record.place.seq for record in journal.records] == [7, 8, 9]


@virtually
async def test_it_looks_each_hour_also_when_journal_or_archive_refused() -> None:
    journal, archive, loop = filled(HERE), FakeArchive(), asyncio.get_running_loop()

    def clock() -> float:
        return DAY + loop.time()

    work = loop.create_task(forget_old(journal, archive, clock, lambda: HERE, days=1))
    await later()
    assert len(journal.records) == 20  # the first is a day old this very moment
    journal.away = True
    await later(EVERY + 100)
    journal.away = False
    assert len(journal.records) == 20
    archive.full = True
    await later(EVERY)
    assert len(journal.records) == 20
    archive.full = False
    await later(EVERY)
    assert journal.records == []
    assert len(archive.records) == 20
    assert len(archive.looked) == 4
    work.cancel()


@pytest.mark.parametrize(
    ("told", "days"), [("", KEEP_DAYS), ("90", 90.0), ("0", 1.0), ("a month", KEEP_DAYS)]
)
def test_the_operator_may_say_how_long(
    told: str, days: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_JOURNAL_DAYS", told)
    assert journal_days() == days
