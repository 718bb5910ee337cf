"""For every test: properties have their examples, and what stays is not looked through again."""

import gc
import signal

import pytest

from tests.examples import load_profile

YOUNG = 50_000  # objects; there is memory enough to look for garbage less often

load_profile()

# What helpers assert is told as a test's own is.
pytest.register_assert_rewrite("tests.real", "tests.asterisk", "tests.desktop")

# Where tests are started in the background, every child would inherit that Ctrl-C is nothing, and
# `up` would rightly leave it so: what tests its end would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Modules and tests are no garbage: a twentieth of all processor time went on finding so."""
    gc.freeze()
    gc.set_threshold(YOUNG)
