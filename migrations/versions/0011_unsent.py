"""What is typed and not sent yet."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "unsent",
        sa.Column("user", sa.String(80), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("user", "place", name="pk_unsent"),
    )
    op.create_index("ix_unsent_saved_at", "unsent", ["saved_at"])


def downgrade() -> None:
    """Drop it, with everything in it."""
    op.drop_index("ix_unsent_saved_at", "unsent")
    op.drop_table("unsent")
