"""Sheets of bookings that left the printer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "booking_sheets",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("sheet", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("site", sa.String(40), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("user", sa.String(80), nullable=False),
        sa.Column("announced_name", sa.String(60), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_booking_sheets"),
    )
    op.create_index("ix_booking_sheets_sheet_day_site", "booking_sheets", ["sheet", "day", "site"])


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_table("booking_sheets")
