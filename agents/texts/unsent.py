"""What people have typed and not sent yet, on the server only: each person's own, one a place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from agents.texts.tables import UNSENT
from config.database import Database

MOST: Final = 100  # a person; then the oldest goes
KEPT_FOR: Final = 7 * 86_400.0  # seconds; nobody comes back to it after a week


@dataclass(frozen=True, slots=True)
class Unsent:
    """As it was last typed; `key` names the sending, so that it is done once."""

    place: str
    key: str
    fields: Mapping[str, str]


def find(connection: Connection, user: str) -> list[Unsent]:
    """This person's, the latest first."""
    query = select(UNSENT).where(UNSENT.c.user == user).order_by(UNSENT.c.saved_at.desc())
    return [Unsent(row.place, row.key, json.loads(row.fields)) for row in connection.execute(query)]


def keep(connection: Connection, user: str, typed: Unsent, now: float) -> None:
    """Over what was there: it is one person's, and what was typed last is what they mean.

    Where nothing is in it any more it has been sent, or thrown away.
    """
    if not any(text.strip() for text in typed.fields.values()):
        end(connection, user, typed.place)
        return
    mine = (UNSENT.c.user == user, UNSENT.c.place == typed.place)
    text = json.dumps(dict(typed.fields), ensure_ascii=False)
    values = {"key": typed.key, "fields": text, "saved_at": now}
    if connection.execute(update(UNSENT).where(*mine).values(**values)).rowcount:
        return
    if _count(connection, user) >= MOST:
        oldest = select(UNSENT.c.place).where(UNSENT.c.user == user).order_by(UNSENT.c.saved_at)
        end(connection, user, connection.scalars(oldest.limit(1)).one())
    connection.execute(insert(UNSENT).values(user=user, place=typed.place, **values))


def _count(connection: Connection, user: str) -> int:
    query = select(func.count()).select_from(UNSENT).where(UNSENT.c.user == user)
    return int(connection.scalar(query) or 0)


def end(connection: Connection, user: str, place: str) -> None:
    """Nothing of it is to be sent any more."""
    connection.execute(delete(UNSENT).where(UNSENT.c.user == user, UNSENT.c.place == place))


async def forget_old(database: Database, now: float) -> None:
    """What nobody has come back to goes."""
    old = UNSENT.c.saved_at < now - KEPT_FOR
    await database.write(lambda connection: connection.execute(delete(UNSENT).where(old)))
