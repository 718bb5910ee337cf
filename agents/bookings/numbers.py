"""予約番号: eight digits, the last of which tells a slip of the tongue from the number. Pure.

Damm's check digit finds every wrong digit and every two neighbours that changed places, which is
how numbers go wrong on the telephone. Eight digits cannot be taken for an individual number.
"""

from typing import Final

DIGITS: Final = 8
LAST: Final = 10 ** (DIGITS - 1) - 1
_STEP: Final = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def number(serial: int) -> str:
    """The number of the serial-th booking."""
    if not 1 <= serial <= LAST:
        raise ValueError("no reservation number is left")
    leading = f"{serial:0{DIGITS - 1}}"
    return f"{leading}{_check(leading)}"


def _check(digits: str) -> int:
    check = 0
    for digit in digits:
        check = int(_STEP[check][int(digit)])
    return check
