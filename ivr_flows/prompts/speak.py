"""From a prompt's reference in a flow to the sounds to play, in order (pure).

greeting               a prompt of `prompts.yaml`
position:3             a spoken number: position, people, nth_person, minutes, hour, day, month,
                       weekday (1 is Monday)
word:from_then         a word between two of these: the words of `parts.WORDS`
number:0120-95-0178    a published telephone number, digit by digit, exactly as it is written
"""

import re
from typing import Final

from ivr_flows.prompts import catalogue, parts

_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:-[0-9]{1,6}){0,4}", re.ASCII)
_COUNT: Final = re.compile(r"0|[1-9][0-9]?", re.ASCII)


class UnknownPrompt(ValueError):
    """A reference that no sound answers to."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"there is no prompt {reference!r}")
        self.reference = reference


def speak(reference: str) -> tuple[str, ...]:
    """The file stems, in the order they are heard."""
    kind, colon, value = reference.partition(":")
    if not colon and kind in catalogue.prompts().prompts:
        return (kind,)
    if kind == "number" and _NUMBER.fullmatch(value):
        return _digits(value)
    if kind == parts.WORD and value in parts.WORDS:
        return (f"{parts.WORD}-{value}",)
    family = parts.FAMILIES.get(kind)
    if family and _COUNT.fullmatch(value) and int(value) in family.numbers:
        return (parts.stem(kind, int(value)),)
    raise UnknownPrompt(reference)


def known(reference: str) -> bool:
    """Whether `speak` has sounds for it; what a checker asks."""
    try:
        speak(reference)
    except UnknownPrompt:
        return False
    return True


def _digits(number: str) -> tuple[str, ...]:
    last = len(number) - 1
    return tuple(
        parts.PAUSE if sign == "-" else parts.digit(int(sign), last=place == last)
        for place, sign in enumerate(number)
    )
