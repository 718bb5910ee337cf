"""Bookings as rows: from values to columns and back, found by what people know of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, insert, select

from agents.bookings.booking import Booking, Card, Entry, Stand, read, written
from agents.bookings.figures import Line
from agents.bookings.moments import Moment
from agents.bookings.names import kana_key, name_key, search_key
from agents.bookings.places import stored
from agents.bookings.states import Deed, Master, Refused, Status
from agents.bookings.tables import BOOKINGS, HISTORY, PARTY

MOST: Final = 50
OUTCOMES: Final = frozenset({Deed.AGREE, Deed.CHANGE, Deed.CANCEL})  # of a call
_LAST: Final = "\U0010ffff"  # after every text that begins with a key


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody knows; everything that is said must be so."""

    name: str = ""  # a reading or a written name, or its beginning
    number: str = ""
    notice_no: str = ""
    site: str = ""
    day: date | None = None
    until: date | None = None  # the last of several days from `day` on
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Told:
    """What a line of the history says besides who: which request, what, why, on which call."""

    key: str
    deed: Deed
    why: str = ""
    call: str | None = None


def columns(booking: Booking) -> dict[str, Any]:
    """Its row, without the key of the request."""
    stand = booking.stand
    day, start = stored(stand.when)
    return {
        "id": booking.id, "version": booking.version, "master": booking.master.value,
        "status": stand.status.value, "owed": stand.owed.value if stand.owed else None,
        "due_day": stand.due_day.isoformat() if stand.due_day else None, "number": stand.number,
        "kind": stand.kind, "site": stand.site, "day": day, "start": start,
        "people": stand.people, "form": json.dumps(dict(stand.form), ensure_ascii=False),
        "hold_until": stand.hold_until, "call": booking.call, "user": booking.user,
        "announced_name": booking.announced_name, "created_at": booking.created_at,
        "changed_at": booking.changed_at,
    }  # fmt: skip


def keep_party(connection: Connection, booking: str, party: Sequence[Card]) -> None:
    """These cards, in the place of those there were; the history has the others."""
    connection.execute(delete(PARTY).where(PARTY.c.booking == booking))
    if party:
        connection.execute(insert(PARTY), _cards(booking, party))


def keep_parties(connection: Connection, bookings: Iterable[Booking]) -> None:
    """The cards of bookings that are new."""
    cards = [row for one in bookings for row in _cards(one.id, one.stand.party)]
    if cards:
        connection.execute(insert(PARTY), cards)


def _cards(booking: str, party: Sequence[Card]) -> list[dict[str, Any]]:
    return [
        {
            "booking": booking, "at": at, "notice_no": card.notice_no, "name": card.name,
            "name_key": name_key(card.name), "kana": card.kana, "kana_key": kana_key(card.kana),
            "birth_date": card.birth_date.isoformat(), "visitor": card.visitor,
            "reason": card.reason,
        }
        for at, card in enumerate(party)
    ]  # fmt: skip


def note(connection: Connection, said: Booking, told: Told, before: Stand | None) -> None:
    """A line of the history, by whoever `said` names."""
    connection.execute(insert(HISTORY).values(**_line(said, told, before)))


def note_all(connection: Connection, told: Iterable[tuple[Booking, Told]]) -> None:
    """The first line of each of these."""
    connection.execute(insert(HISTORY), [_line(said, what, None) for said, what in told])


def _line(said: Booking, told: Told, before: Stand | None) -> dict[str, Any]:
    return {
        "booking": said.id, "version": said.version, "key": told.key, "at": said.changed_at,
        "user": said.user, "announced_name": said.announced_name, "deed": told.deed.value,
        "why": told.why, "call": told.call, "before": None if before is None else written(before),
        "after": written(said.stand),
    }  # fmt: skip


