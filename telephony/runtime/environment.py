"""The Python environment `.venv/`, made from the lock file by the Python of the machine.

Run as `python3 -m telephony.runtime.environment`, before anything is installed: standard library
only. A stamp, written last, says what the environment was made of; whatever no longer matches is
put right.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from telephony.runtime.commands import run
from telephony.runtime.errors import SetUpFault, disk_full, one_sentence
from telephony.runtime.progress import say, step

PROJECT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = "requirements-dev.lock"
_ELF: Final = b"\x7fELF"
_FIRST_LINE: Final = 100  # of the 127 bytes older kernels read
_SHOW_EVERY: Final = 15  # packages between two lines of progress


@dataclass(frozen=True, slots=True)
class Stamp:
    """Everything that decides what belongs in the environment."""

    prefix: str  # scripts and the editable install name absolute paths
    python: str
    lock: str
    project: str  # names, dependencies and entry points of our own package


def ensure(project: Path) -> None:
    """Make, repair or complete the environment; nothing to do is the usual case."""
    wanted, found = wanted_stamp(project), read_stamp(project)
    if found == wanted:
        return
    environment = project / ".venv"
    (environment / "stamp.json").unlink(missing_ok=True)
    if found is None or not adjustable(found, wanted):
        with step(f"creating the Python environment (Python {wanted.python})"):
            _create(environment)
        found = None
    elif found.prefix != wanted.prefix:
        with step("the folder has moved: adjusting the Python environment to the new path"):
            relocate(environment, found.prefix)
    if found is None or found.lock != wanted.lock:
        _install_lock(project)
    with step("installing the project itself"):
        _pip(project, ["--no-deps", "--no-build-isolation", "--editable", str(project)])
    (environment / "stamp.json").write_text(json.dumps(asdict(wanted)), encoding="utf-8")


def wanted_stamp(project: Path) -> Stamp:
    """Describe the environment this project needs now."""
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    package = [described.get("project"), described.get("tool", {}).get("setuptools")]
    return Stamp(
        prefix=str(project / ".venv"),
        python=sys.version.split()[0],
        lock=hashlib.sha256((project / LOCK).read_bytes()).hexdigest(),
        project=hashlib.sha256(json.dumps(package).encode()).hexdigest(),
    )


def read_stamp(project: Path) -> Stamp | None:
    """Read what the environment was made of; None when it was not finished."""
    try:
        return Stamp(**json.loads((project / ".venv" / "stamp.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def adjustable(found: Stamp, wanted: Stamp) -> bool:
    """Tell whether scripts can name the new place in their first line: short, and no blanks."""
    short = len(wanted.prefix) <= _FIRST_LINE and not set(wanted.prefix) & set(" \t")
    return found.python == wanted.python and (found.prefix == wanted.prefix or short)


def relocate(environment: Path, before: str) -> None:
    """Make scripts and settings name the place where the environment is now."""
    scripts = [path for path in (environment / "bin").iterdir() if path.is_file()]
    for path in (environment / "pyvenv.cfg", *scripts):
        content = path.read_bytes()
        if not path.is_symlink() and not content.startswith(_ELF):
            path.write_bytes(content.replace(before.encode(), str(environment).encode()))


def _create(environment: Path) -> None:
    try:
        venv.create(environment, clear=True, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise SetUpFault(
            "The Python environment could not be created: install the package python3-venv.",
            "python3-venv を入れてください",
        ) from error


def _install_lock(project: Path) -> None:
    begun = 0

    def count(line: str) -> None:
        nonlocal begun
        if line.startswith("Collecting "):
            begun += 1
            if begun % _SHOW_EVERY == 0:
                say(f"  {begun} packages found")

    with step(f"installing the Python packages of {LOCK}"):
        _pip(project, ["--require-hashes", "--no-deps", "-r", str(project / LOCK)], count)


def _pip(
    project: Path, arguments: Sequence[str], on_line: Callable[[str], None] = lambda _: None
) -> None:
    python = str(project / ".venv" / "bin" / "python")
    command = [python, "-m", "pip", "install", *arguments]
    outcome = run(command, {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}, on_line)
    if "No space left" in outcome.said:
        raise disk_full(project)
    if outcome.status != 0:
        raise SetUpFault(
            f"The Python packages could not be installed: {outcome.last_words}",
            "Python のパッケージを入れられません",
        )


if __name__ == "__main__":
    sys.exit(one_sentence(lambda: ensure(PROJECT), PROJECT))
