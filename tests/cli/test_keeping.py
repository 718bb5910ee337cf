"""`backup` and `restore` at a shell: what each says, and what each refuses (F15)."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from config.database import open_database
from config.home import Home
from telephony.keeping import sealed
from telephony.store.records import Records
from telephony.supervisor import notes
from telephony.supervisor.identity import identify
from telephony.supervisor.lock import only_one
from tests.cli.run import Shell
from tests.homes import prepared
from tests.keeping.homes import PASSPHRASE, a_home, add_calls, at, everything

WITHIN = 60.0  # seconds


@pytest.fixture(autouse=True)
def cheap_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "COST", 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return asyncio.run(a_home(tmp_path / "home"))


@pytest.fixture
def phrase(tmp_path: Path) -> str:
    return phrase_file(tmp_path / "phrase", PASSPHRASE)


def phrase_file(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(mode)
    return str(path)


@pytest.fixture
def backup(madoguchi: Shell, home: Home, phrase: str, tmp_path: Path) -> str:
    target = str(tmp_path / "b")
    words = ("--home", str(home.path), "--passphrase-file", phrase)
    assert madoguchi("backup", target, *words).status == 0
    return target


def test_a_directory_gets_a_file_named_by_its_time(
    madoguchi: Shell, home: Home, phrase: str, tmp_path: Path
) -> None:
    (tmp_path / "off-site").mkdir()
    ended = madoguchi(
        "backup", str(tmp_path / "off-site"), "--home", str(home.path), "--passphrase-file", phrase,
        "--json",
    )  # fmt: skip
    told = json.loads(ended.out)
    [file] = (tmp_path / "off-site").iterdir()
    assert told["file"] == str(file)
    assert (told["bytes"], told["epoch"]) == (file.stat().st_size, 7)
    assert file.suffix == ".backup"


def test_backed_up_proved_restored_asked(
    madoguchi: Shell, home: Home, backup: str, phrase: str, tmp_path: Path
) -> None:
    proved = madoguchi("backup", "--verify", backup, "--passphrase-file", phrase)
    assert "proved 確認済み" in proved.out
    assert "calls 2, the last c2 at 2026-04-01T12:15:00+09:00; epoch 7" in proved.out
    assert "left out, no file: home/some.sock" in proved.err
    new = str(tmp_path / "new")
    ended = madoguchi("restore", backup, "--home", new, "--passphrase-file", phrase)
    assert f"restored to {new} 復元済み" in ended.out
    assert (
        madoguchi("calls", "--home", new, "--json").out
        == madoguchi("calls", "--home", str(home.path), "--json").out
    )


def test_f15_what_is_no_good_is_one_sentence(
    madoguchi: Shell, backup: str, phrase: str, tmp_path: Path
) -> None:
    whole = Path(backup).read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :]
    other = phrase_file(tmp_path / "other", "another passphrase")
    for data, with_, words in (
        (whole, other, "the passphrase is not the one it was closed with"),
        (whole[:-1], phrase, "it is cut off"),
        (flipped, phrase, "it was changed"),
        (b"PK", phrase, "it is no backup of ours"),
    ):
        Path(backup).write_bytes(data)
        proved = madoguchi("backup", "--verify", backup, "--passphrase-file", with_)
        assert (proved.status, words in proved.sentence) == (2, True), proved
        ended = madoguchi("restore", backup, "--home", f"{tmp_path}/n", "--passphrase-file", with_)
        assert (ended.status, words in ended.sentence) == (2, True), ended
        assert not (tmp_path / "n").exists()


def test_a_home_with_a_system_is_not_overwritten(
    madoguchi: Shell, home: Home, backup: str, phrase: str
) -> None:
    before = asyncio.run(everything(at(home)))
    ended = madoguchi("restore", backup, "--home", str(home.path), "--passphrase-file", phrase)
    assert (ended.status, "is not empty" in ended.sentence) == (2, True)
    assert asyncio.run(everything(at(home))) == before


def test_a_running_system_is_not_replaced(
    madoguchi: Shell, backup: str, phrase: str, tmp_path: Path
) -> None:
    with prepared(tmp_path / "running") as running:
        words = ("--home", str(running.path), "--passphrase-file", phrase, "--replace")
        with only_one(running):
            locked = madoguchi("restore", backup, *words)
        assert "another `madoguchi up`" in locked.sentence
        notes.write(running, "asterisk", identify(os.getpid()))
        left = madoguchi("restore", backup, *words)
        assert f"still runs (pid {os.getpid()})" in left.sentence
        notes.forget(running, "asterisk")
        assert madoguchi("restore", backup, *words).status == 0


def test_the_wrong_places_are_refused(
    madoguchi: Shell, home: Home, backup: str, phrase: str, tmp_path: Path
) -> None:
    here = str(home.path)
    for target, words in (
        (backup, "is there already: name another file"),
        (f"{here}/b", "is in the home itself"),
        (here, "is in the home itself"),
        (f"{tmp_path}/nowhere/b", "cannot be written: No such file or directory"),
    ):
        ended = madoguchi("backup", target, "--home", here, "--passphrase-file", phrase)
        assert (ended.status, words in ended.sentence) == (2, True), ended
    assert (
        "no system at" in madoguchi("backup", f"{tmp_path}/c", "--home", f"{tmp_path}/x").sentence
    )
    home.database.unlink()
    gone = madoguchi("backup", f"{tmp_path}/c", "--home", here, "--passphrase-file", phrase)
    assert "there are no records to back up" in gone.sentence
    assert "cannot be opened" in madoguchi(
        "backup", "--verify", f"{tmp_path}/c", "--passphrase-file", phrase
    ).sentence  # fmt: skip


def test_a_bad_passphrase_is_refused(
    madoguchi: Shell, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = str(home.path)
    for file, words in (
        (phrase_file(tmp_path / "short", "too short"), "too short: take 12 characters"),
        (phrase_file(tmp_path / "open", PASSPHRASE, 0o644), "can be read by others: chmod 600"),
        (phrase_file(home.path / "inside", PASSPHRASE), "would hold its own passphrase"),
        (str(tmp_path / "missing"), "cannot be read"),
    ):
        ended = madoguchi("backup", f"{tmp_path}/b", "--home", here, "--passphrase-file", file)
        assert (ended.status, words in ended.sentence) == (2, True), ended
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # no terminal, however the tests are run
    unasked = madoguchi("backup", f"{tmp_path}/b", "--home", here)
    assert "cannot be asked for here: give --passphrase-file" in unasked.sentence
    missing = f"{tmp_path}/missing"  # which is told before anybody types a passphrase
    named = madoguchi("backup", f"{tmp_path}/short", "--home", here)
    assert "is there already: name another file" in named.sentence
    for asked in (("backup", "--verify", missing), ("restore", missing, "--home", f"{tmp_path}/r")):
        assert "cannot be opened: No such file or directory" in madoguchi(*asked).sentence
    assert not (tmp_path / "b").exists()


def test_a_database_that_does_not_answer_is_told_without_its_password(
    madoguchi: Shell, home: Home, phrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", "postgresql://u:hush@/none?host=/nowhere")
    words = ("--home", str(home.path), "--passphrase-file", phrase)
    ended = madoguchi("backup", f"{tmp_path}/b", *words)
    assert ended.sentence == "the records cannot be read (DatabaseFailed)"
    assert not (tmp_path / "b").exists()


@pytest.fixture
def trickle(tmp_path: Path) -> Path:
    """A backup that arrives as slowly as the test likes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    return pipe


