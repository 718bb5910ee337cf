"""Handing a call on to the supervisor or the city, with what is known of it."""

from typing import Annotated, Final, Literal

from pydantic import Field

from agents.calls.access import OfCall, clean, kinds, own_call, record_of
from agents.calls.found import Escalation
from agents.calls.kept import CallBook
from agents.calls.web import LARGE, Masked, Note
from agents.catalogue.catalogue import Catalogue
from agents.catalogue.shapes import Menu
from agents.floor.hub import Hub
from agents.people import AT_A_DESK, LEADERS, Role
from agents.web.fields import Answer, Form, Key, Seen
from agents.web.problems import conflict, not_found
from agents.web.routes import Asked, Table
from telephony.store.call_record import civil

TABLE: Final = Table("escalations")


class OfEscalation(Form):
    """An escalation's key."""

    key: Key


class EscalationForm(Form):
    """To whom, and what they must know."""

    key: Key
    to: Literal["supervisor", "city"]
    note: Annotated[Note, Field(min_length=1), Seen]


class EscalationSeen(Answer):
    """A call that was handed on and has no answer yet."""

    key: str
    call: str
    announced_name: str
    to: str
    note: str
    menu_path: str
    menu_ja: str
    menu_en: str
    at: str
    taken_by: str | None


class AnswerForm(Form):
    """What is to be told."""

    answer: Annotated[Note, Field(min_length=1), Seen]


@TABLE.post(
    "/api/calls/{call}/escalation",
    roles=AT_A_DESK,
    audit="escalated",
    guard=own_call,
    body_at_most=LARGE,
)
async def escalate(asked: Asked, path: OfCall, body: EscalationForm) -> Masked:
    """Hand the call on with what is known of it."""
    record = await record_of(asked, path.call)
    note = await clean(asked, body.note, "escalation", path.call, body.key)
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
    return Masked(masked=kinds(note))


class Escalations(Answer):
    """Those without an answer, oldest first."""

    escalations: list[EscalationSeen]


MAY_ANSWER: Final = LEADERS | {Role.CITY_APPROVER}


async def theirs(asked: Asked, path: OfEscalation) -> None:
    """The city sees what was asked of the city; leaders see everything."""
    found = await asked.tool(CallBook).escalation(path.key)
    if found is None or not _may_see(asked, found):
        raise not_found()


def _may_see(asked: Asked, one: Escalation) -> bool:
    return asked.caller.role in LEADERS or one.to == "city"


@TABLE.get("/api/escalations", roles=MAY_ANSWER, audit="escalations_seen")
async def escalations(asked: Asked) -> Escalations:
    """What waits for an answer."""
    found = await asked.tool(CallBook).escalations()
    catalogue = asked.tool(Catalogue)
    mine = [one for one in found if _may_see(asked, one)]
    return Escalations(escalations=[_seen(one, catalogue.menu(one.menu_path)) for one in mine])


@TABLE.post("/api/escalations/{key}/take", roles=MAY_ANSWER, audit="escalation_taken", guard=theirs)
async def take(asked: Asked, path: OfEscalation) -> None:
    """See to it; whoever is first has it."""
    if not await asked.tool(CallBook).take_escalation(path.key, asked.caller.user, asked.now):
        raise conflict("ほかの人が対応しています。", "Somebody else is seeing to it.")
    await asked.tool(Hub).tell("help", path.key)


@TABLE.post(
    "/api/escalations/{key}/answer",
    roles=MAY_ANSWER,
    audit="escalation_answered",
    guard=theirs,
    body_at_most=LARGE,
)
async def answer(asked: Asked, path: OfEscalation, body: AnswerForm) -> Masked:
    """Say what is to be told."""
    text = await clean(asked, body.answer, "escalation", path.key, "answer")
    user = asked.caller.user
    if not await asked.tool(CallBook).answer_escalation(path.key, user, text.text, asked.now):
        raise conflict("すでに回答されています。", "It has an answer already.")
    await asked.tool(Hub).tell("help", path.key)
    return Masked(masked=kinds(text))


def _seen(one: Escalation, menu: Menu | None) -> EscalationSeen:
    return EscalationSeen(
        key=one.key,
        call=one.call,
        announced_name=one.announced_name,
        to=one.to,
        note=one.note,
        menu_path=one.menu_path,
        menu_ja="" if menu is None else menu.ja,
        menu_en="" if menu is None else menu.en,
        at=civil(one.opened_at),
        taken_by=one.taken_by,
    )
