"""What agents write about calls. Every text in here has passed the My Number guard."""

from typing import Final

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text

from agents.tables import METADATA
from telephony.store.words import Retention

ID: Final = String(80)
WORD: Final = String(40)
NAME: Final = String(60)
_CONTACT: Final = {"retention": Retention.CONTACT_RECORD}

# What is being entered, on the server only: nothing of it stays in a browser. It goes with the
# outcome.
DRAFTS: Final = Table(
    "drafts",
    METADATA,
    Column("call", ID, primary_key=True),
    Column("user", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("form", Text, nullable=False),  # JSON
    Column("saved_at", Double, nullable=False),
    info=_CONTACT,
)

# What came of a call. Nothing is overwritten: the highest version counts.
OUTCOMES: Final = Table(
    "outcomes",
    METADATA,
    Column("call", ID, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("key", ID, nullable=False, unique=True),  # the same request twice is one row
    Column("user", ID, nullable=False),
    Column("seat", WORD),
    Column("announced_name", NAME, nullable=False),
    Column("reasons", String(160), nullable=False),  # codes, first the main one, with spaces
    Column("disposition", WORD, nullable=False),
    Column("flags", String(400), nullable=False),  # codes, with spaces
    Column("citizen", NAME),  # as they gave their name
    Column("note", Text, nullable=False),
    Column("overrun", WORD),  # why wrap-up took longer than its target
    Column("late", Boolean, nullable=False),  # 後入力
    Column("entered_at", Double, nullable=False),
    Index(None, "entered_at"),
    info=_CONTACT,
)

# Said later about a call: with its true time, and marked.
MEMOS: Final = Table(
    "memos",
    METADATA,
    Column("key", ID, primary_key=True),
    Column("call", ID, nullable=False),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("note", Text, nullable=False),
    Column("entered_at", Double, nullable=False),
    Column("reason", WORD),  # what the call is about, for whoever is consulted
    Index(None, "call"),
    info=_CONTACT,
)

ESCALATIONS: Final = Table(
    "escalations",
    METADATA,
    Column("key", ID, primary_key=True),
    Column("call", ID, nullable=False),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("to", WORD, nullable=False),  # supervisor, city
    Column("note", Text, nullable=False),
    Column("menu_path", String(255), nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("taken_by", ID),
    Column("taken_at", Double),
    Column("answer", Text),
    Column("answered_by", ID),
    Column("answered_at", Double),
    Index(None, "opened_at"),
    info=_CONTACT,
)

# What a page that was the telephone has counted of the sound; a row a leg.
CALL_QUALITY: Final = Table(
    "call_quality",
    METADATA,
    Column("call", ID, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("seat", WORD, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("heard_loss", Double, nullable=False),  # 0 to 1, of what came to the page
    Column("heard_jitter", Double, nullable=False),  # seconds
    Column("heard_delay", Double, nullable=False),  # seconds in the page's jitter buffer
    Column("sent_loss", Double),  # of what it sent, as far as Asterisk told
    Column("sent_jitter", Double),
    Column("round_trip", Double),
    Column("told_at", Double, nullable=False),
    info=_CONTACT,
)
