"""What becomes of a booking: one table a master, and what the city's system must still be told.

Under `own` our slots are sold: a place is held, then agreed on. Under `city` the city's system is
the master and our slots are a hint: what was agreed is 仮受付 until an agent has entered it there
and says the city's number. A change or a cancellation of what the city knows is owed to it too.

Everything about what may follow what is in this file. Pure.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Master(StrEnum):
    """Whose system knows the truth about bookings."""

    CITY = "city"
    OWN = "own"


class Status(StrEnum):
    """What a booking is."""

    HELD = "held"  # 仮押さえ: a place nobody else gets, for minutes
    PROVISIONAL = "provisional"  # 仮受付: agreed, and not in the city's system yet
    BOOKED = "booked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    VISITED = "visited"
    NO_SHOW = "no_show"


class Deed(StrEnum):
    """What is done to one."""

    HOLD = "hold"
    AGREE = "agree"
    ENTER = "enter"  # 予約システム入力: the city's number is said
    CHANGE = "change"
    CANCEL = "cancel"
    EXPIRE = "expire"
    UNDO = "undo"
    VISIT = "visit"
    MISS = "miss"
    IMPORT = "import"  # the city's system says that it is so
    DROP = "drop"  # the city's system says that it is cancelled


class Refused(Exception):
    """The deed does not go with what the booking is now; the text is one sentence."""


OCCUPYING: Final = frozenset({Status.HELD, Status.BOOKED, Status.VISITED, Status.NO_SHOW})
UNDONE: Final = frozenset({Deed.CHANGE, Deed.CANCEL})
OF_THE_CITY: Final = frozenset({Deed.ENTER, Deed.IMPORT, Deed.DROP})  # it knows already

_AFTER: Final[Mapping[Status | None, Mapping[Deed, Status]]] = {
    Status.NO_SHOW: {Deed.VISIT: Status.VISITED},
    Status.VISITED: {Deed.MISS: Status.NO_SHOW},
}
_OWN: Final[Mapping[Status | None, Mapping[Deed, Status]]] = {
    None: {Deed.HOLD: Status.HELD},
    Status.HELD: {
        Deed.AGREE: Status.BOOKED,
        Deed.CANCEL: Status.EXPIRED,  # they want another time, or none
        Deed.EXPIRE: Status.EXPIRED,
    },
    Status.BOOKED: {
        Deed.CHANGE: Status.BOOKED,
        Deed.CANCEL: Status.CANCELLED,
        Deed.VISIT: Status.VISITED,
        Deed.MISS: Status.NO_SHOW,
    },
    **_AFTER,
}
_CITY: Final[Mapping[Status | None, Mapping[Deed, Status]]] = {
    None: {Deed.AGREE: Status.PROVISIONAL, Deed.IMPORT: Status.BOOKED},
    Status.PROVISIONAL: {
        Deed.ENTER: Status.BOOKED,
        Deed.CHANGE: Status.PROVISIONAL,
        Deed.CANCEL: Status.CANCELLED,
    },
    Status.BOOKED: {
        Deed.ENTER: Status.BOOKED,
        Deed.CHANGE: Status.BOOKED,
        Deed.CANCEL: Status.CANCELLED,
        Deed.VISIT: Status.VISITED,
        Deed.MISS: Status.NO_SHOW,
        Deed.IMPORT: Status.BOOKED,
        Deed.DROP: Status.CANCELLED,
    },
    Status.CANCELLED: {Deed.ENTER: Status.CANCELLED, Deed.IMPORT: Status.BOOKED},
    **_AFTER,
}
TABLES: Final = {Master.OWN: _OWN, Master.CITY: _CITY}


def after(master: Master, status: Status | None, deed: Deed) -> Status:
    """What the booking is then; Refused when it cannot be."""
    found = TABLES[master].get(status, {}).get(deed)
    if found is None:
        raise Refused("この予約の今の状態ではできません (not possible in its present state)")
    return found


def owed(master: Master, status: Status | None, deed: Deed, before: Deed | None) -> Deed | None:
    """What must still be entered in the city's system: agree, change, cancel, or nothing."""
    if master is Master.OWN or deed in OF_THE_CITY:
        return None
    if status in (None, Status.PROVISIONAL):
        # The city never heard of it: a change is part of what is entered, a cancellation ends it.
        return None if deed is Deed.CANCEL else Deed.AGREE
    return deed if deed in UNDONE else before
