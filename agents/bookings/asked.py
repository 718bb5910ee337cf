"""What is typed of a booking, read and guarded: from a form to a wish that the rules allow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from re import fullmatch
from typing import Annotated, Any, Final, Literal
from unicodedata import normalize

from pydantic import Field
from sqlalchemy import Connection

from agents.audit.log import AuditLog, append
from agents.bookings import birth_date
from agents.bookings.booking import Card, Stand
from agents.bookings.kept import BookingBook, By
from agents.bookings.moments import Moment
from agents.bookings.rules import BookingRules
from agents.bookings.slots import NoRules, rules_on, window
from agents.bookings.states import Master, Status
from agents.texts.guarding import Clean, Texts, Written
from agents.web.fields import Day, FewDigits, Form, Id, Key, Line, Name, Text
from agents.web.problems import conflict, not_found, unfit
from agents.web.routes import Asked
from agents.web.witness import Deed, deed_of
from config.site_model import Site
from telephony.store.call_record import JAPAN
from telephony.store.history import History

Kind = Literal["pickup", "application", "cert_renewal", "pin_reset", "other"]
Visitor = Literal["self", "self_with_legal_rep", "legal_rep", "proxy"]
# As the table of what to bring has them; being busy is none.
ProxyReason = Literal[
    "illness", "hospital", "facility", "disability", "care", "pregnancy", "over75", "pupil",
    "high_school", "student", "trip", "abroad", "other",
]  # fmt: skip
Need = Literal[
    "wheelchair", "sign_language", "writing", "large_print", "interpreter", "stroller", "other"
]
Start = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Told = Annotated[Line, Field(max_length=40)]
Note = Annotated[Text, Field(max_length=1000)]
Why = Annotated[Line, Field(max_length=200)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$"), FewDigits]
SiteCode = Code
MOST_CARDS: Final = 20


class CardForm(Form):
    """One card; the birth date in any writing."""

    name: Name
    kana: Name
    birth_date: Told
    visitor: Visitor = "self"
    notice_no: Told | None = None
    reason: ProxyReason | None = None


class Where(Form):
    """A time at a site."""

    site: SiteCode
    day: Day
    start: Start


class Particulars(Form):
    """What is told besides."""

    kind: Kind = "pickup"
    phone: Told = ""
    phone_alt: Told = ""
    transport: Literal["car", "public", "walk", "welfare_car"] | None = None
    needs: list[Need] = Field(default=[], max_length=7)
    face_auth: bool = False
    channel: Literal["phone", "web", "counter", "letter"] = "phone"
    docs_version: Told | None = None  # of the table of what to bring that was read out
    answers: dict[Code, Code] = Field(default_factory=dict, max_length=20)  # it was asked with
    note: Note = ""


class Wanted(Where, Particulars):
    """A whole wish."""

    party: Annotated[list[CardForm], Field(min_length=1, max_length=MOST_CARDS)]


def today(asked: Asked) -> date:
    """The day in Japan."""
    return datetime.fromtimestamp(asked.now, JAPAN).date()


def this_minute(asked: Asked) -> time:
    """On the clock of the counter's wall."""
    return datetime.fromtimestamp(asked.now, JAPAN).time().replace(second=0, microsecond=0)


def by(asked: Asked, word: str, key: Key, why: str = "", call: str | None = None) -> By:
    """Whoever asks; the line of the audit log is written in the deed's own transaction."""
    caller = asked.caller
    audit_key = asked.tool(AuditLog).key

    def witness(connection: Connection, booking: str) -> None:
        if call is not None:
            asked.detail(call=call)
        append(connection, audit_key, audit_line(asked, word, booking))
        asked.audited()

    return By(key, caller.user, caller.announced_name, asked.now, why, call, witness)


def audit_line(asked: Asked, word: str, thing: str) -> Deed:
    """A line of the audit log about this, with the details of the request."""
    return replace(deed_of(asked.known, asked.now, word, object=thing), detail=dict(asked.details))


async def clean(asked: Asked, text: str, of: str, field: str) -> Clean:
    """As it may be kept; the same in two fields was written twice."""
    written = Written(asked.caller, "booking", of, asked.now, field)
    return await asked.tool(Texts).clean(text, written)


