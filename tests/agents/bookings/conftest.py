"""Bookings are kept on both engines: a real SQLite file, and PostgreSQL where there is one."""

from tests.store.conftest import database, empty_url, postgres_socket, url

__all__ = ["database", "empty_url", "postgres_socket", "url"]
