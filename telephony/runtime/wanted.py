"""Which programs the runtime holds, in which versions, and the packages that bring them (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

Version = tuple[int, ...]
_MIB: Final = 1024 * 1024
_DOTTED: Final = re.compile(r"(?P<version>\d+(?:\.\d+)+)")
_UPSTREAM: Final = re.compile(r"(?:\d+:)?(?P<version>\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Program:
    """An executable and the versions of it that will do."""

    name: str
    packages: tuple[str, ...]
    place: str  # glob inside the unpacked tree
    at_least: Version
    below: Version | None = None
    version_flag: str = "--version"

    def accepts(self, version: Version) -> bool:
        """Tell whether this version will do."""
        return version >= self.at_least and (self.below is None or version < self.below)

    def range(self) -> str:
        """Say which versions will do."""
        upper = "" if self.below is None else f" and below {dotted(self.below)}"
        return f"at least {dotted(self.at_least)}{upper}"


@dataclass(frozen=True, slots=True)
class Launched:
    """What a program of a set starts, with the libraries and fonts of the tree."""

    place: str  # of the program, in the tree
    program: str  # what it starts, in the tree
    libraries_below: tuple[str, ...] = ()  # directories of one package's libraries


@dataclass(frozen=True, slots=True)
class PackageSet:
    """Programs unpacked together, with a libc of their own."""

    name: str
    programs: tuple[Program, ...]
    room: int  # bytes needed while it is built
    suites: tuple[str, ...] = ()  # development suites, tried in turn; empty: the machine's own
    executables: tuple[str, ...] = ()  # globs of further programs to give that libc
    from_path: bool = True  # a good program on the machine's PATH does as well
    launched: tuple[Launched, ...] = ()

    def packages(self) -> tuple[str, ...]:
        """Name what to ask apt for."""
        return tuple(package for program in self.programs for package in program.packages)


ASTERISK: Final = PackageSet(
    "asterisk",
    (
        Program(
            "asterisk",
            ("asterisk", "asterisk-modules", "asterisk-config"),
            "usr/sbin/asterisk",
            at_least=(22, 10, 1),
            below=(23,),
            version_flag="-V",
        ),
    ),
    room=500 * _MIB,
    suites=("forky", "sid"),
    executables=("usr/sbin/astcanary",),
    from_path=False,
)
TOOLS: Final = PackageSet(
    "tools",
    (
        Program("redis-server", ("redis-server",), "usr/bin/redis-server", at_least=(7, 0)),
        Program("redis-cli", ("redis-tools",), "usr/bin/redis-cli", at_least=(7, 0)),
        Program("sipp", ("sip-tester",), "usr/bin/sipp", at_least=(3,), version_flag="-v"),
    ),
    room=250 * _MIB,
)
POSTGRESQL: Final = PackageSet(
    "postgresql",
    (Program("postgres", ("postgresql",), "usr/lib/postgresql/*/bin/postgres", at_least=(15,)),),
    room=600 * _MIB,
    executables=("usr/lib/postgresql/*/bin/*",),
)
# The same browser without a desktop of its own: no window's frame is drawn for each page.
SHELL: Final = "usr/bin/chromium-headless-shell"
_BELOW: Final = ("pulseaudio",)
BROWSER: Final = PackageSet(
    "browser",
    (
        Program(
            "chromium",
            ("chromium", "chromium-headless-shell", "fonts-ipaexfont-gothic"),
            "usr/bin/chromium",
            at_least=(120,),
        ),
    ),
    room=1450 * _MIB,
    executables=(
        "usr/lib/chromium/chromium",
        "usr/lib/chromium/chromium-headless-shell",
        "usr/lib/chromium/chrome_crashpad_handler",
    ),
    from_path=False,  # the pages must look the same on every machine
    launched=(
        Launched("usr/bin/chromium", "usr/lib/chromium/chromium", _BELOW),
        Launched(SHELL, "usr/lib/chromium/chromium-headless-shell", _BELOW),
    ),
)

SETS: Final = (ASTERISK, TOOLS, POSTGRESQL, BROWSER)


def shown_version(text: str) -> Version | None:
    """Read the version out of what a program says about itself."""
    return _version(_DOTTED.search(text))


def package_version(text: str) -> Version | None:
    """Read the upstream version out of a package's."""
    return _version(_UPSTREAM.match(text))


def dotted(version: Version) -> str:
    """Write a version the usual way."""
    return ".".join(str(part) for part in version)


def _version(match: re.Match[str] | None) -> Version | None:
    return match and tuple(int(part) for part in match["version"].split("."))