def place(asked: Asked, where: Where, people: int) -> Moment:
    """The time, if a booking may be agreed on for it today."""
    book, on = asked.tool(BookingRules).slots, today(asked)
    if where.site not in book.sites:
        raise unfit("site", "場所を選び直してください (there is no such site)")
    try:
        first, last = window(book, where.site, on)
        most = rules_on(book, on).party_max
    except NoRules as none:
        raise unfit("day", str(none)) from None
    if not first <= where.day <= last:
        raise unfit("day", f"{first}から{last}までの日を選んでください (outside the days offered)")
    if people > most:
        raise unfit("party", f"1回の予約は{most}人までです (too many for one booking)")
    start = time.fromisoformat(where.start)
    if where.day == on and start < this_minute(asked):
        raise unfit("start", "過ぎた時刻です。これからの時刻を選んでください (that time is over)")
    return Moment(where.day, start)


async def wish(asked: Asked, body: Wanted, of: str) -> tuple[Stand, list[str]]:
    """What is wanted, with every text guarded; and the kinds of what was taken out."""
    when = place(asked, body, len(body.party))
    party, masked = await cards(asked, body.party, of)
    form, more = await particulars(asked, body, of)
    due = today(asked) if asked.tool(BookingBook).master is Master.CITY else None
    stand = Stand(
        Status.HELD, body.site, when, len(party), body.kind,
        due_day=due, party=tuple(party), form=form,
    )  # fmt: skip
    return stand, sorted({*masked, *more})


async def cards(asked: Asked, party: Sequence[CardForm], of: str) -> tuple[list[Card], set[str]]:
    """Every card, read; a field that will not do is named by its place."""
    read, masked = [], set[str]()
    for at, form in enumerate(party):
        name = await clean(asked, form.name, of, f"party.{at}.name")
        kana = await clean(asked, form.kana, of, f"party.{at}.kana")
        masked |= {*name.masked, *kana.masked}
        if form.visitor == "proxy" and form.reason is None:
            raise unfit(f"party.{at}.reason", "代理の理由を選んでください (why a proxy?)")
        born = _birth(form.birth_date, today(asked), f"party.{at}.birth_date")
        notice = notice_no(asked, form.notice_no, f"party.{at}.notice_no")
        read.append(Card(name.text, kana.text, born, form.visitor, notice, form.reason))
    return read, masked


async def particulars(asked: Asked, body: Particulars, of: str) -> tuple[dict[str, Any], set[str]]:
    """What is told besides, guarded."""
    form = body.model_dump(mode="json", include=set(Particulars.model_fields) - {"kind"})
    masked: set[str] = set()
    for field in ("phone", "phone_alt", "note", "docs_version"):
        if form[field]:
            found = await clean(asked, form[field], of, field)
            form[field] = found.text
            masked |= set(found.masked)
    return form, masked


def notice_no(asked: Asked, text: str | None, field: str) -> str | None:
    """The number of a notice, without hyphens and in capitals."""
    if text is None or not text.strip():
        return None
    bare = "".join(each for each in normalize("NFKC", text).upper() if each.isalnum())
    if not fullmatch(asked.tool(Site).booking.notice_no, bare):
        raise unfit(field, "はがきの英数字3文字と数字6けたを入れてください (not a notice number)")
    return bare


def _birth(text: str, on: date, field: str) -> date:
    try:
        return birth_date.read(text, on)
    except birth_date.Unclear as unclear:
        raise unfit(field, str(unclear)) from None


def only_under(asked: Asked, master: Master) -> None:
    """Some deeds belong to one master."""
    if asked.tool(BookingBook).master is not master:
        raise conflict(
            "この操作は、いまの予約の設定では使いません。画面を開き直してください。",
            "Bookings are not made in this way here. Open the page again.",
        )


class OfBooking(Form):
    """A booking's id."""

    booking: Id


class OfCall(Form):
    """A call's id."""

    call: Id


async def known_call(asked: Asked, path: OfCall) -> None:
    """There must be such a call; what is kept of it is each person's own."""
    if await asked.tool(History).call(path.call) is None:
        raise not_found()
