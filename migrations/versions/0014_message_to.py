"""To which person a message went: the next one at the seat is not them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MESSAGES = sa.table("messages", sa.column("to"), sa.column("to_user"), sa.column("at"))
SEATINGS = sa.table(
    "seatings",
    sa.column("seat"),
    sa.column("user"),
    sa.column("started_at"),
    sa.column("ended_at"),
)


def upgrade() -> None:
    """Add the column; those that were sent went to whoever sat there then."""
    op.add_column("messages", sa.Column("to_user", sa.String(80)))
    sitter = (
        sa.select(SEATINGS.c.user)
        .where(SEATINGS.c.seat == MESSAGES.c.to, SEATINGS.c.started_at <= MESSAGES.c.at)
        .where(SEATINGS.c.ended_at.is_(None) | (SEATINGS.c.ended_at > MESSAGES.c.at))
        .order_by(SEATINGS.c.started_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    op.execute(MESSAGES.update().values(to_user=sitter))


def downgrade() -> None:
    """Drop it: the seat remains."""
    op.drop_column("messages", "to_user")
