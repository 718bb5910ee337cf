"""What an agent may write as the reason of a pause.

The journal keeps it, and the journal carries no personal data: a note about a caller does not
belong there, and a telephone number is what such a note has in it.
"""

from typing import Final
from unicodedata import category, normalize, numeric

LONGEST: Final = 40  # characters
MOST_DIGITS: Final = 3  # enough for an extension or an hour
_TOO_LONG: Final = f"理由は{LONGEST}文字以内です (a reason has at most {LONGEST} characters)"
_INVISIBLE: Final = (
    "理由に改行や制御文字は使えません (no line breaks or control characters in a reason)"
)
_NUMBER: Final = (
    f"電話番号などの個人情報は理由に書けません。数字は{MOST_DIGITS}桁までです "
    f"(no personal data in a reason: at most {MOST_DIGITS} digits)"
)


def fault_in(reason: str) -> str | None:
    """Why it cannot be kept, as one sentence."""
    if len(reason) > LONGEST:
        return _TOO_LONG
    if sum(map(_is_digit, normalize("NFKC", reason))) > MOST_DIGITS:
        return _NUMBER
    return _INVISIBLE if any(map(_is_invisible, reason)) else None


def _is_digit(character: str) -> bool:
    return 0 <= numeric(character, -1) < 10  # noqa: PLR2004 -- also 〇 to 九


def _is_invisible(character: str) -> bool:
    return category(character)[0] == "C" or category(character) in ("Zl", "Zp")
