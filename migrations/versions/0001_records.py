"""Calls, their events, intervals of agents and lines, and the controller's cursor."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.String(255)
_DETAIL = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    _create_calls()
    _create_call_events()
    _create_call_inputs()
    _create_agent_intervals()
    _create_line_intervals()
    _create_controller()


def downgrade() -> None:
    """Drop them, with everything in them."""
    intervals = ("line_intervals", "agent_intervals")
    for table in ("controller", *intervals, "call_inputs", "call_events", "calls"):
        op.drop_table(table)


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("arrived_at", sa.Double(), nullable=False),
        sa.Column("line", sa.Integer()),
        sa.Column("caller_number", _TEXT),
        sa.Column("caller_kind", _TEXT),
        sa.Column("caller_name", _TEXT),
        sa.Column("caller_told", _TEXT),
        sa.Column("dialled", _TEXT),
        sa.Column("menu_path", _TEXT),
        sa.Column("queue", _TEXT),
        sa.Column("agent", _TEXT),
        sa.Column("outcome", _TEXT),
        sa.Column("overflow_reason", _TEXT),
        sa.Column("waited", sa.Double()),
        sa.Column("talked", sa.Double()),
        sa.Column("held", sa.Double()),
        sa.Column("wrapped_up", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("hung_up_by", _TEXT),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_arrived_at", "calls", ["arrived_at"])
    op.create_index("ix_calls_caller_number_arrived_at", "calls", ["caller_number", "arrived_at"])
    open_calls = sa.text("outcome IS NULL")
    op.create_index(
        "ix_calls_open",
        "calls",
        ["arrived_at"],
        sqlite_where=open_calls,
        postgresql_where=open_calls,
    )


def _create_call_events() -> None:
    op.create_table(
        "call_events",
        sa.Column("call", _TEXT, nullable=False),
        *_place(),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("event", _TEXT, nullable=False),
        sa.Column("detail", _DETAIL, nullable=False),
        sa.ForeignKeyConstraint(
            ["call"], ["calls.id"], name="fk_call_events_call", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call", "epoch", "seq", "part", name="pk_call_events"),
    )


def _create_call_inputs() -> None:
    op.create_table(
        "call_inputs",
        sa.Column("call", _TEXT, nullable=False),
        sa.Column("field", _TEXT, nullable=False),
        sa.Column("value", _TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", "field", name="pk_call_inputs"),
    )


def _create_agent_intervals() -> None:
    op.create_table(
        "agent_intervals",
        sa.Column("agent", _TEXT, nullable=False),
        *_place(),
        sa.Column("seat", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("reason", _TEXT),
        sa.Column("call", _TEXT),
        *_duration(),
        sa.PrimaryKeyConstraint("agent", "epoch", "seq", "part", name="pk_agent_intervals"),
    )
    _index_intervals("agent_intervals", "agent")


def _create_line_intervals() -> None:
    op.create_table(
        "line_intervals",
        sa.Column("line", sa.Integer(), nullable=False, autoincrement=False),
        *_place(),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("call", _TEXT),
        sa.Column("agent", _TEXT),
        *_duration(),
        sa.PrimaryKeyConstraint("line", "epoch", "seq", "part", name="pk_line_intervals"),
    )
    _index_intervals("line_intervals", "line")


def _create_controller() -> None:
    op.create_table(
        "controller",
        sa.Column("site", _TEXT, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("cursor_epoch", sa.BigInteger(), nullable=False),
        sa.Column("cursor_seq", sa.BigInteger(), nullable=False),
        sa.Column("core_version", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("site", name="pk_controller"),
    )


def _place() -> list[sa.Column[int]]:
    return [
        sa.Column("epoch", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("part", sa.Integer(), nullable=False, autoincrement=False),
    ]


def _duration() -> list[sa.Column[float]]:
    return [
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
    ]


def _index_intervals(table: str, subject: str) -> None:
    op.create_index(f"ix_{table}_started_at", table, ["started_at"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        f"uq_{table}_open",
        table,
        [subject],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
