"""The worklist of callbacks over HTTP: seen, claimed, noted, rung, and what a caller is owed."""

from typing import Annotated, Final, Literal

from pydantic import Field

from agents.calls.access import OfCall, kinds, own_call, record_of
from agents.calls.callback_views import (
    CallbackSeen,
    CallbackWhole,
    attempt_seen,
    event_seen,
    names,
    seen,
)
from agents.floor.hub import Hub
from agents.floor.requests import WITHIN, seated
from agents.floor.room_web import day_began
from agents.people import AT_A_DESK, LEADERS
from agents.texts.guarding import Texts, Written
from agents.web.fields import Answer, Form, Id, Key, Line, Query
from agents.web.problems import conflict, not_found, unfit
from agents.web.routes import Asked, Table
from config.database import Database
from telephony.caller_id import masked as hidden
from telephony.link.client import Link
from telephony.owing.model import Deed, Obligation
from telephony.store.worklist import Worklist

TABLE: Final = Table("callbacks")
STAFF: Final = AT_A_DESK | LEADERS
ON_A_PAGE: Final = 100
Note = Annotated[Line, Field(max_length=200)]
Moment = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]


class PageQuery(Query):
    """Which page: behind the last line of the one before."""

    after_due: Annotated[float, Field(ge=0, le=1e11)] | None = None
    after_no: Annotated[int, Field(ge=0, le=10**9)] = 0
    closed: bool = False


class CallbackPage(Answer):
    """A page of the worklist, first due first."""

    now: float
    callbacks: list[CallbackSeen]
    more: bool


class CallbackCounts(Answer):
    """What stands above the worklist; `happened` changes with whatever happens to any of them."""

    open: int
    overdue: int
    provisional: int
    unnumbered: int
    happened: int


class OfCallback(Form):
    """A callback's id."""

    callback: Id


class CallbackDeed(Form):
    """What to do with it."""

    key: Key
    do: Deed
    text: Note = ""
    until: Moment | None = None


class RingForm(Form):
    """Ring the citizen, after one's own telephone."""

    key: Key


class AttemptForm(Form):
    """Who it was that answered, or what it was."""

    key: Key
    attempt: Id
    result: Literal["reached", "other_person", "machine", "wrong_number"]


class CallbackNumber(Answer):
    """The number in full."""

    number: str


class CallOwed(Answer):
    """What the caller's number is owed, and what this call has closed so far."""

    masked: str
    callbacks: list[CallbackSeen]


@TABLE.get("/api/callbacks", roles=STAFF, audit="callbacks_seen")
async def page(asked: Asked, query: PageQuery) -> CallbackPage:
    """折り返し一覧: who is to be called back, first due first; or what is over."""
    worklist = asked.tool(Worklist)
    after = None if query.after_due is None else (query.after_due, query.after_no)
    found = (
        await worklist.closed(ON_A_PAGE + 1)
        if query.closed
        else await worklist.open(ON_A_PAGE + 1, after)
    )
    return CallbackPage(
        now=asked.now,
        callbacks=await _seen(asked, found[:ON_A_PAGE]),
        more=len(found) > ON_A_PAGE,
    )


@TABLE.get("/api/callback-counts", roles=STAFF, audit=None)
async def counted(asked: Asked) -> CallbackCounts:
    """How many there are, asked for again and again: the list itself only when this changes."""
    counts = await asked.tool(Worklist).counts(asked.now, day_began(asked.now))
    return CallbackCounts(
        open=counts.open,
        overdue=counts.overdue,
        provisional=counts.provisional,
        unnumbered=counts.unnumbered,
        happened=counts.happened,
    )


@TABLE.get("/api/callbacks/{callback}", roles=STAFF, audit="callback_seen")
async def one(asked: Asked, path: OfCallback) -> CallbackWhole:
    """One of them, with its history."""
    whole = await asked.tool(Worklist).whole(path.callback)
    if whole is None:
        raise not_found()
    people = await names(_database(asked), [each.by for each in whole.events])
    (shown,) = await _seen(asked, [whole.obligation])
    return CallbackWhole(
        callback=shown,
        events=[event_seen(each, people) for each in whole.events],
        attempts=[attempt_seen(each) for each in whole.attempts],
    )


