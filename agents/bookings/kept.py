"""Bookings kept and found. Each method is one transaction; nothing acknowledged is half there.

A deed is known by its key: the same request again finds what the first one did. Its line of the
history is written with it, so there is no booking that nobody made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from agents.bookings import drafts, numbers, places, rows
from agents.bookings.booking import Booking, Entry, Stand
from agents.bookings.city.outbox import Tell, nobody
from agents.bookings.csv_files import ResultRow, SlotRow
from agents.bookings.places import Free, Place, Search
from agents.bookings.slots import Slot
from agents.bookings.states import OCCUPYING, UNDONE, Deed, Master, Refused, Status, after, owed
from agents.bookings.tables import BOOKINGS, NUMBERS
from agents.web.csv_reading import MOST_FAULTS, Faulty, RowFault
from config.database import Database

NOBODY: Final = ""  # what happens by itself
ENDS_DRAFT: Final = frozenset({Deed.AGREE, Deed.CHANGE, Deed.CANCEL})
_RESULT_OF: Final = {Deed.VISIT: Status.VISITED, Deed.MISS: Status.NO_SHOW}
AT_ONCE: Final = 200  # holds that are let go in one transaction


class Full(Exception):
    """Somebody else was first; the next free times are in it."""

    def __init__(self, following: Sequence[Free] = ()) -> None:
        super().__init__("この枠はちょうど埋まりました (this time has just been taken)")
        self.following = tuple(following)


class Stale(Exception):
    """Somebody else has changed it since; the present version is in it."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


class NoBooking(Exception):
    """There is none of this id."""


@dataclass(frozen=True, slots=True)
class By:
    """Whose deed it is, when, and why; `key` names the request.

    `also` is written in the deed's own transaction: both are there, or neither.
    """

    key: str
    user: str
    announced_name: str
    now: float
    why: str = ""
    call: str | None = None
    also: Callable[[Connection, str], None] | None = None  # told the booking's id


@dataclass(frozen=True, slots=True)
class _Now:
    """A booking under a lock, and what happens to it."""

    booking: Booking
    connection: Connection


