"""Bookings as they are kept. A notice number with a birth date is a credential: shown masked."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Double, Index, Integer, String, Table, Text

from agents.tables import METADATA
from telephony.store.words import Retention

ID: Final = String(80)
WORD: Final = String(40)
NAME: Final = String(60)
DAY: Final = String(10)  # 2026-12-03: a day of the wall's calendar, no instant
TIME: Final = String(5)  # 09:30
# Sorted by code points on either engine: what begins with a key is one stretch of the index.
SEARCHED: Final = String(120).with_variant(String(120, collation="C"), "postgresql")
_BOOKING: Final = {"retention": Retention.CONTACT_RECORD}
_NOBODY: Final = {"retention": Retention.OPERATIONAL}

# Under `own` the row is what is sold: `taken` goes up only while it fits. Under `city`: a hint.
SLOTS: Final = Table(
    "booking_slots",
    METADATA,
    Column("site", WORD, primary_key=True),
    Column("day", DAY, primary_key=True),
    Column("start", TIME, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("left", Integer, nullable=False),  # capacity less taken: what is searched by
    Column("known_at", Double, nullable=False),  # opened by our rules, or imported
    CheckConstraint("taken >= 0", name="ck_booking_slots_not_below_nothing"),
    info=_NOBODY,
)
# Times that are full are not in it, so that the next free one is near in a full year too.
Index(
    "ix_booking_slots_free",
    SLOTS.c.day,
    SLOTS.c.start,
    SLOTS.c.site,
    SLOTS.c.left,
    sqlite_where=SLOTS.c.left > 0,
    postgresql_where=SLOTS.c.left > 0,
)

BOOKINGS: Final = Table(
    "bookings",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("key", ID, nullable=False, unique=True),  # of the request that began it
    Column("version", Integer, nullable=False),
    Column("master", WORD, nullable=False),
    Column("status", WORD, nullable=False),
    Column("owed", WORD),  # what the city's system must still be told: agree, change, cancel
    Column("due_day", DAY),  # by the end of which it is owed
    Column("number", WORD, unique=True),  # ours, or the city's
    Column("kind", WORD, nullable=False),
    Column("site", WORD, nullable=False),
    Column("day", DAY, nullable=False),
    Column("start", TIME, nullable=False),
    Column("people", Integer, nullable=False),
    Column("form", Text, nullable=False),  # JSON: what was told besides
    Column("hold_until", Double),
    Column("call", ID),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Index(None, "day", "site"),
    Index(None, "owed"),
    Index(None, "status", "hold_until"),
    info=_BOOKING,
)

# One row a card.
PARTY: Final = Table(
    "booking_party",
    METADATA,
    Column("booking", ID, primary_key=True),
    Column("at", Integer, primary_key=True, autoincrement=False),
    Column("notice_no", WORD),
    Column("name", NAME, nullable=False),  # as typed
    Column("name_key", SEARCHED, nullable=False),
    Column("kana", NAME, nullable=False),
    Column("kana_key", SEARCHED, nullable=False),
    Column("birth_date", DAY, nullable=False),
    Column("visitor", WORD, nullable=False),
    Column("reason", WORD),  # why a proxy comes
    Index(None, "kana_key"),
    Index(None, "name_key"),
    Index(None, "notice_no"),
    info=_BOOKING,
)

# Nothing in here is changed: who did what, and how it was before and after.
HISTORY: Final = Table(
    "booking_history",
    METADATA,
    Column("booking", ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key", ID, nullable=False, unique=True),
    Column("at", Double, nullable=False),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("deed", WORD, nullable=False),
    Column("why", String(400), nullable=False),
    Column("before", Text),  # JSON; null: there was nothing
    Column("after", Text, nullable=False),
    Column("call", ID),  # on which it was done
    Index(None, "call"),
    info=_BOOKING,
)

# What is being typed while somebody talks, on the server only. It goes with the deed.
DRAFTS: Final = Table(
    "booking_drafts",
    METADATA,
    Column("call", ID, primary_key=True),
    Column("user", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("form", Text, nullable=False),  # JSON
    Column("saved_at", Double, nullable=False),
    info=_BOOKING,
)

# What left the printer: ids and versions, so that the next one can say what has changed since.
SHEETS: Final = Table(
    "booking_sheets",
    METADATA,
    Column("key", ID, primary_key=True),
    Column("sheet", WORD, nullable=False),
    Column("day", DAY, nullable=False),
    Column("site", WORD, nullable=False),  # empty: every site
    Column("at", Double, nullable=False),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("rows", Text, nullable=False),  # JSON: a booking's version
    Index(None, "sheet", "day", "site"),
    info=_BOOKING,
)

NUMBERS: Final = Table(
    "booking_numbers",
    METADATA,
    Column("series", WORD, primary_key=True),
    Column("last", Integer, nullable=False),
    info=_NOBODY,
)

# What the city's system is still to be told of, and what it was: ids and versions, no names.
LETTERS: Final = Table(
    "booking_letters",
    METADATA,
    Column("booking", ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("state", WORD, nullable=False),  # waiting, delivered, refused, superseded
    Column("attempts", Integer, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("delivered_at", Double),
    Column("reason", WORD, nullable=False),  # of the last attempt in vain
    Index(None, "state", "due_at"),
    info=_BOOKING,
)

# What came from the city's system, by a file or a letter: which, when, and how many rows.
IMPORTS: Final = Table(
    "booking_imports",
    METADATA,
    Column("id", ID, primary_key=True),  # of the request, or of the letter
    Column("what", WORD, nullable=False),  # slots, bookings, results
    Column("way", WORD, nullable=False),  # csv, letter
    Column("at", Double, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Index(None, "what", "at"),
    info=_BOOKING,
)
