"""What is typed of an account, and read by others.

The label of a factor is exempt: it is the number that its maker has printed on the thing.
"""

from typing import Any

from agents.texts.guarding import Texts, Written
from agents.web.routes import Asked


async def clean(asked: Asked, text: str, of: str | None, field: str) -> str:
    """As it may be kept."""
    written = Written(asked.caller, "account", of, asked.now, field)
    return (await asked.tool(Texts).clean(text, written)).text


async def cleaned(
    asked: Asked, typed: dict[str, Any], of: str | None, *fields: str
) -> dict[str, Any]:
    """A form with these fields of it as they may be kept."""
    return typed | {
        field: await clean(asked, text, of, field)
        for field in fields
        if isinstance(text := typed.get(field), str)
    }
