"""Reading the audit log: the auditor's page."""

import json
from typing import Annotated, Any, Final

from pydantic import Field

from agents.audit.log import latest
from agents.people import Role
from agents.web.fields import Answer, Id, Query
from agents.web.routes import Asked, Table
from config.database import Database

TABLE: Final = Table("audit")
PAGE: Final = 100


class AuditQuery(Query):
    """Which lines."""

    before: Annotated[int, Field(ge=1, le=2**53)] | None = None  # older than this one
    who: Id | None = None
    object: Id | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = PAGE


class AuditLine(Answer):
    """Who saw or did what."""

    seq: int
    at: float
    word: str
    who: str | None
    role: str | None
    seat: str | None
    session: str | None
    object: str | None
    outcome: str
    detail: dict[str, str | int | bool | None]


class AuditLines(Answer):
    """The latest first."""

    lines: list[AuditLine]


@TABLE.get("/api/audit", roles=frozenset({Role.AUDITOR}), audit="audit_read")
async def lines(asked: Asked, query: AuditQuery) -> AuditLines:
    """Lines of the audit log; that they were read is a line itself."""

    def read(connection: Any) -> AuditLines:
        rows = latest(
            connection,
            before=query.before, who=query.who, thing=query.object, limit=query.limit,
        )  # fmt: skip
        return AuditLines(lines=[AuditLine(**json.loads(row.line)) for row in rows])

    asked.detail(who=query.who, object=query.object)
    return await asked.tool(Database).read(read)  # type: ignore[type-abstract]
