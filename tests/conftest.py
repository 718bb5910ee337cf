"""For every test: a slow machine is no fault."""

from hypothesis import settings

settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
