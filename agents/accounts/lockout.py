"""Guessing is slowed down: after some wrong ones the door stays shut, each time twice as long.

An attempt is counted before it is judged, and taken back when it was right: however many come at
once, no more are judged than are free. Kept in the database, so that a restart opens nothing.
Counted for a person and for an address: many names tried from one place are one attack. A name
that is nobody's is counted, too, or the wait would tell which names are somebody's. Nobody is shut
out for longer than a quarter of an hour, because a stranger in the building must not be able to
keep an agent from working.
"""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection, select, update

from agents.tables import FAILURES
from agents.web.problems import Problem
from telephony.store import statements

FREE_FOR_PERSON: Final = 5
FREE_FOR_ADDRESS: Final = 20
FIRST: Final = 15.0  # seconds
LONGEST: Final = 900.0
FORGOTTEN_AFTER: Final = 86_400.0
NOBODYS: Final = 4  # hexadecimal digits: so few rows for all the names that are nobody's


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


def nobody(name: str, secret: bytes) -> str:
    """The key of a name that is nobody's; who else has it cannot be computed without `secret`."""
    return f"name:{hmac.new(secret, b'name ' + name.encode(), sha256).hexdigest()[:NOBODYS]}"


def closed(left: float) -> Problem:
    """The sentence, with the seconds in it."""
    seconds = int(left) + 1
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"間違いが続いたため、あと{seconds}秒お待ちください。",
        f"Too many wrong attempts. Try again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def count(connection: Connection, keys: Collection[str], now: float) -> None:
    """One that is about to be judged, as if it were wrong; a `Problem` where the door is shut.

    The rows stay locked: of two attempts at once the second sees what the first has counted.
    """
    before = {key: _held(connection, key) for key in sorted(keys)}
    left = max(each.closed_until for each in before.values()) - now
    if left > 0:
        raise closed(left)
    for key, failures in before.items():
        free = FREE_FOR_ADDRESS if key.startswith("address:") else FREE_FOR_PERSON
        _keep(connection, key, after_another(failures, now, free))


def take_back(connection: Connection, keys: Collection[str]) -> None:
    """It was right: as if it had not been counted; whoever is judged found the door open."""
    for key in sorted(keys):
        before = _held(connection, key)
        _keep(connection, key, Failures(max(0, before.count - 1), before.last_at))


def forget(connection: Connection, key: str) -> None:
    """Whoever this is has come in. The row stays, for others may be waiting to lock it."""
    _keep(connection, key, Failures())


def _held(connection: Connection, key: str) -> Failures:
    none = {"key": key, "wrong": 0, "last_at": 0.0, "closed_until": 0.0}
    connection.execute(statements.add(connection.dialect.name, FAILURES), none)
    query = select(FAILURES).where(FAILURES.c.key == key).with_for_update()
    row = connection.execute(query).one()
    return Failures(row.wrong, row.last_at, row.closed_until)


def _keep(connection: Connection, key: str, failures: Failures) -> None:
    values = {
        "wrong": failures.count, "last_at": failures.last_at,
        "closed_until": failures.closed_until,
    }  # fmt: skip
    connection.execute(update(FAILURES).where(FAILURES.c.key == key).values(values))
