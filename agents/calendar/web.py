"""The calendar over HTTP: what holds and why, changes with their entry, modes."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final, Literal

from pydantic import Field

from agents.calendar.shelf import Pending, Shelf
from agents.people import LEADERS, PEOPLE, Role
from agents.texts.guarding import Texts, Written
from agents.web.fields import Answer, Form, Id, Line, Query, Seen, Text
from agents.web.problems import Problem, conflict, not_found
from agents.web.routes import Asked, Table
from config.calendar_register import NotProposed, Proposal
from ivr_flows.opening.telling import LAYER_NAMES, day_told, why_told
from ivr_flows.opening.year import days_of, notices
from telephony.link.client import Link, NoController, Refused

TABLE: Final = Table("calendar")
APPROVERS: Final = frozenset({Role.CITY_APPROVER})
MOST_DAYS: Final = 400
LARGEST: Final = 256 * 1024  # bytes of a calendar
Words = Annotated[Line, Field(min_length=1, max_length=200), Seen]
Who = Annotated[Line, Field(min_length=1, max_length=60), Seen]
Day = Annotated[str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
Moment = Annotated[
    str, Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$")
]


# -- what holds --------------------------------------------------------------------------------


class Reason(Answer):
    """One layer's word on a day."""

    layer: str
    layer_ja: str
    name: str
    says: str


class Event(Answer):
    """An event away from the city hall."""

    name: str
    date: str
    opens: str
    closes: str
    place: str


class Why(Answer):
    """Open or closed, and on whose word, the strongest first."""

    at: str
    open: bool
    layer: str
    layer_ja: str
    name: str
    opens: str | None
    closes: str | None
    lines: int | None
    services: list[str] | None
    next_opening: str | None
    holidays_confirmed: bool
    reasons: list[Reason]
    outreach: list[Event]


class LinesAt(Answer):
    """So many lines from then on."""

    since: str
    lines: int


class CalendarDay(Answer):
    """One day, decided."""

    date: str
    weekday: int
    open: bool
    layer: str
    layer_ja: str
    name: str
    hours: list[list[str]]
    lines: list[LinesAt]
    outreach: list[Event]


class CalendarDays(Answer):
    """A stretch of days, and what the city should know of it."""

    days: list[CalendarDay]
    notices: list[str]
    holidays_confirmed: dict[str, bool]


class AtQuery(Query):
    """Which moment; now without it."""

    at: Moment | None = None


class DaysQuery(Query):
    """From one day to another."""

    first: Day
    last: Day


@TABLE.get("/api/calendar/why", roles=PEOPLE, audit=None)
async def why(asked: Asked, query: AtQuery) -> Why:
    """Whether the centre is open then, and why."""
    shelf = asked.tool(Shelf)
    civil = shelf.now() if query.at is None else _moment(query.at)
    told = why_told(shelf.book(), civil, shelf.zone)
    del told["prompts"]
    for each in (told, *told["reasons"]):
        each["layer_ja"] = _in_japanese(each["layer"])
    return Why(**told)


@TABLE.get("/api/calendar/days", roles=PEOPLE, audit=None)
async def days(asked: Asked, query: DaysQuery) -> CalendarDays:
    """Every day of a month or a year."""
    book = asked.tool(Shelf).book()
    first, last = _day(query.first), _day(query.last)
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        raise conflict("期間は400日までです。", "At most 400 days at once.")
    found = [day_told(book, day) for day in days_of(book, first, last)]
    for each in found:
        del each["services"]
        each["layer_ja"] = _in_japanese(each["layer"])
        each["lines"] = [LinesAt(since=at["from"], lines=at["lines"]) for at in each["lines"]]
    years = sorted({first.year, last.year})
    return CalendarDays(
        days=[CalendarDay(**each) for each in found],
        notices=[each.text for each in notices(book.calendar, first, last)],
        holidays_confirmed={str(year): book.is_confirmed(year) for year in years},
    )


def _in_japanese(layer: str) -> str:
    return next(name for each, name in LAYER_NAMES.items() if each.value == layer)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise conflict("その日時はありません。", "There is no such moment.") from None


def _day(text: str) -> date:
    return _moment(f"{text}T00:00").date()


# -- changes -----------------------------------------------------------------------------------


class CalendarForm(Form):
    """A calendar that is to replace the present one, and its entry in the register."""

    calendar: Annotated[Text, Field(max_length=LARGEST)]
    what: Words
    why: Words
    agreed_on: Day
    agreed_by: Who


class Difference(Answer):
    """What a caller of that day would meet, before and after."""

    date: str
    before: str
    after: str


class ProposalSeen(Answer):
    """A change that waits for the city's approval."""

    id: str
    what: str
    why: str
    agreed_on: str
    agreed_by: str
    proposed_by: str
    differences: list[Difference]


class EntrySeen(Answer):
    """One entry of the register."""

    calendar: str
    what: str
    why: str
    agreed_on: str
    agreed_by: str
    approved_by: str
    approved_on: str


class Changes(Answer):
    """The calendar as it is written, what is proposed, and what was agreed, the latest first."""

    calendar: str
    applied: bool = Field(description="False: written, and not taken up yet")
    proposals: list[ProposalSeen]
    entries: list[EntrySeen]


class OfProposal(Form):
    """A proposal's id."""

    proposal: Id


