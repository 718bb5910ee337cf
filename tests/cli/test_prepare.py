"""`madoguchi prepare`: everything on the disk, nothing started."""

import os
from pathlib import Path

import pytest

from config.home import Home
from config.ports import Ports
from config.secrets import read_secrets
from telephony.cli.options import DEMO_SITE
from telephony.supervisor.lock import only_one
from tests.cli.run import Shell
from tests.homes import forget_runtime


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


@pytest.fixture(autouse=True)
def nothing_left(home: Home) -> object:
    umask = os.umask(0o022)
    yield
    os.umask(umask)
    forget_runtime(home)


def words(home: Home, *more: str) -> tuple[str, ...]:
    return ("prepare", "--home", str(home.path), "--port-base", "9000", *more)


def test_it_writes_what_the_parts_need(madoguchi: Shell, home: Home) -> None:
    ended = madoguchi(*words(home))
    assert (ended.status, ended.err) == (0, "")
    assert home.instance().ports == Ports(9000)
    assert home.instance().site == DEMO_SITE.absolute()
    assert set(read_secrets(home.secrets).seat_passwords) >= {"a01", "s01"}
    asterisk = (home.asterisk_etc / "asterisk.conf").read_text("utf-8")
    assert str(home.runtime()) in asterisk
    assert (home.asterisk_etc / "asterisk.conf").stat().st_mode & 0o077 == 0


def test_a_second_time_changes_nothing(madoguchi: Shell, home: Home) -> None:
    madoguchi(*words(home))
    before = {path: path.read_bytes() for path in home.asterisk_etc.iterdir()}
    runtime, secrets = home.runtime(), home.secrets.read_bytes()
    assert "0 files of Asterisk changed" in madoguchi(*words(home)).out
    assert {path: path.read_bytes() for path in home.asterisk_etc.iterdir()} == before
    assert (home.runtime(), home.secrets.read_bytes()) == (runtime, secrets)


def test_the_short_directory_is_made_where_the_parts_share_it(
    madoguchi: Shell, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("MADOGUCHI_RUN", str(shared))
    madoguchi(*words(home))
    assert home.runtime().parent == shared


def test_a_shared_directory_that_is_not_there_is_told(
    madoguchi: Shell, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_RUN", str(tmp_path / "none"))
    ended = madoguchi(*words(home))
    assert ended.status == 2
    assert str(tmp_path / "none") in ended.sentence


def test_where_up_runs_it_is_refused_and_touches_nothing(madoguchi: Shell, home: Home) -> None:
    home.claim()
    with only_one(home):
        ended = madoguchi(*words(home))
    assert ended.status == 2
    assert "another `madoguchi up`" in ended.sentence
    assert [path.name for path in home.path.iterdir()] == ["up.lock"]


def test_a_faulty_site_is_told_and_nothing_written(
    madoguchi: Shell, home: Home, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    ended = madoguchi(*words(home, "--site", str(site)))
    assert ended.status == 2
    assert "site.yaml" in ended.err
    assert not home.path.exists()
