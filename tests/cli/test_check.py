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


def test_the_flows_can_be_drawn(madoguchi: Shell) -> None:
    ended = madoguchi("check", "--draw")
    assert ended.status == 0
    assert "%% main\nflowchart TD" in ended.out
