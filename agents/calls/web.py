"""A call's card, draft, outcome and memos over HTTP."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from pydantic import Field

from agents.calls.access import OfCall, clean, is_at, kinds, overran, own_call, record_of
from agents.calls.card import Card, Cards
from agents.calls.kept import CallBook, Stale
from agents.calls.rules import LONGEST_NOTE, Entered, completed, faults
from agents.catalogue.catalogue import MOST_REASONS, Catalogue
from agents.floor.hub import Hub
from agents.people import AT_A_DESK, LEADERS
from agents.web.fields import Answer, FewDigits, Form, Key, Name, Text
from agents.web.problems import Problem, conflict, not_found, unfit
from agents.web.routes import Asked, Table
from telephony.store.call_record import JAPAN

TABLE: Final = Table("calls")
LARGE: Final = 64 * 1024  # bytes; a note may be long, and each of its signs four bytes

Note = Annotated[Text, Field(max_length=LONGEST_NOTE)]
CODE: Final = "[A-Za-z][A-Za-z0-9_]{0,39}"
Code = Annotated[str, Field(pattern=f"^{CODE}$"), FewDigits]
FlagCode = Annotated[str, Field(pattern=f"^{CODE}(:{CODE})?$"), FewDigits]  # and which


class Typed(Form):
    """What is in the form now; nothing of it need be complete."""

    reasons: list[Code] = Field(default=[], max_length=MOST_REASONS)
    disposition: Code | None = None
    flags: list[FlagCode] = Field(default=[], max_length=20)
    note: Note = ""
    citizen: Name | None = None


class DraftForm(Form):
    """A draft over this version, 0 for the first."""

    version: Annotated[int, Field(ge=0)]
    form: Typed


class DraftKept(Answer):
    """The new version, and the texts as they may be kept."""

    version: int
    form: dict[str, Any]
    masked: list[str]  # kinds of what was taken out


class OutcomeForm(Form):
    """What came of the call."""

    key: Key
    reasons: list[Code] = Field(default=[], max_length=MOST_REASONS)
    disposition: Code
    flags: list[FlagCode] = Field(default=[], max_length=20)
    note: Note = ""
    citizen: Name | None = None
    overrun: Code | None = None


class OutcomeKept(Answer):
    """It is kept, as this version."""

    version: int
    reasons: list[str]
    masked: list[str]


class MemoForm(Form):
    """Something said later, or to whoever is consulted: a note, and what the call is about."""

    key: Key
    note: Note = ""
    reason: Code | None = None


class Masked(Answer):
    """What was taken out of the text before it was kept."""

    masked: list[str]


class Number(Answer):
    """The caller's number in full."""

    number: str


# -- the card ----------------------------------------------------------------------------------


@TABLE.get(
    "/api/calls/{call}/card",
    roles=AT_A_DESK | LEADERS,
    audit="card_seen",
    guard=own_call,
    while_leaving=True,
)
async def card(asked: Asked, path: OfCall) -> Card:
    """Who calls, from where, about what, and what was said before."""
    cards = asked.tool(Cards)
    find = cards.soon if is_at(asked, path.call) else cards.card
    found = await find(path.call, asked.caller.user, asked.now)
    if found is None:
        raise not_found()
    return found


@TABLE.post(
    "/api/calls/{call}/number", roles=AT_A_DESK | LEADERS, audit="number_seen", guard=own_call
)
async def number(asked: Asked, path: OfCall) -> Number:
    """The caller's number in full; that it was looked at is noted."""
    shown = (await record_of(asked, path.call)).caller.number
    if shown is None:
        raise conflict("この電話には番号が通知されていません。", "No number came with this call.")
    return Number(number=shown)


# -- drafts and outcomes -----------------------------------------------------------------------


