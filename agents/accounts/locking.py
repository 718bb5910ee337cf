"""Locking the page of a shared PC, and opening it again with the day's PIN or the password.

A PIN is counted before it is judged, so that five are five however many come at once; locking the
page again takes none of them back.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from agents.accounts import lockout, sessions, users
from agents.accounts.asked_again import AskedAgain
from agents.accounts.passwords import Passwords, fault_in_pin
from agents.audit.log import append
from agents.people import Caller
from agents.web.problems import Problem, conflict, unfit
from agents.web.witness import deed_of
from config.database import Database

PINS_AT_MOST: Final = 5  # wrong ones in a row; then the PIN is worth nothing any more


class Locking:
    """Locks and unlocks sessions."""

    def __init__(
        self, database: Database, passwords: Passwords, audit_key: bytes, timezone: str
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._again = AskedAgain(database, passwords, audit_key)
        self._key = audit_key
        self._zone = ZoneInfo(timezone)

    async def lock(self, caller: Caller, now: float) -> None:
        """Until its owner comes back."""

        def write(connection: Connection) -> None:
            sessions.change(connection, caller.session, locked=True, seen_at=now)
            append(connection, self._key, deed_of(caller, now, "locked"))

        await self._database.write(write)

    async def set_pin(self, caller: Caller, pin: str, now: float) -> None:
        """For the rest of the day of a full sign-in."""
        if fault := fault_in_pin(pin):
            raise unfit("pin", fault)
        hashed = await self._passwords.hashed(pin, lockout.person(caller.user))
        today = self._day(now)

        def write(connection: Connection) -> None:
            found = sessions.by_id(connection, caller.session)
            if found is None or self._day(found[0].created_at) != today:
                raise conflict(
                    "PINは、その日にサインインしてから決められます。サインインし直してください。",
                    "A PIN is set after the day's sign-in. Sign in again.",
                )
            users.change(connection, caller.user, {"pin": hashed, "pin_day": today}, now)
            append(connection, self._key, deed_of(caller, now, "pin_set"))

        await self._database.write(write)

    async def has_pin(self, user: str, now: float) -> bool:
        """Whether there is one for today."""
        found = await self._database.read(lambda connection: users.by_id(connection, user))
        return found is not None and found.pin is not None and found.pin_day == self._day(now)

    async def with_pin(self, caller: Caller, pin: str, now: float) -> None:
        """Open it; after five wrong ones only the password will do."""
        async with self._passwords.turn(lockout.person(caller.user)):
            good, left = await self._database.write(lambda c: self._counted(c, caller, now))
            if await self._passwords.fits(good, pin):
                await self._unlock(caller, now)
                return
            await self._database.write(lambda c: self._wrong_pin(c, caller, left, now))
        raise _wrong_pin(left)

    async def with_password(self, caller: Caller, password: str, now: float) -> None:
        """Open it; wrong ones count like wrong sign-ins."""
        refused = deed_of(caller, now, "unlock_failed", outcome="refused")
        if await self._again.fits(caller.user, password, now, refused):
            await self._unlock(caller, now)
            return
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "パスワードが違います。確かめて、もう一度入力してください。",
            "The password is wrong. Check it and try again.",
        )

    async def _unlock(self, caller: Caller, now: float) -> None:
        def write(connection: Connection) -> None:
            sessions.change(connection, caller.session, locked=False, wrong=0, seen_at=now)
            lockout.forget(connection, lockout.person(caller.user))
            append(connection, self._key, deed_of(caller, now, "unlocked"))

        await self._database.write(write)

    def _counted(self, connection: Connection, caller: Caller, now: float) -> tuple[str, int]:
        """The PIN, and how many more may be tried should this one be wrong."""
        left = PINS_AT_MOST - sessions.tried(connection, caller.session)
        found = users.by_id(connection, caller.user)
        if left < 0 or found is None or found.pin is None or found.pin_day != self._day(now):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "PINは使えません。パスワードで解除してください。",
                "There is no PIN to unlock with. Use your password.",
            )
        return found.pin, left

    def _wrong_pin(self, connection: Connection, caller: Caller, left: int, now: float) -> None:
        if not left:
            users.change(connection, caller.user, {"pin": None, "pin_day": None}, now)
        append(connection, self._key, deed_of(caller, now, "unlock_failed", outcome="refused"))

    def _day(self, now: float) -> str:
        return datetime.fromtimestamp(now, self._zone).date().isoformat()


def _wrong_pin(left: int) -> Problem:
    if left:
        return Problem(
            HTTPStatus.UNAUTHORIZED,
            f"PINが違います。あと{left}回まで入力できます。",
            f"The PIN is wrong. You can try {left} more times.",
        )
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "PINを5回間違えたため、使えなくなりました。パスワードで解除してください。",
        "The PIN was wrong five times and is worth nothing now. Use your password.",
    )
