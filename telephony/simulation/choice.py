"""The numbers a manager may name: one, several, or a range of them."""

import re
from collections.abc import Iterable
from typing import Final

MOST: Final = 200
_RANGE: Final = re.compile(r"([0-9]{1,4})(?:\.\.([0-9]{1,4}))?")


class NoNumbers(ValueError):
    """What was named is no number of people or lines; its text is the end of a sentence."""


def numbers(written: Iterable[str]) -> list[int]:
    """`5`, `3..6` and `3,5`, in the order they were named, each once."""
    found = [each for text in written for part in text.split(",") for each in _part(part)]
    return list(dict.fromkeys(found))


def _part(text: str) -> range:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise NoNumbers(f"{text!r} is neither a number such as 5 nor a range such as 3..6")
    least = int(match[1])
    most = int(match[2] or match[1])
    if not 1 <= least <= most <= MOST:
        raise NoNumbers(f"{text!r} does not lie between 1 and {MOST}, the smaller number first")
    return range(least, most + 1)
