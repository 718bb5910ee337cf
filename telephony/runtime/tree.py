"""An unpacked set of packages: getting it out of the .debs, and giving it its own libc.

The executables name an absolute program interpreter, so a tree works at one path only;
`adopt_libc` is run again when the project folder has moved.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from telephony.runtime import launcher
from telephony.runtime.commands import require, run
from telephony.runtime.errors import SetUpFault, disk_full
from telephony.runtime.wanted import PackageSet, Program

_PRUNED: Final = ("usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian")
_ELF: Final = b"\x7fELF"


def unpack(debs: Iterable[Path], tree: Path) -> None:
    """Unpack the packages over one another, without their scripts and set-uid bits."""
    require("dpkg-deb", "dpkg")
    tree.mkdir(parents=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for _ in pool.map(lambda deb: _unpack_one(deb, tree), debs):
            pass
    for directory in _PRUNED:
        shutil.rmtree(tree / directory, ignore_errors=True)
    _drop_privileges(tree)


def adopt_libc(tree: Path, wanted: PackageSet, final: Path) -> None:
    """Make the executables use the tree's own libc once the tree is at `final`."""
    interpreter, libraries = _libc(tree)
    search = ":".join(str(final / directory) for directory in libraries)
    for executable in _executables(tree, wanted):
        _patch(
            executable, "--set-interpreter", str(final / interpreter), "--force-rpath",
            "--set-rpath", search,
        )  # fmt: skip


def install(unpacked: Path, wanted: PackageSet, runtime: Path, work: Path) -> None:
    """Move an unpacked set to its place in one step, and what was there into the work folder."""
    final = runtime / wanted.name
    adopt_libc(unpacked, wanted, final)
    for launched in wanted.launched:
        launcher.write(unpacked, launched)
    if final.exists():
        final.rename(work / f"{wanted.name}-before")
    unpacked.rename(final)


def locate(tree: Path, program: Program) -> Path | None:
    """Find a program in the tree, the newest where several versions are installed."""
    return max(tree.glob(program.place), default=None)


def _unpack_one(deb: Path, tree: Path) -> None:
    outcome = run(["dpkg-deb", "-x", deb, tree])
    if "No space left" in outcome.said:
        raise disk_full(tree)
    if outcome.status != 0:
        raise SetUpFault(
            f"{deb.name} could not be unpacked: {outcome.last_words}",
            f"{deb.name} を展開できません",
        )


def _drop_privileges(tree: Path) -> None:
    for directory, _, names in os.walk(tree):
        for path in (Path(directory, name) for name in names):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                path.chmod(stat.S_IMODE(mode) & 0o777)


def _libc(tree: Path) -> tuple[Path, Sequence[Path]]:
    """Find the tree's interpreter and library directories, as relative paths."""
    loaders = sorted([*tree.glob("usr/lib/*/ld-linux*.so.*"), *tree.glob("lib/*/ld-linux*.so.*")])
    if not loaders:
        raise SetUpFault(
            "The unpacked packages bring no C library for this machine.",
            "展開したパッケージに C ライブラリがありません",
        )
    triplet = loaders[0].parent.name
    places = [Path("usr/lib", triplet), Path("lib", triplet)]
    return loaders[0].relative_to(tree), [place for place in places if (tree / place).is_dir()]


def _executables(tree: Path, wanted: PackageSet) -> Iterator[Path]:
    globs = [*(program.place for program in wanted.programs), *wanted.executables]
    found = {path.resolve() for pattern in globs for path in tree.glob(pattern)}
    for path in sorted(found):
        with path.open("rb") as file:
            if file.read(len(_ELF)) == _ELF:
                yield path


def _patch(executable: Path, *arguments: str) -> None:
    """Patch a copy and swap it in: the original may be running."""
    patched = executable.with_name(f".{executable.name}.patched")
    outcome = run([_patchelf(), *arguments, "--output", patched, executable])
    if outcome.status != 0:
        raise SetUpFault(
            f"{executable.name} could not be patched: {outcome.last_words}",
            f"{executable.name} を調整できません",
        )
    patched.chmod(stat.S_IMODE(executable.stat().st_mode))
    patched.replace(executable)


def _patchelf() -> str:
    """Find the patchelf that the Python environment brings."""
    own = Path(sys.prefix, "bin", "patchelf")
    found = str(own) if own.is_file() else shutil.which("patchelf")
    if found is None:
        raise SetUpFault(
            "patchelf is missing from the Python environment: run `make setup`.",
            "patchelf がありません。`make setup` を実行してください",
        )
    return found
