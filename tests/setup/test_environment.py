"""The Python environment: when it is made anew, and what a moved one needs."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from telephony.runtime.environment import (
    LOCK,
    Stamp,
    adjustable,
    ensure,
    read_stamp,
    relocate,
    wanted_stamp,
)
from tests.setup.checks import runs

STAMP = Stamp(prefix="/srv/centre/.venv", python="3.11.2", lock="1", project="2")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Lay out the files the stamp is taken of."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "centre"\n[tool.ruff]\n')
    (tmp_path / LOCK).write_text("click==8.5.0 --hash=sha256:00\n")
    (tmp_path / ".venv").mkdir()
    return tmp_path


def test_a_matching_stamp_means_nothing_to_do(project: Path) -> None:
    stamp = json.dumps(asdict(wanted_stamp(project)))
    (project / ".venv" / "stamp.json").write_text(stamp)
    ensure(project)
    assert [path.name for path in (project / ".venv").iterdir()] == ["stamp.json"]


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"prefix": "x", "more": 1}'])
def test_a_broken_stamp_counts_as_none(project: Path, content: str) -> None:
    (project / ".venv" / "stamp.json").write_text(content)
    assert read_stamp(project) is None


def test_the_stamp_follows_the_lock_and_the_package_but_not_the_tools(project: Path) -> None:
    before = wanted_stamp(project)
    described = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(described + "line-length = 99\n")
    assert wanted_stamp(project) == before
    (project / "pyproject.toml").write_text(described.replace("centre", "center"))
    assert wanted_stamp(project).project != before.project
    (project / LOCK).write_text("")
    assert wanted_stamp(project).lock != before.lock


@pytest.mark.parametrize(
    ("wanted", "adjusted"),
    [
        (STAMP, True),
        (replace(STAMP, prefix="/srv/elsewhere/.venv"), True),
        (replace(STAMP, prefix="/srv/call centre/.venv"), False),
        (replace(STAMP, prefix="/srv/" + "long" * 30 + "/.venv"), False),
        (replace(STAMP, python="3.12.1"), False),
    ],
)
def test_what_can_be_adjusted_in_place(wanted: Stamp, adjusted: bool) -> None:
    assert adjustable(STAMP, wanted) is adjusted


def test_scripts_of_a_moved_environment_start_again(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    venv.create(before, symlinks=True)
    script = before / "bin" / "greet"
    script.write_text(f"#!{before}/bin/python\nimport sys; print(sys.prefix)\n")
    script.chmod(0o755)
    before.rename(after)
    relocate(after, str(before))
    assert runs(after / "bin" / "greet") == str(after)
    assert str(before) not in (after / "pyvenv.cfg").read_text()


@pytest.mark.parametrize(
    ("refuses", "sentence"),
    [
        ("version_info", "Python is too old: install 3.11 or newer"),
        ("ensurepip", "install the package python3-venv"),
    ],
)
def test_make_says_what_python_lacks(tmp_path: Path, refuses: str, sentence: str) -> None:
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\ncase "$2" in *{refuses}*) exit 1;; esac\n')
    python.chmod(0o755)
    assert sentence in make_python(python)


def test_make_says_that_python_is_absent(tmp_path: Path) -> None:
    assert "install the package python3." in make_python(tmp_path / "none")


def test_make_accepts_this_python() -> None:
    assert make_python(Path(sys.executable)) == ""


def make_python(python: Path) -> str:
    """Run the Makefile's first check with some Python, and hand back its complaint."""
    folder = Path(__file__).resolve().parents[2]
    command = ["make", "--no-print-directory", "-C", str(folder), "python", f"PYTHON={python}"]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    return "".join(line for line in outcome.stderr.splitlines(True) if line.startswith("set-up"))
