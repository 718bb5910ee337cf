"""Signing in, stage by stage: network, password, second factor, and what must be done before work.

Every attempt is counted before it is judged, and the answer never tells which part was wrong, nor
does the wait after it. Each stage that is passed gives the browser another cookie.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from agents.accounts import factors, lockout, security_keys, sentences, sessions, users
from agents.accounts.factors import Sealer
from agents.accounts.networks import may_sign_in
from agents.accounts.passwords import Passwords
from agents.accounts.security_keys import NotTheKey, Page
from agents.accounts.sessions import Session, Stage
from agents.accounts.users import User
from agents.audit.log import append
from agents.people import Role, SessionId
from agents.tables import FACTORS
from agents.web.witness import Deed
from config.database import Database

T = TypeVar("T")
CODES_AT_MOST: Final = 5  # wrong ones in a row, until the password is asked for again


@dataclass(frozen=True, slots=True)
class Means:
    """What signing in works with."""

    database: Database
    passwords: Passwords
    sealer: Sealer
    audit_key: bytes
    networks: tuple[str, ...]
    factor_roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Passed:
    """A stage was passed: the new cookie, and what is next."""

    token: str
    stage: Stage


class SignIn:
    """The stages."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def with_password(
        self, name: str, password: str, address: str, now: float, before: str | None
    ) -> Passed:
        """The first stage; `before` is the cookie that the browser had until now."""
        await self._require_network(address, now)
        user = await self._known(name, password, address, now)
        if user is None:
            raise sentences.wrong()
        if user.password_until is not None and now >= user.password_until:
            raise sentences.too_old()
        return await self._write(
            lambda connection: self._begun(connection, user, address, now, before)
        )

    async def with_display(self, token: str, address: str, now: float) -> Passed:
        """A wall board, by the token it was given."""
        await self._require_network(address, now)
        passed = await self._write(
            lambda connection: self._display(connection, token, address, now)
        )
        if passed is None:
            raise sentences.wrong()
        return passed

    async def with_code(
        self, session: Session, user: User, code: str, second: str | None, now: float
    ) -> Passed:
        """The second stage, with a code generator."""
        sealer = self._means.sealer

        def use(connection: Connection, _: Session) -> str | None:
            if second is None:
                return factors.use_code(connection, sealer, user.id, code, now)
            return factors.resync(connection, sealer, user.id, (code, second), now)

        return await self._with_factor(session, user, use, now)

    async def key_question(self, session: Session, user: User, page: Page) -> dict[str, Any]:
        """What the browser asks the security key."""

        def ask(connection: Connection) -> dict[str, Any]:
            known = security_keys.credentials(connection, user.id, page)
            if session.stage is Stage.ENROL:
                options, challenge = security_keys.registration(user, page, known)
            else:
                options, challenge = security_keys.question(page, known)
            sessions.change(connection, session.id, challenge=challenge)
            return options

        return await self._write(ask)

    async def with_key(
        self, session: Session, user: User, answer: dict[str, Any], page: Page, now: float
    ) -> Passed:
        """The second stage, with a security key; or its registration, where that is due."""

        def use(connection: Connection, here: Session) -> str | None:
            return self._key(connection, here, user, answer, page, now)

        return await self._with_factor(session, user, use, now)

    async def with_new_password(
        self, session: Session, user: User, hashed: str, now: float
    ) -> Passed:
        """The last stage: the password that was given out is replaced."""

        def change(connection: Connection) -> Passed:
            values = {"password": hashed, "password_until": None}
            users.change(connection, user.id, values, now)
            self._note(connection, user, session.id, now, "password_changed")
            return self._on(connection, session, user, Stage.OPEN, now)

        return await self._write(change)

    async def _known(self, name: str, password: str, address: str, now: float) -> User | None:
        """Whose name and password these are, if they are anybody's who may work."""

        def counted(connection: Connection) -> tuple[User | None, list[str]]:
            user = users.by_name(connection, name)
            key = lockout.person(user.id) if user else lockout.nobody(name, self._means.audit_key)
            keys = [lockout.place(address), key]
            lockout.count(connection, keys, now)
            return user, keys

        def judged(connection: Connection) -> User | None:
            if user is None or not fits or not user.may_work(now):
                self._note(connection, user, None, now, "sign_in_failed", outcome="refused")
                return None
            lockout.take_back(connection, keys)
            return user

        async with self._means.passwords.turn(lockout.place(address)):
            user, keys = await self._write(counted)
            fits = await self._means.passwords.fits(user.password if user else None, password)
            return await self._write(judged)

    async def _with_factor(
        self, session: Session, user: User,
        use: Callable[[Connection, Session], str | None], now: float,
    ) -> Passed:  # fmt: skip
        """The second stage: `use` tells which factor it was, if it was one of theirs."""
        keys = [lockout.place(session.address), lockout.person(user.id)]

        def judged(connection: Connection) -> Passed | None:
            lockout.count(connection, keys, now)
            found = sessions.by_id(connection, session.id)
            if found is None or found[0].stage is not session.stage:
                return None  # another attempt has ended it, or passed, meanwhile
            here, tried = found[0], sessions.tried(connection, session.id)
            if use(connection, here) is not None:
                lockout.take_back(connection, keys)
                return self._on(connection, here, user, _after_factor_stage(user), now)
            self._note(connection, user, None, now, "sign_in_failed", outcome="refused")
            if tried >= CODES_AT_MOST:
                sessions.end(connection, here.id, now, "wrong_codes")
            return None

        passed = await self._write(judged)
        if passed is None:
            raise sentences.not_it()
        return passed

    # -- within a transaction -----------------------------------------------------------------

    def _begun(
        self, connection: Connection, user: User, address: str, now: float, before: str | None
    ) -> Passed:
        old = sessions.read(connection, before) if before is not None else None
        if old is not None and old[0].seat is not None:
            raise sentences.seat_is_taken()
        if old is not None:
            sessions.end(connection, old[0].id, now, "signed_in_again")
        has = bool(factors.of_user(connection, user.id))
        stage = self._first_stage(user, now, has=has)
        token, session = sessions.new_token(), SessionId(f"s{secrets.token_hex(5)}")
        sessions.begin(connection, Session(session, user.id, stage, address, now, now), token)
        if stage is Stage.OPEN:
            self._opened(connection, user, session, now)
        else:
            self._note(connection, user, session, now, "password_accepted")
        return Passed(token, stage)

    def _first_stage(self, user: User, now: float, *, has: bool) -> Stage:
        if has:
            return Stage.FACTOR
        if user.role in self._means.factor_roles:
            if user.may_add_key_until is None or now >= user.may_add_key_until:
                raise sentences.needs_factor()
            return Stage.ENROL
        return _after_factor_stage(user)

    def _key(
        self, connection: Connection, session: Session, user: User, answer: dict[str, Any],
        page: Page, now: float,
    ) -> str | None:  # fmt: skip
        challenge = session.challenge
        sessions.change(connection, session.id, challenge=None)  # good once
        if challenge is None:
            return None
        try:
            if session.stage is not Stage.ENROL:
                return security_keys.use(connection, user.id, answer, page, challenge, now)
            columns = security_keys.registered(answer, page, challenge)
        except NotTheKey:
            return None
        factor = f"f{secrets.token_hex(5)}"
        connection.execute(
            FACTORS.insert().values(
                id=factor, user=user.id, label=page.rp_id, created_at=now, **columns
            )
        )
        users.change(connection, user.id, {"may_add_key_until": None}, now)
        self._note(connection, user, session.id, now, "factor_added", factor)
        return factor

    def _on(
        self, connection: Connection, session: Session, user: User, stage: Stage, now: float
    ) -> Passed:
        token = sessions.new_token()
        sessions.renew(connection, session.id, token, stage, now)
        if stage is Stage.OPEN:
            self._opened(connection, user, session.id, now)
        return Passed(token, stage)

    def _opened(self, connection: Connection, user: User, session: str, now: float) -> None:
        lockout.forget(connection, lockout.person(user.id))
        self._note(connection, user, session, now, "signed_in")

    def _display(
        self, connection: Connection, token: str, address: str, now: float
    ) -> Passed | None:
        lockout.count(connection, [lockout.place(address)], now)
        found = sessions.display_of(connection, token)
        user = None if found is None else users.by_id(connection, found.user)
        if found is None or user is None or not user.may_work(now) or user.role is not Role.DISPLAY:
            self._note(connection, None, None, now, "sign_in_failed", outcome="refused")
            return None
        lockout.take_back(connection, [lockout.place(address)])
        cookie, session = sessions.new_token(), SessionId(f"s{secrets.token_hex(5)}")
        begun = Session(session, user.id, Stage.OPEN, address, now, now, display=found.id)
        sessions.begin(connection, begun, cookie)
        self._note(connection, user, session, now, "signed_in", found.id)
        return Passed(cookie, Stage.OPEN)

    def _note(  # noqa: PLR0913 -- what a line consists of
        self, connection: Connection, user: User | None, session: str | None, now: float,
        word: str, thing: str | None = None, outcome: str = "done",
    ) -> None:  # fmt: skip
        who, role = (user.id, user.role.value) if user is not None else (None, None)
        deed = Deed(now, word, who, role, None, session, thing, outcome)
        append(connection, self._means.audit_key, deed)

    # -- what must hold ---------------------------------------------------------------------

    async def _require_network(self, address: str, now: float) -> None:
        if may_sign_in(address, self._means.networks):
            return
        await self._write(
            lambda connection: self._note(
                connection, None, None, now, "sign_in_failed", outcome="network"
            )
        )
        raise sentences.wrong_network()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await self._means.database.write(work)


def _after_factor_stage(user: User) -> Stage:
    return Stage.PASSWORD if user.must_change else Stage.OPEN
