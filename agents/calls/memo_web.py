"""受電メモ over HTTP, one by one or a day's file, and the balance."""

from base64 import b64decode
from collections.abc import Sequence
from hashlib import blake2s
from typing import Annotated, Final, Literal

from pydantic import Field

from agents.calls.access import OfCall, kinds, own_call, record_of
from agents.calls.callback_views import months_before
from agents.calls.callback_web import STAFF, Moment, Note
from agents.calls.memo_files import MemoRow, memo_rows
from agents.floor.hub import Hub
from agents.people import AT_A_DESK, LEADERS, Role
from agents.texts.guarding import Clean, Texts, Written
from agents.texts.refused import refused
from agents.web.csv_reading import Faulty
from agents.web.fields import Answer, Form, Id, Key, Line, Seen
from agents.web.problems import unfit
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.caller_id import e164
from telephony.link.client import Link
from telephony.store.owing_audit import OwingAudit

TABLE: Final = Table("memos")
CITY: Final = frozenset({Role.CITY_VIEWER, Role.CITY_APPROVER})
FILE_AT_MOST: Final = 512 * 1024
MONTHS: Final = 13
NO_NUMBER: Final = "電話番号は市外局番から入力してください (a number with its area code)"
Words = Annotated[Line, Field(max_length=60)]


class MemoForm(Form):
    """受電メモ: somebody wants to be called back."""

    key: Key
    number: Annotated[Line, Field(min_length=1, max_length=40), Seen]
    name: Words = ""
    topic: Words = ""
    wanted_at: Moment | None = None
    note: Note = ""
    cause: Literal["memo", "promised"] = "memo"
    call: Id | None = None


class PromiseForm(Form):
    """折り返しを約束: what an agent has promised to whoever they talk to."""

    key: Key
    number: Annotated[Line, Field(max_length=40)] = ""  # another one than they call from
    name: Words = ""
    topic: Words = ""
    wanted_at: Moment | None = None
    note: Note = ""


class MemoKept(Answer):
    """It is kept: as a new callback, or joined to the caller's open one."""

    callback: str
    masked: list[str]


class MemoFileForm(Form):
    """A CSV file as bytes, in base64: its encoding is part of it."""

    content: Annotated[str, Field(max_length=FILE_AT_MOST)]


class MemosTaken(Answer):
    """How many rows were taken, all of the file's; and in how many cells something was masked."""

    rows: int
    masked: int


class BalanceMonth(Answer):
    """opened = contacted + exhausted + withdrawn + open, of one month; without a month: of all."""

    month: str
    opened: int
    contacted: int
    exhausted: int
    withdrawn: int
    open: int
    unnumbered: int


class LedgerFault(Answer):
    """What does not agree with the records of calls."""

    kind: str
    text: str
    of: str


class BalanceSeen(Answer):
    """The balance, told anew from the records just now."""

    at: float
    total: BalanceMonth
    months: list[BalanceMonth]
    sound: bool
    faults: list[LedgerFault]


@TABLE.post("/api/callbacks", roles=STAFF | CITY, audit="callback_opened")
async def memo(asked: Asked, body: MemoForm) -> MemoKept:
    """Open a callback, or join it to the caller's open one of that name and topic."""
    return await _kept(asked, body)


async def _kept(asked: Asked, body: MemoForm) -> MemoKept:
    number = e164(body.number)
    if number is None:
        raise unfit("number", NO_NUMBER)
    by = asked.caller.user
    note, name, topic = await _clean(asked, body.key, body)
    opened = await asked.tool(Link).open_callback(
        by,
        key=f"{by}.{body.key}"[-64:],
        cause=body.cause,
        number=number,
        name=name.text,
        topic=topic.text,
        note=note.text,
        wanted_at=body.wanted_at,
        call=body.call,
    )
    asked.detail(callback=opened, cause=body.cause)
    await asked.tool(Hub).tell("callback", opened)
    return MemoKept(callback=opened, masked=kinds(note, name, topic))


