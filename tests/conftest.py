"""For every test: a slow machine is no fault, and what stays is not looked through again."""

import gc

from hypothesis import settings

YOUNG = 50_000  # objects; there is memory enough to look for garbage less often

settings.register_profile("ours", deadline=None)
settings.load_profile("ours")


def pytest_collection_finish() -> None:
    """Modules and tests are no garbage: a twentieth of all processor time went on finding so."""
    gc.freeze()
    gc.set_threshold(YOUNG)
