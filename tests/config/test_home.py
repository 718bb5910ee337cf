"""A home is closed to others, short enough for sockets, and findable by any command."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.home import OWNER_NOTE, Home, Instance, NoSystemError, UnusableHomeError
from config.ports import Ports

SOCKET_LIMIT = 107


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """In a folder whose name is longer than a socket's may be, and awkward."""
    home = Home.at(tmp_path / ("long, (odd) name " * 8).strip())
    home.prepare()
    yield home
    home.discard_runtime()


def test_everything_is_closed_to_others(home: Home) -> None:
    folders = [path for path in home.path.rglob("*") if path.is_dir() and not path.is_symlink()]
    assert len(folders) > 8
    for folder in (home.path, home.runtime(), *folders):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_sockets_fit_whatever_the_home_is_called(home: Home) -> None:
    for socket in (home.redis_socket, home.controller_socket, home.asterisk_control):
        assert len(os.fsencode(socket)) < SOCKET_LIMIT
        assert (home.run / socket.name).parent.resolve() == socket.parent


def test_the_runtime_directory_stays_the_same(home: Home) -> None:
    before = home.runtime()
    home.prepare()
    assert home.runtime() == before


def test_after_a_reboot_there_is_a_new_one(home: Home) -> None:
    shutil.rmtree(home.runtime())
    with pytest.raises(NoSystemError):
        home.runtime()
    home.prepare()
    assert home.net_calls_for_asterisk.parent.samefile(home.net_calls.parent)


def test_a_copied_home_does_not_speak_to_the_originals_sockets(home: Home, tmp_path: Path) -> None:
    copy = Home.at(tmp_path / "copy")
    shutil.copytree(home.path, copy.path, symlinks=True)
    copy.prepare()
    assert copy.runtime() != home.runtime()
    copy.discard_runtime()
    assert home.runtime().is_dir()


def test_every_spelling_is_the_same_home(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = home.path.name
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(home.path)
    monkeypatch.chdir(tmp_path / "elsewhere")
    for spelling in (Path("..", name), tmp_path / "elsewhere" / ".." / name, Path("../link")):
        assert Home.at(spelling) == home
        assert Home.at(spelling).runtime() == home.runtime()


def test_a_note_in_another_spelling_is_of_this_home(home: Home, tmp_path: Path) -> None:
    before = home.runtime()
    (tmp_path / "link").symlink_to(home.path)
    (before / OWNER_NOTE).write_text(str(tmp_path / "link"))
    home.prepare()
    assert home.runtime() == before


def test_claiming_a_home_touches_nothing_in_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.claim()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert list(home.path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_runtime_directory_open_to_others_is_not_used(home: Home, mode: int) -> None:
    opened = home.runtime()
    opened.chmod(mode)
    home.prepare()
    assert home.runtime() != opened
    shutil.rmtree(opened)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_runtime_directory_of_another_user_is_not_used(home: Home) -> None:
    foreign = home.runtime()
    os.chown(foreign, 65_534, 65_534)
    home.prepare()
    assert home.runtime() != foreign
    shutil.rmtree(foreign)


def test_any_command_finds_the_system_by_its_home(home: Home, tmp_path: Path) -> None:
    instance = Instance(Ports(12_000), tmp_path / "site", {"asterisk": "22.10.1"})
    home.describe(instance)
    assert Home.at(home.path).instance() == instance


def test_a_directory_of_everybodys_is_not_taken_over(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(UnusableHomeError, match="name a directory of your own"):
        Home.at(shared).prepare()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_an_empty_home_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NoSystemError, match=r"madoguchi up --home"):
        Home.at(tmp_path).instance()


def test_a_broken_description_is_an_error_of_ours(home: Home) -> None:
    (home.path / "home.json").write_text('{"ports": {"base": 8001}}')
    with pytest.raises(NoSystemError, match="cannot be read"):
        home.instance()
