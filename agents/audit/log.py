"""Appending to the audit log, and reading it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from agents.audit.chain import BEGINNING, LOG, Head, canonical, chained, mark
from agents.audit.verify import Verdict, verify
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

    async def verdict(self, checkpoint: Head | None = None) -> Verdict:
        """Whether it is what was written."""
        return await self.database.read(lambda c: verify(c, self.key, checkpoint))


def append(connection: Connection, key: bytes, deed: Deed) -> Head:
    """One line in the transaction of the caller's change: both are there, or neither."""
    before = held(connection, key)
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


def held(connection: Connection, key: bytes) -> Head:
    """Where the log ends, locked: whoever else appends waits."""
    query = select(AUDIT_HEAD).where(AUDIT_HEAD.c.log == LOG).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        first = {"log": LOG, **BEGINNING._asdict(), "mark": mark(key, BEGINNING)}
        connection.execute(statements.add(connection.dialect.name, AUDIT_HEAD), first)
        row = connection.execute(query).one()
    return Head(row.seq, row.hash)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines; None: whatever it is."""

    before: int | None = None  # older than this line
    who: str | None = None
    thing: str | None = None
    word: str | None = None
    since: float | None = None
    until: float | None = None


def latest(connection: Connection, wanted: Wanted, limit: int) -> Sequence[Any]:
    """Rows, the latest first."""
    query = select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
    for column, given in (
        (AUDIT.c.who, wanted.who),
        (AUDIT.c.object, wanted.thing),
        (AUDIT.c.word, wanted.word),
    ):
        if given is not None:
            query = query.where(column == given)
    if wanted.before is not None:
        query = query.where(AUDIT.c.seq < wanted.before)
    if wanted.since is not None:
        query = query.where(AUDIT.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AUDIT.c.at < wanted.until)
    return connection.execute(query).all()
