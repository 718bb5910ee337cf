"""Loading much code at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """What is being loaded is no garbage: searching it takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
