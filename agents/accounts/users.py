"""People who may sign in: what holds for an account, and keeping them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from agents.people import Role, UserId
from agents.tables import USERS

SIGN_IN_NAME: Final = r"^[a-z][a-z0-9._-]{0,29}$"
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
ID_LENGTH: Final = 7
GIVEN_OUT_FOR: Final = 7 * 86_400.0  # a password that was given out must be replaced within
KEY_PERMIT_FOR: Final = 86_400.0


class NameTaken(Exception):
    """Somebody signs in with this name already."""


@dataclass(frozen=True, slots=True)
class User:
    """One account."""

    id: UserId
    name: str
    announced_name: str
    role: Role
    enabled: bool = True
    valid_from: float | None = None
    valid_until: float | None = None
    designation: str | None = None
    password: str | None = None
    password_until: float | None = None
    pin: str | None = None
    pin_day: str | None = None
    may_add_key_until: float | None = None
    demo: bool = False
    version: int = 1
    created_at: float = 0.0
    changed_at: float = 0.0

    def may_work(self, now: float) -> bool:
        """Whether the account is good at this instant."""
        begun = self.valid_from is None or self.valid_from <= now
        return self.enabled and begun and (self.valid_until is None or now < self.valid_until)

    @property
    def must_change(self) -> bool:
        """Whether the password is one that was given out."""
        return self.password_until is not None


_COLUMNS: Final = tuple(each.name for each in fields(User))


def new_id() -> UserId:
    """Letters first: it cannot be taken for a number, nor hold one of twelve digits."""
    return UserId("u" + "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH)))


def add(connection: Connection, user: User) -> None:
    """A new account; `NameTaken` where the name is somebody's."""
    if by_name(connection, user.name) is not None:
        raise NameTaken(user.name)
    try:
        connection.execute(USERS.insert().values(**asdict(user)))
    except IntegrityError:  # two administrators at once
        raise NameTaken(user.name) from None


def by_name(connection: Connection, name: str) -> User | None:
    """Whoever signs in with this name."""
    return _one(connection, USERS.c.name == name)


def by_id(connection: Connection, user: str) -> User | None:
    """The account itself."""
    return _one(connection, USERS.c.id == user)


def everybody(connection: Connection) -> Sequence[User]:
    """All accounts, by name."""
    return [_user(row) for row in connection.execute(select(USERS).order_by(USERS.c.name))]


def change(
    connection: Connection, user: str, values: Mapping[str, Any], now: float,
    version: int | None = None,
) -> bool:  # fmt: skip
    """Set columns; False where somebody else has changed it since `version`."""
    where = USERS.c.id == user
    if version is not None:
        where &= USERS.c.version == version
    told = {**values, "version": USERS.c.version + 1, "changed_at": now}
    return connection.execute(update(USERS).where(where).values(told)).rowcount > 0


def _one(connection: Connection, where: Any) -> User | None:
    row = connection.execute(select(USERS).where(where)).one_or_none()
    return None if row is None else _user(row)


def _user(row: Any) -> User:
    told = {name: getattr(row, name) for name in _COLUMNS}
    return User(**{**told, "role": Role(row.role)})
