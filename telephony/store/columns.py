"""Column types that take whatever the network sent, the same way on both engines."""

from typing import Any

from sqlalchemy import JSON, Dialect, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from telephony.caller_id import clean

MAX_PLAIN = 255


class Plain(TypeDecorator[str]):
    """Printable text of limited length: PostgreSQL refuses NUL, and one refusal would stop us."""

    impl = String(MAX_PLAIN)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Cleaned on the way in, so that both engines hold the same text."""
        return None if value is None else clean(value, MAX_PLAIN)


class Detail(TypeDecorator[dict[str, Any]]):
    """The scalars of one event, as a JSON object with printable texts."""

    impl = JSON().with_variant(JSONB(), "postgresql")
    cache_ok = True

    def process_bind_param(
        self, value: dict[str, Any] | None, dialect: Dialect
    ) -> dict[str, Any] | None:
        """Cleaned on the way in, like `Plain`."""
        return {clean(key): _plain(each) for key, each in (value or {}).items()}


def _plain(value: Any) -> Any:
    return clean(value, MAX_PLAIN) if isinstance(value, str) else value
