"""The password once more, from somebody who is signed in already."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agents.accounts import lockout, users
from agents.accounts.passwords import Passwords
from agents.audit.log import append
from agents.web.witness import Deed
from config.database import Database


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Judges it, as slowly as a sign-in: whoever finds an open page could guess here, too."""

    database: Database
    passwords: Passwords
    audit_key: bytes

    async def fits(self, user: str, given: str, now: float, refused: Deed) -> bool:
        """Whether it is theirs; `refused` is the audit line where it is not."""
        key = lockout.person(user)

        def counted(connection: Connection) -> str | None:
            lockout.count(connection, [key], now)
            found = users.by_id(connection, user)
            return None if found is None else found.password

        def judged(connection: Connection) -> None:
            if right:
                lockout.take_back(connection, [key])
            else:
                append(connection, self.audit_key, refused)

        async with self.passwords.turn(key):
            kept = await self.database.write(counted)
            right = await self.passwords.fits(kept, given)
            await self.database.write(judged)
        return right
