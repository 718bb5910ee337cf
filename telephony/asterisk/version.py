"""Which versions of Asterisk this product works with: what it was proved against, no other."""

import re
from typing import Final

FIRST: Final = (22, 10, 1)
FIRST_NOT: Final = (23,)
# A release, with a distribution's additions or none; never a candidate, a certified or a git one.
RELEASE: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:[+~][\w.+~-]*|-\d[\w.+~-]*)?")


class UnfitAsterisk(Exception):
    """The text says which versions work."""


def problem(version: str) -> str | None:
    """Why this Asterisk must not take calls, in a sentence; None when it may."""
    found = RELEASE.fullmatch(version.strip())
    if found and FIRST <= tuple(int(part or 0) for part in found.groups()) < FIRST_NOT:
        return None
    return (
        f"Asterisk {version} does not work with this version of Madoguchi: install Asterisk "
        "22.10.1 or a later 22.x (below 23). "
        f"(Asterisk {version} では動きません。22.10.1 以上 23 未満を入れてください)"
    )


def require_fit(version: str) -> None:
    """Raise UnfitAsterisk for a version that must not take calls."""
    if (wrong := problem(version)) is not None:
        raise UnfitAsterisk(wrong)
