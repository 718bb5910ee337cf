"""The spool on a real disk: what is kept is read again, after any death, once, by the next."""

import asyncio
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Semaphore

import pytest

from telephony.caller_id import Caller, identify
from telephony.calls.journal import StaleEpoch
from telephony.calls.owed import Owed, decode, encode
from telephony.calls.spool import RESERVE, FileSpool, SpoolFailed
from telephony.calls.spool_file import read
from telephony.owing.model import CallbackAsked, CallbackDone, Cause, Deed
from telephony.store import changes as row
from telephony.store.words import HungUpBy, Outcome, OverflowReason
from tests.calls.spooling import AT, SECRET, owed, seqs

CALLER: Caller = identify('"久留米" <sip:0942000101@127.0.0.1>', "", "", trust_pai=True)
EVERY_CHANGE: tuple[row.Change, ...] = (
    row.CallOpened("c1", AT, 1, "0942000100", CALLER),
    row.CallOpened("c2", AT, None, "0942000100", None),
    row.CallNoted("c1", AT, "offered", {"agent": "a01", "attempt": 1, "none": None, "s": 0.5}),
    row.CallAdvanced("c1", AT, line=2, menu_path="main/1", queue="booking", agent="a01"),
    row.CallClosed(
        "c1", AT, Outcome.OVERFLOWED, OverflowReason.MAX_WAIT, 1.5, 0.0, 0.0, HungUpBy.SYSTEM
    ),
    row.CallClosed("c2", AT, Outcome.ANSWERED, None, 1.5, 60.25, 3.0, None),
    row.WrappedUp("c1", "a01", AT, 12.345678),
    row.OwnCallClosed("own-1.1", "internal", "a01", "s01", AT, None, AT + 30, "no_answer"),
    row.AttemptEnded("ob-c1", "own-1.2", "a01", AT, AT + 9, AT + 30, "reached"),
    CallbackAsked(
        "k1", AT, "p1", Cause.PROMISED, "+81942000123", "窓口 花子", "更新", AT + 60, "至急", "c1"
    ),
    CallbackDone("k2", "ob-k1", Deed.CLAIM, AT, "p1", "", None),
    row.OvertimeWorked("a01", "person-1", AT, AT + 90),
    row.ModeBegan("emergency", AT, AT + 3600, "person-2", closes=True),
    row.ModeEnded("emergency", AT, "person-2", AT + 60),
    row.AgentMoved("a01", "a01", AT, "paused", "休憩", None),
    row.LineMoved(2, AT, "talking", "c1", "a01"),
    row.InputKept("c1", "callback", AT, "+81942000123"),
)


def spool(folder: Path, segment: int = 2 * RESERVE) -> FileSpool:
    return FileSpool(folder / "spool", SECRET, segment)


def files(folder: Path, kind: str = "*.spool") -> list[Path]:
    return sorted((folder / "spool").glob(kind))


