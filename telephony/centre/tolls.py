"""The toll gate: the one place that says whether a number may be dialled. Denied by default."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telephony.acd.model import Instant

Limits = tuple[tuple[int, int | None], ...]  # so many calls were made, and so many may be
HOUR = 3600.0
DAY = 24 * HOUR
# By the numbering plan of Japan. Of the numbers 0AB0 only 0120 and 0800 are free for the caller;
# the others are charged by whoever is called, or by the call (テレドーム 0180), or are no places.
_NEVER = re.compile(
    r"""^(?:
    00            # abroad, and the prefixes that choose another carrier
    | 010         # abroad
    | 01[13-9]0   # 0120's neighbours: mass calls, votes, messages
    | 020         # machines and pagers
    | 0570        # ナビダイヤル
    | 0910 | 0990 # premium
    | 1           # emergency, operators and services
    )""",
    re.VERBOSE,
)
_JAPAN = re.compile(r"^\+81")
_NUMBER = re.compile(r"0[0-9]{9,10}|1[0-9]{2,10}")  # of a subscriber, or of a service
_HIDING = re.compile(r"^18[46]")  # prefixes that hide or show our own number


@dataclass(frozen=True, slots=True)
class TollRules:
    """Prefixes in national form that may be dialled, and how many calls an hour."""

    allow: tuple[str, ...] = ()
    per_hour: int = 0
    per_number: int | None = None  # of these, to any one citizen; None: no fewer
    per_day: int | None = None  # the same in 24 hours
    per_number_day: int | None = None
    per_agent: int | None = None  # of those in an hour, begun by any one agent

    @property
    def memory(self) -> float:
        """How many seconds back a call still counts."""
        daily = self.per_day is not None or self.per_number_day is not None
        return DAY if daily else HOUR


def dialable(number: str) -> str:
    """The digits to dial, in national form; "" where there are none. What is checked is dialled."""
    digits = _JAPAN.sub("0", re.sub(r"[\s()-]", "", number))
    national = _HIDING.sub("", digits)
    return national if _NUMBER.fullmatch(national) else ""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call to the outside, by the name of its number: none is kept itself."""

    at: Instant
    to: str
    by: str = ""  # the agent; "" where the flow did it


def lately(dialled: Sequence[Dialled], now: Instant, within: float = HOUR) -> list[Dialled]:
    """Those of the last hour, or of so many seconds."""
    return [each for each in dialled if each.at > now - within]


def refusal(number: str, to: Dialled, rules: TollRules, dialled: Sequence[Dialled]) -> str:
    """Why a number that the site names may not be dialled after these calls; "" when it may.

    To one of these no fewer than to all: whoever names where callers go on to wants each of them
    to get there.
    """
    return unfit(number, rules) or _full(_of_all(to, rules, dialled))


def unfit(number: str, rules: TollRules) -> str:
    """Why the digits of `dialable` may never be dialled; "" when they may.

    Numbers abroad, premium and emergency numbers are refused whatever the list says
    (toll fraud runs over exactly these).
    """
    if not number or _NEVER.match(number):
        return "forbidden"
    allowed = any(number.startswith(prefix) for prefix in rules.allow)
    return "" if allowed else "not_allowed"


def one_too_many(to: Dialled, rules: TollRules, dialled: Sequence[Dialled]) -> str:
    """Why this citizen may not be called after those; "" when they may."""
    hour, day = lately(dialled, to.at), lately(dialled, to.at, DAY)
    to_them = ((_to(to.to, hour), rules.per_number), (_to(to.to, day), rules.per_number_day))
    return _full((*_of_all(to, rules, dialled), *to_them))


def _of_all(to: Dialled, rules: TollRules, dialled: Sequence[Dialled]) -> Limits:
    hour, day = lately(dialled, to.at), lately(dialled, to.at, DAY)
    by_agent = sum(each.by == to.by for each in hour) if to.by else 0
    return (len(hour), rules.per_hour), (by_agent, rules.per_agent), (len(day), rules.per_day)


def _full(limits: Limits) -> str:
    full = any(most is not None and so_many >= most for so_many, most in limits)
    return "too_many" if full else ""


def _to(name: str, dialled: Sequence[Dialled]) -> int:
    return sum(each.to == name for each in dialled)
