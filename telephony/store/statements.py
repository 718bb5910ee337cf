"""The writing statements, built once: both engines know ON CONFLICT, each through its own class."""

from functools import cache

from sqlalchemy import Table, Update, bindparam, func, update
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


@cache
def add(dialect: str, table: Table) -> Insert:
    """Insert rows; one that is there already stays as it is."""
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def save(dialect: str, table: Table) -> Insert:
    """Insert whole rows, or replace those with the same key."""
    insert = _insert(dialect, table)
    keys = list(table.primary_key.columns)
    values = {column.name: insert.excluded[column.name] for column in table.c if column not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=values)


@cache
def save_later(dialect: str, table: Table) -> Insert:
    """Insert whole rows, or replace those with the same key and no later `at`."""
    insert = _insert(dialect, table)
    keys = list(table.primary_key.columns)
    values = {column.name: insert.excluded[column.name] for column in table.c if column not in keys}
    newer = insert.excluded["at"] >= table.c.at
    return insert.on_conflict_do_update(index_elements=keys, set_=values, where=newer)


@cache
def save_overtime(dialect: str, table: Table) -> Insert:
    """The latest end; a person who is known stays known after they signed out."""
    insert = _insert(dialect, table)
    told = insert.excluded
    person = func.coalesce(told["person"], table.c.person)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={"person": person, "at": told["at"]},
        where=told["at"] >= table.c.at,
    )


@cache
def end_mode(table: Table) -> Update:
    """Note the end of a mode, once."""
    begun = (table.c.mode == bindparam("mode_is"), table.c.since == bindparam("since_is"))
    return (
        update(table)
        .where(*begun, table.c.ended_at.is_(None))
        .values(ended_at=bindparam("ends_at"), ended_by=bindparam("ends_by"))
    )


@cache
def end(table: Table) -> Update:
    """End the open interval of one subject (`subject_is`) at `ends_at`."""
    subject = next(iter(table.primary_key.columns))
    return (
        update(table)
        .where(subject == bindparam("subject_is"), table.c.ended_at.is_(None))
        .values(ended_at=bindparam("ends_at"))
    )


def _insert(dialect: str, table: Table) -> Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
