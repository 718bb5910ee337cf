"""The records as members of a backup, and back into a database of either engine.

Rows, not pages: one path for SQLite and PostgreSQL, of any version, in bounded memory, and within
one read transaction, so that tables and cursor are of the same instant. What the columns are is
asked of the database, not of this version's tables: an older schema is taken as it is.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, func, inspect, select, text

from telephony.keeping.manifest import Figures, LastCall, Pen

VERSION_TABLE: Final = "alembic_version"
PORTION: Final = 2000  # rows in a member


def revision(connection: Connection) -> str | None:
    """Of the schema; None where there is none."""
    if VERSION_TABLE not in inspect(connection).get_table_names():
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return found


def is_empty(connection: Connection) -> bool:
    """Whether nobody has anything in this database."""
    return not inspect(connection).get_table_names()


def tables(connection: Connection) -> list[Table]:
    """What is there, parents before their children."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def portions(connection: Connection, table: Table) -> Iterator[bytes]:
    """Its rows as lines of JSON, some thousand at a time, under the names of the columns."""
    names = _line(table.columns.keys())
    query = select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(query, execution_options={"yield_per": PORTION})
    for portion in rows.partitions():
        yield names + b"".join(_line(list(row)) for row in portion)


def load(connection: Connection, table: Table, portion: bytes) -> None:
    """One portion into the table, as it was."""
    names, *rows = (json.loads(line) for line in portion.splitlines())
    connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def figures(connection: Connection) -> Figures:
    """What the records say of themselves now."""
    present = {table.name: table for table in tables(connection)}
    rows = {name: _count(connection, table) for name, table in present.items()}
    version = revision(connection) or ""
    if "calls" not in present or "controller" not in present:
        return Figures(version, rows)
    calls, controller = present["calls"], present["controller"]
    return Figures(
        version, rows, _outcomes(connection, calls), _last(connection, calls),
        {row.site: _pen(row) for row in connection.execute(select(controller))},
    )  # fmt: skip


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _outcomes(connection: Connection, calls: Table) -> dict[str, int]:
    query = select(calls.c.outcome, func.count()).group_by(calls.c.outcome)
    return {outcome or "": count for outcome, count in connection.execute(query)}


def _last(connection: Connection, calls: Table) -> LastCall | None:
    order = (calls.c.arrived_at.desc(), calls.c.id)
    row = connection.execute(select(calls.c.id, calls.c.arrived_at).order_by(*order)).first()
    return row and LastCall(row.id, row.arrived_at)


def _pen(row: Any) -> Pen:
    return Pen(row.epoch, row.cursor_epoch, row.cursor_seq)
