"""What the desk writes of calls and of the room."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.String(80)
_WORD = sa.String(40)
_NAME = sa.String(60)


def upgrade() -> None:
    """Create the tables."""
    _create_drafts()
    _create_outcomes()
    _create_memos()
    _create_escalations()
    _create_masked_texts()
    _create_pieces()
    _create_notices()
    _create_help()
    _create_messages()


def downgrade() -> None:
    """Drop them, with everything in them."""
    room = ("messages", "help_requests", "notices_read", "notices", "pieces", "masked_texts")
    for table in (*room, "escalations", "memos", "outcomes", "drafts"):
        op.drop_table(table)


def _create_drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("call", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", "user", name="pk_drafts"),
    )


def _create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("call", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("seat", _WORD),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("reasons", sa.String(160), nullable=False),
        sa.Column("disposition", _WORD, nullable=False),
        sa.Column("flags", sa.String(400), nullable=False),
        sa.Column("citizen", _NAME),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("overrun", _WORD),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", "version", name="pk_outcomes"),
        sa.UniqueConstraint("key", name="uq_outcomes_key"),
    )
    op.create_index("ix_outcomes_entered_at", "outcomes", ["entered_at"])


def _create_memos() -> None:
    op.create_table(
        "memos",
        sa.Column("key", _ID, nullable=False),
        sa.Column("call", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_memos"),
    )
    op.create_index("ix_memos_call", "memos", ["call"])


def _create_escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("key", _ID, nullable=False),
        sa.Column("call", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("to", _WORD, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("menu_path", sa.String(255), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("taken_by", _ID),
        sa.Column("taken_at", sa.Double()),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", _ID),
        sa.Column("answered_at", sa.Double()),
        sa.PrimaryKeyConstraint("key", name="pk_escalations"),
    )
    op.create_index("ix_escalations_opened_at", "escalations", ["opened_at"])


def _create_masked_texts() -> None:
    op.create_table(
        "masked_texts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("where", _WORD, nullable=False),
        sa.Column("object", _ID),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("incident", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_masked_texts"),
    )
    op.create_index("ix_masked_texts_at", "masked_texts", ["at"])


def _create_pieces() -> None:
    op.create_table(
        "pieces",
        sa.Column("key", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("seat", _WORD),
        sa.Column("work", _WORD, nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("undoes", _ID),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_pieces"),
        sa.UniqueConstraint("undoes", name="uq_pieces_undoes"),
    )
    op.create_index("ix_pieces_user_at", "pieces", ["user", "at"])


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("until", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_kind_at", "notices", ["kind", "at"])
    op.create_table(
        "notices_read",
        sa.Column("notice", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("notice", "user", name="pk_notices_read"),
    )


def _create_help() -> None:
    op.create_table(
        "help_requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("seat", _WORD, nullable=False),
        sa.Column("call", _ID),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", _ID),
        sa.PrimaryKeyConstraint("id", name="pk_help_requests"),
    )
    op.create_index("ix_help_requests_at", "help_requests", ["at"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("to", _WORD),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("read_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_at", "messages", ["at"])
