"""Reading the audit log: the auditor's page."""

import json
from typing import Annotated, Final

from pydantic import AfterValidator, Field
from sqlalchemy import Connection, select

from agents.audit.log import AuditLog, Wanted, latest
from agents.audit.values import OBJECTS, VALUES
from agents.audit.words import DETAILS, FAULTS, MACHINES, OUTCOMES, WORDS, Texts
from agents.people import Role
from agents.tables import USERS
from agents.web.fields import Answer, Id, Query, told
from agents.web.routes import Asked, Table
from config.database import Database

TABLE: Final = Table("audit")
PAGE: Final = 100
AUDITORS: Final = frozenset({Role.AUDITOR})


Instant = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]


def _named(text: str) -> str:
    """What is looked for is in the log itself; an id of ours has a letter."""
    if not any(map(str.isalpha, text)):
        raise told("object", "記録にある対象をそのまま入れてください (as a line of the log has it)")
    return text


class AuditQuery(Query):
    """Which lines."""

    before: Annotated[int, Field(ge=1, le=2**53)] | None = None  # older than this one
    who: Id | None = None
    object: Annotated[Id, AfterValidator(_named)] | None = None
    word: Word | None = None
    since: Instant | None = None
    until: Instant | None = None
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


class AuditPerson(Answer):
    """Whose id it is."""

    id: str
    name: str
    announced_name: str


class AuditLines(Answer):
    """The latest first; and who the people in them are."""

    lines: list[AuditLine]
    people: list[AuditPerson]


class AuditText(Answer):
    """What a code of the log says."""

    code: str
    ja: str
    en: str


class AuditKnown(Answer):
    """What a line may hold: everybody who has an account, and every code with its words."""

    people: list[AuditPerson]
    machines: list[AuditText]
    words: list[AuditText]
    outcomes: list[AuditText]
    details: list[AuditText]
    values: dict[str, list[AuditText]]  # of each detail that holds codes
    objects: list[AuditText]  # those that are no ids


class AuditVerdict(Answer):
    """Whether the log is what was written; where not, the first line that is not, and how."""

    sound: bool
    lines: int
    head: int
    hash: str
    fault: str | None
    fault_ja: str | None
    at: int | None


@TABLE.get("/api/audit", roles=AUDITORS, audit="audit_read")
async def lines(asked: Asked, query: AuditQuery) -> AuditLines:
    """Lines of the audit log; that they were read is a line itself."""
    wanted = Wanted(query.before, query.who, query.object, query.word, query.since, query.until)

    def read(connection: Connection) -> AuditLines:
        rows = latest(connection, wanted, query.limit)
        found = [AuditLine(**json.loads(row.line)) for row in rows]
        return AuditLines(lines=found, people=_people(connection, found))

    asked.detail(who=query.who, object=query.object, word=query.word)
    return await asked.tool(Database).read(read)  # type: ignore[type-abstract]


@TABLE.get("/api/audit/known", roles=AUDITORS, audit="users_read")
async def known(asked: Asked) -> AuditKnown:
    """What lines can be searched for, and what the codes in them say."""
    everybody = select(USERS.c.id, USERS.c.name, USERS.c.announced_name).order_by(USERS.c.name)

    def read(connection: Connection) -> list[AuditPerson]:
        return [AuditPerson(**row) for row in connection.execute(everybody).mappings()]

    return AuditKnown(
        people=await asked.tool(Database).read(read),  # type: ignore[type-abstract]
        machines=_said(MACHINES),
        words=_said(WORDS),
        outcomes=_said(OUTCOMES),
        details=_said(DETAILS),
        values={detail: _said(texts) for detail, texts in VALUES.items()},
        objects=_said(OBJECTS),
    )


@TABLE.get("/api/audit/verdict", roles=AUDITORS, audit="audit_verified")
async def verdict(asked: Asked) -> AuditVerdict:
    """Walk the whole log, and say whether it is what was written."""
    found = await asked.tool(AuditLog).verdict()
    asked.detail(sound=found.sound)
    return AuditVerdict(
        sound=found.sound, lines=found.lines, head=found.head.seq, hash=found.head.hash,
        fault=found.fault, fault_ja=None if found.fault is None else FAULTS[found.fault],
        at=found.at,
    )  # fmt: skip


def _said(texts: Texts) -> list[AuditText]:
    return [AuditText(code=code, ja=said.ja, en=said.en) for code, said in texts.items()]


def _people(connection: Connection, lines: list[AuditLine]) -> list[AuditPerson]:
    ids = {said for line in lines for said in (line.who, line.object) if said is not None}
    query = select(USERS.c.id, USERS.c.name, USERS.c.announced_name)
    return [
        AuditPerson(id=row.id, name=row.name, announced_name=row.announced_name)
        for row in connection.execute(query)
        if row.id in ids
    ]