class BookingBook:
    """Every booking of a home, under one master."""

    def __init__(self, database: Database, master: Master, tell: Tell = nobody) -> None:
        self._database = database
        self.master = master
        self._tell = tell  # in the deed's own transaction

    # -- slots ---------------------------------------------------------------------------

    async def open_slots(self, slots: Sequence[Slot], now: float) -> None:
        """The slots of these days as they are from now on; what was sold stays sold."""
        await self._database.write(lambda connection: places.open_up(connection, slots, now))

    async def import_slots(self, told: Sequence[SlotRow], now: float) -> None:
        """The city's times, all of them or none; our own are opened by our rules."""
        await self._database.write(lambda connection: put_slots(connection, told, now))

    async def free(self, search: Search, now: float) -> list[Free]:
        """The next times with room; places whose hold has run out are room."""
        await self.expire(now)
        return await self._database.read(lambda connection: places.free(connection, search))

    async def expire(self, now: float) -> int:
        """Let go of what was held and not agreed on; how many."""
        if not await self._database.read(lambda connection: rows.run_out(connection, now, 1)):
            return 0

        def let_go(connection: Connection) -> int:
            due = rows.run_out(connection, now, AT_ONCE)
            for booking in due:
                by = By(f"expire-{booking.id}-{booking.version}", NOBODY, NOBODY, now)
                done(connection, booking, by, Deed.EXPIRE, booking.stand)
            return len(due)

        return await self._database.write(let_go)

    # -- deeds ---------------------------------------------------------------------------

    async def hold(self, by: By, wish: Stand, until: float) -> Booking:
        """Keep the place from everybody else for a while; Full when somebody was first."""
        await self.expire(by.now)
        held = replace(wish, hold_until=until)
        return await self._begin(by, Deed.HOLD, held)

    async def agree(self, by: By, wish: Stand) -> Booking:
        """Under `city`: what was agreed, as 仮受付, due by the end of `wish.due_day`."""
        return await self._begin(by, Deed.AGREE, wish)

    async def agree_held(self, by: By, id_: str, version: int, told: Stand) -> Booking:
        """Under `own`: the place that is held becomes a booking with a number."""

        def agreed(now: _Now) -> Stand:
            held = now.booking.stand
            if held.hold_until is not None and held.hold_until <= by.now:
                raise Refused(
                    "仮押さえの時間が過ぎました。空きを確かめてください (the hold is over)"
                )
            number = held.number or _next_number(now.connection)
            return replace(
                held, party=told.party, form=told.form, kind=told.kind,
                hold_until=None, number=number,
            )  # fmt: skip

        return await self._go_on(by, id_, version, Deed.AGREE, agreed)

    async def enter(self, by: By, id_: str, version: int, number: str) -> Booking:
        """予約システム入力: the city's system has it under this number."""

        def entered(now: _Now) -> Stand:
            stand = now.booking.stand
            if stand.owed is None:
                raise Refused("転記するものはありません (nothing is owed to the city's system)")
            if stand.owed is Deed.CANCEL and number != stand.number:
                raise Refused("取り消した予約の番号を入れてください (not the number cancelled)")
            if rows.is_taken(now.connection, number, id_):
                raise Refused("この番号は別の予約に付いています (another booking has this number)")
            return replace(stand, number=number)

        return await self._go_on(by, id_, version, Deed.ENTER, entered)

    async def change(self, by: By, id_: str, version: int, wish: Stand) -> Booking:
        """Another time, place or party."""

        def changed(now: _Now) -> Stand:
            stand = now.booking.stand
            return replace(wish, status=stand.status, number=stand.number)

        return await self._go_on(by, id_, version, Deed.CHANGE, changed)

    async def cancel(self, by: By, id_: str, version: int, due_day: date | None = None) -> Booking:
        """The place is free for somebody else; the card waits."""
        return await self._go_on(
            by, id_, version, Deed.CANCEL, lambda now: replace(now.booking.stand, due_day=due_day)
        )

    async def mark(self, by: By, id_: str, version: int, deed: Deed) -> Booking:
        """来庁 or 無断: what came of the visit."""
        return await self._go_on(by, id_, version, deed, lambda now: now.booking.stand)

    async def undo(self, by: By, id_: str, version: int, since: float) -> Booking:
        """Take the last change or cancellation back, if it was after `since`."""

        def undone(connection: Connection) -> Booking:
            if (known := rows.done_already(connection, by.key, id_)) is not None:
                return known
            booking = _locked(connection, id_, version)
            last = rows.history(connection, id_)[-1]
            if last.deed not in UNDONE or last.at < since or last.before is None:
                raise Refused("元に戻せるのは直前の変更と取消だけです (too late to take it back)")
            then = _kept(connection, booking, by, Deed.UNDO, last.before)
            self._tell(connection, then, Deed.UNDO, by.user)
            return then

        return await self._database.write(undone)

    # -- what there is -------------------------------------------------------------------

    async def booking(self, id_: str) -> Booking | None:
        """One of them."""
        return await self._database.read(lambda connection: rows.one(connection, id_))

    async def history(self, id_: str) -> list[Entry]:
        """What was done to it, in order."""
        return await self._database.read(lambda connection: rows.history(connection, id_))

    async def on_call(self, call: str, user: str) -> list[Booking]:
        """What this person has made or changed on this call, the last first."""
        return await self._database.read(lambda connection: rows.on_call(connection, call, user))

    async def was_done(self, key: str, id_: str) -> bool:
        """Whether this request has done what it does to this booking already."""
        return await self._database.read(lambda connection: rows.was_done(connection, key, id_))

    async def owed(self) -> list[Booking]:
        """未転記: what the city's system must still be told, longest owed first."""
        return await self._database.read(rows.owed)

    async def find(self, of: rows.Query) -> list[Booking]:
        """By name, number, notice number, site or day; soonest visit first."""
        return await self._database.read(lambda connection: rows.find(connection, of))

    # -- how -----------------------------------------------------------------------------

    async def _begin(self, by: By, deed: Deed, wish: Stand) -> Booking:
        def begin(connection: Connection) -> Booking:
            if (known := rows.begun_already(connection, by.key)) is not None:
                return known
            status = after(self.master, None, deed)
            stand = replace(wish, status=status, owed=owed(self.master, None, deed, None))
            if stand.status in OCCUPYING:
                _take(connection, stand)
            booking = Booking(
                uuid4().hex, 1, self.master, stand, by.call, by.user, by.announced_name, by.now,
                by.now,
            )  # fmt: skip
            connection.execute(insert(BOOKINGS).values(key=by.key, **rows.columns(booking)))
            rows.keep_party(connection, booking.id, stand.party)
            rows.note(connection, booking, _told(by, deed), None)
            _end(connection, by, deed, booking.id)
            self._tell(connection, booking, deed, by.user)
            return booking

        return await self._database.write(begin)

    async def _go_on(
        self, by: By, id_: str, version: int, deed: Deed, then: Callable[[_Now], Stand]
    ) -> Booking:
        def go_on(connection: Connection) -> Booking:
            if (known := rows.done_already(connection, by.key, id_)) is not None:
                return known
            booking = _locked(connection, id_, version)
            after(booking.master, booking.stand.status, deed)  # refused before anything is asked
            kept = done(connection, booking, by, deed, then(_Now(booking, connection)))
            self._tell(connection, kept, deed, by.user)
            return kept

        return await self._database.write(go_on)


