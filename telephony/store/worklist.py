"""Reading the ledger of callbacks: the worklist, one obligation, what a number is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from config.database import Database
from telephony.owing.ledger import request_key
from telephony.owing.model import Attempt, Event, Obligation, State, What
from telephony.store.history import chunks
from telephony.store.owing import attempt, event, obligation
from telephony.store.tables import OBLIGATION_ATTEMPTS, OBLIGATION_EVENTS, OBLIGATIONS

# As the index has it: by state, then by whether it is provisional, then by when it is due.
IS_OPEN: Final = (OBLIGATIONS.c.state == State.OPEN, OBLIGATIONS.c.provisional.is_(False))
OPEN: Final = OBLIGATIONS.c.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Whole:
    """One obligation with all that happened to it."""

    obligation: Obligation
    events: tuple[Event, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What stands above the worklist."""

    open: int
    overdue: int
    provisional: int
    unnumbered: int  # since the instant that was asked for
    happened: int  # events there are: none goes, so it changes with whatever happens


class Worklist:
    """The questions anybody may ask about callbacks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, limit: int, after: tuple[float, int] | None = None) -> list[Obligation]:
        """Open ones, first due first; `after` is due time and number of the last one seen."""
        query = select(OBLIGATIONS).where(*IS_OPEN)
        if after is not None:
            due, no = OBLIGATIONS.c.due_at, OBLIGATIONS.c.no
            query = query.where(
                (due > after[0]) | ((due == after[0]) & (no > after[1])), due >= after[0]
            )
        return await self._found(query.order_by(OBLIGATIONS.c.due_at, OBLIGATIONS.c.no), limit)

    async def closed(self, limit: int, since: float = 0.0) -> list[Obligation]:
        """Those opened since then that are over, the latest opened first."""
        query = select(OBLIGATIONS).where(
            OBLIGATIONS.c.closed_at.is_not(None), OBLIGATIONS.c.opened_at >= since
        )
        order = (OBLIGATIONS.c.opened_at.desc(), OBLIGATIONS.c.no.desc())
        return await self._found(query.order_by(*order), limit)

    async def get(self, obligation_id: str) -> Obligation | None:
        """One of them."""
        query = select(OBLIGATIONS).where(OBLIGATIONS.c.id == obligation_id)
        return next(iter(await self._found(query, 1)), None)

    async def whole(self, obligation_id: str) -> Whole | None:
        """One of them, its history in order."""

        def ask(connection: Connection) -> Whole | None:
            row = connection.execute(
                select(OBLIGATIONS).where(OBLIGATIONS.c.id == obligation_id)
            ).one_or_none()
            if row is None:
                return None
            events = select(OBLIGATION_EVENTS).where(
                OBLIGATION_EVENTS.c.obligation == obligation_id
            )
            tries = select(OBLIGATION_ATTEMPTS).where(
                OBLIGATION_ATTEMPTS.c.obligation == obligation_id
            )
            return Whole(
                obligation(row),
                tuple(map(event, connection.execute(events.order_by(OBLIGATION_EVENTS.c.seq)))),
                tuple(
                    map(attempt, connection.execute(tries.order_by(OBLIGATION_ATTEMPTS.c.began_at)))
                ),
            )

        return await self._database.read(ask)

    async def of_number(self, number: str, call: str | None = None) -> list[Obligation]:
        """What is open for a number, and what this call of theirs has closed provisionally."""
        met = OBLIGATIONS.c.provisional & (OBLIGATIONS.c.closed_by == call)
        query = select(OBLIGATIONS).where(OBLIGATIONS.c.number == number, OPEN | met)
        return await self._found(query.order_by(OBLIGATIONS.c.no), 50)

    async def results(self, obligations: Sequence[str]) -> dict[str, Attempt]:
        """The latest attempt of each."""

        def ask(connection: Connection) -> dict[str, Attempt]:
            found: dict[str, Attempt] = {}
            for some in chunks(obligations):
                query = select(OBLIGATION_ATTEMPTS).where(
                    OBLIGATION_ATTEMPTS.c.obligation.in_(some)
                )
                for row in connection.execute(query.order_by(OBLIGATION_ATTEMPTS.c.began_at)):
                    found[row.obligation] = attempt(row)
            return found

        return await self._database.read(ask)

    async def wishes(self, obligations: Sequence[str]) -> dict[str, int]:
        """How often each was opened or joined: calls, memos and promises together."""
        events = OBLIGATION_EVENTS.c
        asked = events.what.in_((What.OPENED, What.JOINED))

        def ask(connection: Connection) -> dict[str, int]:
            found: dict[str, int] = {}
            for some in chunks(obligations):
                query = select(events.obligation, func.count()).where(
                    events.obligation.in_(some), asked
                )
                for row in connection.execute(query.group_by(events.obligation)):
                    found[row[0]] = row[1]
            return found

        return await self._database.read(ask)

    async def request(self, key: str) -> Event | None:
        """What a request of this key has done; None: nothing."""
        query = select(OBLIGATION_EVENTS).where(OBLIGATION_EVENTS.c.key == request_key(key))

        def ask(connection: Connection) -> Event | None:
            row = connection.execute(query).one_or_none()
            return None if row is None else event(row)

        return await self._database.read(ask)

    async def counts(self, now: float, since: float) -> Counts:
        """How many are open, overdue, and answered without anybody's word."""
        unnumbered = select(func.count()).where(
            OBLIGATION_EVENTS.c.what == What.UNNUMBERED, OBLIGATION_EVENTS.c.at >= since
        )
        open_ones = select(func.count()).where(*IS_OPEN)
        unsure = (OBLIGATIONS.c.state == State.CONTACTED, OBLIGATIONS.c.provisional.is_(True))

        def ask(connection: Connection) -> Counts:
            return Counts(
                connection.scalar(open_ones) or 0,
                connection.scalar(open_ones.where(OBLIGATIONS.c.due_at < now)) or 0,
                connection.scalar(select(func.count()).where(*unsure)) or 0,
                connection.scalar(unnumbered) or 0,
                connection.scalar(select(func.count()).select_from(OBLIGATION_EVENTS)) or 0,
            )

        return await self._database.read(ask)

    async def unnumbered(self, since: float, limit: int) -> list[Event]:
        """Callers without a number who would be owed a callback, the latest first."""
        query = select(OBLIGATION_EVENTS).where(
            OBLIGATION_EVENTS.c.what == What.UNNUMBERED, OBLIGATION_EVENTS.c.at >= since
        )
        query = query.order_by(OBLIGATION_EVENTS.c.at.desc()).limit(limit)
        return await self._database.read(
            lambda connection: [event(row) for row in connection.execute(query)]
        )

    async def _found(self, query: Select[Any], limit: int) -> list[Obligation]:
        return await self._database.read(
            lambda connection: [obligation(row) for row in connection.execute(query.limit(limit))]
        )
