"""Who sits where: one person a seat, one seat a person, and the announced name on record."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from agents.accounts import sessions
from agents.accounts.telephones import Telephones, is_in_call
from agents.audit.log import append
from agents.floor.book import lower_hands
from agents.floor.hub import Hub
from agents.people import Caller, Role, SessionId
from agents.tables import SEATINGS
from agents.web.problems import Problem, conflict, not_found
from agents.web.witness import deed_of
from config.database import Database
from config.site_model import Site
from telephony.link.client import NoController, Refused

AFTER: Final = 1e-3  # seconds between two seatings of a seat, which are told apart by their time


@dataclass(frozen=True, slots=True)
class Seating:
    """Somebody at a seat, from and until when."""

    seat: str
    user: str
    announced_name: str
    session: str
    started_at: float
    ended_at: float | None


class Seats:
    """Taking and leaving a seat: the desk's record first, then the telephone's."""

    def __init__(
        self, database: Database, key: bytes, site: Site, telephones: Telephones, hub: Hub
    ) -> None:
        self._database = database
        self._key = key
        self._site = site
        self._telephones = telephones
        self._hub = hub

    async def take(self, caller: Caller, seat: str, now: float, *, take_over: bool) -> None:
        """Sit down; a `Problem` says who sits there."""
        self._require_fit(caller, seat)
        await self._leave_other(caller, seat, now, take_over=take_over)
        before = await self._database.write(
            lambda connection: self._seated(connection, caller, seat, now, take_over=take_over)
        )
        if before:
            return  # the telephone knows them already
        try:
            await self._telephones.sign_in(seat, caller.user)
        except (Refused, NoController):
            await self._stand_up(caller, seat, now, "refused")
            raise

    async def leave(self, caller: Caller, now: float, why: str = "left") -> None:
        """Stand up. Raises Problem where a call is in progress, NoController where none answers."""
        seat = caller.seat
        if seat is None:
            return
        if await is_in_call(self._telephones, seat):
            raise conflict(
                "通話中です。通話を終えてから、もう一度お試しください。",
                "A call is in progress. End it, then try again.",
            )
        await self._telephones.sign_out(seat)
        await self._stand_up(caller, seat, now, why)

    async def sign_out(self, caller: Caller, now: float) -> None:
        """End the session and stand up. Raises Problem where a call is in progress."""
        with suppress(NoController):  # the watch tells the controller when it is back
            await self.leave(caller, now)

        def write(connection: Connection) -> list[str]:
            hands = [] if caller.seat is None else stand_up(connection, caller.seat, now)
            sessions.end(connection, caller.session, now, "signed_out")
            append(connection, self._key, deed_of(caller, now, "signed_out"))
            return hands

        await self._hub.tell_lowered(await self._database.write(write))

    async def _leave_other(self, caller: Caller, seat: str, now: float, *, take_over: bool) -> None:
        """One seat a person: that of this page is left, that of another page if so chosen."""
        other = await self._database.read(lambda connection: of_user(connection, caller.user))
        if other is None or other.seat == seat:
            return
        if other.session != caller.session and not take_over:
            raise _elsewhere()
        there = replace(caller, seat=other.seat, session=SessionId(other.session))
        await self.leave(there, now)

    def _require_fit(self, caller: Caller, seat: str) -> None:
        known = self._site.seats.get(seat)
        if known is None:
            raise not_found()
        if caller.role is Role.AGENT and known.role != "agent":
            raise conflict(
                "この席は業務管理者用です。別の席を選んでください。",
                "This seat is a supervisor's. Choose another.",
            )

    def _seated(
        self, connection: Connection, caller: Caller, seat: str, now: float, *, take_over: bool
    ) -> bool:
        """Write it down; True where the same person only comes from another page."""
        there = at_seat(connection, seat)
        if there is not None and there.user != caller.user:
            raise _taken(there)
        if there is not None and there.session == caller.session:
            return True
        if there is not None:
            if not take_over:
                raise _elsewhere()
            sessions.change(connection, there.session, seat=None)
            _end(connection, there, now)
        values = {
            "seat": seat, "started_at": _next(connection, seat, now), "user": caller.user,
            "announced_name": caller.announced_name, "session": caller.session,
        }  # fmt: skip
        try:
            connection.execute(SEATINGS.insert().values(**values))
        except IntegrityError:
            raise _elsewhere() from None
        sessions.change(connection, caller.session, seat=seat)
        append(connection, self._key, deed_of(caller, now, "seat_taken", object=seat))
        return there is not None

    async def _stand_up(self, caller: Caller, seat: str, now: float, why: str) -> None:
        def write(connection: Connection) -> list[str]:
            hands = stand_up(connection, seat, now)
            sessions.change(connection, caller.session, seat=None)
            deed = deed_of(caller, now, "seat_left", object=seat, outcome=why)
            append(connection, self._key, deed)
            return hands

        await self._hub.tell_lowered(await self._database.write(write))


def at_seat(connection: Connection, seat: str) -> Seating | None:
    """Who sits there now."""
    here = (SEATINGS.c.seat == seat) & SEATINGS.c.ended_at.is_(None)
    row = connection.execute(select(SEATINGS).where(here)).one_or_none()
    return None if row is None else _seating(row)


def of_user(connection: Connection, user: str) -> Seating | None:
    """Where a person sits."""
    here = (SEATINGS.c.user == user) & SEATINGS.c.ended_at.is_(None)
    row = connection.execute(select(SEATINGS).where(here)).one_or_none()
    return None if row is None else _seating(row)


def seated_now(connection: Connection) -> Sequence[Seating]:
    """Everybody who sits somewhere."""
    query = select(SEATINGS).where(SEATINGS.c.ended_at.is_(None)).order_by(SEATINGS.c.seat)
    return [_seating(row) for row in connection.execute(query)]


def stand_up(connection: Connection, seat: str, now: float, of: str | None = None) -> list[str]:
    """Nobody sits there any more, and whoever did has no hand up: those that went down.

    Only if it is somebody `of` this session, where one is named.
    """
    there = at_seat(connection, seat)
    if there is None or of not in (None, there.session):
        return []
    _end(connection, there, now)
    return lower_hands(connection, there.user, now)


def _end(connection: Connection, there: Seating, now: float) -> None:
    here = (SEATINGS.c.seat == there.seat) & SEATINGS.c.ended_at.is_(None)
    connection.execute(update(SEATINGS).where(here).values(ended_at=now))


def _next(connection: Connection, seat: str, now: float) -> float:
    query = select(func.max(SEATINGS.c.started_at)).where(SEATINGS.c.seat == seat)
    latest = connection.scalar(query)
    return now if latest is None else max(now, latest + AFTER)


def _seating(row: Any) -> Seating:
    return Seating(
        row.seat, row.user, row.announced_name, row.session, row.started_at, row.ended_at
    )


def _taken(there: Seating) -> Problem:
    return conflict(
        f"この席は{there.announced_name}さんが使用中です。別の席を選ぶか、サインアウトを頼んでください。",
        f"{there.announced_name} is at this seat. Choose another, or ask them to sign out.",
    )


def _elsewhere() -> Problem:
    return conflict(
        "あなたは別の画面か席で着席中です。こちらに移る場合は「引き継ぐ」を選んでください。",
        "You sit there from another page, or at another seat. Choose to take over.",
    )
