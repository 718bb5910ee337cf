"""Ending what is over: sessions whose account or time has ended, and seats that nobody sits at.

It looks twice a second: what a session or an account had open, and a page that was a telephone with
it, is over within a second of its end. A call in progress is left to end normally; until then its
seat is told to take no further ones.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import structlog
from sqlalchemy import Connection

from agents.accounts import seats, sessions
from agents.accounts.sessions import Fate, Session, Sessions
from agents.accounts.telephones import Telephones, is_in_call
from agents.accounts.users import User
from agents.audit.log import append
from agents.floor.hub import Hub
from agents.people import SessionId
from agents.web.sockets import Sockets
from agents.web.witness import Deed
from config.clockwork import every
from config.database import Database, DatabaseFailed
from telephony.link.client import NoController, Refused

log = structlog.get_logger(__name__)

LOOKS_EVERY: Final = 0.5  # seconds
TENDS_EVERY: Final = 5.0  # seconds; a seat that nobody sits at is in nobody's way
PAUSED_BECAUSE: Final = "利用終了"


class SessionWatch:
    """Looks, and ends."""

    def __init__(
        self,
        database: Database,
        judge: Sessions,
        sockets: Sockets,
        telephones: Telephones,
        hub: Hub,
        audit_key: bytes,
    ) -> None:
        self._database = database
        self._judge = judge
        self._sockets = sockets
        self._telephones = telephones
        self._hub = hub
        self._key = audit_key
        self._leaving: set[str] = set()

    async def run(self, clock: Callable[[], float]) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_again(LOOKS_EVERY, lambda: self.look(clock())))
            group.create_task(_again(TENDS_EVERY, self.empty_seats))

    async def look(self, now: float) -> None:
        """Once at the sessions."""
        opened = self._sockets.sessions()  # before the question: who comes meanwhile is no orphan
        found = await self._database.read(sessions.living)
        await self._close_orphans(opened, {session.id: user for session, user in found})
        for session, user in found:
            match await self._judge.fate(session, user, now):
                case Fate.ENDS:
                    await self._end(session, user, now)
                case Fate.LEAVES:
                    await self._take_no_more(session)
                case Fate.GOES_ON | Fate.LOCKS:
                    self._leaving.discard(session.id)

    async def _end(self, session: Session, user: User, now: float) -> None:
        if session.seat is not None and not await self._stood_up(session.seat):
            return

        def write(connection: Connection) -> list[str]:
            if not sessions.end(connection, session.id, now, _why(session, user, now)):
                return []
            hands = []
            if session.seat is not None:
                hands = seats.stand_up(connection, session.seat, now, of=session.id)
            deed = Deed(
                now, "session_ended", user.id, user.role.value, session.seat, session.id,
                outcome=_why(session, user, now),
            )  # fmt: skip
            append(connection, self._key, deed)
            return hands

        await self._hub.tell_lowered(await self._database.write(write))
        self._leaving.discard(session.id)
        await self._sockets.end(session.id)

    async def _stood_up(self, seat: str) -> bool:
        """False where a call has begun since it was judged: the next look will see it."""
        try:
            if await is_in_call(self._telephones, seat):
                return False
            await self._telephones.sign_out(seat)
        except Refused:
            return False
        except NoController:
            pass  # when it is back, nobody sits there
        return True

    async def _take_no_more(self, session: Session) -> None:
        if session.id in self._leaving or session.seat is None:
            return
        told = self._telephones.take_no_more(session.seat, PAUSED_BECAUSE)
        if await self._told(told, session.seat):
            self._leaving.add(session.id)

    async def _close_orphans(self, opened: Iterable[SessionId], living: Mapping[str, User]) -> None:
        """Sockets of sessions that ended otherwise, or whose person has another role now."""
        for session in opened:
            user = living.get(session)
            if user is None or self._sockets.roles(session) != {user.role}:
                await self._sockets.end(session)

    async def empty_seats(self) -> None:
        """Once: of whoever the controller has there, and who left while it did not answer."""
        try:
            agents = await self._telephones.agents()
        except (NoController, Refused):
            return
        seated = await self._database.read(seats.seated_now)
        there = {(seating.seat, seating.user) for seating in seated}
        for agent in agents:
            person = agent.get("person")
            if person is not None and (agent["seat"], person) not in there:
                await self._told(self._telephones.sign_out(agent["seat"]), agent["seat"])

    async def _told(self, request: Awaitable[None], seat: str) -> bool:
        """Whether it was granted; where not, the next look asks again."""
        try:
            await request
        except (NoController, Refused) as why:
            log.error("seat not told", seat=seat, why=why)
            return False
        return True


def _why(session: Session, user: User, now: float) -> str:
    if not user.may_work(now):
        return "account_ended"
    return "credentials_changed" if session.void else "time"


async def _again(seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    async for _ in every(seconds):
        try:
            await look()
        except DatabaseFailed as away:
            log.error("database away", error=away)
