"""A release of the product in a folder of its own, which an operator's upgrade may overwrite."""

import shutil
import sys
from pathlib import Path
from typing import Final

from telephony.runtime.programs import PROJECT
from tests.real import site_copy
from tests.real.centre import CARRIER
from tests.supervisor.instance import Instance

NOT_SHIPPED: Final = (".*", "tests", "benchmarks", "docs", "docker", "node_modules", "var")
ENGINE: Final = Path("telephony", "calls", "engine.py")


class Release:
    """The code as it lies on a disk: what is started from it is what lies there then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*NOT_SHIPPED))
        (folder / ".runtime").symlink_to((PROJECT / ".runtime").resolve())

    @property
    def core_version(self) -> str:
        """Of whatever is started next."""
        return self._line().partition('"')[2].rstrip('"')

    def install(self, core_version: str) -> None:
        """Put another core's files in place; nothing that runs notices."""
        file = self.folder / ENGINE
        line = self._line()
        text = file.read_text("utf-8").replace(line, f'{line.partition("=")[0]}= "{core_version}"')
        file.write_text(text, "utf-8")

    def up(self, made: Instance, **of_the_site: float) -> list[str]:
        """The command that runs the test site with it."""
        site = site_copy.copy(made.home.path.parent, made.base + CARRIER, **of_the_site)
        where = ["env", "-C", str(self.folder), f"PYTHONPATH={self.folder}"]
        up = [*where, sys.executable, "-m", "telephony", "up", "--home", str(made.home.path)]
        return [*up, "--port-base", str(made.base), "--site", str(site)]

    def _line(self) -> str:
        lines = (self.folder / ENGINE).read_text("utf-8").splitlines()
        (found,) = [line for line in lines if line.startswith("CORE_VERSION")]
        return found