async def test_what_is_kept_beside_a_write_that_nobody_waits_for_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop cancels whoever waits, not the thread; what is left is written at once."""
    first = spool(tmp_path)
    await first.begin(1)
    syncing, may_go_on = Semaphore(0), Event()
    sync = os.fdatasync

    def slow(file: int) -> None:
        syncing.release()
        may_go_on.wait(5)
        sync(file)

    monkeypatch.setattr("telephony.calls.spool_file.os.fdatasync", slow)
    given_up = asyncio.ensure_future(first.append([owed(1, 1)]))
    assert await asyncio.to_thread(syncing.acquire, timeout=5)
    given_up.cancel()
    rest = asyncio.ensure_future(first.append([owed(1, 1), owed(1, 2)]))
    assert not await asyncio.to_thread(syncing.acquire, timeout=0.3)  # it waits for its turn
    may_go_on.set()
    await rest

    left = await spool(tmp_path).begin(2)
    assert dict.fromkeys(seqs(left)) == dict.fromkeys([1, 2])
    assert files(tmp_path, "*.damaged") == []


def test_every_change_comes_back_as_it_was() -> None:
    assert {type(each) for each in EVERY_CHANGE} == set(row.Change.__args__)
    for kept in (Owed(3, 7, EVERY_CHANGE), Owed(3, None, EVERY_CHANGE[-1:]), Owed(1, 0, ())):
        assert decode(encode(kept)) == kept


async def test_f1_what_was_kept_is_found_by_the_next_leader_in_order(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    assert await mine.begin(1) == []
    await mine.append([owed(1, 1), owed(1, 2)])
    await mine.append([Owed(1, 3, EVERY_CHANGE)])
    left = await spool(tmp_path).begin(2)
    assert left == [owed(1, 1), owed(1, 2), Owed(1, 3, EVERY_CHANGE)]
    assert await spool(tmp_path).newest() == 2


async def test_it_is_found_again_until_sql_has_it_and_then_never(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    await mine.append([owed(1, 1)])
    await spool(tmp_path).begin(2)  # and that one died, too
    third = spool(tmp_path)
    assert seqs(await third.begin(3)) == [1]
    await third.append([owed(3, 1)])
    await third.clear()
    assert await spool(tmp_path).begin(4) == []
    assert await spool(tmp_path).newest() == 4


async def test_many_files_are_read_as_one(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    big = (row.CallNoted("c1", AT, "note", {"text": "x" * 250}),) * 20
    for seq in range(1, 61):
        await mine.append([Owed(1, seq, big)])
    assert len(files(tmp_path)) > 3
    assert seqs(await spool(tmp_path).begin(2)) == list(range(1, 61))
    await mine.clear()


async def test_one_thing_larger_than_a_file_is_kept_too(tmp_path: Path) -> None:
    mine = spool(tmp_path, segment=4096)
    await mine.begin(1)
    huge = Owed(1, 1, (row.CallNoted("c1", AT, "note", {"text": "x" * 250}),) * 100)
    await mine.append([huge])
    assert await spool(tmp_path).begin(2) == [huge]


async def test_only_its_owner_reads_it_and_nobody_without_the_key(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    await mine.append([Owed(1, 1, EVERY_CHANGE)])
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not [
        word for word in (b"942000", "休憩".encode(), b"InputKept") if word in file.read_bytes()
    ]
    other = FileSpool(tmp_path / "spool", "another key", 2 * RESERVE)
    assert await other.begin(2) == []
    await other.clear()
    assert len(files(tmp_path, "*.damaged")) == 1  # it may be what is wrong, and not the file


async def test_a_torn_end_costs_what_was_not_kept_and_nothing_else(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    await mine.append([owed(1, 1)])
    (file,) = files(tmp_path)
    kept = len(file.read_bytes().rstrip(b"\0"))
    await mine.append([owed(1, seq) for seq in range(2, 6)])
    data = file.read_bytes().rstrip(b"\0")
    for cut in (*range(kept, len(data), 7), len(data) - 1, len(data)):
        file.write_bytes(data[:cut] + bytes(len(data) - cut))
        found = read(file, SECRET)
        assert (found.damaged, len(found.texts)) == (0, data[:cut].count(b"\n"))


async def test_a_changed_line_is_told_from_a_torn_one_and_the_rest_is_read(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    for seq in (1, 2, 3):
        await mine.append([owed(1, seq)])
    (file,) = files(tmp_path)
    lines = file.read_bytes().rstrip(b"\0").split(b"\n")
    lines[1] = lines[1][:-8] + b"AAAAAAA="
    file.write_bytes(b"\n".join(lines))
    later = spool(tmp_path)
    assert seqs(await later.begin(2)) == [1, 3]
    await later.clear()
    assert len(files(tmp_path, "*.damaged")) == 1  # for whoever wants to know what it was


async def test_lines_that_were_swapped_or_moved_do_not_pass(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    for seq in (1, 2, 3):
        await mine.append([owed(1, seq)])
    (file,) = files(tmp_path)
    one, two, three, end = file.read_bytes().rstrip(b"\0").split(b"\n")
    file.write_bytes(b"\n".join([two, one, three, end]))
    assert seqs(await spool(tmp_path).begin(2)) == [3]


async def test_a_leader_of_old_is_told_after_it_wrote_and_calls_nothing_kept(
    tmp_path: Path,
) -> None:
    old = spool(tmp_path)
    await old.begin(1)
    new = spool(tmp_path)
    await new.begin(2)
    with pytest.raises(StaleEpoch):
        await old.append([owed(1, 1)])
    with pytest.raises(StaleEpoch):
        await spool(tmp_path).begin(1)
    await new.append([owed(2, 1)])
    await old.clear()  # of its own files alone
    assert seqs(await spool(tmp_path).begin(3)) == [1]


async def test_f1_a_full_disk_is_seen_before_the_promise_and_there_is_room_until_then(
    tmp_path: Path,
) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    note = (row.CallNoted("c1", AT, "note", {"text": "x" * 250}),) * 20
    with no_file_above(2 * RESERVE - 1):
        seq = 0
        while not mine.full:
            seq += 1
            await mine.append([Owed(1, seq, note)])
        promised = seq
        with suppress(SpoolFailed):  # what calls owe goes on, into the room that was taken
            for seq in range(promised + 1, 2 * promised):
                await mine.append([Owed(1, seq, note)])
    assert promised + 5 < seq < 2 * promised
    assert seqs(await spool(tmp_path).begin(2)) == list(range(1, seq))


async def test_once_there_is_room_again_promises_are_kept_again(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    with no_file_above(RESERVE):
        await mine.begin(1)
        with pytest.raises(SpoolFailed):
            await mine.append([owed(1, 1)])
    await mine.append([owed(1, 1)])
    assert seqs(await spool(tmp_path).begin(2)) == [1]


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """The kernel refuses longer files, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("after", [1, 20, 60])
async def test_f1_killed_in_the_middle_it_has_kept_whatever_it_said(
    tmp_path: Path, after: int
) -> None:
    said = await _killed_after(tmp_path, after)
    found = seqs(await spool(tmp_path).begin(2))
    assert said >= after
    assert found[:said] == list(range(1, said + 1))
    assert len(found) <= said + 1


async def _killed_after(folder: Path, count: int) -> int:
    """How many were called kept by a process that was killed when it said so."""
    command = [sys.executable, "-m", "tests.calls.spooling", str(folder / "spool")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = 0
        while said < count:
            said = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        for line in process.stdout:  # said, and not read yet
            said = int(line) if line.endswith("\n") else said
    return said


async def test_nothing_is_written_behind_a_line_that_may_be_half_there(tmp_path: Path) -> None:
    mine = spool(tmp_path)
    await mine.begin(1)
    await mine.append([owed(1, 1)])
    with no_file_above(RESERVE), pytest.raises(SpoolFailed):
        await mine.append([Owed(1, 2, (row.CallNoted("c1", AT, "n", {"t": "x" * RESERVE}),))])
    await mine.append([owed(1, 3)])
    later = spool(tmp_path)
    assert seqs(await later.begin(2)) == [1, 3]
    await later.clear()
    assert files(tmp_path, "*.damaged") == []