@TABLE.put(
    "/api/calls/{call}/draft",
    roles=AT_A_DESK,
    audit="draft_kept",
    guard=own_call,
    while_leaving=True,
    body_at_most=LARGE,
)
async def keep_draft(asked: Asked, path: OfCall, body: DraftForm) -> DraftKept:
    """Keep what is in the form; nothing of it stays in the browser."""
    note = await clean(asked, body.form.note, "draft", path.call, "note")
    citizen = await clean(asked, body.form.citizen or "", "draft", path.call, "citizen")
    form = body.form.model_dump(mode="json") | {
        "note": note.text,
        "citizen": citizen.text or None,
    }
    user = asked.caller.user
    try:
        version = await asked.tool(CallBook).keep_draft(
            path.call, user, body.version, form, asked.now
        )
    except Stale as stale:
        raise _other_window(stale) from None
    return DraftKept(version=version, form=form, masked=kinds(note, citizen))


@TABLE.post(
    "/api/calls/{call}/outcome",
    roles=AT_A_DESK,
    audit="outcome_kept",
    guard=own_call,
    while_leaving=True,
    body_at_most=LARGE,
)
async def keep_outcome(asked: Asked, path: OfCall, body: OutcomeForm) -> OutcomeKept:
    """Keep what came of the call; a second time adds a version, and loses none."""
    await record_of(asked, path.call)
    note = await clean(asked, body.note, "outcome", path.call, f"{body.key} note")
    citizen = await clean(asked, body.citizen or "", "outcome", path.call, f"{body.key} citizen")
    catalogue = asked.tool(Catalogue)
    entered = completed(
        catalogue,
        Entered(
            tuple(body.reasons),
            body.disposition,
            tuple(body.flags),
            note.text,
            body.overrun,
            citizen.text or None,
        ),
    )
    if wrong := faults(catalogue, entered, _today(asked), overran=overran(asked, path.call)):
        raise _incomplete(wrong)
    late = not is_at(asked, path.call)  # 後入力: by what the telephone is doing, not by the form
    version = await asked.tool(CallBook).keep_outcome(
        body.key, path.call, asked.caller, entered, asked.now, late=late
    )
    asked.detail(version=version, disposition=entered.disposition, late=late)
    await asked.tool(Hub).tell("outcome", path.call)
    return OutcomeKept(version=version, reasons=list(entered.reasons), masked=kinds(note, citizen))


@TABLE.post(
    "/api/calls/{call}/memos",
    roles=AT_A_DESK | LEADERS,
    audit="memo_added",
    guard=own_call,
    body_at_most=LARGE,
)
async def add_memo(asked: Asked, path: OfCall, body: MemoForm) -> Masked:
    """Add something said later, with its true time."""
    await record_of(asked, path.call)
    if not body.note and body.reason is None:
        raise unfit("note", "入力してください (required)")
    if body.reason is not None and body.reason not in asked.tool(Catalogue).topics:
        raise unfit("reason", "選択肢から選んでください (choose one of those offered)")
    # A number may be split over two, but not over what is put right and what it is put right to.
    book = asked.tool(CallBook)
    others = [memo.note for memo in await book.memos(path.call) if memo.key != body.key]
    kept = (await book.outcomes([path.call])).get(path.call)
    tail = [*([] if kept is None else [kept.entered.note]), *others][-1:]
    note = await clean(asked, body.note, "memo", path.call, body.key, before="".join(tail))
    was_new = await book.add_memo(
        body.key, path.call, asked.caller, note.text, asked.now, body.reason
    )
    asked.detail(new=was_new)
    return Masked(masked=kinds(note))


# -- in common ---------------------------------------------------------------------------------


def _today(asked: Asked) -> date:
    return datetime.fromtimestamp(asked.now, JAPAN).date()


def _incomplete(wrong: dict[str, str]) -> Problem:
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "まだ保存していません。印の付いた項目を直してください。",
        "Not kept yet. Correct the fields that are marked.",
        fields=wrong,
    )


def _other_window(stale: Stale) -> Problem:
    return Problem(
        HTTPStatus.CONFLICT,
        "別の画面で入力が進んでいます。この画面を読み込み直してください。",
        "The draft has gone on in another window. Load this page again.",
        fields={"version": str(stale.version)},
    )