def one(connection: Connection, id_: str, *, locked: bool = False) -> Booking | None:
    """By its id; locked, nobody else changes it until the transaction ends."""
    query = select(BOOKINGS).where(BOOKINGS.c.id == id_)
    found = _bookings(connection, query.with_for_update() if locked else query)
    return found[0] if found else None


def numbered(connection: Connection, number: str) -> Booking | None:
    """By its number, locked."""
    query = select(BOOKINGS).where(BOOKINGS.c.number == number).with_for_update()
    found = _bookings(connection, query)
    return found[0] if found else None


def by_numbers(connection: Connection, numbers: Sequence[str]) -> dict[str, Booking]:
    """Those that have one of these numbers, each under its own, locked."""
    found: dict[str, Booking] = {}
    for start in range(0, len(numbers), 500):
        query = select(BOOKINGS).where(BOOKINGS.c.number.in_(numbers[start : start + 500]))
        for booking in _bookings(connection, query.with_for_update()):
            found[booking.stand.number or ""] = booking
    return found


def begun_already(connection: Connection, key: str) -> Booking | None:
    """What this request has begun; Refused when it did something else."""
    found = _bookings(connection, select(BOOKINGS).where(BOOKINGS.c.key == key))
    return found[0] if found else done_already(connection, key, "")


def done_already(connection: Connection, key: str, id_: str) -> Booking | None:
    """What this request has made of this booking; Refused when it was made for another."""
    found = connection.scalar(select(HISTORY.c.booking).where(HISTORY.c.key == key))
    if found is None:
        return None
    if found != id_:
        raise Refused("この送信は別の予約で使われています (it was sent for another booking)")
    return one(connection, id_)


def was_done(connection: Connection, key: str, id_: str) -> bool:
    """Whether this request has done something to this booking."""
    of = (HISTORY.c.key == key, HISTORY.c.booking == id_)
    return connection.scalar(select(HISTORY.c.version).where(*of)) is not None


def is_taken(connection: Connection, number: str, besides: str) -> bool:
    """Whether another booking has this number."""
    others = (BOOKINGS.c.number == number, BOOKINGS.c.id != besides)
    return connection.scalar(select(BOOKINGS.c.id).where(*others)) is not None


def history(connection: Connection, id_: str) -> list[Entry]:
    """In order."""
    query = select(HISTORY).where(HISTORY.c.booking == id_).order_by(HISTORY.c.version)
    return [_entry(row) for row in connection.execute(query)]


def done_between(connection: Connection, since: float, until: float) -> list[Line]:
    """What was done to any booking, each one's in order."""
    within = (HISTORY.c.at >= since, HISTORY.c.at < until)
    query = select(HISTORY).where(*within).order_by(HISTORY.c.booking, HISTORY.c.version)
    return [Line(row.booking, _entry(row)) for row in connection.execute(query)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.version, row.at, row.user, row.announced_name, Deed(row.deed), row.why,
        None if row.before is None else read(row.before), read(row.after),
    )  # fmt: skip


def on_call(connection: Connection, call: str, user: str) -> list[Booking]:
    """What this person did to bookings on this call, the last first."""
    mine = (HISTORY.c.call == call, HISTORY.c.user == user)
    query = select(HISTORY.c.booking).where(*mine).order_by(HISTORY.c.at.desc())
    ids = list(dict.fromkeys(connection.scalars(query)))
    found = {one.id: one for one in _bookings(connection, _of(ids))}
    return [found[id_] for id_ in ids if id_ in found]


def deed_on(connection: Connection, call: str) -> Deed | None:
    """The last of what says by itself what came of a call; what was taken back says nothing.

    A booking that was made on this call and moved on it is a new one still.
    """
    query = select(HISTORY.c.booking, HISTORY.c.deed).where(HISTORY.c.call == call)
    done: dict[str, list[Deed]] = {}
    for row in connection.execute(query.order_by(HISTORY.c.at, HISTORY.c.version)):
        deed, before = Deed(row.deed), done.pop(row.booking, [])
        if deed is Deed.UNDO:
            before = before[:-1]
        elif deed in OUTCOMES and not (deed is Deed.CHANGE and before):
            before = [*before, deed]
        done[row.booking] = before
    return next((deeds[-1] for deeds in reversed(done.values()) if deeds), None)


