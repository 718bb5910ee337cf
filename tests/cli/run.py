"""Running a command the way a shell does, without the price of a new Python each time."""

from dataclasses import dataclass

import pytest

from telephony.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr."""
        [line] = self.err.splitlines()
        return line.removeprefix("madoguchi: ")


@dataclass(frozen=True)
class Shell:
    """Commands and what they print."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Ended:
        """Run `madoguchi` with these words."""
        with pytest.raises(SystemExit) as left:
            main(list(words))
        said = self.capture.readouterr()
        return Ended(int(left.value.code or 0), said.out, said.err)
