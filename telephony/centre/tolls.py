"""The toll gate: the one place that says whether a number may be dialled. Denied by default."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telephony.acd.model import Instant

HOUR = 3600.0
_NEVER = re.compile(r"^(?:00|010|0990|0570|1\d\d$)")  # abroad, premium, three digits
_JAPAN = re.compile(r"^\+81")
_HIDING = re.compile(r"^18[46]")  # prefixes that hide or show our own number


@dataclass(frozen=True, slots=True)
class TollRules:
    """Prefixes in national form that may be dialled, and how many calls an hour."""

    allow: tuple[str, ...] = ()
    per_hour: int = 0


def dialable(number: str) -> str:
    """The digits to dial, in national form; "" where there are none. What is checked is dialled."""
    digits = _JAPAN.sub("0", re.sub(r"[\s()-]", "", number))
    national = _HIDING.sub("", digits)
    return national if national.isdigit() else ""


def refusal(number: str, rules: TollRules, dialled_at: Sequence[Instant], now: Instant) -> str:
    """Why the digits of `dialable` may not be dialled now; "" when they may.

    Numbers abroad, premium and emergency numbers are refused whatever the list says
    (toll fraud runs over exactly these).
    """
    if not number or _NEVER.match(number):
        return "forbidden"
    if not any(number.startswith(prefix) for prefix in rules.allow):
        return "not_allowed"
    if sum(at > now - HOUR for at in dialled_at) >= rules.per_hour:
        return "too_many"
    return ""
