"""The parts' own files."""

from pathlib import Path

from telephony.supervisor import logs


def test_a_large_log_is_moved_aside_under_the_writers_hand(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        logs.trim(log, largest=100)
        writer.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "part.log.1").read_text() == "old\n" * 100
    logs.trim(log, largest=100)
    assert log.read_text() == "new\n"


def test_a_log_stays_small_even_if_nothing_can_be_kept(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text("old\n" * 100)
    (tmp_path / "part.log.1").mkdir()  # stands for a disk that takes no more
    logs.trim(log, largest=100)
    assert log.read_text() == ""


def test_the_last_line_is_of_this_life_and_not_empty(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    assert logs.last_line(log) == ""
    log.write_text("a former life\n")
    since = logs.size(log)
    assert logs.last_line(log, since) == ""
    with log.open("a") as file:
        file.write("Traceback\n  接続できません\n\n")
    assert logs.last_line(log, since) == "接続できません"
