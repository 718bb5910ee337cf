"""How many examples a property is tried with.

`make test` tries the same ones in every run: what is red there is red for everybody, and what is
green was not luck. `make explore` looks for new ones, many times as many; what it finds is printed
with the line that brings it back, and becomes a script of its own.
"""

import os
from typing import Final

from hypothesis import settings

TIMES: Final = int(os.environ.get("MADO_EXPLORE", "1"))


def examples(often: int) -> int:
    """This many in `make test`."""
    return often * TIMES


def load_profile() -> None:
    """What every property goes by unless it says otherwise; a slow machine is no fault."""
    settings.register_profile(
        "ours", deadline=None, max_examples=examples(100), derandomize=TIMES == 1, print_blob=True
    )
    settings.load_profile("ours")
