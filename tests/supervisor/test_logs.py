"""The parts' own files."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.home import Home
from telephony.supervisor import logs
from tests.homes import prepared


def test_a_large_log_is_moved_aside_under_the_writers_hand(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        assert logs.trim(log, largest=100) == 0
        writer.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "part.log.1").read_text() == "old\n" * 100
    assert logs.trim(log, largest=100) == 0
    assert log.read_text() == "new\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["part.log", "part.log.1"]


def test_what_is_written_while_it_is_set_aside_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "part.log"
    log.write_bytes(b"old\n" * 100)
    copy = shutil.copyfileobj

    def copy_then_more(*files: Any) -> None:
        copy(*files)
        with log.open("ab") as writer:
            writer.write(b"meanwhile\n")

    monkeypatch.setattr(shutil, "copyfileobj", copy_then_more)
    logs.trim(log, largest=100)
    assert (tmp_path / "part.log.1").read_text() == "old\n" * 100 + "meanwhile\n"
    assert log.read_text() == ""


def test_where_nothing_can_be_set_aside_the_end_stays_and_the_loss_is_told(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text("old\n" * 100)
    (tmp_path / "part.log.1").mkdir()  # stands for a disk that takes no more
    assert logs.trim(log, largest=100, kept=8) == 392
    text = "old\nold\n392 bytes before this were dropped: the disk is full\n"
    assert log.read_text() == text
    assert sorted(file.name for file in tmp_path.iterdir()) == ["part.log", "part.log.1"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with prepared(tmp_path / "home") as made:
        yield made


def test_every_parts_file_and_asterisks_own_are_kept_small(home: Home) -> None:
    files = [logs.file_of(home, part) for part in ("redis", "asterisk", "controller", "another")]
    files.append(home.asterisk / "log" / "messages.log")
    for file in files:
        file.write_bytes(b"x" * 101)
    assert set(logs.all_of(home)) == set(files)
    assert list(logs.trim_all(home, 100, 8)) == []
    assert [file.stat().st_size for file in files] == [0] * len(files)


def test_what_could_not_be_kept_is_told_and_trouble_with_one_file_stops_nothing(home: Home) -> None:
    (home.logs / "broken.log").mkdir()  # cannot be opened
    for name in range(60):  # so that it is larger than the limit as a directory, too
        (home.logs / "broken.log" / f"file {name} with a long name").touch()
    full = logs.file_of(home, "redis")
    full.write_bytes(b"x" * 3 * 2**20)
    full.with_suffix(".log.1").mkdir()
    told = sorted(logs.trim_all(home, 100, 8))
    assert told[-1].startswith("redis.log: 2 MiB of older text are gone, because the disk is full")
    assert full.stat().st_size < 100
    assert [line for line in told if line.startswith("broken.log cannot be kept small")]


def test_the_last_line_is_of_this_life_and_not_empty(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    assert logs.last_line(log) == ""
    log.write_text("a former life\n")
    since = logs.size(log)
    assert logs.last_line(log, since) == ""
    with log.open("a") as file:
        file.write("Traceback\n  接続できません\n\n")
    assert logs.last_line(log, since) == "接続できません"
