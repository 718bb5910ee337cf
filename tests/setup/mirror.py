"""A Debian mirror in a folder, with real (tiny) packages that real apt and dpkg read."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ARCHITECTURE: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "all")
VERSIONS: Final = {
    "asterisk": "1:22.10.1+dfsg-1",
    "redis-server": "5:7.0.15-1",
    "redis-tools": "5:7.0.15-1",
    "sip-tester": "1:3.6.1-1",
    "chromium": "156.0.8078.108-1",
}


@dataclass(frozen=True, slots=True)
class Mirror:
    """The folder apt is pointed at."""

    folder: Path

    @property
    def uri(self) -> str:
        """Address it as apt does."""
        return f"file:{self.folder}"

    def publish(self, suite: str, packages: Sequence[Path]) -> None:
        """Add a suite that offers these packages."""
        index = self.folder / "dists" / suite / "main" / f"binary-{ARCHITECTURE}"
        index.mkdir(parents=True)
        text = "\n".join(self._paragraph(package) for package in packages)
        (index / "Packages").write_text(text, encoding="utf-8")
        release = self.folder / "dists" / suite / "Release"
        release.write_text(
            f"Suite: {suite}\nCodename: {suite}\nArchitectures: {ARCHITECTURE}\nComponents: main\n"
            "Date: Sun, 22 Nov 2026 00:00:00 UTC\nSHA256:\n"
            + "".join(
                f" {_sha256(path)} {path.stat().st_size} {path.relative_to(release.parent)}\n"
                for path in index.iterdir()
            ),
            encoding="utf-8",
        )

    def _paragraph(self, package: Path) -> str:
        pool = self.folder / "pool"
        pool.mkdir(exist_ok=True)
        shutil.copy(package, pool)
        fields = subprocess.run(
            ["dpkg-deb", "--field", package], capture_output=True, text=True, check=True
        ).stdout.strip()
        size = package.stat().st_size
        return (
            f"{fields}\nFilename: pool/{package.name}\nSize: {size}\nSHA256: {_sha256(package)}\n"
        )


def make_deb(
    folder: Path, name: str, version: str, files: Mapping[str, bytes], depends: str = ""
) -> Path:
    """Build a package."""
    tree = folder / f"{name}-tree"
    for path, content in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(content)
        (tree / path).chmod(0o755)
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: {ARCHITECTURE}\n"
        "Maintainer: Nobody <nobody@example.invalid>\nDescription: for tests\n"
        + (f"Depends: {depends}\n" if depends else ""),
        encoding="utf-8",
    )
    target = folder / f"{name}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(target)]
    subprocess.run(command, capture_output=True, check=True)
    return target


def runtime_debs(folder: Path, asterisk: str = VERSIONS["asterisk"]) -> list[Path]:
    """Build every package of the runtime: scripts that say a version, on a real libc and echo."""
    folder.mkdir(exist_ok=True)
    libc, echo = libc_files(), Path("/bin/echo").read_bytes()
    asterisk_files = {
        "usr/sbin/asterisk": says("Asterisk 22.10.1"),
        "usr/sbin/astcanary": echo,
        "usr/lib/somewhere/asterisk/modules/app_stasis.so": b"",
    }
    redis, sipp = VERSIONS["redis-server"], VERSIONS["sip-tester"]
    server = {"usr/bin/redis-server": says("Redis server v=7.0.15 sha=0")}
    client = {"usr/bin/redis-cli": says("redis-cli 7.0.15")}
    return [
        make_deb(folder, "libc6", "2.42-1", libc),
        make_deb(folder, "asterisk", asterisk, asterisk_files, "libc6"),
        make_deb(folder, "asterisk-modules", asterisk, {}),
        make_deb(folder, "asterisk-config", asterisk, {}),
        make_deb(folder, "redis-server", redis, server, "libc6"),
        make_deb(folder, "redis-tools", redis, client, "libc6"),
        make_deb(folder, "sip-tester", sipp, {"usr/bin/sipp": says("SIPp v3.6.1")}, "libc6"),
    ]


def browser_debs(folder: Path) -> list[Path]:
    """Build a browser that tells what its launcher gave it, and a font."""
    folder.mkdir(exist_ok=True)
    told = b'#!/bin/sh\necho "Chromium 156.0.1 $LD_LIBRARY_PATH $FONTCONFIG_FILE $*"\n'
    libraries = "usr/lib/x-linux-gnu"
    files = {
        "usr/bin/chromium": b"#!/bin/sh\nexec /usr/lib/chromium/chromium\n",
        "usr/lib/chromium/chromium": told,
        "usr/lib/chromium/chrome_crashpad_handler": Path("/bin/echo").read_bytes(),
        f"{libraries}/pulseaudio/libpulsecommon.so": b"",
    }
    font = {"usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf": b""}
    shell = {
        "usr/bin/chromium-headless-shell": b"#!/bin/sh\nexec elsewhere\n",
        "usr/lib/chromium/chromium-headless-shell": told,
    }
    version = VERSIONS["chromium"]
    return [
        make_deb(folder, "chromium", version, files, "libc6"),
        make_deb(folder, "chromium-headless-shell", version, shell, "libc6"),
        make_deb(folder, "fonts-ipaexfont-gothic", "00401-3", font),
    ]


def libc_files() -> dict[str, bytes]:
    """Take the machine's own libc, under the paths its package has."""
    loader = next(path for path in Path("/lib").glob("*/ld-linux*.so.*"))
    libc = loader.with_name("libc.so.6")
    return {
        str(path.relative_to("/")): path.read_bytes()
        for path in (loader, *loader.parent.glob("libselinux.so.1"), libc)
    }


def says(text: str) -> bytes:
    """Make a program that says one line."""
    return f"#!/bin/sh\necho '{text}'\n".encode()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
