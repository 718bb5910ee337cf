"""The toll gate: the one place that says whether a number may be dialled. Denied by default."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telephony.acd.model import Instant

HOUR = 3600.0
_NEVER = re.compile(r"^(?:00|010|0990|0570|\+(?!81)|1\d\d$)")  # abroad, premium, three digits
_JAPAN = re.compile(r"^\+81")


@dataclass(frozen=True, slots=True)
class TollRules:
    """Prefixes in national form that may be dialled, and how many calls an hour."""

    allow: tuple[str, ...] = ()
    per_hour: int = 0


def refusal(number: str, rules: TollRules, dialled_at: Sequence[Instant], now: Instant) -> str:
    """Why the number may not be dialled now; "" when it may.

    Numbers abroad, premium and emergency numbers are refused whatever the list says
    (toll fraud runs over exactly these).
    """
    national = _JAPAN.sub("0", re.sub(r"[\s()-]", "", number))
    if not national.isdigit() or _NEVER.match(national) or _NEVER.match(number):
        return "forbidden"
    if not any(national.startswith(prefix) for prefix in rules.allow):
        return "not_allowed"
    if sum(at > now - HOUR for at in dialled_at) >= rules.per_hour:
        return "too_many"
    return ""
