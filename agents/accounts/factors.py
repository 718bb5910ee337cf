"""Second factors in the database. What a generator shares with us is encrypted at rest."""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, delete, select, update

from agents.accounts import second_factor
from agents.accounts.second_factor import Generator
from agents.tables import FACTORS

NONCE: Final = 12  # bytes


class SealBroken(Exception):
    """A secret that this home's key does not open."""


@dataclass(frozen=True, slots=True)
class Factor:
    """Something a person has; what opens it stays in the database."""

    id: str
    user: str
    kind: str
    label: str
    created_at: float
    used_at: float | None


@dataclass(frozen=True, slots=True)
class Sealer:
    """Encrypts for this home alone; a row's secret does not open in another row."""

    key: bytes

    def seal(self, factor: str, secret: bytes) -> str:
        """For the database."""
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self.key).encrypt(nonce, secret, factor.encode())
        return b64encode(nonce + sealed).decode()

    def open(self, factor: str, sealed: str) -> bytes:
        """The secret, or `SealBroken`."""
        raw = b64decode(sealed)
        try:
            return AESGCM(self.key).decrypt(raw[:NONCE], raw[NONCE:], factor.encode())
        except InvalidTag:
            raise SealBroken(factor) from None


def of_user(connection: Connection, user: str) -> Sequence[Factor]:
    """All of a person's."""
    query = select(FACTORS).where(FACTORS.c.user == user).order_by(FACTORS.c.created_at)
    return [_factor(row) for row in connection.execute(query)]


def of_everybody(connection: Connection) -> Sequence[Factor]:
    """For the list of people."""
    return [_factor(row) for row in connection.execute(select(FACTORS).order_by(FACTORS.c.id))]


def add_generator(  # noqa: PLR0913 -- what a generator is
    connection: Connection, sealer: Sealer, factor: str, user: str, label: str,
    generator: Generator, now: float,
) -> None:  # fmt: skip
    """Give a person a code generator."""
    connection.execute(
        FACTORS.insert().values(
            id=factor, user=user, kind=generator.kind, label=label,
            secret=sealer.seal(factor, generator.secret), digits=generator.digits,
            algorithm=generator.algorithm, counter=generator.counter, created_at=now,
        )
    )  # fmt: skip


def remove(connection: Connection, user: str, factor: str) -> bool:
    """Take one away; False where the person has none such."""
    mine = (FACTORS.c.id == factor) & (FACTORS.c.user == user)
    return connection.execute(delete(FACTORS).where(mine)).rowcount > 0


def use_code(
    connection: Connection, sealer: Sealer, user: str, code: str, now: float
) -> str | None:
    """The factor whose code this is, which is thereby used up; None where it is nobody's."""
    return _use(connection, sealer, user, now, lambda one: second_factor.accepted(one, code, now))


def resync(
    connection: Connection, sealer: Sealer, user: str, codes: tuple[str, str], now: float
) -> str | None:
    """The generator that showed these two in a row, now in step again."""

    def in_step(generator: Generator) -> int | None:
        is_counting = generator.kind == "hotp"
        return second_factor.resynchronised(generator, *codes) if is_counting else None

    return _use(connection, sealer, user, now, in_step)


def _use(
    connection: Connection,
    sealer: Sealer,
    user: str,
    now: float,
    judge: Callable[[Generator], int | None],
) -> str | None:
    query = (
        select(FACTORS)
        .where(FACTORS.c.user == user, FACTORS.c.secret.is_not(None))
        .order_by(FACTORS.c.id)
        .with_for_update()  # a code is good once, also for two who say it at once
    )
    for row in connection.execute(query).all():
        secret = sealer.open(row.id, row.secret)
        after = judge(Generator(row.kind, secret, row.counter, row.digits, row.algorithm))
        if after is not None:
            values = {"counter": after, "used_at": now}
            connection.execute(update(FACTORS).where(FACTORS.c.id == row.id).values(values))
            return str(row.id)
    return None


def _factor(row: Row[Any]) -> Factor:
    return Factor(row.id, row.user, row.kind, row.label, row.created_at, row.used_at)
