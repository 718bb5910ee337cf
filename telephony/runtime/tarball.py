"""A runtime as one file: made on a machine with a mirror, used on a machine without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from telephony.runtime import manifest, tree
from telephony.runtime.commands import Outcome, require, run
from telephony.runtime.errors import SetUpFault, disk_full
from telephony.runtime.manifest import Manifest
from telephony.runtime.progress import step
from telephony.runtime.wanted import SETS


def pack(runtime: Path, target: Path) -> None:
    """Write the runtime's sets to a tarball; its suffix chooses the compression."""
    held = manifest.read(runtime)
    if held is None:
        raise SetUpFault(
            "There is no runtime to pack: run `make setup`.", "まとめるべき実行環境がありません"
        )
    unfinished = target.with_name(f".part-{target.name}")
    names = ["versions.json", *(each.name for each in SETS if each.name in held.sets)]
    with step(f"packing {', '.join(held.sets)} into {target.name}"):
        options = ["--create", "--auto-compress", "--owner=0", "--group=0"]
        _tar([*options, "--file", str(unfinished), "--directory", str(runtime), *names], target)
    unfinished.replace(target)


def identity(given: Path) -> str:
    """Recognise a tarball that was installed before, without reading all of it."""
    try:
        found = given.stat()
    except OSError as error:
        raise SetUpFault(
            f"MADOGUCHI_RUNTIME names {given}, which cannot be read: {error.strerror}.",
            "MADOGUCHI_RUNTIME のファイルを読めません",
        ) from error
    return f"{given.resolve()} {found.st_size} {found.st_mtime_ns}"


def install(given: Path, runtime: Path, held: Manifest, work: Path) -> Manifest:
    """Put the sets of a tarball in place."""
    opened = work / "given"
    opened.mkdir()
    with step(f"unpacking {given.name}"):
        _tar(
            ["--extract", "--no-same-owner", "--file", str(given), "--directory", str(opened)], work
        )
    brought = manifest.read(opened)
    if brought is None or brought.machine != held.machine:
        raise SetUpFault(
            f"{given} is not a runtime for a {held.machine} machine.",
            f"{given.name} はこの機械用の実行環境ではありません",
        )
    for each in SETS:
        if each.name in brought.sets:
            tree.install(opened / each.name, each, runtime, work)
    return replace(held, tarball=identity(given), sets={**held.sets, **brought.sets})


def _tar(arguments: Sequence[str], where: Path) -> None:
    require("tar", "tar")
    outcome: Outcome = run(["tar", *arguments])
    if "No space left" in outcome.said:
        raise disk_full(where)
    if outcome.status != 0:
        raise SetUpFault(f"tar failed: {outcome.last_words}", "tar が失敗しました")
