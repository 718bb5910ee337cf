"""Appending to the audit log, and reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from agents.audit.chain import BEGINNING, LOG, Head, canonical, chained, mark
from agents.tables import AUDIT, AUDIT_HEAD
from agents.web.witness import Deed
from config.database import Database
from telephony.store import statements


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The one log of a home; a `Witness`."""

    database: Database
    key: bytes

    async def note(self, deed: Deed) -> None:
        """One line in a transaction of its own."""
        await self.database.write(lambda connection: append(connection, self.key, deed))


def append(connection: Connection, key: bytes, deed: Deed) -> Head:
    """One line in the transaction of the caller's change: both are there, or neither."""
    before = _held(connection, key)
    seq = before.seq + 1
    line = canonical(seq, deed)
    head = Head(seq, chained(key, before.hash, line))
    connection.execute(
        AUDIT.insert().values(
            seq=seq, at=deed.at, who=deed.who, word=deed.word, object=deed.object,
            line=line, hash=head.hash,
        )
    )  # fmt: skip
    place = AUDIT_HEAD.c.log == LOG
    values = {"seq": seq, "hash": head.hash, "mark": mark(key, head)}
    connection.execute(update(AUDIT_HEAD).where(place).values(values))
    return head


def _held(connection: Connection, key: bytes) -> Head:
    """Where the log ends, locked: whoever else appends waits."""
    query = select(AUDIT_HEAD).where(AUDIT_HEAD.c.log == LOG).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        first = {"log": LOG, **BEGINNING._asdict(), "mark": mark(key, BEGINNING)}
        connection.execute(statements.add(connection.dialect.name, AUDIT_HEAD), first)
        row = connection.execute(query).one()
    return Head(row.seq, row.hash)


def latest(
    connection: Connection,
    *,
    before: int | None = None,
    who: str | None = None,
    thing: str | None = None,
    limit: int = 100,
) -> Sequence[Any]:
    """Rows, the latest first: all of them, of one person, or about one thing."""
    query = select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
    for condition in (
        None if before is None else AUDIT.c.seq < before,
        None if who is None else AUDIT.c.who == who,
        None if thing is None else AUDIT.c.object == thing,
    ):
        if condition is not None:
            query = query.where(condition)
    return connection.execute(query).all()
