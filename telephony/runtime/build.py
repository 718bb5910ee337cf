"""Building and repairing the runtime folder.

Every set of packages is unpacked beside its place and moved there whole, and the manifest is
written last. So whatever interrupts a build, the next one finds either a finished set or none.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from telephony.runtime import debs, manifest, places, sources, tarball, tree
from telephony.runtime.errors import SetUpFault, disk_full
from telephony.runtime.manifest import Found, Manifest
from telephony.runtime.places import Site
from telephony.runtime.progress import say, step
from telephony.runtime.sources import Source
from telephony.runtime.wanted import ASTERISK, SETS, TOOLS, PackageSet

MACHINES: Final = ("x86_64", "aarch64")


def build(
    site: Site,
    given: Path | None = None,
    also: Sequence[PackageSet] = (),
    refresh: bool = False,
) -> Manifest:
    """Bring the runtime to what the product needs; nothing to do is the usual case."""
    with _exclusively(site.runtime) as work:
        held = repair(site.runtime, manifest.read(site.runtime) or Manifest())
        if given is not None and held.tarball != tarball.identity(given):
            held = tarball.install(given, site.runtime, held, work)
        for wanted in (ASTERISK, TOOLS):
            held = _ensure(site, wanted, held, work, refresh)
        for extra in also:
            held = _try(site, extra, held, work, refresh)
        held = replace(held, programs=places.link_all(site))
        held.write(site.runtime)
        return held


def repair(runtime: Path, held: Manifest) -> Manifest:
    """Patch the executables again after the project folder has moved."""
    if held.root not in ("", str(runtime)):
        with step("the folder has moved: adjusting the programs to the new path"):
            for each in SETS:
                if (runtime / each.name).is_dir():
                    tree.adopt_libc(runtime / each.name, each, runtime / each.name)
    return replace(held, root=str(runtime))


def _ensure(site: Site, wanted: PackageSet, held: Manifest, work: Path, refresh: bool) -> Manifest:
    """Build a set unless all of its programs are there and start."""
    missing = tuple(p for p in wanted.programs if places.installed(site, wanted, p) is None)
    present = wanted.name in held.sets and all(
        places.works(program, places.unpacked(site, wanted, program)) for program in missing
    )
    if not missing or (present and not refresh):
        return held
    packages = _unpack(site, replace(wanted, programs=missing), work, refresh)
    return replace(held, sets={**held.sets, wanted.name: packages})


def _try(site: Site, extra: PackageSet, held: Manifest, work: Path, refresh: bool) -> Manifest:
    """Bring what only some tests need: without it they are skipped, and nothing else fails."""
    try:
        return _ensure(site, extra, held, work, refresh)
    except SetUpFault as why:
        say(f"going on without {extra.name}: {why}")
        return held


def _unpack(site: Site, wanted: PackageSet, work: Path, refresh: bool) -> Mapping[str, Found]:
    """Put one set in its place, from the cache if it is complete there."""
    check_machine(site.machine)
    check_room(site.runtime, wanted.room)
    site.cache.mkdir(parents=True, exist_ok=True)
    offers = _offers(site, wanted)
    shelf = debs.shelf_for(site.cache, wanted, offers)
    kept = None if refresh else shelf.complete()
    if kept is None:
        kept = debs.fetch(shelf, wanted, offers, work)
    fresh = work / wanted.name
    with step(f"{wanted.name}: unpacking {len(kept)} packages"):
        tree.unpack([shelf.directory / deb.file_name for deb in kept], fresh)
        tree.install(fresh, wanted, site.runtime, work)
    return {deb.name: Found(deb.version, deb.sha256) for deb in kept}


def _offers(site: Site, wanted: PackageSet) -> Sequence[Sequence[Source]]:
    """Name what to ask the mirror for, best first."""
    configured = sources.read(site.apt_etc)
    if wanted.suites:
        return [
            [sources.development_suite(configured, site.codename, suite)] for suite in wanted.suites
        ]
    sources.development_suite(configured, site.codename, site.codename)  # refuses an empty list
    return [sources.own_suites(configured, site.codename)]


def check_machine(machine: str) -> None:
    """Refuse a kind of machine the development suites have no Asterisk for."""
    if machine not in MACHINES:
        raise SetUpFault(
            f"There are no packages for a {machine} machine: name a runtime made elsewhere in "
            "MADOGUCHI_RUNTIME.",
            f"{machine} 用のパッケージがありません",
        )


def check_room(folder: Path, room: int) -> None:
    """Refuse before the download what would fail after it."""
    if shutil.disk_usage(folder).free < room:
        raise disk_full(folder)


@contextmanager
def _exclusively(runtime: Path) -> Iterator[Path]:
    """Hold the folder against a second build, and hand out a work folder that vanishes."""
    runtime.mkdir(parents=True, exist_ok=True)
    with (runtime / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in runtime.glob(".work-*"):
            shutil.rmtree(stale)
        with tempfile.TemporaryDirectory(dir=runtime, prefix=".work-") as work:
            yield Path(work)
