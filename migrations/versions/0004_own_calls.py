"""Calls that agents began, apart from those of the citizens."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sa.String(255)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "own_calls",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("agent", _TEXT, nullable=False),
        sa.Column("target", _TEXT, nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double()),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("ended", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_calls"),
    )
    op.create_index("ix_own_calls_began_at", "own_calls", ["began_at"])


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_table("own_calls")
