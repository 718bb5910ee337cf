"""What is said in a mode instead of its own words: a new leader takes it up from the record."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of those that are on, nobody knows any more."""
    op.add_column("modes", sa.Column("prompt", sa.String(255)))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("modes", "prompt")
