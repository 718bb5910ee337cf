"""The administrator's routes about where people are signed in."""

from typing import Final

from agents.accounts.administration import By
from agents.accounts.open_sessions import OpenSessions
from agents.accounts.web_own import SessionsSeen, seen
from agents.accounts.web_users import ADMINISTRATORS, OfUser
from agents.web.fields import Id
from agents.web.routes import Asked, Table

TABLE: Final = Table("sessions")


class OfSession(OfUser):
    """One of theirs."""

    session: Id


@TABLE.get("/api/users/{user}/sessions", roles=ADMINISTRATORS, audit="sessions_read")
async def sessions_of(asked: Asked, path: OfUser) -> SessionsSeen:
    """Where somebody is signed in."""
    return seen(await asked.tool(OpenSessions).of(path.user), asked.caller.session)


@TABLE.delete("/api/users/{user}/sessions", roles=ADMINISTRATORS, audit="sessions_revoked")
async def end_all(asked: Asked, path: OfUser) -> None:
    """End all of them; a call in progress ends normally."""
    await asked.tool(OpenSessions).end_all(path.user, By(asked.now, asked.caller))
    asked.audited()


@TABLE.delete("/api/users/{user}/sessions/{session}", roles=ADMINISTRATORS, audit="session_revoked")
async def end_one(asked: Asked, path: OfSession) -> None:
    """End one of them."""
    await asked.tool(OpenSessions).end(path.user, path.session, By(asked.now, asked.caller))
    asked.audited()
