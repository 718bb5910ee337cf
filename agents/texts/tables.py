"""What the guard did, for the auditor."""

from typing import Final

from sqlalchemy import Boolean, Column, Double, Index, String, Table

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
