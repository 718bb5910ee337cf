"""What the room writes down: card work, notices, hand-over notes, calls for help, messages."""

from typing import Final

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text

from agents.tables import METADATA
from telephony.store.words import Retention

ID: Final = String(80)
WORD: Final = String(40)
NAME: Final = String(60)
_WORK: Final = {"retention": Retention.WORK_RECORD}

# Pieces of card work, as counted; taking one back is a row of its own below zero.
PIECES: Final = Table(
    "pieces",
    METADATA,
    Column("key", ID, primary_key=True),
    Column("user", ID, nullable=False),
    Column("seat", WORD),
    Column("work", WORD, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("undoes", ID, unique=True),  # the row that this one takes back, once
    Column("at", Double, nullable=False),
    Index(None, "user", "at"),
    info=_WORK,
)

# 朝礼 notices and 申し送り: for everybody, with who has read them.
NOTICES: Final = Table(
    "notices",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("kind", WORD, nullable=False),  # notice, handover
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("text", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("at", Double, nullable=False),
    Column("until", Double),  # not shown any more from then on
    Index(None, "kind", "at"),
    info=_WORK,
)

NOTICES_READ: Final = Table(
    "notices_read",
    METADATA,
    Column("notice", ID, primary_key=True),
    Column("user", ID, primary_key=True),
    Column("at", Double, nullable=False),
    info=_WORK,
)

# 手上げ: open until somebody comes, or it is taken back.
HELP: Final = Table(
    "help_requests",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("user", ID, nullable=False),
    Column("seat", WORD, nullable=False),
    Column("call", ID),
    Column("at", Double, nullable=False),
    Column("ended_at", Double),
    Column("ended_by", ID),
    Index(None, "at"),
    info=_WORK,
)

MESSAGES: Final = Table(
    "messages",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),
    Column("to", WORD),  # a seat; null: everybody
    Column("to_user", ID),  # whoever sat there
    Column("text", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("read_at", Double),
    Index(None, "at"),
    info=_WORK,
)
