"""Keeping the accounts: what an administrator does, from the pages or from a shell.

Each change and its audit line are one transaction. `by` is whoever does it; at a shell it is
the console, which is whoever may read the home's secrets.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, update

from agents.accounts import factors, lockout, sessions, users
from agents.accounts.asked_again import AskedAgain
from agents.accounts.factors import Factor, Sealer
from agents.accounts.passwords import Passwords, fault_in_password, made_up
from agents.accounts.second_factor import BadSecret, Generator, secret_of
from agents.accounts.users import GIVEN_OUT_FOR, KEY_PERMIT_FOR, SIGN_IN_NAME, NameTaken, User
from agents.audit.log import append
from agents.people import Caller, Role
from agents.tables import DISPLAYS
from agents.web.problems import Problem, conflict, not_found, unfit
from agents.web.witness import Deed, deed_of
from config.database import Database

CHANGEABLE: Final = frozenset(
    {"announced_name", "role", "enabled", "valid_from", "valid_until", "designation"}
)


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and when."""

    now: float
    caller: Caller | None = None  # None: at a shell

    def deed(self, word: str, thing: str, **detail: str | int | bool | None) -> Deed:
        """Its line in the audit log."""
        if self.caller is not None:
            return replace(deed_of(self.caller, self.now, word, object=thing), detail=detail)
        return Deed(self.now, word, "console", "console", object=thing, detail=detail)

    @property
    def place(self) -> str:
        """Where they wait for their turn to have a password hashed."""
        return lockout.person("console" if self.caller is None else self.caller.user)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new account."""

    name: str
    announced_name: str
    role: Role
    valid_from: float | None = None
    valid_until: float | None = None
    designation: str | None = None


class Administration:
    """Accounts, their factors and displays."""

    def __init__(
        self, database: Database, passwords: Passwords, sealer: Sealer, audit_key: bytes
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._again = AskedAgain(database, passwords, audit_key)
        self._sealer = sealer
        self._key = audit_key

    async def everybody(self) -> list[tuple[User, list[Factor]]]:
        """All accounts with what they have."""

        def read(connection: Connection) -> list[tuple[User, list[Factor]]]:
            has: dict[str, list[Factor]] = {}
            for factor in factors.of_everybody(connection):
                has.setdefault(factor.user, []).append(factor)
            return [(user, has.get(user.id, [])) for user in users.everybody(connection)]

        return await self._database.read(read)

    async def factors(self, user: str) -> list[Factor]:
        """One account's."""
        return list(await self._database.read(lambda c: factors.of_user(c, user)))

    async def add(self, wanted: Wanted, by: By) -> tuple[User, str]:
        """A new account and the password to give out; a display has none."""
        _require_name(wanted.name)
        _require_span(wanted.valid_from, wanted.valid_until)
        password = made_up()
        hashed = await self._passwords.hashed(password, by.place)
        user = User(
            users.new_id(), wanted.name, wanted.announced_name, wanted.role,
            valid_from=wanted.valid_from, valid_until=wanted.valid_until,
            designation=wanted.designation,
            password=None if wanted.role is Role.DISPLAY else hashed,
            password_until=by.now + GIVEN_OUT_FOR,
            created_at=by.now, changed_at=by.now,
        )  # fmt: skip

        def write(connection: Connection) -> None:
            users.add(connection, user)
            self._note(connection, by.deed("user_added", user.id, role=user.role.value))

        try:
            await self._database.write(write)
        except NameTaken:
            raise conflict(
                "このユーザー名はすでに使われています。別の名前にしてください。",
                "Somebody signs in with this name. Choose another.",
            ) from None
        return user, "" if user.password is None else password

    async def change(
        self, user: str, values: Mapping[str, Any], by: By, version: int | None = None
    ) -> User:
        """Set some of an account's columns; they hold from the next request on."""
        assert values.keys() <= CHANGEABLE, values.keys()
        _require_not_oneself(user, values, by)

        def write(connection: Connection) -> User:
            before = self._require(connection, user)
            after = replace(before, **values)
            _require_span(after.valid_from, after.valid_until)
            if not users.change(connection, user, values, by.now, version):
                raise _changed_meanwhile()
            told = {"fields": " ".join(sorted(values)), "role": after.role.value}
            self._note(connection, by.deed("user_changed", user, enabled=after.enabled, **told))
            return self._require(connection, user)

        return await self._database.write(write)

    async def reset_password(self, user: str, by: By) -> str:
        """A password to give out; every session of the account ends."""
        password = made_up()
        hashed = await self._passwords.hashed(password, by.place)

        def write(connection: Connection) -> None:
            if self._require(connection, user).role is Role.DISPLAY:
                raise conflict(
                    "表示用の画面にパスワードはありません。", "A display has no password."
                )
            values = {
                "password": hashed, "password_until": by.now + GIVEN_OUT_FOR,
                "pin": None, "pin_day": None,
            }  # fmt: skip
            users.change(connection, user, values, by.now)
            sessions.expire_all(connection, user)
            self._note(connection, by.deed("password_reset", user))

        await self._database.write(write)
        return password

    async def hashed_new(self, user: User, password: str) -> str:
        """A password that its owner chose, fit to be kept."""
        if fault := fault_in_password(password, user.name, user.announced_name):
            raise unfit("new", fault)
        return await self._passwords.hashed(password, lockout.person(user.id))

    async def change_own(self, user: str, old: str, new: str, by: By) -> None:
        """Its owner replaces it; other sessions of theirs end."""
        found = await self._database.read(lambda connection: self._require(connection, user))
        refused = replace(by.deed("password_changed", user), outcome="refused")
        if not await self._again.fits(user, old, by.now, refused):
            raise unfit("old", "パスワードが違います (wrong password)")
        hashed = await self.hashed_new(found, new)
        keep = None if by.caller is None else by.caller.session

        def write(connection: Connection) -> None:
            values = {"password": hashed, "password_until": None}
            users.change(connection, user, values, by.now)
            sessions.expire_all(connection, user, but=keep)
            self._note(connection, by.deed("password_changed", user))

        await self._database.write(write)

    async def add_generator(self, user: str, label: str, seed: str, how: Generator, by: By) -> str:
        """Give somebody a code generator, by the seed that its maker sent; its id."""
        try:
            generator = replace(how, secret=secret_of(seed))
        except BadSecret as wrong:
            raise unfit("seed", f"シードを確かめてください ({wrong})") from None
        factor = f"f{secrets.token_hex(5)}"

        def write(connection: Connection) -> None:
            self._require(connection, user)
            factors.add_generator(connection, self._sealer, factor, user, label, generator, by.now)
            self._note(connection, by.deed("factor_added", user, factor=factor, kind=how.kind))

        await self._database.write(write)
        return factor

    async def allow_key(self, user: str, by: By) -> None:
        """At the next sign-in, within a day, they may register a security key."""

        def write(connection: Connection) -> None:
            self._require(connection, user)
            values = {"may_add_key_until": by.now + KEY_PERMIT_FOR}
            users.change(connection, user, values, by.now)
            self._note(connection, by.deed("key_allowed", user))

        await self._database.write(write)

    async def remove_factor(self, user: str, factor: str, by: By) -> None:
        """It was lost, or given back; sessions of theirs end."""

        def write(connection: Connection) -> None:
            if not factors.remove(connection, user, factor):
                raise not_found()
            sessions.expire_all(connection, user)
            self._note(connection, by.deed("factor_removed", user, factor=factor))

        await self._database.write(write)

    async def add_display(self, user: str, label: str, by: By) -> tuple[str, str]:
        """A wall board: its id, and the token that it is opened with, shown once."""
        display, token = f"d{secrets.token_hex(5)}", sessions.new_token()

        def write(connection: Connection) -> None:
            if self._require(connection, user).role is not Role.DISPLAY:
                raise conflict(
                    "表示用のユーザーを選んでください。", "Choose a user of the role display."
                )
            values = {"id": display, "user": user, "label": label, "created_at": by.now}
            connection.execute(DISPLAYS.insert().values(**values, token=sessions.hashed(token)))
            self._note(connection, by.deed("display_added", display))

        await self._database.write(write)
        return display, token

    async def revoke_display(self, display: str, by: By) -> None:
        """It shows nothing any more."""

        def write(connection: Connection) -> None:
            alive = (DISPLAYS.c.id == display) & DISPLAYS.c.revoked_at.is_(None)
            revoked = update(DISPLAYS).where(alive).values(revoked_at=by.now)
            if connection.execute(revoked).rowcount == 0:
                raise not_found()
            self._note(connection, by.deed("display_revoked", display))

        await self._database.write(write)

    async def displays(self) -> list[sessions.Display]:
        """Every wall board, revoked or not."""
        return await self._database.read(sessions.displays)

    async def by_name(self, name: str) -> User:
        """Whoever signs in with it."""
        found = await self._database.read(lambda connection: users.by_name(connection, name))
        if found is None:
            raise not_found()
        return found

    def _require(self, connection: Connection, user: str) -> User:
        found = users.by_id(connection, user)
        if found is None:
            raise not_found()
        return found

    def _note(self, connection: Connection, deed: Deed) -> None:
        append(connection, self._key, deed)


def _require_name(name: str) -> None:
    if not re.fullmatch(SIGN_IN_NAME, name):
        told = "英小文字で始まる30字以内の英小文字・数字・. _ - です"
        raise unfit("name", f"{told} (lower-case letters, digits, . _ -)")


def _require_span(begins: float | None, ends: float | None) -> None:
    if begins is not None and ends is not None and ends <= begins:
        raise unfit("valid_until", "開始より後にしてください (must be after valid_from)")


def _require_not_oneself(user: str, values: Mapping[str, Any], by: By) -> None:
    if by.caller is not None and by.caller.user == user and {"role", "enabled"} & values.keys():
        raise conflict(
            "自分の役割や利用の可否は変えられません。ほかの管理者に頼んでください。",
            "You cannot change your own role or end your own account. Ask another administrator.",
        )


def _changed_meanwhile() -> Problem:
    return conflict(
        "ほかの人が先に変更しました。開き直して確かめてください。",
        "Somebody else has changed it meanwhile. Open it again.",
    )
