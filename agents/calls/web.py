"""A call's card, draft, outcome, memos and escalation over HTTP."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from agents.calls.card import Card, Cards
from agents.calls.kept import CallBook, Escalation, Stale
from agents.calls.rules import LONGEST_NOTE, Entered, completed, faults
from agents.catalogue.catalogue import MOST_REASONS, Catalogue
from agents.floor.hub import Hub
from agents.people import AT_A_DESK, LEADERS, Role
from agents.texts.guarding import Clean, Texts
from agents.web.fields import Answer, Form, Id, Key, Name, Text
from agents.web.problems import Problem, conflict, not_found
from agents.web.routes import Asked, Table
from telephony.store.call_record import JAPAN, CallRecord, civil
from telephony.store.history import History

TABLE: Final = Table("calls")
LARGE: Final = 64 * 1024  # bytes; a note may be long, and each of its signs four bytes

Note = Annotated[Text, Field(max_length=LONGEST_NOTE)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class OfCall(Form):
    """A call's id."""

    call: Id


class OfEscalation(Form):
    """An escalation's key."""

    key: Key


class Typed(Form):
    """What is in the form now; nothing of it need be complete."""

    reasons: list[Code] = Field(default=[], max_length=MOST_REASONS)
    disposition: Code | None = None
    flags: list[Code] = Field(default=[], max_length=20)
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
    flags: list[Code] = Field(default=[], max_length=20)
    note: Note = ""
    citizen: Name | None = None
    overrun: Code | None = None
    late: bool = False


class OutcomeKept(Answer):
    """It is kept, as this version."""

    version: int
    reasons: list[str]
    masked: list[str]


class MemoForm(Form):
    """Something said later."""

    key: Key
    note: Annotated[Note, Field(min_length=1)]


class EscalationForm(Form):
    """To whom, and what they must know."""

    key: Key
    to: Literal["supervisor", "city"]
    note: Annotated[Note, Field(min_length=1)]


class Masked(Answer):
    """What was taken out of the text before it was kept."""

    masked: list[str]


class Number(Answer):
    """The caller's number in full."""

    number: str


class EscalationSeen(Answer):
    """A call that was handed on and has no answer yet."""

    key: str
    call: str
    announced_name: str
    to: str
    note: str
    menu_path: str
    at: str
    taken_by: str | None


class AnswerForm(Form):
    """What is to be told."""

    answer: Annotated[Note, Field(min_length=1)]


# -- whose calls -------------------------------------------------------------------------------


async def own_call(asked: Asked, path: OfCall) -> None:
    """An agent's own: at their telephone now, or one that they took at this seat before.

    Leaders may look at every call. Whatever else there is does not exist for whoever asks.
    """
    if asked.caller.role in LEADERS:
        return
    seat = asked.caller.seat
    if seat is None or not (_is_at(asked, seat, path.call) or await _was_at(asked, path.call)):
        raise not_found()


def _is_at(asked: Asked, seat: str, call: str) -> bool:
    agent = asked.tool(Hub).floor.agent(seat)
    if agent is None:
        return False
    return call in {agent.call, agent.offer.call if agent.offer else None}


async def _was_at(asked: Asked, call: str) -> bool:
    kept = await asked.tool(CallBook).outcomes([call])
    if call in kept and kept[call].user == asked.caller.user:
        return True
    return await asked.tool(CallBook).draft(call, asked.caller.user) is not None


async def _record(asked: Asked, call: str) -> CallRecord:
    record = await asked.tool(History).call(call)
    if record is None:
        raise not_found()
    return record


# -- the card ----------------------------------------------------------------------------------


@TABLE.get("/api/calls/{call}/card", roles=AT_A_DESK | LEADERS, audit="card_seen", guard=own_call)
async def card(asked: Asked, path: OfCall) -> Card:
    """Who calls, from where, about what, and what was said before."""
    record = await _record(asked, path.call)
    return await asked.tool(Cards).card(record, asked.caller.user)


@TABLE.post(
    "/api/calls/{call}/number", roles=AT_A_DESK | LEADERS, audit="number_seen", guard=own_call
)
async def number(asked: Asked, path: OfCall) -> Number:
    """The caller's number in full; that it was looked at is noted."""
    shown = (await _record(asked, path.call)).caller.number
    if shown is None:
        raise conflict("この電話には番号が通知されていません。", "No number came with this call.")
    return Number(number=shown)


# -- drafts and outcomes -----------------------------------------------------------------------


@TABLE.put(
    "/api/calls/{call}/draft",
    roles=AT_A_DESK,
    audit="draft_kept",
    guard=own_call,
    body_at_most=LARGE,
)
async def keep_draft(asked: Asked, path: OfCall, body: DraftForm) -> DraftKept:
    """Keep what is in the form; nothing of it stays in the browser."""
    note = await _clean(asked, body.form.note, "draft", path.call)
    citizen = await _clean(asked, body.form.citizen or "", "draft", path.call)
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
    return DraftKept(version=version, form=form, masked=_kinds(note, citizen))


