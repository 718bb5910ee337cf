"""Telephone numbers as they arrive in Japan, to E.164 and back to what a screen may show."""

import re
import unicodedata
from enum import StrEnum
from typing import Final, NewType

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

E164 = NewType("E164", str)

_JAPAN: Final = 81
_SEPARATORS: Final = re.compile(r"[\s\-.()‐‑‒–—―−ー]")
_DIGITS: Final = re.compile(r"\+?[0-9]{1,20}")
_WITHHOLD_OR_SHOW: Final = re.compile(
    r"18[46](?=[0+])"
)  # dialled before a number, never part of it
_OPEN_TAIL: Final = 4  # digits of a masked number that stay readable


class NumberKind(StrEnum):
    """What sort of number it is; those below `foreign` have no E.164 form."""

    FIXED = "fixed"
    MOBILE = "mobile"
    IP = "ip"
    TOLL_FREE = "toll_free"
    SPECIAL = "special"  # 0570, 0990, 020, and the three-digit services such as 110
    FOREIGN = "foreign"
    EXTENSION = "extension"
    UNKNOWN = "unknown"


_KINDS: Final = {
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.VOIP: NumberKind.IP,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
}


def classify(text: str, context: str = "") -> tuple[E164 | None, NumberKind]:
    """The canonical number and its kind; a form that could mean two numbers means none."""
    digits = _digits(text)
    if digits is None:
        return None, NumberKind.UNKNOWN
    number = _parse(_international(digits, context))
    if number is None:
        return None, _short(digits)
    return E164(phonenumbers.format_number(number, PhoneNumberFormat.E164)), _kind(number)


def e164(text: str) -> E164 | None:
    """The canonical form of a number from configuration or a Request-URI, if it is one."""
    return classify(text)[0]


def grouped(number: str) -> str:
    """A number as people here read it out: 0942-00-0901; by fours where nobody groups it."""
    parsed = _parse(number)
    if parsed is None or parsed.country_code != _JAPAN:
        digits = "".join(sign for sign in number if sign in "0123456789")
        return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)


def masked(number: str | None) -> str:
    """The number for eyes that need not know it: 090-****-5678; empty for no number."""
    if not number:
        return ""
    parsed = _parse(number)
    if parsed is None:
        return _starred(number, head=0)
    if parsed.country_code == _JAPAN:
        national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
        return _starred(national, head=national.find("-"))
    head = len(f"+{parsed.country_code}")
    return _starred(phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL), head)


def _digits(text: str) -> str | None:
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    bare = _WITHHOLD_OR_SHOW.sub("", bare, count=1) if bare.startswith("18") else bare
    return bare if _DIGITS.fullmatch(bare) else None


def _international(digits: str, context: str) -> str:
    """The number with its country in front, or as it came where the country is not certain."""
    if digits.startswith("+"):
        return digits
    for prefix in ("010", "00"):  # the second is no Japanese prefix: gateways write it before 81
        if digits.startswith(prefix + "81"):
            return "+" + digits.removeprefix(prefix)
    if digits.startswith("010"):
        return "+" + digits.removeprefix("010")
    if context.startswith("+") and context != f"+{_JAPAN}":
        return digits
    if digits.startswith("0"):
        return f"+{_JAPAN}{digits.removeprefix('0')}"
    return "+" + digits if digits.startswith(str(_JAPAN)) else digits


def _parse(international: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException:
        return None
    # Foreign plans change faster than our copy of them; the Japanese one we know.
    known = (
        phonenumbers.is_valid_number
        if number.country_code == _JAPAN
        else phonenumbers.is_possible_number
    )
    return number if known(number) else None


def _kind(number: PhoneNumber) -> NumberKind:
    if number.country_code != _JAPAN:
        return NumberKind.FOREIGN
    return _KINDS.get(phonenumbers.number_type(number), NumberKind.SPECIAL)


def _short(digits: str) -> NumberKind:
    if re.fullmatch(r"1[0-9]{2}", digits):
        return NumberKind.SPECIAL
    return NumberKind.EXTENSION if re.fullmatch(r"[0-9]{1,5}", digits) else NumberKind.UNKNOWN


def _starred(text: str, head: int) -> str:
    tail = len(text) - _OPEN_TAIL
    return "".join(
        "*" if char.isdigit() and head <= place < tail else char for place, char in enumerate(text)
    )
