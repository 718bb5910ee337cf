"""Every route of the desk, in one place. A new table is one line here."""

from collections.abc import Iterator
from typing import Final

from agents.accounts import web_own, web_session, web_sessions, web_users
from agents.audit import web as web_audit
from agents.bookings import web as web_bookings
from agents.bookings import web_drafts, web_entries, web_files, web_found, web_sheets
from agents.bookings.city import web as web_city
from agents.calendar import web as web_calendar
from agents.calls import (
    callback_web,
    escalation_web,
    memo_web,
    news_web,
    own_web,
    quality_web,
)
from agents.calls import web as web_calls
from agents.catalogue import web as web_catalogue
from agents.floor import masked_web, requests, room_web
from agents.floor import web as web_floor
from agents.phone import citizen
from agents.phone import web as web_phone
from agents.texts import unsent_web
from agents.web import documents
from agents.web.routes import Route, Table

TABLES: Final[tuple[Table, ...]] = (
    documents.TABLE,
    web_session.TABLE,
    web_users.TABLE,
    web_own.TABLE,
    web_sessions.TABLE,
    web_audit.TABLE,
    web_catalogue.TABLE,
    web_floor.TABLE,
    news_web.TABLE,
    requests.TABLE,
    web_calls.TABLE,
    escalation_web.TABLE,
    room_web.TABLE,
    masked_web.TABLE,
    unsent_web.TABLE,
    own_web.TABLE,
    web_bookings.TABLE,
    web_entries.TABLE,
    web_found.TABLE,
    web_drafts.TABLE,
    web_sheets.TABLE,
    web_files.TABLE,
    web_city.TABLE,
    web_calendar.TABLE,
    callback_web.TABLE,
    memo_web.TABLE,
    web_phone.TABLE,
    citizen.TABLE,
    quality_web.TABLE,
)


def routes() -> Iterator[Route]:
    """All of them."""
    for table in TABLES:
        yield from table
