"""Bookings of the city's system, taken over: all of a file or nothing, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, insert

from agents.bookings import rows
from agents.bookings.booking import Booking, Stand
from agents.bookings.csv_bookings import BookingRow
from agents.bookings.kept import By, done
from agents.bookings.states import Deed, Master, Status
from agents.bookings.tables import BOOKINGS

FINAL: Final = frozenset({Status.VISITED, Status.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the bookings of a file."""

    made: int = 0
    changed: int = 0
    cancelled: int = 0
    same: int = 0
    left: int = 0  # an agent has changed them since, and the city is still to be told


def take_over(connection: Connection, by: By, told: Sequence[BookingRow]) -> Imported:
    """As the city has them. What an agent agreed on and has not entered yet is newer: it stays."""
    known = rows.by_numbers(connection, [one.number for one in told])
    found = Imported()
    new: list[Booking] = []
    for one in told:
        booking = known.get(one.number)
        own = replace(by, key=_key(by.key, one.number), also=None)
        if booking is None:
            if not one.gone:
                new.append(_made(own, one))
            found = replace(found, same=found.same + one.gone, made=found.made + (not one.gone))
        else:
            found = _of_known(connection, own, booking, one, found)
    _keep(connection, by, new)
    if by.also is not None:
        by.also(connection, by.key)
    return found


def _of_known(
    connection: Connection, by: By, booking: Booking, one: BookingRow, found: Imported
) -> Imported:
    stand = booking.stand
    if stand.owed is not None or stand.status in FINAL:
        return replace(found, left=found.left + 1)
    if one.gone:
        if stand.status is Status.CANCELLED:
            return replace(found, same=found.same + 1)
        done(connection, booking, by, Deed.DROP, stand)
        return replace(found, cancelled=found.cancelled + 1)
    if stand.status is Status.BOOKED and _says(stand) == _told(one):
        return replace(found, same=found.same + 1)
    done(connection, booking, by, Deed.IMPORT, _changed(stand, one))
    return replace(found, changed=found.changed + 1)


def _says(stand: Stand) -> object:
    cards = [(card.name, card.birth_date) for card in stand.party]
    return stand.site, stand.when, cards


def _told(one: BookingRow) -> object:
    cards = [(card.name, card.birth_date) for card in one.party]
    return one.place.site, one.place.when, cards


def _changed(stand: Stand, one: BookingRow) -> Stand:
    """What we know besides (who comes, needs) stays where the people are the same."""
    same = [(card.name, card.birth_date) for card in stand.party] == [
        (card.name, card.birth_date) for card in one.party
    ]
    party = stand.party if same else one.party
    return replace(stand, site=one.place.site, when=one.place.when, people=len(party), party=party)


def _made(by: By, one: BookingRow) -> Booking:
    stand = Stand(
        Status.BOOKED, one.place.site, one.place.when, len(one.party), number=one.number,
        party=one.party, form={"channel": "web", "phone": one.phone},
    )  # fmt: skip
    return Booking(
        uuid4().hex, 1, Master.CITY, stand, None, by.user, by.announced_name, by.now, by.now
    )


def _keep(connection: Connection, by: By, new: Sequence[Booking]) -> None:
    """A statement a table, however many there are."""
    if not new:
        return
    keys = {booking.id: _key(by.key, booking.stand.number or "") for booking in new}
    connection.execute(
        insert(BOOKINGS), [{"key": keys[one.id], **rows.columns(one)} for one in new]
    )
    rows.keep_parties(connection, new)
    rows.note_all(connection, [(one, rows.Told(keys[one.id], Deed.IMPORT)) for one in new])


def _key(key: str, number: str) -> str:
    """Of the deed: the same file sent again does nothing twice."""
    return f"import-{sha256(f'{key} {number}'.encode()).hexdigest()[:40]}"
