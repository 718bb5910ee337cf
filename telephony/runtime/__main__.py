"""`python -m telephony.runtime build | pack FILE`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from telephony.runtime import tarball
from telephony.runtime.build import build
from telephony.runtime.errors import one_sentence
from telephony.runtime.places import Site
from telephony.runtime.programs import PROJECT
from telephony.runtime.wanted import BROWSER, POSTGRESQL

# Debian keeps the server's programs off PATH; the newest version comes first.
_POSTGRESQL_PLACES: Final = sorted(
    map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True
)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what was asked."""
    asked = _parser().parse_args(arguments)
    site = site_of(asked.project.resolve(), environment)
    return one_sentence(lambda: _do(asked, site, environment), site.runtime)


def _do(asked: argparse.Namespace, site: Site, environment: Mapping[str, str]) -> None:
    given = environment.get("MADOGUCHI_RUNTIME")
    if asked.command == "pack":
        tarball.pack(site.runtime, asked.file.resolve())
    else:
        build(site, Path(given) if given else None, asked.also, asked.refresh)


def site_of(project: Path, environment: Mapping[str, str]) -> Site:
    """Find the folders and settings of this machine."""
    return Site(
        runtime=project / ".runtime",
        cache=_cache(project, environment),
        apt_etc=Path("/etc/apt"),
        codename=platform.freedesktop_os_release().get("VERSION_CODENAME", ""),
        search=os.pathsep.join([environment.get("PATH", os.defpath), *_POSTGRESQL_PLACES]),
    )


def _cache(project: Path, environment: Mapping[str, str]) -> Path:
    """Keep downloads in the user's cache, or in the project for a user without a home."""
    named = environment.get("XDG_CACHE_HOME")
    cache = Path(named) if named else Path(environment.get("HOME") or "/nonexistent", ".cache")
    nearest = next(path for path in (cache, *cache.parents) if path.exists())
    usable = cache.is_absolute() and os.access(nearest, os.W_OK)
    return cache / "madoguchi" / "debs" if usable else project / ".runtime" / "debs"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m telephony.runtime", description=__doc__)
    parser.add_argument("--project", type=Path, default=PROJECT, help="the project folder")
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="build or repair .runtime/")
    building.set_defaults(also=[])
    for extra, purpose in ((POSTGRESQL, "the tests on it"), (BROWSER, "the tests of the pages")):
        building.add_argument(
            f"--with-{extra.name}", dest="also", action="append_const", const=extra,
            help=f"for {purpose}",
        )  # fmt: skip
    building.add_argument(
        "--refresh", action="store_true", help="ask the mirror for newer versions"
    )
    packing = commands.add_parser("pack", help="write .runtime/ to a tarball")
    packing.add_argument("file", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
