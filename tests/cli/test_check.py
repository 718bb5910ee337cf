"""`madoguchi check`."""

import shutil
from pathlib import Path

import pytest

from telephony.cli.options import DEMO_SITE
from tests.cli.run import Shell


@pytest.fixture
def site(tmp_path: Path) -> Path:
    copy = tmp_path / "site"
    shutil.copytree(DEMO_SITE, copy)
    return copy


def test_a_sound_site_is_one_line(madoguchi: Shell) -> None:
    ended = madoguchi("check")
    assert ended.status == 0
    [line] = ended.out.splitlines()
    assert "6 lines, 2 queues, 7 seats" in line


def test_every_fault_with_file_and_line(madoguchi: Shell, site: Path) -> None:
    lines = (site / "seats.yaml").read_text().splitlines()
    with (site / "seats.yaml").open("a") as file:
        file.write("a98: {name: x, role: pilot, queues: []}\n")
        file.write("a99: {name: x, role: agent, queues: [nowhere]}\n")
    ended = madoguchi("check", str(site))
    assert ended.status == 1
    assert ended.out == ""
    assert f"seats.yaml:{len(lines) + 1}:" in ended.err


def test_a_sites_own_sounds_are_looked_at_file_by_file(madoguchi: Shell, site: Path) -> None:
    own = site / "sounds" / "ja"
    own.mkdir(parents=True)
    (own / "greeting.ulaw").write_bytes(b"\xff" * 160)
    assert madoguchi("check", str(site)).status == 0
    (own / "main_menu.wav").write_bytes(b"RIFF")
    (own / "closed.ulaw").write_bytes(b"RIFF" + b"\0" * 160)
    (own / "greting.ulaw").write_bytes(b"\xff" * 160)
    (own / "all_busy.ulaw").touch()
    (own / "no_input.ulaw").symlink_to("nowhere")
    ended = madoguchi("check", str(site))
    assert (ended.status, ended.out) == (1, "")
    told = dict(line.split(".ulaw:1: ") for line in ended.err.splitlines() if ".ulaw:1:" in line)
    assert {Path(name).name: text.split(":")[0] for name, text in told.items()} == {
        "all_busy": "is empty",
        "closed": "is of another format",
        "greting": "is not heard",
        "no_input": "leads nowhere",
    }
    assert "main_menu.wav:1: is not heard" in ended.err


def test_the_flows_can_be_drawn(madoguchi: Shell) -> None:
    ended = madoguchi("check", "--draw")
    assert ended.status == 0
    assert "%% main\nflowchart TD" in ended.out
