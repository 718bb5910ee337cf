"""A booking as a value: what was told, what it is now, and how it stands in its history. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from agents.bookings.moments import Moment
from agents.bookings.states import Deed, Master, Status

MASK: Final = "●"
_SHOWN: Final = 3  # of a notice number: enough to tell two apart, too little to open a booking


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the party, and who comes for it."""

    name: str  # as typed
    kana: str
    birth_date: date
    visitor: str
    notice_no: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """Everything about a booking that a deed may change."""

    status: Status
    site: str
    when: Moment
    people: int
    kind: str = "pickup"
    number: str | None = None
    owed: Deed | None = None
    due_day: date | None = None
    hold_until: float | None = None
    party: tuple[Card, ...] = ()
    form: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booking:
    """One of them, as it stands."""

    id: str
    version: int
    master: Master
    stand: Stand
    call: str | None
    user: str
    announced_name: str
    created_at: float
    changed_at: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a booking's history."""

    version: int
    at: float
    user: str
    announced_name: str
    deed: Deed
    why: str
    before: Stand | None
    after: Stand


def written(stand: Stand) -> str:
    """For the history."""
    return json.dumps(asdict(stand), ensure_ascii=False, default=str)


def read(text: str) -> Stand:
    """From the history."""
    told = json.loads(text)
    day, at = told.pop("when")
    party = tuple(
        Card(**{**card, "birth_date": date.fromisoformat(card["birth_date"])})
        for card in told.pop("party")
    )
    return Stand(
        **{
            **told,
            "status": Status(told["status"]),
            "owed": Deed(told["owed"]) if told["owed"] else None,
            "due_day": date.fromisoformat(told["due_day"]) if told["due_day"] else None,
            "when": Moment.parsed(day, at),
            "party": party,
        }
    )


def masked_notice(notice_no: str | None) -> str:
    """●●●●●●123: the number opens a booking together with a birth date."""
    if notice_no is None:
        return ""
    return MASK * max(0, len(notice_no) - _SHOWN) + notice_no[-_SHOWN:]


def masked_birth(birth: date) -> str:
    """The year alone."""
    return f"{birth.year}-{MASK * 2}-{MASK * 2}"
