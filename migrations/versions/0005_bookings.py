"""Bookings: slots, bookings with their parties, and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.String(80)
_WORD = sa.String(40)
_NAME = sa.String(60)
_DAY = sa.String(10)
_TIME = sa.String(5)
_SEARCHED = sa.String(120).with_variant(sa.String(120, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    _create_slots()
    _create_bookings()
    _create_party()
    _create_history()
    op.create_table(
        "booking_numbers",
        sa.Column("series", _WORD, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name="pk_booking_numbers"),
    )


def downgrade() -> None:
    """Drop them, with everything in them."""
    for table in ("booking_numbers", "booking_history", "booking_party", "bookings"):
        op.drop_table(table)
    op.drop_table("booking_slots")


def _create_slots() -> None:
    op.create_table(
        "booking_slots",
        sa.Column("site", _WORD, nullable=False),
        sa.Column("day", _DAY, nullable=False),
        sa.Column("start", _TIME, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.Double(), nullable=False),
        sa.CheckConstraint("taken >= 0", name="ck_booking_slots_not_below_nothing"),
        sa.PrimaryKeyConstraint("site", "day", "start", name="pk_booking_slots"),
    )
    some = sa.text('"left" > 0')
    op.create_index(
        "ix_booking_slots_free", "booking_slots", ["day", "start", "site", "left"],
        sqlite_where=some, postgresql_where=some,
    )  # fmt: skip


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("master", _WORD, nullable=False),
        sa.Column("status", _WORD, nullable=False),
        sa.Column("owed", _WORD),
        sa.Column("due_day", _DAY),
        sa.Column("number", _WORD),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("site", _WORD, nullable=False),
        sa.Column("day", _DAY, nullable=False),
        sa.Column("start", _TIME, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("hold_until", sa.Double()),
        sa.Column("call", _ID),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.UniqueConstraint("key", name="uq_bookings_key"),
        sa.UniqueConstraint("number", name="uq_bookings_number"),
    )
    op.create_index("ix_bookings_day_site", "bookings", ["day", "site"])
    op.create_index("ix_bookings_owed", "bookings", ["owed"])
    op.create_index("ix_bookings_status_hold_until", "bookings", ["status", "hold_until"])


def _create_party() -> None:
    op.create_table(
        "booking_party",
        sa.Column("booking", _ID, nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("notice_no", _WORD),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("name_key", _SEARCHED, nullable=False),
        sa.Column("kana", _NAME, nullable=False),
        sa.Column("kana_key", _SEARCHED, nullable=False),
        sa.Column("birth_date", _DAY, nullable=False),
        sa.Column("visitor", _WORD, nullable=False),
        sa.Column("reason", _WORD),
        sa.PrimaryKeyConstraint("booking", "at", name="pk_booking_party"),
    )
    for column in ("kana_key", "name_key", "notice_no"):
        op.create_index(f"ix_booking_party_{column}", "booking_party", [column])


def _create_history() -> None:
    op.create_table(
        "booking_history",
        sa.Column("booking", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", _ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("deed", _WORD, nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("booking", "version", name="pk_booking_history"),
        sa.UniqueConstraint("key", name="uq_booking_history_key"),
    )
