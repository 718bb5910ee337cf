"""What the room writes down, kept and found. Each method is one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, func, insert, or_, select, update

from agents.floor.tables import HELP, MESSAGES, NOTICES, NOTICES_READ, PIECES
from agents.people import Caller
from agents.tables import SEATINGS
from agents.web.problems import KeyTaken, Problem, conflict, no_seat
from config.database import Database


@dataclass(frozen=True, slots=True)
class Notice:
    """朝礼 or 申し送り, and whether this person has read it."""

    id: str
    kind: str
    announced_name: str
    text: str
    urgent: bool
    at: float
    until: float | None
    read: bool


@dataclass(frozen=True, slots=True)
class Message:
    """To whoever sat at a seat, or to all."""

    id: str
    announced_name: str
    to: str | None
    text: str
    at: float
    read_at: float | None


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """Somebody has raised a hand."""

    id: str
    user: str
    seat: str
    call: str | None
    at: float


class RoomBook:
    """Pieces, notices, calls for help, messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- pieces of card work -------------------------------------------------------------

    async def add_pieces(self, key: str, by: Caller, work: str, count: int, now: float) -> None:
        """Count some more; the same key again counts nothing."""

        def add(connection: Connection) -> None:
            if connection.scalar(select(PIECES.c.key).where(PIECES.c.key == key)) is None:
                row = {"key": key, "user": by.user, "seat": by.seat, "work": work, "pieces": count}
                connection.execute(insert(PIECES).values(**row, at=now))

        await self._database.write(add)

    async def undo_pieces(self, key: str, by: Caller, now: float, since: float) -> int:
        """Take back this person's last count that stands; how many it was, 0 for none."""

        def undo(connection: Connection) -> int:
            done = connection.execute(select(PIECES).where(PIECES.c.key == key)).one_or_none()
            if done is not None:
                return -int(done.pieces)
            undone = select(PIECES.c.undoes).where(PIECES.c.undoes.is_not(None))
            mine = (PIECES.c.user == by.user, PIECES.c.at >= since, PIECES.c.undoes.is_(None))
            last = select(PIECES).where(*mine, PIECES.c.key.not_in(undone))
            row = connection.execute(last.order_by(PIECES.c.at.desc()).limit(1)).one_or_none()
            if row is None:
                return 0
            back = {"key": key, "user": by.user, "seat": by.seat, "work": row.work}
            connection.execute(
                insert(PIECES).values(**back, pieces=-row.pieces, undoes=row.key, at=now)
            )
            return int(row.pieces)

        return await self._database.write(undo)

    async def pieces(self, user: str, since: float) -> dict[str, int]:
        """How many of each work this person has done."""
        total = func.sum(PIECES.c.pieces)
        mine = (PIECES.c.user == user, PIECES.c.at >= since)
        query = select(PIECES.c.work, total).where(*mine).group_by(PIECES.c.work)

        def find(connection: Connection) -> dict[str, int]:
            return {work: int(count) for work, count in connection.execute(query)}

        return await self._database.read(find)

    # -- notices -------------------------------------------------------------------------

    async def add_notice(  # what a notice consists of
        self, id_: str, kind: str, by: Caller, text: str, at: tuple[float, float | None], *,
        urgent: bool,
    ) -> None:  # fmt: skip
        """`at`: when, and until when it is shown. The same again under its id adds nothing.

        Raises KeyTaken where the id is something else's.
        """
        said = {"kind": kind, "user": by.user, "text": text, "urgent": urgent, "until": at[1]}
        named = {"announced_name": by.announced_name, "at": at[0]}
        await self._database.write(lambda connection: _add(connection, NOTICES, id_, said, named))

    async def notices(self, kind: str, user: str, now: float, limit: int) -> list[Notice]:
        """Those that are shown now, newest first."""
        read = select(NOTICES_READ.c.notice).where(NOTICES_READ.c.user == user)
        shown = (NOTICES.c.kind == kind, or_(NOTICES.c.until.is_(None), NOTICES.c.until > now))
        query = select(NOTICES).where(*shown).order_by(NOTICES.c.at.desc()).limit(limit)

        def find(connection: Connection) -> list[Notice]:
            seen = set(connection.scalars(read))
            return [
                Notice(
                    row.id, row.kind, row.announced_name, row.text, row.urgent, row.at, row.until,
                    row.id in seen,
                )
                for row in connection.execute(query)
            ]  # fmt: skip

        return await self._database.read(find)

    async def read_notice(self, id_: str, user: str, now: float) -> bool:
        """This person has read it; False when there is none."""

        def read(connection: Connection) -> bool:
            if connection.scalar(select(NOTICES.c.id).where(NOTICES.c.id == id_)) is None:
                return False
            mine = (NOTICES_READ.c.notice == id_, NOTICES_READ.c.user == user)
            if connection.scalar(select(NOTICES_READ.c.at).where(*mine)) is None:
                connection.execute(insert(NOTICES_READ).values(notice=id_, user=user, at=now))
            return True

        return await self._database.write(read)

    # -- hands up ------------------------------------------------------------------------

    async def raise_hand(self, id_: str, by: Caller, call: str | None, now: float) -> str:
        """The open request of this person: theirs from before, if there is one.

        What is sent again although somebody came meanwhile was the same request, and is over.
        Raises Problem where they have stood up meanwhile.
        """

        def ask(connection: Connection) -> str:
            if sitter(connection, by.seat) != by.user:
                raise no_seat()
            open_ = and_(HELP.c.user == by.user, HELP.c.ended_at.is_(None))
            query = select(HELP.c.id).where(or_(HELP.c.id == id_, open_))
            known = connection.scalar(query.order_by(HELP.c.id != id_))
            if known is None:
                row = {"id": id_, "user": by.user, "seat": by.seat, "call": call, "at": now}
                connection.execute(insert(HELP).values(**row))
            return str(known or id_)

        return await self._database.write(ask)

    async def lower_hand(self, by: str, now: float) -> list[str]:
        """Whoever asked takes it back."""
        return await self._database.write(lambda connection: lower_hands(connection, by, now))

    async def help_given(self, id_: str, by: str, now: float) -> bool:
        """Whoever came has come; False when nobody waits."""
        open_ = (HELP.c.id == id_, HELP.c.ended_at.is_(None))
        end = update(HELP).where(*open_).values(ended_at=now, ended_by=by)
        return await self._database.write(lambda connection: connection.execute(end).rowcount > 0)

    async def hands(self) -> list[HelpRequest]:
        """Every open request, oldest first."""
        query = select(HELP).where(HELP.c.ended_at.is_(None)).order_by(HELP.c.at)

        def find(connection: Connection) -> list[HelpRequest]:
            rows = connection.execute(query)
            return [HelpRequest(row.id, row.user, row.seat, row.call, row.at) for row in rows]

        return await self._database.read(find)

    # -- messages ------------------------------------------------------------------------

    async def send(self, id_: str, by: Caller, to: str | None, text: str, now: float) -> str | None:
        """To whoever sits at this seat, or to all: who that is. Raises Problem where nobody sits.

        The same again under its id sends nothing. Raises KeyTaken where it is another's.
        """
        said = {"user": by.user, "to": to, "text": text}
        went_to = select(MESSAGES.c.to_user).where(MESSAGES.c.id == id_)

        def add(connection: Connection) -> str | None:
            sent = connection.execute(went_to).one_or_none()
            whom = sitter(connection, to) if sent is None else sent.to_user
            if sent is None and to is not None and whom is None:
                raise _nobody_there()
            named = {"announced_name": by.announced_name, "at": now, "to_user": whom}
            _add(connection, MESSAGES, id_, said, named)
            return whom

        return await self._database.write(add)

    async def messages(self, user: str, since: float) -> list[Message]:
        """To this person or to all, and their own; oldest first."""
        mine = or_(MESSAGES.c.to.is_(None), MESSAGES.c.to_user == user, MESSAGES.c.user == user)
        query = select(MESSAGES).where(mine, MESSAGES.c.at >= since).order_by(MESSAGES.c.at)

        def find(connection: Connection) -> Sequence[Row[Any]]:
            return connection.execute(query).all()

        rows = await self._database.read(find)
        return [
            Message(row.id, row.announced_name, row.to, row.text, row.at, row.read_at)
            for row in rows
        ]


