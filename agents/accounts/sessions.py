"""Sessions: what a cookie is worth at an instant.

The cookie is 256 bits of chance; SQL holds only its hash. Its CSRF token is computed from it, so
nobody who reads the database can make either. A session ends by sign-out, by time, or with the
account; never while its seat is in a call or in wrap-up, whatever the reason.
"""

import hmac
import secrets
from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, select, update

from agents.accounts import users
from agents.accounts.floor import Doing, Floor
from agents.accounts.users import User
from agents.people import Caller, Role, SessionId
from agents.tables import DISPLAYS, SESSIONS
from config.database import Database

TOKEN_BYTES: Final = 32
SEEN_EVERY: Final = 30.0  # seconds; a sign of life is written no more often
STAGE_FOR: Final = 300.0  # seconds to get through the stages of signing in


class Stage(StrEnum):
    """How far somebody has come in signing in."""

    FACTOR = "factor"  # the password was right; a code or key is asked for
    ENROL = "enrol"  # the same, and a security key must be registered first
    PASSWORD = "password"  # a password that was given out must be replaced
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in."""

    id: SessionId
    user: str
    stage: Stage
    address: str
    created_at: float
    seen_at: float
    seat: str | None = None
    locked: bool = False
    void: bool = False
    wrong: int = 0
    challenge: str | None = None
    display: str | None = None
    ended_at: float | None = None
    ended_why: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds."""

    idle_for: float
    session_for: float


class Fate(StrEnum):
    """What becomes of a session at an instant."""

    GOES_ON = "goes_on"
    LOCKS = "locks"  # nobody was at its seat for a while
    LEAVES = "leaves"  # with the call in progress
    ENDS = "ends"


def fate(session: Session, user: User, now: float, times: Times, doing: Doing) -> Fate:
    """What becomes of it; a display is looked at, never touched, and has no time."""
    if session.void or not user.may_work(now):
        return Fate.LEAVES if doing is Doing.BUSY else Fate.ENDS
    if session.stage is not Stage.OPEN:
        return Fate.ENDS if now - session.created_at >= STAGE_FOR else Fate.GOES_ON
    if user.role is Role.DISPLAY or doing is not Doing.FREE:
        return Fate.GOES_ON
    if now - session.created_at >= times.session_for:
        return Fate.ENDS
    if now - session.seen_at >= times.idle_for:
        return Fate.LOCKS if session.seat is not None else Fate.ENDS
    return Fate.GOES_ON


def new_token() -> str:
    """For the cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def csrf_of(token: str) -> str:
    """What only a page of ours can say along with the cookie."""
    return hmac.new(token.encode(), b"csrf", sha256).hexdigest()


def hashed(token: str) -> str:
    """As it is kept: too much chance to be guessed, so no slow hash."""
    return sha256(token.encode()).hexdigest()


class Sessions:
    """A `Doorkeeper`."""

    def __init__(self, database: Database, times: Times, floor: Floor) -> None:
        self._database = database
        self._times = times
        self._floor = floor

    async def caller(self, token: str, now: float, *, acts: bool) -> Caller | None:
        """Whoever may use this cookie at this instant."""
        found = await self._database.read(lambda connection: read(connection, token))
        if found is None or found[0].stage is not Stage.OPEN:
            return None
        session, user = found
        becomes = await self.fate(session, user, now)
        if becomes is Fate.ENDS:
            return None  # and the watch will end it
        if acts and becomes is Fate.GOES_ON and now - session.seen_at >= SEEN_EVERY:
            await self._database.write(lambda connection: touch(connection, session.id, now))
        return _caller(session, user, token, becomes)

    async def fate(self, session: Session, user: User, now: float) -> Fate:
        """What becomes of it; the telephone is asked only where it matters."""
        alone = fate(session, user, now, self._times, Doing.FREE)
        if alone is Fate.GOES_ON or session.seat is None:
            return alone
        return fate(session, user, now, self._times, await self._floor.doing(session.seat))

    async def pending(self, token: str | None, now: float) -> tuple[Session, User] | None:
        """A session that is still in the stages of signing in."""
        if token is None:
            return None
        found = await self._database.read(lambda connection: read(connection, token))
        if found is None or found[0].stage is Stage.OPEN:
            return None
        return None if await self.fate(*found, now) is Fate.ENDS else found


def _caller(session: Session, user: User, token: str, becomes: Fate) -> Caller:
    return Caller(
        user.id, user.name, user.announced_name, user.role, session.id, csrf_of(token),
        session.seat,
        locked=session.locked or becomes is Fate.LOCKS,
        leaving=becomes is Fate.LEAVES,
    )  # fmt: skip


_COLUMNS: Final = tuple(each.name for each in fields(Session))


def read(connection: Connection, token: str) -> tuple[Session, User] | None:
    """The living session of a cookie, with whose it is."""
    living = (SESSIONS.c.token == hashed(token)) & SESSIONS.c.ended_at.is_(None)
    return _with_user(connection, living)


def by_id(connection: Connection, session: str) -> tuple[Session, User] | None:
    """The same by its name in records."""
    return _with_user(connection, (SESSIONS.c.id == session) & SESSIONS.c.ended_at.is_(None))


def living(connection: Connection) -> list[tuple[Session, User]]:
    """Every session that has not ended."""
    people = {user.id: user for user in users.everybody(connection)}
    rows = connection.execute(select(SESSIONS).where(SESSIONS.c.ended_at.is_(None)))
    return [(_session(row), people[row.user]) for row in rows]


def open_of(connection: Connection, user: str) -> list[Session]:
    """Those that somebody is signed in with, the latest first."""
    mine = (SESSIONS.c.user == user) & SESSIONS.c.ended_at.is_(None) & SESSIONS.c.void.is_(False)
    query = select(SESSIONS).where(mine, SESSIONS.c.stage == Stage.OPEN)
    return [
        _session(row) for row in connection.execute(query.order_by(SESSIONS.c.created_at.desc()))
    ]


@dataclass(frozen=True, slots=True)
class Display:
    """A wall board's token, by its name in records."""

    id: str
    user: str
    label: str
    created_at: float
    revoked_at: float | None