def put_slots(connection: Connection, told: Sequence[SlotRow], now: float) -> None:
    """The city's times, known since now."""
    places.put(connection, [(one.place, one.capacity, one.taken) for one in told], now)


def mark_rows(connection: Connection, by: By, told: Sequence[ResultRow]) -> int:
    """What came of visits, all of it or nothing; Faulty names the rows. How many changed.

    A result that is known already changes nothing, so a file may be sent again.
    """
    faults, changed = [], 0
    each = replace(by, also=None)  # a file is one line of the audit log
    for one in told:
        try:
            changed += _mark(connection, each, one)
        except Refused as refused:
            faults.append(RowFault(one.row, str(refused)))
    if faults:
        raise Faulty(faults[:MOST_FAULTS])
    if by.also is not None:
        by.also(connection, by.key)
    return changed


def _mark(connection: Connection, by: By, told: ResultRow) -> int:
    booking = rows.numbered(connection, told.number)
    if booking is None:
        raise Refused("この番号の予約はありません (no booking has this number)")
    if _RESULT_OF[told.deed] is booking.stand.status:
        return 0
    own = replace(by, key=_key_of_row(by.key, booking.id))
    done(connection, booking, own, told.deed, booking.stand)
    return 1


def _key_of_row(key: str, booking: str) -> str:
    """One for each row of a file; the file's own and an id may be longer than a key can be."""
    return f"result-{sha256(f'{key} {booking}'.encode()).hexdigest()[:40]}"


def _locked(connection: Connection, id_: str, version: int) -> Booking:
    booking = rows.one(connection, id_, locked=True)
    if booking is None:
        raise NoBooking(id_)
    if booking.version != version:
        raise Stale(booking.version)
    return booking


def done(connection: Connection, booking: Booking, by: By, deed: Deed, wanted: Stand) -> Booking:
    """The deed by the table of states, within the caller's transaction."""
    before = booking.stand
    debt = owed(booking.master, before.status, deed, before.owed)
    stand = replace(
        wanted,
        status=after(booking.master, before.status, deed),
        owed=debt,
        due_day=wanted.due_day if debt else None,
    )
    return _kept(connection, booking, by, deed, stand)


def _kept(connection: Connection, booking: Booking, by: By, deed: Deed, stand: Stand) -> Booking:
    """Places, row, party and history, together."""
    before = booking.stand
    if booking.master is Master.OWN:
        _move(connection, before, stand)
    then = replace(booking, version=booking.version + 1, stand=stand, changed_at=by.now)
    connection.execute(
        update(BOOKINGS).where(BOOKINGS.c.id == booking.id).values(**rows.columns(then))
    )
    if stand.party != before.party:
        rows.keep_party(connection, booking.id, stand.party)
    said = replace(then, user=by.user, announced_name=by.announced_name)
    rows.note(connection, said, _told(by, deed), before)
    _end(connection, by, deed, booking.id)
    return then


def _told(by: By, deed: Deed) -> rows.Told:
    return rows.Told(by.key, deed, by.why, by.call)


def _end(connection: Connection, by: By, deed: Deed, booking: str) -> None:
    """What goes with the deed: the draft it was typed in ends, and whoever must know is told."""
    if by.call is not None and deed in ENDS_DRAFT:
        drafts.end(connection, by.call, by.user)
    if by.also is not None:
        by.also(connection, booking)


def _move(connection: Connection, before: Stand, stand: Stand) -> None:
    had, has = before.status in OCCUPYING, stand.status in OCCUPYING
    same = had and has and (before.site, before.when) == (stand.site, stand.when)
    if same and before.people == stand.people:
        return
    concerned = [(before, had), (stand, has)]
    places.lock(connection, [_place(one) for one, counts in concerned if counts])
    if had:
        places.give_back(connection, _place(before), before.people)
    if has:
        _take(connection, stand)


def _take(connection: Connection, stand: Stand) -> None:
    if not places.take(connection, _place(stand), stand.people):
        raise Full


def _place(stand: Stand) -> Place:
    return Place(stand.site, stand.when)


def _next_number(connection: Connection) -> str:
    """One row counts; whoever books at the same time waits for it, and gets the next."""
    ours = NUMBERS.c.series == Master.OWN.value
    connection.execute(update(NUMBERS).where(ours).values(last=NUMBERS.c.last + 1))
    last = connection.scalar(select(NUMBERS.c.last).where(ours))
    if last is None:
        last = 1
        connection.execute(insert(NUMBERS).values(series=Master.OWN.value, last=last))
    return numbers.number(last)
