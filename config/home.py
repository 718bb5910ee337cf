"""The home: the one directory that holds all state of an instance, and where each thing is in it.

Unix sockets live in a short directory elsewhere, because their paths end at 108 bytes; `<home>/run`
links to it. Its name is random and the link is its only record, so nobody can wait for us at a name
we would choose; and before each use it must be ours, closed to others, and made for this very home
(a copied home must not speak to the original's sockets).
"""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from config.files import write_atomically
from config.ports import Ports

SHORT_ROOT: Final = Path("/tmp")  # unless MADOGUCHI_RUN names a directory that parts share
OWNER_NOTE: Final = "home"  # inside the runtime directory: the home it was made for


class UnusableHomeError(RuntimeError):
    """The directory is something else; closing it to others would break it."""


class NoSystemError(RuntimeError):
    """There is no system at this home, or its description cannot be read."""


@dataclass(frozen=True, slots=True)
class Instance:
    """What a command needs in order to find the system that lives here (`home.json`)."""

    ports: Ports
    site: Path
    versions: Mapping[str, str] = field(default_factory=dict)


_INSTANCE: Final = TypeAdapter(Instance)


@dataclass(frozen=True, slots=True)
class Home:
    """Paths only; `claim` and `prepare` are what touches the disk."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> "Home":
        """The home at this path, under its one true name: every spelling finds the same system."""
        return cls(Path(os.path.realpath(path)))  # unlike `resolve`, silent about a loop of links

    @property
    def secrets(self) -> Path:
        """Passwords and keys of this home."""
        return self.path / "secrets.json"

    @property
    def site(self) -> Path:
        """The site that was last in order, as one text."""
        return self.path / "site.json"

    @property
    def own_site(self) -> Path:
        """The site's directory, in a home that was restored from a backup."""
        return self.path / "site"

    @property
    def database(self) -> Path:
        """SQLite, unless a URL names another database."""
        return self.path / "madoguchi.db"

    @property
    def asterisk(self) -> Path:
        """Asterisk's own tree."""
        return self.path / "asterisk"

    @property
    def asterisk_etc(self) -> Path:
        """The generated configuration."""
        return self.asterisk / "etc"

    @property
    def redis(self) -> Path:
        """The private Redis' append-only files."""
        return self.path / "redis"

    @property
    def logs(self) -> Path:
        """One file a part."""
        return self.path / "log"

    @property
    def net_calls(self) -> Path:
        """Calls the dialplan kept while no controller was there; one JSON object a line."""
        return self.path / "net" / "calls.jsonl"

    @property
    def net_calls_for_asterisk(self) -> Path:
        """The same file by a path that the dialplan can quote, whatever the home is called."""
        return self.runtime() / "net" / self.net_calls.name

    @property
    def spool(self) -> Path:
        """What was promised while SQL was away."""
        return self.path / "spool"

    @property
    def run(self) -> Path:
        """Link to the short runtime directory."""
        return self.path / "run"

    @property
    def redis_socket(self) -> Path:
        """Where the private Redis listens."""
        return self.runtime() / "redis.sock"

    @property
    def controller_socket(self) -> Path:
        """Where the controller takes requests."""
        return self.runtime() / "controller.sock"

    def life(self, *, standby: bool) -> Path:
        """What each controller of the pair holds locked while it lives."""
        return self.runtime() / ("standby.lives" if standby else "controller.lives")

    @property
    def desk_socket(self) -> Path:
        """Where the desk tells the supervisor that it lives."""
        return self.runtime() / "desk.sock"

    @property
    def desk_settings(self) -> Path:
        """How the desk was reached when the site was last in order."""
        return self.path / "desk.json"

    @property
    def asterisk_control(self) -> Path:
        """Asterisk's own command socket."""
        return self.runtime() / "asterisk.ctl"

    def is_at(self, path: str) -> bool:
        """Whether a path that was noted once leads here, however it was spelt."""
        try:
            return path == str(self.path) or self.path.samefile(path)
        except OSError:
            return False

    def claim(self) -> None:
        """Make the directory itself, closed to other users; what is in it stays as it is."""
        if self.path.exists() and self.path.stat().st_mode & 0o002:
            raise UnusableHomeError(
                f"{self.path} belongs to everybody: name a directory of your own"
            )
        _closed(self.path)

    def prepare(self) -> None:
        """Make every directory that is missing; where a system may run, under its lock only."""
        self.claim()
        inside = ("etc", "log", "run", "spool", "spool/recording", "db", "lib", "lib/keys", "data")
        for folder in (self.asterisk, *(self.asterisk / name for name in inside)):
            _closed(folder)
        for folder in (self.redis, self.logs, self.net_calls.parent):
            _closed(folder)
        if not self._runtime_is_ours():
            self._link_new_runtime()

    def runtime(self) -> Path:
        """The short directory itself, for anything that binds or connects a socket."""
        if not self._runtime_is_ours():
            raise NoSystemError(
                f"no system has been started at {self.path}: `madoguchi up` makes one"
            )
        return self.run.readlink()

    def discard_runtime(self) -> None:
        """Remove the short directory, once nothing of this home is running any more."""
        if self._runtime_is_ours():
            shutil.rmtree(self.run.readlink())
        self.run.unlink(missing_ok=True)

    def describe(self, instance: Instance) -> None:
        """Leave what other commands need in order to find this system."""
        plain = {
            "ports": {"base": instance.ports.base, "rtp_count": instance.ports.rtp_count},
            "site": str(instance.site),
            "versions": dict(instance.versions),
        }
        write_atomically(self.path / "home.json", json.dumps(plain, indent=2) + "\n")

    def instance(self) -> Instance:
        """The system that lives here."""
        try:
            return _INSTANCE.validate_json((self.path / "home.json").read_bytes())
        except FileNotFoundError:
            raise NoSystemError(
                f"no system at {self.path}: start one with `madoguchi up --home {self.path}`"
            ) from None
        except (OSError, ValidationError):
            raise NoSystemError(f"{self.path / 'home.json'} cannot be read") from None

    def _runtime_is_ours(self) -> bool:
        try:
            target = self.run.readlink()
            found = target.lstat()
            made_for = (target / OWNER_NOTE).read_text(encoding="utf-8")
        except OSError:
            return False
        closed = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
        return closed and found.st_uid == os.geteuid() and self.is_at(made_for)

    def _link_new_runtime(self) -> None:
        root = os.environ.get("MADOGUCHI_RUN") or SHORT_ROOT
        short = Path(tempfile.mkdtemp(prefix="mado-", dir=root))  # 0700 by contract
        write_atomically(short / OWNER_NOTE, str(self.path))
        (short / "net").symlink_to(self.net_calls.parent)
        link = self.path / f".run.{short.name}"
        link.symlink_to(short)
        link.replace(self.run)


def _closed(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
