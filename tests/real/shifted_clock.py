"""The wall clock of a whole instance, set forward or back while it runs.

Nobody but root may set the machine's, and then everybody's is wrong. So each process of the
instance is started with a library that adds what a shared file says to the time of day, and leaves
every other clock alone.
"""

import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
SECONDS: Final = struct.Struct("q")
HOUR: Final = 3600


class ShiftedClock:
    """Skips where no C compiler is there to build the library."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler on this machine")
        self._library = folder / "shifted_clock.so"
        self._file = folder / "shift"
        source = str(HERE / "shifted_clock.c")
        words = [compiler, "-shared", "-fPIC", "-O2", "-o", str(self._library), source, "-ldl"]
        subprocess.run(words, check=True)
        self.by = 0
        self._write()

    def started_with(self, command: list[str]) -> list[str]:
        """The same command, and whatever it starts, by this clock."""
        preload = f"LD_PRELOAD={self._library}"
        return ["env", preload, f"CLOCK_SHIFT_FILE={self._file}", *command]

    def step(self, seconds: int) -> None:
        """Everybody who looks at it from now on finds it so much later, or earlier."""
        self.by += seconds
        self._write()

    def _write(self) -> None:
        if not self._file.exists():
            self._file.write_bytes(SECONDS.pack(self.by))
            return
        with self._file.open("r+b", buffering=0) as file:  # in place: it is mapped by everybody
            file.write(SECONDS.pack(self.by))
