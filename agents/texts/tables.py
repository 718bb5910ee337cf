"""What the guard did, for the auditor, and texts that are typed and not sent yet."""

from typing import Final

from sqlalchemy import Boolean, Column, Double, Index, String, Table, Text

from agents.tables import METADATA
from telephony.store.words import Retention

ID: Final = String(80)
WORD: Final = String(40)

# That the guard took something out, and where; never what.
MASKED: Final = Table(
    "masked_texts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("at", Double, nullable=False),
    Column("user", ID, nullable=False),
    Column("where", WORD, nullable=False),  # draft, outcome, memo, message, …
    Column("object", ID),
    Column("kind", WORD, nullable=False),
    Column("incident", Boolean, nullable=False),  # 特定個人情報の疑い
    Index(None, "at"),
    info={"retention": Retention.AUDIT},
)

# What somebody has typed and not sent yet: each person's own, one a place, until it is sent.
UNSENT: Final = Table(
    "unsent",
    METADATA,
    Column("user", ID, primary_key=True),
    Column("place", ID, primary_key=True),  # where it is typed, such as memo:<call>
    Column("key", ID, nullable=False),  # of the sending that will come of it
    Column("fields", Text, nullable=False),  # JSON
    Column("saved_at", Double, nullable=False),
    Index(None, "saved_at"),
    info={"retention": Retention.CONTACT_RECORD},
)
