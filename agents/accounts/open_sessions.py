"""Where somebody is signed in, and ending that from another place.

A session that is ended so opens nothing from the next request on; one whose seat is in a call may
still do what the call needs, as with an account's end.
"""

from sqlalchemy import Connection

from agents.accounts import sessions, users
from agents.accounts.administration import By
from agents.accounts.sessions import Session
from agents.audit.log import append
from agents.web.problems import not_found
from config.database import Database


class OpenSessions:
    """Of one person each."""

    def __init__(self, database: Database, audit_key: bytes) -> None:
        self._database = database
        self._key = audit_key

    async def of(self, user: str) -> list[Session]:
        """The latest first."""

        def read(connection: Connection) -> list[Session]:
            if users.by_id(connection, user) is None:
                raise not_found()
            return sessions.open_of(connection, user)

        return await self._database.read(read)

    async def end(self, user: str, session: str, by: By) -> None:
        """One of theirs."""

        def write(connection: Connection) -> None:
            if not sessions.expire(connection, user, session):
                raise not_found()
            append(connection, self._key, by.deed("session_revoked", session))

        await self._database.write(write)

    async def end_all(self, user: str, by: By) -> None:
        """All of theirs; their password and factors stay."""

        def write(connection: Connection) -> None:
            if users.by_id(connection, user) is None:
                raise not_found()
            sessions.expire_all(connection, user)
            append(connection, self._key, by.deed("sessions_revoked", user))

        await self._database.write(write)
