"""The desk: people, their factors, sessions and seats, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.String(80)
_WORD = sa.String(40)
_NAME = sa.String(60)
_HASH = sa.String(64)


def upgrade() -> None:
    """Create the tables."""
    _create_users()
    _create_factors()
    _create_failures()
    _create_sessions()
    _create_seatings()
    _create_displays()
    _create_audit()


def downgrade() -> None:
    """Drop them, with everything in them."""
    people = ("display_tokens", "seatings", "sessions", "sign_in_failures", "factors", "users")
    for table in ("audit_head", "audit", *people):
        op.drop_table(table)


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", _NAME, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("role", _WORD, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Double()),
        sa.Column("valid_until", sa.Double()),
        sa.Column("designation", _NAME),
        sa.Column("password", sa.String(255)),
        sa.Column("password_until", sa.Double()),
        sa.Column("pin", sa.String(255)),
        sa.Column("pin_day", sa.String(10)),
        sa.Column("may_add_key_until", sa.Double()),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )


def _create_factors() -> None:
    op.create_table(
        "factors",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("label", _NAME, nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("digits", sa.Integer()),
        sa.Column("algorithm", _WORD),
        sa.Column("counter", sa.BigInteger()),
        sa.Column("credential", sa.String(500)),
        sa.Column("public_key", sa.Text()),
        sa.Column("sign_count", sa.BigInteger()),
        sa.Column("rp_id", sa.String(255)),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_factors"),
        sa.UniqueConstraint("credential", name="uq_factors_credential"),
    )
    op.create_index("ix_factors_user", "factors", ["user"])


def _create_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("key", _ID, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("closed_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_failures"),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("token", _HASH, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("stage", _WORD, nullable=False),
        sa.Column("seat", _WORD),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("challenge", sa.String(200)),
        sa.Column("address", _ID, nullable=False),
        sa.Column("display", _ID),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_why", _WORD),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token", name="uq_sessions_token"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])


def _create_seatings() -> None:
    op.create_table(
        "seatings",
        sa.Column("seat", _WORD, nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("announced_name", _NAME, nullable=False),
        sa.Column("session", _ID, nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.PrimaryKeyConstraint("seat", "started_at", name="pk_seatings"),
    )
    op.create_index("ix_seatings_user_started_at", "seatings", ["user", "started_at"])
    still_open = sa.text("ended_at IS NULL")
    for column in ("seat", "user"):
        op.create_index(
            f"uq_seatings_open_{column}",
            "seatings",
            [column],
            unique=True,
            sqlite_where=still_open,
            postgresql_where=still_open,
        )


def _create_displays() -> None:
    op.create_table(
        "display_tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user", _ID, nullable=False),
        sa.Column("label", _NAME, nullable=False),
        sa.Column("token", _HASH, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_display_tokens"),
        sa.UniqueConstraint("token", name="uq_display_tokens_token"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("who", _ID),
        sa.Column("word", _WORD, nullable=False),
        sa.Column("object", _ID),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("hash", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_who_at", "audit", ["who", "at"])
    op.create_index("ix_audit_object", "audit", ["object"])
    op.create_table(
        "audit_head",
        sa.Column("log", _WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", _HASH, nullable=False),
        sa.Column("mark", _HASH, nullable=False),
        sa.PrimaryKeyConstraint("log", name="pk_audit_head"),
    )
