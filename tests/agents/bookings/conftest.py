"""Bookings are kept on both engines: a real SQLite file, and PostgreSQL where there is one."""

from tests.store.conftest import database, postgres_socket, url

__all__ = ["database", "postgres_socket", "url"]