@TABLE.get("/api/calendar/changes", roles=PEOPLE, audit=None)
async def changes(asked: Asked) -> Changes:
    """What may be changed, is proposed, and was."""
    shelf = asked.tool(Shelf)
    return Changes(
        calendar=shelf.text(),
        applied=shelf.is_applied(),
        proposals=[_seen(each) for each in shelf.pending()],
        entries=[EntrySeen(**each) for each in shelf.register()],
    )


@TABLE.post(
    "/api/calendar/proposals", roles=LEADERS, audit="calendar_proposed", body_at_most=2 * LARGEST
)
async def propose(asked: Asked, body: CalendarForm) -> ProposalSeen:
    """Propose a calendar; the answer is every difference a caller would meet."""
    given = body.model_dump() | {"agreed_on": _day(body.agreed_on)}
    for field in ("what", "why", "agreed_by"):
        given[field] = await _clean(asked, given[field], field)
    proposal = Proposal(**given, proposed_by=asked.caller.announced_name)
    try:
        pending = asked.tool(Shelf).propose(proposal)
    except NotProposed as wrong:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"このカレンダーは使えません。{len(wrong.faults)}か所を直してください。",
            f"This calendar cannot be used: {len(wrong.faults)} faults.",
            fields={"calendar": "\n".join(wrong.faults)},
        ) from None
    asked.detail(proposal=proposal.id)
    return _seen(pending)


@TABLE.post(
    "/api/calendar/proposals/{proposal}/approve", roles=APPROVERS, audit="calendar_approved"
)
async def approve(asked: Asked, path: OfProposal) -> Changes:
    """Approve it: it is written with its entry, and the controllers take it up at once."""
    shelf = asked.tool(Shelf)
    try:
        shelf.approve(_found(shelf, path.proposal), asked.caller.announced_name)
    except OSError:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "設定のフォルダーに書き込めません。管理者に知らせてください。",
            "The site directory cannot be written: tell the operator.",
        ) from None
    with suppress(Refused, NoController):  # `applied` tells; whoever leads next reads it
        await asked.tool(Link).take_up_calendar()
    return await changes(asked)


@TABLE.post(
    "/api/calendar/proposals/{proposal}/refuse",
    roles=APPROVERS | LEADERS,
    audit="calendar_refused",
)
async def refuse(asked: Asked, path: OfProposal) -> Changes:
    """Drop it: the calendar stays as it is."""
    shelf = asked.tool(Shelf)
    shelf.drop(_found(shelf, path.proposal))
    return await changes(asked)


async def _clean(asked: Asked, text: str, field: str) -> str:
    """As it may be kept: the register is open to everybody at the centre."""
    written = Written(asked.caller, "calendar", None, asked.now, field)
    return (await asked.tool(Texts).clean(text, written)).text


def _found(shelf: Shelf, proposal: str) -> Pending:
    found = shelf.find(proposal)
    if found is None:
        raise not_found()
    return found


def _seen(pending: Pending) -> ProposalSeen:
    given = pending.proposal
    return ProposalSeen(
        id=given.id,
        what=given.what,
        why=given.why,
        agreed_on=str(given.agreed_on),
        agreed_by=given.agreed_by,
        proposed_by=given.proposed_by,
        differences=[
            Difference(date=str(each.on), before=each.before, after=each.after)
            for each in pending.changes
        ],
    )


# -- modes -------------------------------------------------------------------------------------

Mode = Literal["emergency", "outage", "surge"]


class OfMode(Form):
    """Which one."""

    mode: Mode


class ModeForm(Form):
    """For how long; 0 ends it. `closes`: the lines, null as the mode is."""

    minutes: Annotated[int, Field(ge=0, le=24 * 60)]
    closes: bool | None = None


class ModeSeen(Answer):
    """What is in force, and until when in epoch seconds."""

    mode: str
    name: str
    since: float
    until: float
    by: str
    closes: bool


class ModesSeen(Answer):
    """The strongest first."""

    modes: list[ModeSeen]


@TABLE.get("/api/modes", roles=PEOPLE, audit=None)
async def modes(asked: Asked) -> ModesSeen:
    """What was set by hand."""
    status = await asked.tool(Link).status()
    found = [{k: each[k] for k in ModeSeen.model_fields} for each in status.get("modes", ())]
    return ModesSeen(modes=[ModeSeen(**each) for each in found])


@TABLE.post("/api/modes/{mode}", roles=LEADERS, audit="mode_set")
async def set_mode(asked: Asked, path: OfMode, body: ModeForm) -> ModesSeen:
    """Switch a mode on for so many minutes, or off."""
    asked.detail(minutes=body.minutes, closes=body.closes)
    link = asked.tool(Link)
    await link.set_mode(path.mode, body.minutes, asked.caller.user, closes=body.closes)
    return await modes(asked)


# -- closing time ------------------------------------------------------------------------------


class OfSeat(Form):
    """Where the agent sits."""

    seat: Id


@TABLE.post("/api/seats/{seat}/release", roles=LEADERS, audit="agent_released")
async def release(asked: Asked, path: OfSeat) -> None:
    """Let an agent sign out although callers who came in time are left."""
    if path.seat not in asked.tool(Shelf).seats:
        raise not_found()
    await asked.tool(Link).request(path.seat, "sign_out", person=asked.caller.user)
