"""What is typed of a booking while somebody talks, and on which call a deed was done."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.String(80)


def upgrade() -> None:
    """Create the table, and the column."""
    op.create_table(
        "booking_drafts",
        sa.Column("call", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", "user", name="pk_booking_drafts"),
    )
    op.add_column("booking_history", sa.Column("call", _ID))
    op.create_index("ix_booking_history_call", "booking_history", ["call"])


def downgrade() -> None:
    """Drop them, with everything in them."""
    op.drop_index("ix_booking_history_call", "booking_history")
    op.drop_column("booking_history", "call")
    op.drop_table("booking_drafts")