def display_of(connection: Connection, token: str) -> Display | None:
    """Whose token it is, unless it was revoked."""
    good = (DISPLAYS.c.token == hashed(token)) & DISPLAYS.c.revoked_at.is_(None)
    row = connection.execute(select(DISPLAYS).where(good)).one_or_none()
    return None if row is None else _display(row)


def displays(connection: Connection) -> list[Display]:
    """All of them."""
    rows = connection.execute(select(DISPLAYS).order_by(DISPLAYS.c.created_at))
    return [_display(row) for row in rows]


def revoked_displays(connection: Connection) -> frozenset[str]:
    """Tokens of displays that are worth nothing any more."""
    query = select(DISPLAYS.c.id).where(DISPLAYS.c.revoked_at.is_not(None))
    return frozenset(connection.scalars(query))


def begin(connection: Connection, session: Session, token: str) -> None:
    """A new one."""
    values = {name: getattr(session, name) for name in _COLUMNS}
    connection.execute(SESSIONS.insert().values(**values, token=hashed(token)))


def renew(connection: Connection, session: str, token: str, stage: Stage, now: float) -> None:
    """Another cookie for a further stage: who knew the first one has nothing."""
    change(
        connection, session,
        token=hashed(token), stage=stage, wrong=0, challenge=None, seen_at=now,
    )  # fmt: skip


def change(connection: Connection, session: str, **values: Any) -> None:
    """Set columns."""
    connection.execute(update(SESSIONS).where(SESSIONS.c.id == session).values(**values))


def tried(connection: Connection, session: str) -> int:
    """One more attempt, which is about to be judged; how many in a row that makes."""
    mine = SESSIONS.c.id == session
    connection.execute(update(SESSIONS).where(mine).values(wrong=SESSIONS.c.wrong + 1))
    return int(connection.scalars(select(SESSIONS.c.wrong).where(mine)).one())


def touch(connection: Connection, session: str, now: float) -> None:
    """Somebody acts with it."""
    change(connection, session, seen_at=now)


def end(connection: Connection, session: str, now: float, why: str) -> bool:
    """It opens nothing any more; False where it had ended before."""
    alive = (SESSIONS.c.id == session) & SESSIONS.c.ended_at.is_(None)
    values = {"ended_at": now, "ended_why": why, "seat": None}
    return connection.execute(update(SESSIONS).where(alive).values(values)).rowcount > 0


def expire_all(connection: Connection, user: str, but: str | None = None) -> None:
    """Nobody can use them from now on; the watch ends them when no call is in progress."""
    mine = (SESSIONS.c.user == user) & SESSIONS.c.ended_at.is_(None)
    if but is not None:
        mine &= SESSIONS.c.id != but
    connection.execute(update(SESSIONS).where(mine).values(void=True))


def expire(connection: Connection, user: str, session: str) -> bool:
    """The same of one of theirs; False where it is not, or is over."""
    mine = (SESSIONS.c.user == user) & (SESSIONS.c.id == session) & SESSIONS.c.ended_at.is_(None)
    values = update(SESSIONS).where(mine, SESSIONS.c.void.is_(False)).values(void=True)
    return connection.execute(values).rowcount > 0


def _with_user(connection: Connection, where: Any) -> tuple[Session, User] | None:
    row = connection.execute(select(SESSIONS).where(where)).one_or_none()
    if row is None:
        return None
    if row.display is not None and row.display in revoked_displays(connection):
        return None
    user = users.by_id(connection, row.user)
    return None if user is None else (_session(row), user)


def _display(row: Any) -> Display:
    return Display(row.id, row.user, row.label, row.created_at, row.revoked_at)


def _session(row: Any) -> Session:
    told = {name: getattr(row, name) for name in _COLUMNS}
    return Session(**{**told, "stage": Stage(row.stage)})
