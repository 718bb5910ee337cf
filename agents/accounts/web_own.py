"""One's own security: where one is signed in, and what one signs in with."""

from typing import Annotated, Any, Final

from pydantic import Field

from agents.accounts.administration import By
from agents.accounts.open_sessions import OpenSessions
from agents.accounts.own_keys import OwnKeys
from agents.accounts.passwords import LONGEST
from agents.accounts.security_keys import page_of
from agents.accounts.sessions import Session
from agents.accounts.web_session import KeyQuestion
from agents.accounts.web_users import FactorMade, FactorTold
from agents.people import PEOPLE
from agents.web.fields import Answer, Form, Id, Name
from agents.web.problems import conflict
from agents.web.routes import Asked, Table

TABLE: Final = Table("own_security")

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class OfSession(Form):
    """One of one's own."""

    session: Id


class OfFactor(Form):
    """One of one's own."""

    factor: Id


class PasswordForm(Form):
    """The password once more."""

    password: Password


class NewKey(Form):
    """A security key's answer, and what is written on it."""

    label: Name
    credential: dict[str, Any]


class SessionSeen(Answer):
    """One place where somebody is signed in."""

    id: str
    address: str
    created_at: float
    seen_at: float  # when somebody last acted there
    seat: str | None
    locked: bool
    own: bool  # it is this page's


class SessionsSeen(Answer):
    """The latest first."""

    sessions: list[SessionSeen]


class FactorsSeen(Answer):
    """What one signs in with besides the password."""

    factors: list[FactorTold]


@TABLE.get("/api/me/sessions", roles=PEOPLE, audit=None)
async def own_sessions(asked: Asked) -> SessionsSeen:
    """Where one is signed in."""
    found = await asked.tool(OpenSessions).of(asked.caller.user)
    return seen(found, asked.caller.session)


@TABLE.delete("/api/me/sessions/{session}", roles=PEOPLE, audit="session_revoked")
async def end_session(asked: Asked, path: OfSession) -> None:
    """Sign oneself out at another place; a call in progress there ends normally."""
    if path.session == asked.caller.session:
        raise conflict(
            "この画面は「サインアウト」で終えてください。",
            "Sign out to end this page's own session.",
        )
    by = By(asked.now, asked.caller)
    await asked.tool(OpenSessions).end(asked.caller.user, path.session, by)
    asked.audited()


@TABLE.get("/api/me/factors", roles=PEOPLE, audit=None)
async def own_factors(asked: Asked) -> FactorsSeen:
    """Code generators and security keys."""
    found = await asked.tool(OwnKeys).factors(asked.caller.user)
    return FactorsSeen(
        factors=[
            FactorTold(id=each.id, kind=each.kind, label=each.label, used_at=each.used_at)
            for each in found
        ]
    )


@TABLE.post("/api/me/keys/options", roles=PEOPLE, audit="key_asked")
async def key_options(asked: Asked, body: PasswordForm) -> KeyQuestion:
    """What to ask a security key that is to be registered."""
    keys, page = asked.tool(OwnKeys), page_of(asked.origin)
    options = await keys.question(asked.caller, body.password, page, asked.now)
    return KeyQuestion(create=True, options=options)


@TABLE.post("/api/me/keys", roles=PEOPLE, audit="factor_added", status=201)
async def add_key(asked: Asked, body: NewKey) -> FactorMade:
    """Register it."""
    keys, page = asked.tool(OwnKeys), page_of(asked.origin)
    factor = await keys.add(asked.caller, body.label, body.credential, page, asked.now)
    asked.audited()
    return FactorMade(id=factor)


@TABLE.post("/api/me/keys/{factor}/removal", roles=PEOPLE, audit="factor_removed")
async def remove_key(asked: Asked, path: OfFactor, body: PasswordForm) -> None:
    """Take one of one's own security keys away; other sessions end."""
    await asked.tool(OwnKeys).remove(asked.caller, path.factor, body.password, asked.now)
    asked.audited()


def seen(found: list[Session], here: str | None) -> SessionsSeen:
    """As they are shown: nothing that opens one."""
    return SessionsSeen(
        sessions=[
            SessionSeen(
                id=each.id, address=each.address, created_at=each.created_at,
                seen_at=each.seen_at, seat=each.seat, locked=each.locked, own=each.id == here,
            )
            for each in found
        ]
    )  # fmt: skip
