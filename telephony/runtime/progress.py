"""Lines that tell a waiting person what is being done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


def say(text: str) -> None:
    """Show one line at once, also when the output is a pipe."""
    sys.stdout.write(f"set-up: {text}\n")
    sys.stdout.flush()


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a step, and its duration when it took long enough to be felt."""
    say(text)
    began = monotonic()
    yield
    if (took := monotonic() - began) >= 1:
        say(f"  … {took:.1f} s")
