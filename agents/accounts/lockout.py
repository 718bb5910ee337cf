"""Guessing is slowed down: after some wrong ones the door stays shut, each time twice as long.

Kept in the database, so that a restart opens nothing. Counted for a person and for an address: many
names tried from one place are one attack. Nobody is shut out for longer than a quarter of an hour,
because a stranger in the building must not be able to keep an agent from working.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection, delete, select

from agents.tables import FAILURES
from agents.web.problems import Problem
from telephony.store import statements

FREE_FOR_PERSON: Final = 5
FREE_FOR_ADDRESS: Final = 20
FIRST: Final = 15.0  # seconds
LONGEST: Final = 900.0
FORGOTTEN_AFTER: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong attempts of late."""

    count: int = 0
    last_at: float = 0.0
    closed_until: float = 0.0


def after_another(before: Failures, now: float, free: int) -> Failures:
    """One more wrong attempt."""
    count = 1 if now - before.last_at > FORGOTTEN_AFTER else before.count + 1
    over = count - free
    shut = 0.0 if over < 0 else min(LONGEST, FIRST * 2.0 ** min(over, 16))
    return Failures(count, now, now + shut if shut else 0.0)


def person(user: str) -> str:
    """The key of a person."""
    return f"user:{user}"


def place(address: str) -> str:
    """The key of an address."""
    return f"address:{address}"


def closed_for(connection: Connection, keys: list[str], now: float) -> float:
    """Seconds until it may be tried again; 0: now."""
    query = select(FAILURES.c.closed_until).where(FAILURES.c.key.in_(keys))
    until = max(connection.scalars(query).all(), default=0.0)
    return max(0.0, until - now)


def closed(left: float) -> Problem:
    """The sentence, with the seconds in it."""
    seconds = int(left) + 1
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"間違いが続いたため、あと{seconds}秒お待ちください。",
        f"Too many wrong attempts. Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def add(connection: Connection, key: str, now: float) -> Failures:
    """Count one; what follows from it."""
    query = select(FAILURES).where(FAILURES.c.key == key).with_for_update()
    row = connection.execute(query).one_or_none()
    before = Failures() if row is None else Failures(row.wrong, row.last_at, row.closed_until)
    free = FREE_FOR_PERSON if key.startswith("user:") else FREE_FOR_ADDRESS
    after = after_another(before, now, free)
    values = {
        "key": key, "wrong": after.count, "last_at": after.last_at,
        "closed_until": after.closed_until,
    }  # fmt: skip
    connection.execute(statements.save(connection.dialect.name, FAILURES), values)
    return after


def forget(connection: Connection, key: str) -> None:
    """It was right this time."""
    connection.execute(delete(FAILURES).where(FAILURES.c.key == key))
