"""One's own security keys: a further one, or one taken away, from a page that is signed in.

Whoever finds an open page could add a key of their own, so the password is asked for again. What
a person was given (a code generator) only the administrator takes back.
"""

import secrets
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import Connection

from agents.accounts import factors, security_keys, sessions, users
from agents.accounts.asked_again import AskedAgain
from agents.accounts.factors import Factor
from agents.accounts.passwords import Passwords
from agents.accounts.security_keys import KEY, NotTheKey, Page
from agents.audit.log import append
from agents.people import Caller
from agents.tables import FACTORS
from agents.web.problems import Problem, conflict, not_found, unfit
from agents.web.witness import deed_of
from config.database import Database

KEYS_AT_MOST: Final = 5


class OwnKeys:
    """Lists, adds and takes away."""

    def __init__(
        self, database: Database, passwords: Passwords, audit_key: bytes, roles: frozenset[str]
    ) -> None:
        self._database = database
        self._again = AskedAgain(database, passwords, audit_key)
        self._key = audit_key
        self._roles = roles  # those that need a second factor

    async def factors(self, user: str) -> list[Factor]:
        """Everything this person has, the eldest first."""
        return list(await self._database.read(lambda c: factors.of_user(c, user)))

    async def question(
        self, caller: Caller, password: str, page: Page, now: float
    ) -> dict[str, Any]:
        """What the browser asks the new key; for whoever knows the password."""
        await self._require_password(caller, password, now)

        def ask(connection: Connection) -> dict[str, Any]:
            user = users.by_id(connection, caller.user)
            assert user is not None  # whose session this is
            keys = [each for each in factors.of_user(connection, user.id) if each.kind == KEY]
            if len(keys) >= KEYS_AT_MOST:
                raise conflict(
                    f"登録できるセキュリティキーは{KEYS_AT_MOST}個までです。使わないものを外してください。",
                    f"You have {KEYS_AT_MOST} keys, which is the most. Remove one first.",
                )
            known = security_keys.credentials(connection, user.id, page)
            options, challenge = security_keys.registration(user, page, known)
            sessions.change(connection, caller.session, challenge=challenge)
            return options

        return await self._database.write(ask)

    async def add(
        self, caller: Caller, label: str, answer: dict[str, Any], page: Page, now: float
    ) -> str:
        """What the key answered; its id. The question is good once."""
        factor = f"f{secrets.token_hex(5)}"

        def write(connection: Connection) -> bool:
            found = sessions.by_id(connection, caller.session)
            challenge = None if found is None else found[0].challenge
            sessions.change(connection, caller.session, challenge=None)
            columns = _registered(answer, page, challenge)
            deed = deed_of(caller, now, "factor_added", object=caller.user)
            if columns is None:
                append(connection, self._key, replace(deed, outcome="refused"))
                return False
            row = {"id": factor, "user": caller.user, "label": label, "created_at": now}
            connection.execute(FACTORS.insert().values(**row, **columns))
            told = {"factor": factor, "kind": KEY}
            append(connection, self._key, replace(deed, detail=told))
            return True

        if not await self._database.write(write):
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "セキュリティキーを登録できませんでした。もう一度、最初から操作してください。",
                "The key could not be registered. Begin again.",
            )
        return factor

    async def remove(self, caller: Caller, factor: str, password: str, now: float) -> None:
        """One of one's own keys; other sessions end."""
        await self._require_password(caller, password, now)

        def write(connection: Connection) -> None:
            mine = {each.id: each for each in factors.of_user(connection, caller.user)}
            if factor not in mine:
                raise not_found()
            self._require_removable(caller, mine, factor)
            factors.remove(connection, caller.user, factor)
            sessions.expire_all(connection, caller.user, but=caller.session)
            deed = deed_of(caller, now, "factor_removed", object=caller.user)
            append(connection, self._key, replace(deed, detail={"factor": factor}))

        await self._database.write(write)

    def _require_removable(self, caller: Caller, mine: dict[str, Factor], factor: str) -> None:
        if mine[factor].kind != KEY:
            raise conflict(
                "コード発生器は管理者に返却してください。",
                "Give a code generator back to the administrator.",
            )
        if len(mine) == 1 and caller.role.value in self._roles:
            raise conflict(
                "これを外すとサインインできなくなります。先に別のセキュリティキーを登録してください。",
                "You could not sign in without it. Register another key first.",
            )

    async def _require_password(self, caller: Caller, password: str, now: float) -> None:
        refused = deed_of(caller, now, "password_asked", outcome="refused")
        if not await self._again.fits(caller.user, password, now, refused):
            raise unfit("password", "パスワードが違います (wrong password)")


def _registered(answer: dict[str, Any], page: Page, challenge: str | None) -> dict[str, Any] | None:
    if challenge is None:
        return None
    try:
        return security_keys.registered(answer, page, challenge)
    except NotTheKey:
        return None
