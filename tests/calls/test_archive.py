"""What leaves the journal is in its day's file: once, sealed, and only for whoever has the key."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from config.secrets import ensure_secrets
from telephony.app import archive_days, archive_of
from telephony.calls.archive import (
    ARCHIVE_DAYS,
    HEADER,
    JAPAN,
    MAGIC,
    ArchiveFailed,
    FileArchive,
    read_archive,
)
from telephony.calls.journal import JournalAway, KeptSnapshot, Place, Record
from telephony.calls.retention import DAY, trim
from telephony.simulation.shell.journal import FakeJournal
from tests.cli.run import Shell
from tests.homes import prepared

SECRET = "5e" * 32
HERE = Place(9, 0)  # far behind everything
MIDNIGHT = datetime(2026, 4, 2, tzinfo=JAPAN).timestamp()
FIRST, SECOND = "journal-2026-04-01.jsonl.enc", "journal-2026-04-02.jsonl.enc"


class DyingJournal(FakeJournal):
    """Its leader dies after the archive and before the trim."""

    async def trim(self, before: Place) -> int:
        raise JournalAway("killed")


def entries(first: int, last: int, *, start: float = MIDNIGHT - 3.0) -> list[Record]:
    """One a second, the fourth of them on the second day."""
    return [
        Record(Place(1, seq), start + seq, "", "1", "c", {"is": "Woken", "n": seq}, "e")
        for seq in range(first, last)
    ]


def filled(journal: FakeJournal, records: Sequence[Record]) -> FakeJournal:
    journal.records = list(records)
    journal.kept = KeptSnapshot(HERE, "1", "c", b"{}")
    return journal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archive(folder: Path) -> FileArchive:
    return FileArchive(folder, SECRET, 365)


def keep(archive: FileArchive, records: Sequence[Record]) -> None:
    asyncio.run(archive.keep(records))


def numbers(path: Path, secret: str = SECRET) -> list[int]:
    """The entries of a file, by their number."""
    return [json.loads(line)["command"]["n"] for line in read_archive(path, secret)]


def test_what_was_kept_is_read_again_whole(archive: FileArchive, folder: Path) -> None:
    keep(archive, entries(0, 2))
    [line, _] = read_archive(folder / FIRST, SECRET)
    assert json.loads(line) == {
        "line": "entry", "place": "1-0", "at": MIDNIGHT - 3.0, "mark": "", "core": "1",
        "config": "c", "command": {"is": "Woken", "n": 0}, "effects": "e",
    }  # fmt: skip


def test_midnight_in_japan_parts_the_files(archive: FileArchive, folder: Path) -> None:
    keep(archive, entries(0, 6))
    assert sorted(path.name for path in folder.iterdir()) == [FIRST, SECOND]
    assert (numbers(folder / FIRST), numbers(folder / SECOND)) == ([0, 1, 2], [3, 4, 5])


def test_nobody_else_can_open_it(archive: FileArchive, folder: Path) -> None:
    keep(archive, entries(0, 2))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / FIRST).stat().st_mode & 0o777 == 0o600
    assert b"Woken" not in (folder / FIRST).read_bytes()
    with pytest.raises(ArchiveFailed, match="the key is another"):
        numbers(folder / FIRST, "ff" * 32)


def test_the_same_lines_never_look_the_same(folder: Path) -> None:
    for name in ("a", "b"):
        keep(FileArchive(folder / name, SECRET, 0), entries(0, 2))
    assert (folder / "a" / FIRST).read_bytes() != (folder / "b" / FIRST).read_bytes()


def chunks(path: Path) -> list[bytes]:
    """The chunks with their headers."""
    data, found = path.read_bytes()[len(MAGIC) :], []
    while data:
        end = HEADER.size + HEADER.unpack(data[: HEADER.size])[0]
        found.append(data[:end])
        data = data[end:]
    return found


def test_no_byte_can_be_changed_unseen(archive: FileArchive, folder: Path) -> None:
    keep(archive, entries(0, 2))
    path = folder / FIRST
    sound = path.read_bytes()
    for at in range(len(sound)):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        with pytest.raises(ArchiveFailed):
            numbers(path)


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2), (0, 0, 1, 2)])
def test_no_chunk_can_be_moved_taken_out_or_repeated(
    archive: FileArchive, folder: Path, order: tuple[int, ...]
) -> None:
    for seq in range(3):
        keep(archive, entries(seq, seq + 1))
    path = folder / FIRST
    found = chunks(path)
    path.write_bytes(MAGIC + b"".join(found[number] for number in order))
    with pytest.raises(ArchiveFailed, match="does not open"):
        numbers(path)


def test_a_file_cannot_pass_for_another_day(archive: FileArchive, folder: Path) -> None:
    keep(archive, entries(0, 2))
    (folder / FIRST).rename(folder / SECOND)
    with pytest.raises(ArchiveFailed, match="does not open"):
        numbers(folder / SECOND)


def test_a_death_between_archive_and_trim_neither_loses_nor_doubles(
    archive: FileArchive, folder: Path
) -> None:
    dying = filled(DyingJournal(), entries(0, 5))
    with pytest.raises(JournalAway):
        asyncio.run(trim(dying, archive, HERE, MIDNIGHT + 1.0))
    assert numbers(folder / FIRST) + numbers(folder / SECOND) == [0, 1, 2, 3]
    heir = filled(FakeJournal(), dying.records + entries(5, 8))
    asyncio.run(trim(heir, archive, HERE, MIDNIGHT + 3.0))
    assert numbers(folder / FIRST) == [0, 1, 2]
    assert numbers(folder / SECOND) == [3, 4, 5]
    assert [record.place.seq for record in heir.records] == [6, 7]


def test_a_write_that_was_cut_off_anywhere_is_made_good(archive: FileArchive, folder: Path) -> None:
    path = folder / FIRST
    keep(archive, entries(0, 1))
    keep(archive, entries(0, 3))
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        keep(archive, entries(0, 3))
        assert numbers(path) == [0, 1, 2]


def test_an_unfinished_end_is_told_behind_what_is_sound(archive: FileArchive, folder: Path) -> None:
    path = folder / FIRST
    keep(archive, entries(0, 1))
    keep(archive, entries(1, 2))
    path.write_bytes(path.read_bytes()[:-1])
    lines = read_archive(path, SECRET)
    assert json.loads(next(lines))["place"] == "1-0"
    with pytest.raises(ArchiveFailed, match="unfinished"):
        next(lines)


def test_nothing_leaves_the_journal_for_a_damaged_file(archive: FileArchive, folder: Path) -> None:
    keep(archive, entries(0, 1))
    path = folder / FIRST
    whole = path.read_bytes()
    damaged = whole[:-1] + bytes([whole[-1] ^ 1])
    path.write_bytes(damaged)
    journal = filled(FakeJournal(), entries(0, 3))
    with pytest.raises(ArchiveFailed, match="does not open"):
        asyncio.run(trim(journal, archive, HERE, MIDNIGHT + DAY))
    assert len(journal.records) == 3
    assert path.read_bytes() == damaged


def test_nothing_leaves_the_journal_when_the_disk_refuses(tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("in the way")
    journal = filled(FakeJournal(), entries(0, 3))
    with pytest.raises(ArchiveFailed):
        asyncio.run(
            trim(journal, FileArchive(tmp_path / "archive", SECRET, 0), HERE, MIDNIGHT + DAY)
        )
    assert len(journal.records) == 3


@pytest.mark.parametrize(
    ("days", "after", "left"),
    [(10, 10, [FIRST, SECOND]), (10, 11, [SECOND]), (10, 12, []), (0, 9999, [FIRST, SECOND])],
)
def test_a_day_is_kept_for_as_long_as_was_told(
    folder: Path, days: int, after: int, left: list[str]
) -> None:
    archive = FileArchive(folder, SECRET, days)
    keep(archive, entries(0, 6))
    (folder / "journal-notes.txt").touch()  # not ours
    gone = asyncio.run(archive.expire(MIDNIGHT - 1.0 + after * DAY))
    assert sorted(path.name for path in folder.iterdir()) == [*left, "journal-notes.txt"]
    assert gone == 2 - len(left)


@pytest.mark.parametrize(
    ("told", "days"), [("", ARCHIVE_DAYS), ("90", 90), ("0", 0), ("-1", 365), ("a year", 365)]
)
def test_the_operator_may_say_how_long(
    told: str, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_ARCHIVE_DAYS", told)
    assert archive_days() == days


def test_a_person_with_the_home_can_read_a_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    madoguchi = Shell(capsys)
    with prepared(tmp_path / "home") as home:
        archive = archive_of(home, ensure_secrets(home.secrets, []))
        assert archive is not None
        keep(archive, entries(0, 6))
        path = home.path / "archive" / FIRST
        words = ("journal", "read-archive", str(path), "--home", str(home.path))
        ended = madoguchi(*words)
        assert (ended.status, ended.err) == (0, "")
        assert [json.loads(line)["place"] for line in ended.out.splitlines()] == [
            "1-0", "1-1", "1-2",
        ]  # fmt: skip
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        ended = madoguchi(*words)
        assert (ended.status, ended.out) == (2, "")
        assert "chunk 0 does not open" in ended.sentence
        home.secrets.unlink()
        assert madoguchi(*words).status == 2
