"""Bookings found and read out over HTTP, and what the city's system must still be told."""

from re import fullmatch
from typing import Final
from unicodedata import normalize

from agents.bookings.asked import OfBooking, OfCall, SiteCode, Told, known_call, notice_no, today
from agents.bookings.booking import Booking
from agents.bookings.kept import BookingBook
from agents.bookings.known import IdentityForm, check
from agents.bookings.read_back import read_back
from agents.bookings.rows import Query
from agents.bookings.rules import BookingRules
from agents.bookings.states import Deed, Status
from agents.bookings.told import BookingSeen, agreed, seen
from agents.bookings.transcript import rows
from agents.bookings.web import WHO
from agents.people import EVERYBODY
from agents.web.fields import Answer, Day, Form
from agents.web.problems import conflict, not_found, unfit
from agents.web.routes import Asked, Table
from config.site_model import Site

TABLE: Final = Table("bookings found")
ON_A_WALL: Final = 8
ENDED: Final = frozenset({Status.CANCELLED, Status.EXPIRED})
CANCELLED_SAID: Final = (
    "ご予約を取り消しました。カードはそのまま保管していますので、"
    "ご都合がつきましたら、あらためてご予約ください。"
)


class FindForm(Form):
    """What is known of a booking; all of it must be so. `text` is any of the three, in one box."""

    text: Told = ""
    name: Told = ""
    number: Told = ""
    notice_no: Told | None = None
    site: SiteCode | None = None
    day: Day | None = None


class Found(Answer):
    """Soonest visit first, masked."""

    bookings: list[BookingSeen]


class OwedLine(Answer):
    """One that is owed: what, since when, and whose it is to enter; nobody's data is in it."""

    owed: str  # agree, change, cancel
    since: float
    announced_name: str
    late: bool


class OwedCount(Answer):
    """How many are owed; how many of them by the end of today; how many should long be there."""

    owed: int
    due: int
    late: int
    first: list[OwedLine]  # the longest owed, as many as a wall shows


class ReadOut(Answer):
    """A booking, whole, and what to say of it."""

    booking: BookingSeen
    spoken: list[str]


class RowSeen(Answer):
    """One field of the city's form; `card` counts the party from 0."""

    ja: str
    en: str
    card: int | None
    text: str


class Transcribed(Answer):
    """A booking, and what of it is copied into the city's system, in its order."""

    booking: BookingSeen
    rows: list[RowSeen]


class Line(Answer):
    """One line of the history; ids and words, no citizen's data."""

    version: int
    at: float
    announced_name: str
    deed: str
    why: str
    status: str


class Lines(Answer):
    """In order."""

    lines: list[Line]


@TABLE.post("/api/bookings/search", roles=WHO, audit="bookings_found")
async def find(asked: Asked, body: FindForm) -> Found:
    """By what is known; birth dates and notice numbers stay masked."""
    name, number, notice = body.name, body.number, body.notice_no
    if body.text.strip():
        name, number, notice = _meant(asked, body.text.strip(), body)
    query = Query(
        name, number, notice_no(asked, notice, "notice_no") or "", body.site or "", body.day
    )
    if query == Query():
        raise unfit("text", "名前、番号、日付のどれかを入れてください (say something of it)")
    found = await asked.tool(BookingBook).find(query)
    return Found(bookings=[seen(each, whole=False) for each in found])


def _meant(asked: Asked, text: str, body: FindForm) -> tuple[str, str, str | None]:
    """Name, reservation number and notice number: what one box holds is one of them."""
    plain = normalize("NFKC", text)
    if fullmatch(asked.tool(Site).booking.notice_no, plain.upper().replace("-", "")):
        return body.name, body.number, plain
    if any(each.isdecimal() for each in plain):
        return body.name, plain.replace(" ", ""), body.notice_no
    return text, body.number, body.notice_no