@TABLE.post(
    "/api/calls/{call}/outcome",
    roles=AT_A_DESK,
    audit="outcome_kept",
    guard=own_call,
    body_at_most=LARGE,
)
async def keep_outcome(asked: Asked, path: OfCall, body: OutcomeForm) -> OutcomeKept:
    """Keep what came of the call; a second time adds a version, and loses none."""
    await _record(asked, path.call)
    note = await _clean(asked, body.note, "outcome", path.call)
    citizen = await _clean(asked, body.citizen or "", "outcome", path.call)
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
    if wrong := faults(catalogue, entered, _today(asked)):
        raise _incomplete(wrong)
    version = await asked.tool(CallBook).keep_outcome(
        body.key, path.call, asked.caller, entered, asked.now, late=body.late
    )
    asked.detail(version=version, disposition=entered.disposition, late=body.late)
    await asked.tool(Hub).tell("outcome", path.call)
    return OutcomeKept(version=version, reasons=list(entered.reasons), masked=_kinds(note, citizen))


@TABLE.post(
    "/api/calls/{call}/memos",
    roles=AT_A_DESK | LEADERS,
    audit="memo_added",
    guard=own_call,
    body_at_most=LARGE,
)
async def add_memo(asked: Asked, path: OfCall, body: MemoForm) -> Masked:
    """Add something said later, with its true time."""
    await _record(asked, path.call)
    before = await asked.tool(CallBook).memos(path.call)
    tail = before[-1].note if before else ""
    note = await _clean(asked, body.note, "memo", path.call, before=tail)
    await asked.tool(CallBook).add_memo(body.key, path.call, asked.caller, note.text, asked.now)
    return Masked(masked=_kinds(note))


# -- escalation --------------------------------------------------------------------------------


@TABLE.post(
    "/api/calls/{call}/escalation",
    roles=AT_A_DESK,
    audit="escalated",
    guard=own_call,
    body_at_most=LARGE,
)
async def escalate(asked: Asked, path: OfCall, body: EscalationForm) -> Masked:
    """Hand the call on with what is known of it."""
    record = await _record(asked, path.call)
    note = await _clean(asked, body.note, "escalation", path.call)
    await asked.tool(CallBook).escalate(
        body.key,
        path.call,
        asked.caller,
        body.to,
        note.text,
        record.menu_path or "",
        asked.now,
    )
    asked.detail(to=body.to)
    await asked.tool(Hub).tell("help", body.key)
    return Masked(masked=_kinds(note))


class Escalations(Answer):
    """Those without an answer, oldest first."""

    escalations: list[EscalationSeen]


MAY_ANSWER: Final = LEADERS | {Role.CITY_APPROVER}


@TABLE.get("/api/escalations", roles=MAY_ANSWER, audit="escalations_seen")
async def escalations(asked: Asked) -> Escalations:
    """What waits for an answer."""
    found = await asked.tool(CallBook).escalations()
    return Escalations(escalations=[_seen(one) for one in found])


@TABLE.post("/api/escalations/{key}/take", roles=MAY_ANSWER, audit="escalation_taken")
async def take(asked: Asked, path: OfEscalation) -> None:
    """See to it; whoever is first has it."""
    if not await asked.tool(CallBook).take_escalation(path.key, asked.caller.user, asked.now):
        raise conflict("ほかの人が対応しています。", "Somebody else is seeing to it.")
    await asked.tool(Hub).tell("help", path.key)


@TABLE.post(
    "/api/escalations/{key}/answer",
    roles=MAY_ANSWER,
    audit="escalation_answered",
    body_at_most=LARGE,
)
async def answer(asked: Asked, path: OfEscalation, body: AnswerForm) -> Masked:
    """Say what is to be told."""
    text = await _clean(asked, body.answer, "escalation", path.key)
    user = asked.caller.user
    if not await asked.tool(CallBook).answer_escalation(path.key, user, text.text, asked.now):
        raise conflict("すでに回答されています。", "It has an answer already.")
    await asked.tool(Hub).tell("help", path.key)
    return Masked(masked=_kinds(text))


def _seen(one: Escalation) -> EscalationSeen:
    return EscalationSeen(
        key=one.key,
        call=one.call,
        announced_name=one.announced_name,
        to=one.to,
        note=one.note,
        menu_path=one.menu_path,
        at=civil(one.opened_at),
        taken_by=one.taken_by,
    )


# -- in common ---------------------------------------------------------------------------------


async def _clean(asked: Asked, text: str, where: str, of: str, before: str = "") -> Clean:
    return await asked.tool(Texts).clean(
        text, by=asked.caller.user, where=where, of=of, now=asked.now, before=before
    )


def _kinds(*texts: Clean) -> list[str]:
    return sorted({kind for text in texts for kind in text.masked})


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