def some(connection: Connection, ids: Sequence[str]) -> list[Booking]:
    """Those of these ids that there are."""
    found: list[Booking] = []
    for start in range(0, len(ids), 500):
        found += _bookings(connection, _of(ids[start : start + 500]))
    return found


def _of(ids: Sequence[str]) -> Select[Any]:
    return select(BOOKINGS).where(BOOKINGS.c.id.in_(ids))


def owed(connection: Connection) -> list[Booking]:
    """Longest owed first."""
    query = select(BOOKINGS).where(BOOKINGS.c.owed.is_not(None))
    return _bookings(connection, query.order_by(BOOKINGS.c.due_day, BOOKINGS.c.changed_at))


def run_out(connection: Connection, now: float, most: int) -> list[Booking]:
    """Holds whose time is over; what somebody else is just letting go of is left to them."""
    over = (BOOKINGS.c.status == Status.HELD.value, BOOKINGS.c.hold_until <= now)
    query = select(BOOKINGS).where(*over).order_by(BOOKINGS.c.site, BOOKINGS.c.day).limit(most)
    return _bookings(connection, query.with_for_update(skip_locked=True))


def find(connection: Connection, of: Query) -> list[Booking]:
    """Soonest visit first."""
    query = select(BOOKINGS)
    if of.name or of.notice_no:
        query = query.where(BOOKINGS.c.id.in_(_holders(of)))
    if of.number:
        query = query.where(BOOKINGS.c.number == of.number)
    if of.site:
        query = query.where(BOOKINGS.c.site == of.site)
    if of.day is not None:
        last = of.until or of.day
        query = query.where(BOOKINGS.c.day.between(of.day.isoformat(), last.isoformat()))
    order = (BOOKINGS.c.day, BOOKINGS.c.start, BOOKINGS.c.id)
    return _bookings(connection, query.order_by(*order).limit(of.most))


def _holders(of: Query) -> Select[tuple[str]]:
    query = select(PARTY.c.booking)
    if of.notice_no:
        query = query.where(PARTY.c.notice_no == of.notice_no)
    if of.name:
        key, is_reading = search_key(of.name)
        column = PARTY.c.kana_key if is_reading else PARTY.c.name_key
        query = query.where(column >= key, column < key + _LAST)
    return query


def _bookings(connection: Connection, query: Select[Any]) -> list[Booking]:
    found = connection.execute(query).all()
    parties = _parties(connection, [row.id for row in found])
    return [_booking(row, parties.get(row.id, ())) for row in found]


def _parties(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Card, ...]]:
    found: dict[str, tuple[Card, ...]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = select(PARTY).where(PARTY.c.booking.in_(some)).order_by(PARTY.c.booking, PARTY.c.at)
        for row in connection.execute(query):
            found[row.booking] = (*found.get(row.booking, ()), _card(row))
    return found


def _card(row: Row[Any]) -> Card:
    birth = date.fromisoformat(row.birth_date)
    return Card(row.name, row.kana, birth, row.visitor, row.notice_no, row.reason)


def _booking(row: Row[Any], party: Iterable[Card]) -> Booking:
    stand = Stand(
        Status(row.status),
        row.site,
        Moment.parsed(row.day, row.start),
        row.people,
        row.kind,
        row.number,
        Deed(row.owed) if row.owed else None,
        date.fromisoformat(row.due_day) if row.due_day else None,
        row.hold_until,
        tuple(party),
        json.loads(row.form),
    )
    return Booking(
        row.id, row.version, Master(row.master), stand, row.call, row.user, row.announced_name,
        row.created_at, row.changed_at,
    )  # fmt: skip
