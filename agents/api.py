"""Every route of the desk, in one place. A new table is one line here."""

from collections.abc import Iterator
from typing import Final

from agents.web import documents
from agents.web.routes import Route, Table

TABLES: Final[tuple[Table, ...]] = (documents.TABLE,)


def routes() -> Iterator[Route]:
    """All of them."""
    for table in TABLES:
        yield from table