@TABLE.post("/api/callbacks/{callback}/number", roles=STAFF, audit="callback_number_seen")
async def number(asked: Asked, path: OfCallback) -> CallbackNumber:
    """The citizen's number in full; that it was looked at is noted."""
    return CallbackNumber(number=(await _known(asked, path.callback)).number)


@TABLE.post("/api/callbacks/{callback}/deeds", roles=STAFF, audit="callback_done")
async def do(asked: Asked, path: OfCallback, body: CallbackDeed) -> None:
    """Claim it, let go of it, put it off, note something, withdraw it; 済 or 別の方."""
    await _known(asked, path.callback)
    if body.do in (Deed.WITHDRAW, Deed.NOTE) and not body.text.strip():
        raise unfit("text", "理由か内容を書いてください (write why, or what)")
    if body.do is Deed.POSTPONE and body.until is None:
        raise unfit("until", "いつ掛けるかを入れてください (say until when)")
    text = await asked.tool(Texts).clean(
        body.text, Written(asked.caller, "callback", path.callback, asked.now)
    )
    asked.detail(do=body.do.value, masked=",".join(kinds(text)) or None)
    await asked.tool(Link).do_callback(
        path.callback,
        body.do.value,
        asked.caller.user,
        key=f"{asked.caller.user}.{body.key}"[-64:],
        text=text.text,
        until=body.until,
    )
    await asked.tool(Hub).tell("callback", path.callback)


@TABLE.post("/api/callbacks/{callback}/call", roles=AT_A_DESK, audit="callback_rung", guard=seated)
async def ring(asked: Asked, path: OfCallback, body: RingForm) -> None:
    """Claim it, ring one's own telephone, and then the citizen's."""
    await _known(asked, path.callback)
    caller = asked.caller
    assert caller.seat is not None  # `seated` saw to it
    key = f"{caller.user}.{body.key}"[-60:]
    link = asked.tool(Link)
    await link.do_callback(path.callback, Deed.CLAIM.value, caller.user, key=f"{key}.c")
    await asked.tool(Hub).tell("callback", path.callback)
    await link.request(caller.seat, "call_back", obligation=path.callback, key=key, within=WITHIN)


@TABLE.post(
    "/api/callbacks/{callback}/result", roles=AT_A_DESK, audit="callback_result", guard=seated
)
async def result(asked: Asked, path: OfCallback, body: AttemptForm) -> None:
    """Say who it was that answered."""
    whole = await asked.tool(Worklist).whole(path.callback)
    if whole is None:
        raise not_found()
    caller = asked.caller
    assert caller.seat is not None  # `seated` saw to it
    tried = next((each for each in whole.attempts if each.id == body.attempt), None)
    if tried is not None and tried.agent != caller.seat:
        raise conflict("自分が掛けた発信ではありません。", "It was not you who rang them.")
    asked.detail(result=body.result)
    await asked.tool(Link).request(
        caller.seat,
        "attempt_result",
        attempt=body.attempt,
        result=body.result,
        key=f"{caller.user}.{body.key}"[-64:],
        within=WITHIN,
    )
    await asked.tool(Hub).tell("callback", path.callback)


@TABLE.get(
    "/api/calls/{call}/callbacks",
    roles=STAFF,
    audit=None,  # the card that it stands beside is noted
    guard=own_call,
    while_leaving=True,
)
async def owed(asked: Asked, path: OfCall) -> CallOwed:
    """What this caller's number is owed: the outcome's form says 済 of each, or 別の方."""
    caller = (await record_of(asked, path.call)).caller.number
    if caller is None:
        return CallOwed(masked="", callbacks=[])
    found = await asked.tool(Worklist).of_number(caller, path.call)
    return CallOwed(masked=hidden(caller), callbacks=await _seen(asked, found))


async def _seen(asked: Asked, found: list[Obligation]) -> list[CallbackSeen]:
    ids = [each.id for each in found]
    results = await asked.tool(Worklist).results(ids)
    wishes = await asked.tool(Worklist).wishes(ids)
    people = await names(_database(asked), [each.holder(asked.now) for each in found])
    me = asked.caller.user
    return [
        seen(each, results.get(each.id), wishes.get(each.id, 0), people, me, asked.now)
        for each in found
    ]


async def _known(asked: Asked, callback: str) -> Obligation:
    known = await asked.tool(Worklist).get(callback)
    if known is None:
        raise not_found()
    return known


def _database(asked: Asked) -> Database:
    return asked.tool(Database)  # type: ignore[type-abstract]
