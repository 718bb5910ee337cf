"""What is owed to citizens: the ledger of callbacks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXT = sa.String(255)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "obligations",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("number", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("topic", _TEXT, nullable=False),
        sa.Column("cause", _TEXT, nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("wanted_at", sa.Double()),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.Double()),
        sa.Column("closed_by", _TEXT),
        sa.Column("claimed_by", _TEXT),
        sa.Column("claimed_until", sa.Double()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_obligations"),
        sa.UniqueConstraint("no", name="uq_obligations_no"),
    )
    op.create_index("ix_obligations_number", "obligations", ["number"])
    op.create_index(
        "ix_obligations_state_provisional_due_at",
        "obligations",
        ["state", "provisional", "due_at"],
    )
    op.create_index("ix_obligations_opened_at", "obligations", ["opened_at"])
    op.create_index(
        "uq_obligations_open",
        "obligations",
        ["number", "name", "topic"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "obligation_events",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("obligation", _TEXT),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("state", _TEXT),
        sa.Column("told", _TEXT, nullable=False),
        sa.Column("call", _TEXT),
        sa.Column("attempt", _TEXT),
        sa.Column("by", _TEXT),
        sa.Column("note", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_obligation_events"),
    )
    op.create_index(
        "ix_obligation_events_obligation_seq", "obligation_events", ["obligation", "seq"]
    )
    op.create_index("ix_obligation_events_call", "obligation_events", ["call"])
    op.create_index("ix_obligation_events_at", "obligation_events", ["at"])
    op.create_table(
        "obligation_attempts",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("obligation", _TEXT, nullable=False),
        sa.Column("agent", _TEXT, nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double()),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("result", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_obligation_attempts"),
    )
    op.create_index("ix_obligation_attempts_obligation", "obligation_attempts", ["obligation"])
    op.create_table(
        "owing",
        sa.Column("site", _TEXT, nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("read_to", sa.Double()),
        sa.PrimaryKeyConstraint("site", name="pk_owing"),
    )
    op.create_table(
        "owing_terms",
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("short_abandon", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("since", name="pk_owing_terms"),
    )


def downgrade() -> None:
    """Drop them, with everything in them."""
    for table in (
        "owing_terms", "owing", "obligation_attempts", "obligation_events", "obligations",
    ):  # fmt: skip
        op.drop_table(table)
