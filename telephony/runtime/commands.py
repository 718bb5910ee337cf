"""Running other programs, with their complaints turned into one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from telephony.runtime.errors import SetUpFault


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended and all that it said."""

    status: int
    said: str

    @property
    def last_words(self) -> str:
        """The line most likely to name the cause: the first error, or else the last line."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith(("e:", "error", "fatal"))]
        return [*errors, *reversed(lines), f"exit status {self.status}"][0]


def require(program: str, package: str) -> None:
    """Refuse to start when a program of the operating system is absent."""
    if shutil.which(program) is None:
        raise SetUpFault(
            f"`{program}` was not found: install the package {package} (Debian), or name a "
            "runtime made elsewhere in MADOGUCHI_RUNTIME.",
            f"{program} が見つかりません。Debian のパッケージ {package} を入れてください",
        )


def run(
    command: Sequence[str | os.PathLike[str]],
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Run to the end, handing over each line as it comes."""
    said: list[str] = []
    with subprocess.Popen(
        command,
        env={**os.environ, "LC_ALL": "C", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            on_line(line)
    return Outcome(process.returncode, "".join(said))
