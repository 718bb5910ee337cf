"""How long people worked beyond closing."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sa.String(255)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "overtime",
        sa.Column("agent", _TEXT, nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=False),
        sa.Column("person", _TEXT),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "closed_at", name="pk_overtime"),
    )
    op.create_index("ix_overtime_closed_at", "overtime", ["closed_at"])


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_table("overtime")