@TABLE.get("/api/calls/{call}/bookings", roles=WHO, audit="bookings_of_call_seen", guard=known_call)
async def of_call(asked: Asked, path: OfCall) -> Found:
    """What whoever asks has made or changed on this call, whole: they have just said it."""
    found = await asked.tool(BookingBook).on_call(path.call, asked.caller.user)
    return Found(bookings=[told_of(asked, each) for each in found])


@TABLE.get("/api/bookings/owed", roles=WHO, audit="bookings_owed_seen")
async def owed(asked: Asked) -> Found:
    """未転記: what the city's system must still be told, longest owed first."""
    found = await asked.tool(BookingBook).owed()
    return Found(bookings=[seen(each, whole=False) for each in found])


@TABLE.get("/api/bookings/owed-count", roles=EVERYBODY, audit=None)
async def owed_count(asked: Asked) -> OwedCount:
    """How much the city's system must still be told; for the board, which shows no names."""
    found, on = await asked.tool(BookingBook).owed(), today(asked)
    due = [each.stand.due_day for each in found if each.stand.due_day is not None]
    first = [
        OwedLine(
            owed=(each.stand.owed or Deed.AGREE).value, since=each.changed_at,
            announced_name=each.announced_name,
            late=each.stand.due_day is not None and each.stand.due_day < on,
        )
        for each in found[:ON_A_WALL]
    ]  # fmt: skip
    return OwedCount(
        owed=len(found), due=sum(day <= on for day in due), late=sum(day < on for day in due),
        first=first,
    )  # fmt: skip


@TABLE.post("/api/bookings/{booking}/reading", roles=WHO, audit="booking_read_out")
async def read_out(asked: Asked, path: OfBooking, body: IdentityForm) -> ReadOut:
    """An existing booking, once two of name, birth date and notice number are right."""
    held = await there(asked, path)
    check(asked, held, body)
    whole = told_of(asked, held)
    return ReadOut(booking=whole, spoken=whole.spoken)


@TABLE.get("/api/bookings/{booking}/transcript", roles=WHO, audit="booking_transcribed")
async def transcript(asked: Asked, path: OfBooking) -> Transcribed:
    """転記: everything the city's system is to be told, while something is owed to it."""
    held = await there(asked, path)
    if held.stand.owed is None:
        raise conflict(
            "転記するものはありません。一覧を読み込み直してください。",
            "Nothing is owed to the city's system. Load the list again.",
        )
    rules = asked.tool(BookingRules)
    site = rules.slots.sites.get(held.stand.site)
    found = rows(rules.transcript, held.stand, site.ja if site else held.stand.site)
    return Transcribed(
        booking=told_of(asked, held),
        rows=[RowSeen(ja=row.of.ja, en=row.of.en, card=row.card, text=row.text) for row in found],
    )


@TABLE.get("/api/bookings/{booking}/history", roles=WHO, audit="booking_history_seen")
async def history(asked: Asked, path: OfBooking) -> Lines:
    """Who did what, and when."""
    await there(asked, path)
    found = await asked.tool(BookingBook).history(path.booking)
    return Lines(
        lines=[
            Line(
                version=line.version, at=line.at, announced_name=line.announced_name,
                deed=line.deed.value, why=line.why, status=line.after.status.value,
            )
            for line in found
        ]
    )  # fmt: skip


async def there(asked: Asked, path: OfBooking) -> Booking:
    """The booking of the address."""
    found = await asked.tool(BookingBook).booking(path.booking)
    if found is None:
        raise not_found()
    return found


def told_of(asked: Asked, of: Booking, masked: list[str] | None = None) -> BookingSeen:
    """Whole, with the sentences that read it back."""
    rules, stand = asked.tool(BookingRules), of.stand
    said = [] if not stand.party else read_back(
        agreed(of, rules, asked.caller.announced_name), rules.spelling
    )  # fmt: skip
    if stand.status in ENDED:
        said = [CANCELLED_SAID]
    return seen(of, whole=True, masked=masked, spoken=said)
