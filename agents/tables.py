"""The tables the desk writes. Instants are UTC epoch seconds, as in the controller's tables.

Texts that people typed are stored as typed: what no database takes was refused at the door.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from telephony.store.tables import METADATA as RECORDS
from telephony.store.words import Retention

METADATA: Final = MetaData(naming_convention=RECORDS.naming_convention)
ID: Final = String(80)
WORD: Final = String(40)
NAME: Final = String(60)


def _kept(retention: Retention) -> dict[str, Retention]:
    return {"retention": retention}


USERS: Final = Table(
    "users",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False, unique=True),  # to sign in with
    Column("announced_name", NAME, nullable=False),  # what citizens hear
    Column("role", WORD, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("valid_from", Double),
    Column("valid_until", Double),
    Column("designation", NAME),  # the number of the form by which the city named them
    Column("password", String(255)),  # argon2id; null: nobody can sign in with one
    Column("password_until", Double),  # of one that was given out: until when it may be changed
    Column("pin", String(255)),
    Column("pin_day", String(10)),  # the day it is good for
    Column("may_add_key_until", Double),  # a person without a factor may register a key
    Column("demo", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    info=_kept(Retention.ACCOUNT),
)

FACTORS: Final = Table(
    "factors",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("user", ID, nullable=False),
    Column("kind", WORD, nullable=False),  # totp, hotp, key
    Column("label", NAME, nullable=False),  # what is printed on it
    Column("secret", Text),  # encrypted; of a code generator
    Column("digits", Integer),
    Column("algorithm", WORD),
    Column("counter", BigInteger),  # the next that is good: counter of HOTP, step of TOTP
    Column("credential", String(500), unique=True),  # id of a security key, base64url
    Column("public_key", Text),
    Column("sign_count", BigInteger),
    Column("rp_id", String(255)),
    Column("created_at", Double, nullable=False),
    Column("used_at", Double),
    Index(None, "user"),
    info=_kept(Retention.ACCOUNT),
)

FAILURES: Final = Table(
    "sign_in_failures",
    METADATA,
    Column("key", ID, primary_key=True),  # of a user, or of an address
    Column("wrong", Integer, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("closed_until", Double, nullable=False),
    info=_kept(Retention.OPERATIONAL),
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("id", ID, primary_key=True),  # names it in records; opens nothing
    Column("token", String(64), nullable=False, unique=True),  # SHA-256 of the cookie
    Column("user", ID, nullable=False),
    Column("stage", WORD, nullable=False),  # factor, password, open
    Column("seat", WORD),
    Column("locked", Boolean, nullable=False),
    Column("void", Boolean, nullable=False),  # it ends as soon as no call is in progress
    Column("wrong", Integer, nullable=False),  # PINs or codes in a row
    Column("challenge", String(200)),  # of a security key, good once
    Column("address", ID, nullable=False),
    Column("display", ID),  # the display token it was opened with
    Column("created_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("ended_why", WORD),
    Index(None, "user"),
    info=_kept(Retention.WORK_RECORD),
)

SEATINGS: Final = Table(
    "seatings",
    METADATA,
    Column("seat", WORD, primary_key=True),
    Column("started_at", Double, primary_key=True),
    Column("user", ID, nullable=False),
    Column("announced_name", NAME, nullable=False),  # as it was then
    Column("session", ID, nullable=False),
    Column("ended_at", Double),
    Index(None, "user", "started_at"),
    info=_kept(Retention.WORK_RECORD),
)
# The database itself refuses two people at a seat, and one at two.
for _one in (SEATINGS.c.seat, SEATINGS.c.user):
    Index(
        f"uq_seatings_open_{_one.name}",
        _one,
        unique=True,
        sqlite_where=SEATINGS.c.ended_at.is_(None),
        postgresql_where=SEATINGS.c.ended_at.is_(None),
    )

DISPLAYS: Final = Table(
    "display_tokens",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("user", ID, nullable=False),
    Column("label", NAME, nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # SHA-256
    Column("created_at", Double, nullable=False),
    Column("revoked_at", Double),
    info=_kept(Retention.ACCOUNT),
)

# `line` is what the chain is made of; the other columns repeat it, to be searched.
AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("who", ID),
    Column("word", WORD, nullable=False),
    Column("object", ID),
    Column("line", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "at"),
    Index(None, "who", "at"),
    Index(None, "object"),
    info=_kept(Retention.AUDIT),
)

# One row: where the log ends. Its mark needs the key, so a log cut short does not fit it.
AUDIT_HEAD: Final = Table(
    "audit_head",
    METADATA,
    Column("log", WORD, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mark", String(64), nullable=False),
    info=_kept(Retention.AUDIT),
)