def test_f15_killed_in_the_middle_it_leaves_no_home(
    madoguchi: Shell, trickle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the other process pays the full price of the passphrase
    home = asyncio.run(a_home(tmp_path / "large"))
    (home.path / "archive" / "noise").write_bytes(os.urandom(3 * sealed.CHUNK))
    asyncio.run(_more_calls(home))
    phrase, new = phrase_file(tmp_path / "p", PASSPHRASE), tmp_path / "new"
    words = ("--passphrase-file", phrase, "--home")
    assert madoguchi("backup", f"{tmp_path}/b", *words, str(home.path)).status == 0
    whole = (tmp_path / "b").read_bytes()

    command = [sys.executable, "-m", "telephony", "restore", str(trickle), *words, str(new)]
    with subprocess.Popen(command) as process, trickle.open("wb", buffering=0) as pipe:
        pipe.write(whole[: len(whole) * 2 // 3])
        until = monotonic() + WITHIN
        while not list(tmp_path.glob(".new.restoring-*/archive/noise")):
            assert monotonic() < until
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait(WITHIN)

    assert not new.exists()
    assert "no system at" in madoguchi("calls", "--home", str(new)).sentence
    assert madoguchi("restore", f"{tmp_path}/b", *words, str(new)).status == 0
    assert asyncio.run(everything(at(Home.at(new)))) == asyncio.run(everything(at(home)))


async def _more_calls(home: Home) -> None:
    database = open_database(at(home))
    await add_calls(Records(database), ["c3"], first=17)
    await database.close()
