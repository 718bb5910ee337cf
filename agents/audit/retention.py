"""Lines of the audit log whose time is over go, and the log stays provable.

Theory of operation. Only the oldest lines go, in order, and only after they have been walked: a log
that somebody has touched is kept as it is, for it is evidence. The line that was the last to go
is remembered with a mark that needs the key (`chain.KEPT`), and the walk begins after it. So lines
that anybody else takes away at the beginning are missed like all others. That lines went, and up
to which, is a line itself.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, delete, func, select

from agents.audit.chain import KEPT, Head, mark
from agents.audit.log import append, held
from agents.audit.verify import begins, walked
from agents.hourly import hourly
from agents.tables import AUDIT, AUDIT_HEAD
from agents.web.witness import Deed
from config.database import Database
from telephony.store import statements

log = structlog.get_logger(__name__)

AT_ONCE: Final = 2000  # lines a transaction, during which nobody can append
DAY: Final = 86_400.0


class NotSound(Exception):
    """The lines that were to go are not what was written; none went."""


class AuditRetention:
    """Looks now and then."""

    def __init__(self, database: Database, key: bytes, days: int) -> None:
        self._database = database
        self._key = key
        self._days = days

    async def run(self, clock: Callable[[], float]) -> None:
        """For ever."""
        await hourly(self._look, clock)

    async def _look(self, now: float) -> None:
        try:
            await self.look(now)
        except NotSound as fault:
            log.error("audit log not sound, nothing deleted", why=fault)

    async def look(self, now: float) -> int:
        """Once; how many lines went."""
        gone, before = 0, now - self._days * DAY
        while True:
            went = await self._database.write(
                lambda connection: prune(connection, self._key, before, now)
            )
            if went == 0:
                return gone
            gone += went


def prune(
    connection: Connection, key: bytes, before: float, now: float, at_once: int = AT_ONCE
) -> int:
    """Take away the oldest lines, all of them older than this; how many went."""
    end = held(connection, key)
    begin = begins(connection, key)
    if begin is None:
        raise NotSound("where the log begins is not what was written")
    young = connection.scalar(select(func.min(AUDIT.c.seq)).where(AUDIT.c.at >= before))
    last = min((end.seq + 1 if young is None else young) - 1, begin.seq + at_once)
    if last <= begin.seq:
        return 0
    going = AUDIT.c.seq <= last
    rows = connection.execute(select(AUDIT).where(going).order_by(AUDIT.c.seq)).all()
    verdict = walked(rows, key, begin=begin)
    if not verdict.sound or verdict.head.seq != last:
        raise NotSound(f"line {verdict.at or last}: {verdict.fault or 'it is missing'}")
    if _are_only_ours(rows):
        return 0
    connection.execute(delete(AUDIT).where(going))
    _remember(connection, key, verdict.head)
    told = {"last": last, "lines": len(rows), "before": int(before)}
    append(connection, key, Deed(now, "audit_pruned", "desk", "desk", detail=told))
    return len(rows)


def _are_only_ours(rows: Iterable[Row[Any]]) -> bool:
    """A line for each line that goes would never end, on a desk where nobody does anything."""
    return all(row.word == "audit_pruned" for row in rows)


def _remember(connection: Connection, key: bytes, begin: Head) -> None:
    row = {"log": KEPT, **begin._asdict(), "mark": mark(key, begin, KEPT)}
    connection.execute(statements.save(connection.dialect.name, AUDIT_HEAD), row)
