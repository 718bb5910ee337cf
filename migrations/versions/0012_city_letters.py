"""Letters to the city's reservation system, and what came from it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "booking_letters",
        sa.Column("booking", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("delivered_at", sa.Double()),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("booking", "version", name="pk_booking_letters"),
    )
    op.create_index("ix_booking_letters_state_due_at", "booking_letters", ["state", "due_at"])
    op.create_table(
        "booking_imports",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("announced_name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_booking_imports"),
    )
    op.create_index("ix_booking_imports_what_at", "booking_imports", ["what", "at"])


def downgrade() -> None:
    """Drop them, with everything in them."""
    op.drop_table("booking_imports")
    op.drop_table("booking_letters")
