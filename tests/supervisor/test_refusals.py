"""What keeps `up` from starting is one sentence, and leaves nothing behind."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from config.home import Home
from config.ports import Ports
from config.site import Phones, load
from telephony.supervisor.lock import kept_from_cleaning, only_one
from telephony.supervisor.occupied import require_free
from telephony.supervisor.problem import CannotStart
from telephony.supervisor.room import require_room, told_plainly
from tests.homes import forget_runtime
from tests.ports import a_base

ROOT = Path(__file__).parents[2]
DEMO = load(ROOT / "config" / "site")


def _up(*options: str, cwd: Path = ROOT) -> tuple[int, list[str]]:
    ended = subprocess.run(
        [sys.executable, "-m", "telephony", "up", *options],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended.returncode, ended.stderr.splitlines()


@pytest.mark.asterisk
@pytest.mark.parametrize(
    ("offset", "purpose"), [(2, "the trunk's SIP"), (1, "Asterisk's HTTP"), (80, "the desk")]
)
def test_a_port_in_use_is_named_with_its_user(tmp_path: Path, offset: int, purpose: str) -> None:
    kind = socket.SOCK_DGRAM if offset == 2 else socket.SOCK_STREAM
    with a_base() as base, socket.socket(socket.AF_INET, kind) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", base + offset))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        status, said = _up("--home", str(tmp_path / "home"), "--port-base", str(base))
    forget_runtime(Home.at(tmp_path / "home"))
    assert status == 2
    [sentence] = said
    assert f"port {base + offset} ({purpose}) is in use by " in sentence
    assert f"(pid {os.getpid()})" in sentence


def test_the_port_that_the_site_names_towards_its_carrier_is_looked_at() -> None:
    with a_base() as base, socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        site = replace(DEMO, trunk=replace(DEMO.trunk, local_port=port))
        with pytest.raises(CannotStart, match=f"port {port} \\(the trunk's SIP\\) is in use"):
            require_free(Ports(base), frozenset(), site)


def test_the_phones_port_is_looked_at_where_the_site_binds_it() -> None:
    site = replace(DEMO, phones=Phones("127.0.0.2", ("127.0.0.0/8",)))
    with a_base() as base, socket.socket(type=socket.SOCK_DGRAM) as taken:
        require_free(Ports(base), frozenset(), site)
        taken.bind(("127.0.0.2", Ports(base).phones))
        require_free(Ports(base), frozenset(), DEMO)
        with pytest.raises(CannotStart, match=r"\(the agents' phones\) is in use"):
            require_free(Ports(base), frozenset(), site)


def test_the_desks_port_is_looked_at_where_the_site_has_it() -> None:
    site = replace(DEMO, desk=replace(DEMO.desk, host="127.0.0.2"))
    with a_base() as base, socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        require_free(Ports(base), frozenset(), site)
        taken.bind(("127.0.0.2", Ports(base).desk))
        taken.listen()
        require_free(Ports(base), frozenset(), DEMO)
        with pytest.raises(CannotStart, match=r"\(the desk\) is in use"):
            require_free(Ports(base), frozenset(), site)


@pytest.mark.parametrize("setting", ["trunk.bind", "phones.bind", "desk.host"])
def test_an_address_that_this_machine_has_not_is_told_by_its_setting(setting: str) -> None:
    absent, (which, name) = "203.0.113.9", setting.split(".")
    site = replace(DEMO, **{which: replace(getattr(DEMO, which), **{name: absent})})
    with a_base() as base, pytest.raises(CannotStart, match=f"{absent} \\({setting}\\) is no"):
        require_free(Ports(base), frozenset(), site)


@pytest.mark.asterisk
def test_every_fault_of_the_site_is_told(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "config" / "site", site)
    with (site / "site.yaml").open("a") as file:
        file.write("colour: blue\n")
    with (site / "seats.yaml").open("a") as file:
        file.write("a99: {name: x, role: pilot, queues: []}\n")
    status, said = _up("--home", str(tmp_path / "home"), "--site", str(site))
    assert status == 2
    assert any("site.yaml" in line and "colour" in line for line in said)
    assert any("seats.yaml" in line and "pilot" in line for line in said)
    assert not (tmp_path / "home").exists()


def test_without_set_up_it_says_what_to_run(tmp_path: Path) -> None:
    for package in ("telephony", "config", "ivr_flows", "migrations"):
        leave_out = shutil.ignore_patterns("__pycache__", "*.flac", "*.wav")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=leave_out)
    status, [sentence] = _up("--home", str(tmp_path / "home"), cwd=tmp_path)
    assert status == 2
    assert "`make setup`" in sentence


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"is full \(\d+ MiB free"):
        require_room(tmp_path, needed=2**62)


def test_a_disk_that_fills_up_meanwhile_is_told_as_well(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotStart, match="is full: make room"),
        told_plainly(tmp_path),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with a_base() as base:
        options = ("--home", str(tmp_path / "file" / "home"), "--port-base", str(base))
        status, [sentence] = _up(*options)
    assert status == 2
    assert "Not a directory" in sentence


@pytest.mark.asterisk
def test_a_locked_home_is_not_touched(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.claim()
    with a_base() as base, only_one(home):
        status, [sentence] = _up("--home", str(home.path), "--port-base", str(base))
    assert status == 2
    assert f"another `madoguchi up` (pid {os.getpid()})" in sentence
    assert [path.name for path in home.path.iterdir()] == ["up.lock"]


@pytest.mark.asterisk
def test_a_home_of_everybodys_is_refused_without_a_trace(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with a_base() as base:
        status, [sentence] = _up("--home", str(tmp_path), "--port-base", str(base))
    assert status == 2
    assert "name a directory of your own" in sentence
    assert list(tmp_path.iterdir()) == []


def test_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    with only_one(home), pytest.raises(CannotStart, match=f"pid {os.getpid()}"), only_one(home):
        pass
    with only_one(home):
        pass


def test_the_short_directory_is_locked_against_tidying(tmp_path: Path) -> None:
    tidier = os.open(tmp_path, os.O_RDONLY)
    with kept_from_cleaning(tmp_path), pytest.raises(BlockingIOError):
        fcntl.flock(tidier, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as systemd-tmpfiles does first
    fcntl.flock(tidier, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(tidier)


@pytest.mark.asterisk
def test_a_carriers_password_that_is_not_in_the_environment_is_asked_for(tmp_path: Path) -> None:
    example = ROOT / "config" / "examples" / "carrier"
    with a_base() as base:
        options = ("--home", str(tmp_path / "home"), "--port-base", str(base))
        status, [sentence] = _up(*options, "--site", str(example))
    forget_runtime(Home.at(tmp_path / "home"))
    assert status == 2
    assert "not in the environment as CARRIER_PASSWORD" in sentence