@TABLE.post(
    "/api/calls/{call}/promise",
    roles=AT_A_DESK,
    audit="callback_promised",
    guard=own_call,
    while_leaving=True,
)
async def promise(asked: Asked, path: OfCall, body: PromiseForm) -> MemoKept:
    """Open a callback for this caller, at the number they call from or at another one."""
    told = body.number or (await record_of(asked, path.call)).caller.number or ""
    number = e164(told)
    if number is None:
        raise unfit("number", NO_NUMBER)
    typed = body.model_dump() | {"number": number, "cause": "promised", "call": path.call}
    return await _kept(asked, MemoForm(**typed))


@TABLE.post(
    "/api/callback-files", roles=LEADERS | CITY, audit="memos_imported", body_at_most=FILE_AT_MOST
)
async def import_memos(asked: Asked, body: MemoFileForm) -> MemosTaken:
    """A day's 受電メモ: all rows, or none and a sentence for each that is wrong."""
    try:
        data = b64decode(body.content, validate=True)
    except ValueError:
        raise unfit("content", "ファイルを選び直してください (not base64)") from None
    try:
        found = memo_rows(data, asked.now)
    except Faulty as faulty:
        raise await refused(asked, faulty, data, asked.caller) from None
    file = blake2s(data, digest_size=12).hexdigest()
    rows, masked = [], 0
    for one in found:
        key = f"file.{file}.{one.row}"  # the same file twice is one
        texts = await _clean(asked, key, one)
        rows.append(_row(key, one, texts))
        masked += sum(bool(text.masked) for text in texts)
    if rows:
        await asked.tool(Link).open_callbacks(asked.caller.user, rows)
    asked.detail(rows=len(rows), cells=masked)
    await asked.tool(Hub).tell("callback", "many")
    return MemosTaken(rows=len(rows), masked=masked)


@TABLE.get(
    "/api/callback-balance", roles=LEADERS | CITY | {Role.AUDITOR}, audit="callback_balance_seen"
)
async def balance(asked: Asked) -> BalanceSeen:
    """収支: what was opened, and what became of it, told anew from the records of calls."""
    audit = OwingAudit(asked.tool(Database))  # type: ignore[type-abstract]
    found = await audit.whole()
    months = []
    for name, since, until in months_before(asked.now, MONTHS):
        of, unnumbered = await audit.balance(since, until)
        months.append(
            BalanceMonth(
                month=name, opened=of.opened, contacted=of.contacted, exhausted=of.exhausted,
                withdrawn=of.withdrawn, open=of.open, unnumbered=unnumbered,
            )
        )  # fmt: skip
    of = found.balance
    return BalanceSeen(
        at=asked.now,
        total=BalanceMonth(
            month="", opened=of.opened, contacted=of.contacted, exhausted=of.exhausted,
            withdrawn=of.withdrawn, open=of.open, unnumbered=found.unnumbered,
        ),
        months=months,
        sound=found.sound,
        faults=[
            LedgerFault(kind=each.kind, text=str(each), of=each.of) for each in found.faults
        ],
    )  # fmt: skip


async def _clean(asked: Asked, key: str, typed: MemoForm | MemoRow) -> list[Clean]:
    """Note, name and topic, as they may be kept."""
    return [
        await asked.tool(Texts).clean(
            text, Written(asked.caller, "callback", key, asked.now, field)
        )
        for field, text in (("note", typed.note), ("name", typed.name), ("topic", typed.topic))
    ]


def _row(key: str, one: MemoRow, texts: Sequence[Clean]) -> dict[str, str | float | None]:
    note, name, topic = texts
    return {
        "key": key,
        "cause": "memo",
        "number": one.number,
        "name": name.text,
        "topic": topic.text,
        "note": note.text,
        "wanted_at": one.wanted_at,
    }
