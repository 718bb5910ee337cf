"""How a call sounded at the page, and what a consultation is about."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; add the column."""
    op.create_table(
        "call_quality",
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.String(40), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("heard_loss", sa.Double(), nullable=False),
        sa.Column("heard_jitter", sa.Double(), nullable=False),
        sa.Column("heard_delay", sa.Double(), nullable=False),
        sa.Column("sent_loss", sa.Double()),
        sa.Column("sent_jitter", sa.Double()),
        sa.Column("round_trip", sa.Double()),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", "attempt", name="pk_call_quality"),
    )
    op.add_column("memos", sa.Column("reason", sa.String(40)))


def downgrade() -> None:
    """Drop them, with everything in them."""
    op.drop_column("memos", "reason")
    op.drop_table("call_quality")
