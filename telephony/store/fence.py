"""One row a site that says who may write and how far the journal has been written."""

from typing import Final, NamedTuple

from sqlalchemy import Connection, select, update

from telephony.store import statements
from telephony.store.tables import CONTROLLER


class StaleEpoch(Exception):
    """A newer leader has the pen; nothing was written."""


class Cursor(NamedTuple):
    """The last journal entry whose changes are in the database."""

    epoch: int
    seq: int


class Fence(NamedTuple):
    """The newest leader's epoch, and how far the journal has been written."""

    epoch: int
    cursor: Cursor


OPEN: Final = Fence(0, Cursor(0, -1))  # before the first leader


def read(connection: Connection, site: str, *, lock: bool = False) -> Fence:
    """The site's row; a locked one stays ours until the transaction ends."""
    query = select(CONTROLLER).where(CONTROLLER.c.site == site)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return OPEN if row is None else Fence(row.epoch, Cursor(row.cursor_epoch, row.cursor_seq))


def hold(connection: Connection, site: str, epoch: int) -> Cursor:
    """Take the pen for `epoch` until the transaction ends, or raise `StaleEpoch`."""
    fence = read(connection, site, lock=True)
    if fence is OPEN:
        # There was no row to lock; after this there is, whoever else tried the same.
        connection.execute(statements.add(connection.dialect.name, CONTROLLER), _row(site))
        fence = read(connection, site, lock=True)
    if fence.epoch > epoch:
        raise StaleEpoch(f"epoch {epoch} is behind {fence.epoch}")
    return fence.cursor


def write(connection: Connection, site: str, **values: int | str) -> None:
    """Change the row that `hold` locked."""
    connection.execute(update(CONTROLLER).where(CONTROLLER.c.site == site).values(values))


def _row(site: str) -> dict[str, str | int]:
    epoch, cursor = OPEN
    place = {"cursor_epoch": cursor.epoch, "cursor_seq": cursor.seq}
    return {"site": site, "epoch": epoch, "core_version": "", **place}