def _nobody_there() -> Problem:
    return conflict(
        "その席にはいまだれも着席していません。宛先を選び直してください。",
        "Nobody sits there now. Choose to whom it goes.",
    )


def sitter(connection: Connection, seat: str | None) -> str | None:
    """Who sits there now."""
    here = (SEATINGS.c.seat == seat, SEATINGS.c.ended_at.is_(None))
    return connection.scalar(select(SEATINGS.c.user).where(*here))


def lower_hands(connection: Connection, user: str, now: float) -> list[str]:
    """Their requests, which are over: by whoever takes them back, or with their sitting."""
    mine = (HELP.c.user == user, HELP.c.ended_at.is_(None))
    found = list(connection.scalars(select(HELP.c.id).where(*mine)))
    connection.execute(update(HELP).where(*mine).values(ended_at=now, ended_by=user))
    return found


def _add(
    connection: Connection, letters: Table, id_: str, said: Mapping[str, object],
    named: Mapping[str, object],
) -> None:  # fmt: skip
    """Once; `said` is what makes it the same letter when it is sent again."""
    known = connection.execute(select(letters).where(letters.c.id == id_)).mappings().one_or_none()
    if known is None:
        connection.execute(insert(letters).values(id=id_, **said, **named))
    elif any(known[field] != value for field, value in said.items()):
        raise KeyTaken
