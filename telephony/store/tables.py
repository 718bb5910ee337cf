"""The tables the controller writes. Instants are UTC epoch seconds in a double, which is exact on
both engines to well under a microsecond and compares the same way everywhere.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
)

from telephony.store.columns import Detail, Plain
from telephony.store.words import Retention

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _kept(retention: Retention) -> dict[str, Retention]:
    return {"retention": retention}


CALLS: Final = Table(
    "calls",
    METADATA,
    Column("id", Plain, primary_key=True),
    Column("arrived_at", Double, nullable=False),
    Column("line", Integer),
    Column("caller_number", Plain, info=_kept(Retention.CALLER_NUMBER)),  # E.164
    Column("caller_kind", Plain),
    Column("caller_name", Plain, info=_kept(Retention.CALLER_NUMBER)),
    Column("caller_told", Plain, info=_kept(Retention.CALLER_NUMBER)),
    Column("dialled", Plain),
    Column("menu_path", Plain),
    Column("queue", Plain),
    Column("agent", Plain),
    Column("outcome", Plain),  # null while the call is open
    Column("overflow_reason", Plain),
    Column("waited", Double),
    Column("talked", Double),
    Column("held", Double),
    Column("wrapped_up", Double),
    Column("ended_at", Double),
    Column("hung_up_by", Plain),
    Index(None, "arrived_at"),
    Index(None, "caller_number", "arrived_at"),
    info=_kept(Retention.CONTACT_RECORD),
)

# An event's key is its place in the journal, so that a second write of it is the same row.
CALL_EVENTS: Final = Table(
    "call_events",
    METADATA,
    Column("call", Plain, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("event", Plain, nullable=False),
    Column("detail", Detail, nullable=False),
    info=_kept(Retention.CONTACT_RECORD),
)

# What callers typed where a flow asked for a number. No foreign key: it is written at once, and may
# be there before the publisher has written the call.
CALL_INPUTS: Final = Table(
    "call_inputs",
    METADATA,
    Column("call", Plain, primary_key=True),
    Column("field", Plain, primary_key=True),
    Column("value", Plain, nullable=False),
    Column("at", Double, nullable=False),
    info=_kept(Retention.CALLER_NUMBER),
)

# Calls that agents began, to a colleague or to the outside: apart from the citizens' calls, so
# that no figure of theirs can count one.
OWN_CALLS: Final = Table(
    "own_calls",
    METADATA,
    Column("id", Plain, primary_key=True),
    Column("kind", Plain, nullable=False),  # internal, outbound
    Column("agent", Plain, nullable=False),
    Column("target", Plain, nullable=False),  # a seat, or the name of an extension
    Column("began_at", Double, nullable=False),
    Column("answered_at", Double),
    Column("ended_at", Double, nullable=False),
    Column("ended", Plain, nullable=False),  # hung_up, no_answer, busy, cancelled, phone_lost
    Index(None, "began_at"),
    info=_kept(Retention.WORK_RECORD),
)

# One row a seat and closing: how long somebody worked beyond it.
OVERTIME: Final = Table(
    "overtime",
    METADATA,
    Column("agent", Plain, primary_key=True),
    Column("closed_at", Double, primary_key=True),
    Column("person", Plain),  # who was signed in at the desk
    Column("at", Double, nullable=False),  # until when
    Index(None, "closed_at"),
    info=_kept(Retention.WORK_RECORD),
)

# What was set by hand: an emergency, an outage, a surge.
MODES: Final = Table(
    "modes",
    METADATA,
    Column("mode", Plain, primary_key=True),
    Column("since", Double, primary_key=True),
    Column("until", Double, nullable=False),
    Column("by", Plain, nullable=False),
    Column("closes", Boolean, nullable=False),
    Column("prompt", Plain),  # said instead of the mode's own
    Column("ended_at", Double),
    Column("ended_by", Plain),  # empty: its time was over
    Index(None, "since"),
    info=_kept(Retention.WORK_RECORD),
)

AGENT_INTERVALS: Final = Table(
    "agent_intervals",
    METADATA,
    Column("agent", Plain, primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("seat", Plain, nullable=False),
    Column("state", Plain, nullable=False),
    Column("reason", Plain),
    Column("call", Plain),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Index(None, "started_at"),
    info=_kept(Retention.WORK_RECORD),
)

LINE_INTERVALS: Final = Table(
    "line_intervals",
    METADATA,
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("state", Plain, nullable=False),
    Column("call", Plain),
    Column("agent", Plain),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Index(None, "started_at"),
    info=_kept(Retention.WORK_RECORD),
)

# What is owed to a citizen, as it stands: the fold of its events.
OBLIGATIONS: Final = Table(
    "obligations",
    METADATA,
    Column("id", Plain, primary_key=True),
    Column("no", Integer, nullable=False, unique=True),  # without a gap: a missing row shows
    Column("number", Plain, nullable=False, info=_kept(Retention.CALLER_NUMBER)),  # E.164
    Column("name", Plain, nullable=False, info=_kept(Retention.CALLER_NUMBER)),
    Column("topic", Plain, nullable=False),
    Column("cause", Plain, nullable=False),
    Column("opened_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("wanted_at", Double),
    Column("state", Plain, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("closed_at", Double),
    Column("closed_by", Plain),
    Column("claimed_by", Plain),
    Column("claimed_until", Double),
    Column("attempts", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Index(None, "number"),
    Index(None, "state", "provisional", "due_at"),
    Index(None, "opened_at"),
    info=_kept(Retention.CONTACT_RECORD),
)

# What happened to each; an unnumbered event has no obligation, and is a line apart. No foreign
# keys: a row that somebody deletes must leave what it belonged to behind, so that it is missed.
OBLIGATION_EVENTS: Final = Table(
    "obligation_events",
    METADATA,
    Column("key", Plain, primary_key=True),  # the same happening twice is one row
    Column("obligation", Plain),
    Column("seq", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("what", Plain, nullable=False),
    Column("state", Plain),
    Column("told", Plain, nullable=False),
    Column("call", Plain),
    Column("attempt", Plain),
    Column("by", Plain),
    Column("note", Plain, nullable=False),
    Index(None, "obligation", "seq"),
    Index(None, "call"),
    Index(None, "at"),
    info=_kept(Retention.CONTACT_RECORD),
)

OBLIGATION_ATTEMPTS: Final = Table(
    "obligation_attempts",
    METADATA,
    Column("id", Plain, primary_key=True),
    Column("obligation", Plain, nullable=False),
    Column("agent", Plain, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("answered_at", Double),
    Column("ended_at", Double, nullable=False),
    Column("result", Plain, nullable=False),
    Index(None, "obligation"),
    info=_kept(Retention.CONTACT_RECORD),
)

# One row: from when on calls open obligations, the last number given, and how far the calls of
# before have been read (null: all of them).
OWING: Final = Table(
    "owing",
    METADATA,
    Column("site", Plain, primary_key=True),
    Column("since", Double, nullable=False),
    Column("last", Integer, nullable=False),
    Column("read_to", Double),
    info=_kept(Retention.OPERATIONAL),
)

# Which `short_abandon` held from when on: an old call is judged by what held then.
OWING_TERMS: Final = Table(
    "owing_terms",
    METADATA,
    Column("since", Double, primary_key=True),
    Column("short_abandon", Double, nullable=False),
    info=_kept(Retention.OPERATIONAL),
)

# `epoch` fences; the cursor is the last entry whose changes are in the tables above.
CONTROLLER: Final = Table(
    "controller",
    METADATA,
    Column("site", Plain, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("cursor_epoch", BigInteger, nullable=False),
    Column("cursor_seq", BigInteger, nullable=False),
    Column("core_version", Plain, nullable=False),
    info=_kept(Retention.OPERATIONAL),
)

# One open interval each: the database itself refuses an agent in two states.
for _table in (AGENT_INTERVALS, LINE_INTERVALS):
    _subject = next(iter(_table.primary_key.columns))
    Index(
        f"uq_{_table.name}_open",
        _subject,
        unique=True,
        sqlite_where=_table.c.ended_at.is_(None),
        postgresql_where=_table.c.ended_at.is_(None),
    )
Index(
    "ix_calls_open",
    CALLS.c.arrived_at,
    sqlite_where=CALLS.c.outcome.is_(None),
    postgresql_where=CALLS.c.outcome.is_(None),
)
# Of those who share number, name and topic at most one is open: the database itself refuses a
# second. Whoever folds closes before it opens.
Index(
    "uq_obligations_open",
    OBLIGATIONS.c.number,
    OBLIGATIONS.c.name,
    OBLIGATIONS.c.topic,
    unique=True,
    sqlite_where=OBLIGATIONS.c.closed_at.is_(None),
    postgresql_where=OBLIGATIONS.c.closed_at.is_(None),
)
