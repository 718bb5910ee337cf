"""How long people worked beyond closing, and what was set by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEXT = sa.String(255)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "overtime",
        sa.Column("agent", _TEXT, nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=False),
        sa.Column("person", _TEXT),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "closed_at", name="pk_overtime"),
    )
    op.create_index("ix_overtime_closed_at", "overtime", ["closed_at"])
    op.create_table(
        "modes",
        sa.Column("mode", _TEXT, nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("by", _TEXT, nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", _TEXT),
        sa.PrimaryKeyConstraint("mode", "since", name="pk_modes"),
    )
    op.create_index("ix_modes_since", "modes", ["since"])


def downgrade() -> None:
    """Drop them, with everything in them."""
    op.drop_table("modes")
    op.drop_table("overtime")
