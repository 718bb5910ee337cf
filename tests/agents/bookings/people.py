"""Citizens, times and agents of the booking tests; none of them is anybody."""

from datetime import date, time
from itertools import count
from typing import Any, Final

from agents.bookings.booking import Card, Stand
from agents.bookings.kept import By
from agents.bookings.moments import Moment
from agents.bookings.slots import Slot
from agents.bookings.states import Status

NOW: Final = 1_770_598_800.0
THURSDAY: Final = date(2026, 12, 3)
FRIDAY: Final = date(2026, 12, 4)
TEN: Final = Moment(THURSDAY, time(10))
HALF_PAST: Final = Moment(THURSDAY, time(10, 30))
NEXT_DAY: Final = Moment(FRIDAY, time(9))
HANAKO: Final = Card("窓口 花子", "マドグチ ハナコ", date(1948, 5, 3), "self", "AB1000001")
ICHIRO: Final = Card("窓口 一郎", "マドグチ イチロウ", date(2019, 5, 1), "child", "AB1000002")
KNOWN: Final = {"name": "窓口花子", "birth_date": "S23.5.3"}  # Hanako, by two of three
_keys = count(1)


def by(
    user: str = "u1", now: float = NOW, why: str = "", key: str = "", call: str | None = None
) -> By:
    """A deed of somebody's, by default a new one."""
    return By(key or f"key-{next(_keys):08}", user, f"{user}さん", now, why, call)


def wish(when: Moment = TEN, *party: Card, **more: Any) -> Stand:
    """What a citizen wants; the status is the book's to say."""
    cards = party or (HANAKO,)
    known: dict[str, Any] = {
        "status": Status.HELD, "site": "main", "when": when, "people": len(cards), "party": cards,
    }  # fmt: skip
    return Stand(**(known | more))


def slot(when: Moment, capacity: int = 1, site: str = "main") -> Slot:
    return Slot(site, when, capacity)


def a_wish(key: str, **more: Any) -> dict[str, Any]:
    """What a page sends of a booking, for the week after `NOW`."""
    card = {"name": HANAKO.name, "kana": HANAKO.kana, "birth_date": "S23.5.3",
            "notice_no": "AB1-000001"}  # fmt: skip
    wanted = {"key": key, "site": "main", "day": "2026-02-12", "start": "10:00", "party": [card]}
    return wanted | more
