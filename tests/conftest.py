"""For every test: properties have their examples, and what stays is not looked through again."""

import gc

from tests.examples import load_profile

YOUNG = 50_000  # objects; there is memory enough to look for garbage less often

load_profile()


def pytest_collection_finish() -> None:
    """Modules and tests are no garbage: a twentieth of all processor time went on finding so."""
    gc.freeze()
    gc.set_threshold(YOUNG)
